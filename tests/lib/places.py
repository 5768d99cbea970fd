"""Whole installations of tests: a folder, a database, and `tocsin` run in it as a process."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.lib.databases import DATABASES

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
        process = self.start(*command, **options)
        out, problem = process.communicate(timeout=300)
        assert process.returncode == code, f"{process.returncode}: {out}{problem}"
        assert "Traceback" not in problem
        return out + problem

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

    def rows_of(self, table: str) -> list[tuple[Any, ...]]:
        """Return all rows of a table."""
        return sorted(self.execute(f'SELECT * FROM "{table}"'), key=repr)


_TABLES = {
    False: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    True: "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}
MakePlace = Callable[[str], Place]
_NUMBERS = count()


@pytest.fixture(params=DATABASES)
def is_postgres(request: pytest.FixtureRequest) -> bool:
    """Say whether the places of a test have PostgreSQL; each test is run with both."""
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


@pytest.fixture(scope="session")
def installed_once(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[bool], Path]:
    """Return a function that runs `tocsin store init` once per kind of database, for copies."""
    made: dict[bool, Path] = {}

    def install(is_postgres: bool) -> Path:
        if is_postgres not in made:
            url = request.getfixturevalue("postgres").create("installed") if is_postgres else None
            place = Place(tmp_path_factory.mktemp("installed") / "home", url)
            place.tocsin("store", "init")
            made[is_postgres] = place.home
        return made[is_postgres]

    return install


@pytest.fixture
def make_installed(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    is_postgres: bool,
    installed_once: Callable[[bool], Path],
) -> MakePlace:
    """Return a function that makes a place as `tocsin store init` leaves it: always the same one.

    All are copies of one installation, since the tables take seconds to make; a test that needs
    two different installations makes the other one itself.
    """

    def make(name: str) -> Place:
        shutil.copytree(installed_once(is_postgres), tmp_path / name)
        if not is_postgres:
            return Place(tmp_path / name, None)
        server = request.getfixturevalue("postgres")
        return Place(tmp_path / name, server.create(f"{name}_{next(_NUMBERS)}", "installed"))

    return make
