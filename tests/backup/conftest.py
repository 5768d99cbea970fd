"""Installations of their own for each test, on SQLite and on PostgreSQL."""

import pytest

from tests.lib.places import MakePlace, Place, make_place

__all__ = ["make_place"]


@pytest.fixture
def place(make_place: MakePlace) -> Place:
    """Return an installation with persons, jobs and users in it."""
    made = make_place("place")
    made.tocsin("store", "init")
    made.run("tests.backup.filler", "once")
    return made
