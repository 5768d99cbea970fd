"""What every test may use: the corpus, the case notices, and how long tests are skipped."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip long tests unless `make test-long` asks for them."""
    if os.environ.get("TOCSIN_LONG"):
        return
    skip = pytest.mark.skip(reason="a long test: run `make test-long`")
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of real third-party data, or skip where it is absent."""
    folder = Path(os.environ.get("TOCSIN_CORPUS", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no third-party data at {folder} (set TOCSIN_CORPUS)")
    return folder
