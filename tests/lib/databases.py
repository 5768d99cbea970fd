"""Fixtures of a migrated database: each test runs on SQLite and on a PostgreSQL of its own."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections, transaction

from tests.lib.postgres import NoPostgres, Postgres, running_postgres
from tocsin.store.database import database_settings
from tocsin.store.home import HOME_VARIABLE, Home, find_home

DATABASES = ("sqlite", "postgresql")
_NUMBERS = count()


@dataclass(frozen=True)
class Opened:
    """A migrated database that Django is pointed to: its kind, its address, its installation."""

    kind: str
    url: str
    home: Home


@pytest.fixture(scope="session")
def home() -> Home:
    """Return the folder of the tests' installation."""
    return find_home()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL cluster for the session."""
    with tempfile.TemporaryDirectory(prefix="tocsin-pg-") as folder:
        Path(folder).chmod(0o755)
        try:
            with running_postgres(Path(folder)) as server:
                yield server
        except NoPostgres as error:
            pytest.skip(str(error))


@pytest.fixture(scope="session")
def addresses() -> dict[str, str]:
    """Return the DATABASE_URL of each kind of database that was made so far."""
    return {}


@pytest.fixture(scope="session", params=DATABASES)
def opened(request: pytest.FixtureRequest, home: Home, addresses: dict[str, str]) -> Opened:
    """Point Django to a migrated database: a new one at first, the same one later."""
    kind: str = request.param
    if kind not in addresses:
        addresses[kind] = f"sqlite:///{home.folder}/tests.sqlite3"
        if kind == "postgresql":
            addresses[kind] = request.getfixturevalue("postgres").create("tocsin")
    point_to(addresses[kind])
    call_command("migrate", verbosity=0)
    assert connections["default"].vendor == kind
    return Opened(kind, addresses[kind], home)


@pytest.fixture
def own_database(
    request: pytest.FixtureRequest, tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opened]:
    """Point Django to an installation that other processes can see, and that no other test uses.

    Its folder is its own, too: workers anchor its trail there, and the anchors of a trail that no
    test has any more would be a fault wherever a trail is verified later.
    """
    home = Home(tmp_path / "home")
    home.create()
    monkeypatch.setenv(HOME_VARIABLE, str(home.folder))
    url = f"sqlite:///{tmp_path}/own.sqlite3"
    if opened.kind == "postgresql":
        url = request.getfixturevalue("postgres").create(f"own_{next(_NUMBERS)}")
    point_to(url)
    call_command("migrate", verbosity=0)
    yield Opened(opened.kind, url, home)
    point_to(opened.url)


def point_to(url: str) -> None:
    """Let Django use another database."""
    connections["default"].close()
    configured = connections.configure_settings({"default": database_settings(url)})
    connections.settings["default"] = configured["default"]
    del connections["default"]


class _UndoError(Exception):
    """Leaves a transaction so that nothing of it stays."""


@pytest.fixture
def database(opened: Opened) -> Iterator[str]:
    """Undo at the end of the test what it did; return the kind of the database."""
    undone = transaction.atomic()
    undone.__enter__()
    yield opened.kind
    undone.__exit__(_UndoError, _UndoError(), None)
    from tocsin.store.models import Organisation

    assert not Organisation.objects.exists(), "the test has left rows behind"
