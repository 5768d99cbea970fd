"""The demonstration served for real, and Chromium to look at it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lib.desk_server import CHROMIUM, running_demo


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the demonstration, with the server's log in it."""
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="session")
def demo(demo_folder: Path) -> Iterator[str]:
    """Return the address of the demonstration."""
    with running_demo(demo_folder) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return a browser, or skip where there is none.

    Not for the whole session: while Playwright runs, its event loop does, too, and Django then
    refuses every query of the tests that follow.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}: pages are not looked at")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox"], handle_sigint=False
        )
        yield browser
        browser.close()
