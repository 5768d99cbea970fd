"""A transaction on SQLite that waits for the disk after it has let go of the lock.

A commit of SQLite's own waits for the disk while it keeps all other writers out, and those look
again only after a millisecond or more. This one lets them go on, and then waits until its journal
is on the disk, with all that was written to it before. Nothing may be done for which it must have
been committed until it returns. Source: `docs/adr/0040-sqlite-waits-for-the-disk-unlocked.md`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction

_sync_data = getattr(os, "fdatasync", os.fsync)


@contextmanager
def sqlite_transaction() -> Iterator[None]:
    """Run a transaction; when it returns, it is on the disk. The framework's own costs more.

    Within another transaction it is part of that one.

    Raises:
        OperationalError: if the disk does not say that it has it; whether it does is not known.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    connection.ensure_connection()
    raw: Any = connection.connection
    with connection.wrap_database_errors:
        # As scripts: a statement that is kept compiled would set nothing the second time.
        raw.executescript("PRAGMA synchronous = NORMAL")
        try:
            raw.execute("BEGIN IMMEDIATE")
            yield
            raw.execute("COMMIT")
        except BaseException:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise
        finally:
            raw.executescript("PRAGMA synchronous = FULL")
    # SQLite follows links to its file, and its journal lies beside that.
    _wait_for_disk(f"{os.path.realpath(connection.settings_dict['NAME'])}-wal")


def _wait_for_disk(journal: str) -> None:
    """Wait until a journal is on the disk; it is there as long as a connection is open."""
    try:
        opened = os.open(journal, os.O_RDWR)
        try:
            _sync_data(opened)
        finally:
            os.close(opened)
    except OSError as error:
        raise OperationalError(f"the journal is not on the disk: {error.strerror}") from error
