"""Installations of their own for each test, on SQLite and on PostgreSQL."""

import pytest

from tests.lib.places import (
    MakePlace,
    Place,
    installed_once,
    is_postgres,
    make_installed,
    make_place,
)

__all__ = ["installed_once", "is_postgres", "make_installed", "make_place"]


@pytest.fixture
def place(make_installed: MakePlace) -> Place:
    """Return an installation with persons, jobs and users in it."""
    made = make_installed("place")
    made.run("tests.backup.filler", "once")
    return made
