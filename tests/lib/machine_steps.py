"""What a call costs on SQLite, counted in steps of its machine: no clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

_AT_ONCE = 10


@contextmanager
def counted_steps() -> Iterator[list[int]]:
    """Count the steps of SQLite's machine, about, in the first place of a list."""
    found = [0]

    def count() -> int:
        found[0] += _AT_ONCE
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(count, _AT_ONCE)
    try:
        yield found
    finally:
        connection.connection.set_progress_handler(None, 0)


def steps_of(ask: Callable[[], object]) -> int:
    """Return the steps of a call that finds something."""
    with counted_steps() as found:
        assert ask()
    return found[0]
