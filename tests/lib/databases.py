"""Fixtures of a migrated database: each test runs on SQLite and on a PostgreSQL of its own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from tests.lib.postgres import NoPostgres, Postgres, running_postgres
from tocsin.base.last_used import forget_all
from tocsin.store.database import database_settings
from tocsin.store.home import HOME_VARIABLE, Home, find_home
from tocsin.store.new_tables import make_tables

DATABASES = ("sqlite", "postgresql")
_NUMBERS = count()
CopyMigrated = Callable[[str, Path], str]


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


@pytest.fixture(scope="session")
def copy_migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> CopyMigrated:
    """Return a function that copies a migrated database, and says where the copy is.

    The tables are made once per kind, since that takes a while: the function takes a kind
    and, for SQLite, the file to write.
    """
    originals: dict[str, str] = {}

    def migrate(kind: str) -> str:
        file = tmp_path_factory.mktemp("migrated") / "original.sqlite3"
        url = f"sqlite:///{file}"
        if kind == "postgresql":
            url = request.getfixturevalue("postgres").create("migrated")
        before = connections.settings["default"]
        point_to(url)
        make_tables()
        assert connections["default"].vendor == kind
        point_to(before)
        return str(file)

    def copy(kind: str, file: Path) -> str:
        if kind not in originals:
            originals[kind] = migrate(kind)
        if kind == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            return server.create(f"copy_{next(_NUMBERS)}", "migrated")
        shutil.copyfile(originals[kind], file)
        return f"sqlite:///{file}"

    return copy


@pytest.fixture(scope="session")
def opened(
    request: pytest.FixtureRequest,
    home: Home,
    addresses: dict[str, str],
    copy_migrated: CopyMigrated,
) -> Opened:
    """Point Django to a migrated database: a new one at first, the same one later."""
    kind: str = request.param
    if kind not in addresses:
        addresses[kind] = copy_migrated(kind, home.folder / "tests.sqlite3")
    point_to(addresses[kind])
    return Opened(kind, addresses[kind], home)


@pytest.fixture
def own_database(
    tmp_path: Path,
    opened: Opened,
    copy_migrated: CopyMigrated,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Opened]:
    """Point Django to an installation that other processes can see, and that no other test uses.

    Its folder is its own, too: workers anchor its trail there, and the anchors of a trail that no
    test has any more would be a fault wherever a trail is verified later.
    """
    home = Home(tmp_path / "home")
    home.create()
    monkeypatch.setenv(HOME_VARIABLE, str(home.folder))
    url = copy_migrated(opened.kind, tmp_path / "own.sqlite3")
    point_to(url)
    yield Opened(opened.kind, url, home)
    point_to(opened.url)


def point_to(where: str | dict[str, Any]) -> None:
    """Let Django use another database, by its address or by settings that it had before."""
    connections["default"].close()
    connections.settings["default"] = connection_settings(where)
    del connections["default"]


def connection_settings(where: str | dict[str, Any]) -> dict[str, Any]:
    """Return all of Django's settings for a database."""
    own = database_settings(where) if isinstance(where, str) else where
    settings: dict[str, Any] = connections.configure_settings({"default": own})["default"]
    return settings


class _UndoError(Exception):
    """Leaves a transaction so that nothing of it stays."""


@pytest.fixture
def database(opened: Opened) -> Iterator[str]:
    """Undo at the end of the test what it did; return the kind of the database."""
    undone = transaction.atomic()
    undone.__enter__()
    yield opened.kind
    undone.__exit__(_UndoError, _UndoError(), None)
    forget_all()  # numbers of rows may be given again
    opened.home.armed.unlink(missing_ok=True)  # its row is undone, too
    from tocsin.store.models import Organisation

    assert not Organisation.objects.exists(), "the test has left rows behind"
