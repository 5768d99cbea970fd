"""Whole installations of tests: a folder, a database, and `tocsin` run in it as a process."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.lib.kept_counts import IS_LONG
from tests.lib.ready_process import run_ready

PASSPHRASE = "four words by chance"
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Place:
    """An installation: its folder, and the address of its PostgreSQL database, if that."""

    home: Path
    url: str | None

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment in which a process works on this installation."""
        own = {**os.environ, "TOCSIN_HOME": str(self.home), "TOCSIN_KEYS_PASSPHRASE": PASSPHRASE}
        for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
            own.pop(name, None)
        return own | ({"DATABASE_URL": self.url} if self.url else {})

    def start(self, *command: str, **options: Any) -> "subprocess.Popen[str]":
        """Start a module of ours with Python."""
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def tocsin(self, *arguments: str, code: int = 0, **options: Any) -> str:
        """Run the command; check how it ended, and return what it said."""
        return self.run("tocsin.cli.main", *arguments, code=code, **options)

    def run(self, *command: str, code: int = 0, **options: Any) -> str:
        """Run a module of ours; check how it ended, and return what it said."""
        ended, out, problem = self.run_to_end(*command, **options)
        assert ended == code, f"{ended}: {out}{problem}"
        assert "Traceback" not in problem
        return out + problem

    def run_to_end(self, *command: str, **options: Any) -> tuple[int, str, str]:
        """Run a module of ours; return its exit code, and what it said on each stream.

        In a process that was started by itself if it has options, or in the long form.
        """
        if not options and not IS_LONG:
            return run_ready(command, self.environment)
        process = self.start(*command, **options)
        out, problem = process.communicate(timeout=300)
        return process.returncode, out, problem

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement past Tocsin and commit."""
        if self.url:
            with psycopg.connect(self.url) as opened:
                cursor = opened.execute(statement.encode())
                return list(cursor) if cursor.description else []
        with closing(sqlite3.connect(self.home / "tocsin.sqlite3")) as opened, opened:
            return list(opened.execute(statement))

    def table_names(self) -> list[str]:
        """Return the names of all tables."""
        return [row[0] for row in self.execute(_TABLES[bool(self.url)])]

    def rows(self) -> Rows:
        """Return all rows of all tables, in an order of their own."""
        return {name: self.rows_of(name) for name in self.table_names()}

    def column_names(self, table: str) -> list[str]:
        """Return the names of a table's columns, sorted: their order in the table is by chance."""
        return sorted(row[0] for row in self.execute(_COLUMNS[bool(self.url)].format(table)))

    def rows_of(self, table: str) -> list[tuple[Any, ...]]:
        """Return all rows of a table, with their columns as `column_names` sorts them."""
        columns = ", ".join(f'"{name}"' for name in self.column_names(table))
        return sorted(self.execute(f'SELECT {columns} FROM "{table}"'), key=repr)


_TABLES = {
    False: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    True: "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}
_COLUMNS = {
    False: "SELECT name FROM pragma_table_info('{}')",
    True: "SELECT column_name FROM information_schema.columns WHERE table_name = '{}' "
    "AND table_schema = 'public'",
}
MakePlace = Callable[[str], Place]
MakeInstalled = Callable[..., Place]
_NUMBERS = count()


@pytest.fixture
def is_postgres(request: pytest.FixtureRequest) -> bool:
    """Say whether the places of a test have PostgreSQL; each test is run with both kinds."""
    return bool(request.param == "postgresql")


@pytest.fixture
def make_place(request: pytest.FixtureRequest, tmp_path: Path, is_postgres: bool) -> MakePlace:
    """Return a function that makes a place with an empty database and no installation yet."""

    def make(name: str) -> Place:
        url = None
        if is_postgres:
            server = request.getfixturevalue("postgres")
            url = server.create(f"{name}_{next(_NUMBERS)}")
        return Place(tmp_path / name, url)

    return make


@dataclass(frozen=True)
class Originals:
    """Places that are made once for a session and copied, since making them takes seconds."""

    folder: Path
    create: Callable[..., str] | None
    made: dict[str, Place] = field(default_factory=dict)

    def copy(self, prepare: tuple[str, ...], home: Path) -> Place:
        """Return a copy of an installation after a module of ours was run in it, if one is named.

        Args:
            prepare: the module and its arguments; empty for what `tocsin store init` leaves.
            home: the folder of the copy.
        """
        name = "_".join(prepare[-1:]) or "installed"
        if name not in self.made:
            there = self.folder / name
            if prepare:
                place = self.copy((), there)
                place.run(*prepare)
            else:
                place = Place(there, self.create("installed") if self.create else None)
                place.tocsin("store", "init")
            self.made[name] = place
        original = self.made[name]
        shutil.copytree(original.home, home)
        if self.create is None:
            return Place(home, None)
        database = str(original.url).partition("?")[0].rpartition("/")[2]
        return Place(home, self.create(f"copy_of_{name}_{next(_NUMBERS)}", database))


@pytest.fixture(scope="session")
def originals(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[bool], Originals]:
    """Return a function that gives the originals on SQLite or on PostgreSQL."""
    known: dict[bool, Originals] = {}

    def find(is_postgres: bool) -> Originals:
        if is_postgres not in known:
            create = request.getfixturevalue("postgres").create if is_postgres else None
            known[is_postgres] = Originals(tmp_path_factory.mktemp("originals"), create)
        return known[is_postgres]

    return find


@pytest.fixture
def make_installed(
    tmp_path: Path, is_postgres: bool, originals: Callable[[bool], Originals]
) -> MakeInstalled:
    """Return a function that makes a place as `tocsin store init` leaves it: always the same one.

    Its second and further arguments are a module of ours, run in it before it was copied. A test
    that needs two different installations makes the other one itself.
    """

    def make(name: str, *prepare: str) -> Place:
        return originals(is_postgres).copy(prepare, tmp_path / name)

    return make
