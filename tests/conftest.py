"""What every test may use: the corpus, the case notices, and how long tests are skipped."""

import os
from pathlib import Path

import pytest

from tests.lib.databases import (
    DATABASES,
    addresses,
    copy_migrated,
    database,
    home,
    opened,
    own_database,
    postgres,
)
from tests.lib.empty_databases import OpenEmpty, open_sqlite, postgres_opener
from tests.lib.postgres import Postgres
from tests.lib.prepared import preparations, prepared

__all__ = [
    "addresses",
    "copy_migrated",
    "database",
    "home",
    "opened",
    "own_database",
    "postgres",
    "preparations",
    "prepared",
]

ROOT = Path(__file__).parents[1]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that opens a database on both kinds, or on SQLite if that is enough."""
    is_enough = metafunc.definition.get_closest_marker("sqlite_is_enough")
    kinds = DATABASES[:1] if is_enough and not os.environ.get("TOCSIN_LONG") else DATABASES
    for name, scope in (("opened", "session"), ("is_postgres", "function")):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, kinds, indirect=True, scope=scope)


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


@pytest.fixture(scope="session")
def sorted_database(postgres: Postgres) -> str:
    """Return the URL of a database whose language does not sort texts by their characters."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    with psycopg.connect(postgres.create("plain"), autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE sorted TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
        )
    return postgres.url("sorted")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest) -> OpenEmpty:
    """Return what opens an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return open_sqlite
    return postgres_opener(request.getfixturevalue("sorted_database"))
