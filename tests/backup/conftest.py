"""Installations of their own for each test, on SQLite and on PostgreSQL."""

import pytest

from tests.lib.places import (
    MakeInstalled,
    Place,
    is_postgres,
    make_installed,
    make_place,
    originals,
)

__all__ = ["is_postgres", "make_installed", "make_place", "originals"]


@pytest.fixture
def place(make_installed: MakeInstalled) -> Place:
    """Return an installation with persons, jobs and users in it."""
    return make_installed("place", "tests.backup.filler", "once")
