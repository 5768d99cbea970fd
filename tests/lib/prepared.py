"""Databases in which something was arranged once, for all tests of a session that begin there.

    def make_world() -> World: ...

    @pytest.fixture
    def world(prepared: Prepare) -> World:
        return prepared(make_world)

A test gets a copy of what was returned, and what it does in the database is undone at its end.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.lib.databases import CopyMigrated, connection_settings
from tests.lib.postgres import Postgres
from tocsin.base.last_used import forget_all

T = TypeVar("T")


class Prepare(Protocol):
    """Begins a test where something is arranged, and returns a copy of what that returned."""

    def __call__(self, arrange: Callable[..., T], *arguments: Any) -> T:
        """Begin behind a module's own function, called with what can be a key."""
        ...


@dataclass
class Prepared:
    """A database, the connection to it, and what the function returned that filled it."""

    url: str
    connection: BaseDatabaseWrapper
    value: Any = None

    @contextmanager
    def used(self, *, is_kept: bool = False) -> Iterator[None]:
        """Let Django use the database, in a transaction that is undone unless it is kept."""
        before, settings = connections["default"], connections.settings["default"]
        if self.connection.connection is not None and not self.connection.is_usable():
            self.connection.close()  # its server was ended by a test
        forget_all()  # numbers of rows are given again
        connections.settings["default"] = self.connection.settings_dict
        connections["default"] = self.connection
        try:
            with suppress(_UndoError), transaction.atomic():
                yield
                self.connection.run_on_commit = []  # as nothing that tests do is ever committed
                if not is_kept:
                    raise _UndoError
        finally:
            forget_all()
            connections.settings["default"], connections["default"] = settings, before


class _UndoError(Exception):
    """Leaves a transaction so that nothing of it stays."""


@dataclass(frozen=True)
class Preparations:
    """All that was prepared in a session, by the kind of database and what arranged it."""

    copy_migrated: CopyMigrated
    folder: Path
    server: Callable[[], Postgres]
    made: dict[Any, Prepared]

    def find(
        self, kind: str, key: Any, arrange: Callable[[], Any], on: Prepared | None = None
    ) -> Prepared:
        """Return a prepared database; arrange it if it is the first time.

        Args:
            kind: of the database.
            key: which one it is.
            arrange: fills it.
            on: the prepared one in a copy of which `arrange` begins, instead of an empty one.
        """
        if (kind, key) not in self.made:
            made = self._copy(kind, on)
            with made.used(is_kept=True):
                made.value = arrange()
            self.made[kind, key] = made
        return self.made[kind, key]

    def _copy(self, kind: str, on: Prepared | None) -> Prepared:
        name = f"prepared_{len(self.made)}"
        file = self.folder / f"{name}.sqlite3"
        if on is None:
            url = self.copy_migrated(kind, file)
        else:
            on.connection.close()  # nobody may be connected, or have what is not yet in the file
            if kind == "postgresql":
                url = self.server().create(name, on.url.partition("?")[0].rpartition("/")[2])
            else:
                shutil.copyfile(on.connection.settings_dict["NAME"], file)
                url = f"sqlite:///{file}"
        before = connections.settings["default"]
        connections.settings["default"] = connection_settings(url)
        try:
            return Prepared(url, connections.create_connection("default"))
        finally:
            connections.settings["default"] = before


@pytest.fixture(scope="session")
def preparations(
    request: pytest.FixtureRequest,
    copy_migrated: CopyMigrated,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Preparations]:
    """Return what was prepared in this session."""
    made: dict[Any, Prepared] = {}
    yield Preparations(
        copy_migrated,
        tmp_path_factory.mktemp("prepared"),
        lambda: request.getfixturevalue("postgres"),
        made,
    )
    for each in made.values():
        each.connection.close()


@pytest.fixture
def prepared(database: str, preparations: Preparations, tmp_path: Path) -> Iterator[Prepare]:
    """Return what begins a test behind something that takes long to arrange.

    A function that takes a `Path` gets a folder: call it with the class in its place.
    """
    with ExitStack() as undone:

        def begin(arrange: Callable[..., T], *arguments: Any) -> T:
            def run() -> T:
                return arrange(*(tmp_path if each is Path else each for each in arguments))

            found = preparations.find(database, (arrange, arguments), run)
            undone.enter_context(found.used())
            return deepcopy(found.value)  # type: ignore[no-any-return]

        yield begin
