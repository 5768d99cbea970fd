"""Empty databases to try things in: what is done there does not last."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

OpenEmpty = Callable[[], AbstractContextManager[Any]]


@contextmanager
def open_sqlite() -> Iterator[sqlite3.Connection]:
    """Open a database in memory."""
    connection = sqlite3.connect(":memory:")
    try:
        yield connection
    finally:
        connection.close()


def postgres_opener(url: str) -> OpenEmpty:
    """Return what opens a database of PostgreSQL and undoes all that was done in it."""

    @contextmanager
    def open_postgres() -> Iterator[Any]:
        import psycopg

        with psycopg.connect(url) as connection:
            yield connection
            connection.rollback()

    return open_postgres
