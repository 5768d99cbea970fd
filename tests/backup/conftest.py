"""Installations of their own for each test, on SQLite and on PostgreSQL."""

from itertools import count
from pathlib import Path

import pytest

from tests.lib.databases import DATABASES
from tests.lib.places import MakePlace, Place

_NUMBERS = count()


@pytest.fixture(params=DATABASES)
def make_place(request: pytest.FixtureRequest, tmp_path: Path) -> MakePlace:
    """Return a function that makes a place with an empty database and no installation yet."""

    def make(name: str) -> Place:
        url = None
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres")
            url = server.create(f"{name}_{next(_NUMBERS)}")
        return Place(tmp_path / name, url)

    return make


@pytest.fixture
def place(make_place: MakePlace) -> Place:
    """Return an installation with persons, jobs and users in it."""
    made = make_place("place")
    made.tocsin("store", "init")
    made.run("tests.backup.filler", "once")
    return made
