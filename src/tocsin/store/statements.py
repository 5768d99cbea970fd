"""Statements of our own, for what is asked at every visit of a page.

Django needs ten times as long to word a query anew as the database to answer it. A statement names
the organisation itself: no manager does it here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection


def rows_of(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return what a statement selects, as the database's driver tells it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def marks(values: Sequence[Any]) -> str:
    """Return a place for each value, as ``IN (...)`` wants them.

    >>> marks([4, 7])
    '%s, %s'
    """
    return ", ".join(["%s"] * len(values))


def read_instant(told: datetime) -> datetime:
    """Return an instant of a column that a statement has selected: SQLite tells it without a zone.

    >>> read_instant(datetime(2026, 11, 21, 8)).isoformat()
    '2026-11-21T08:00:00+00:00'
    """
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def write_instant(at: datetime) -> Any:
    """Return an instant as a statement can be asked with it: SQLite compares texts."""
    return connection.ops.adapt_datetimefield_value(at)
