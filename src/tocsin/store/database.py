"""Which database, and how it is opened."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import dj_database_url
from django.db import InterfaceError, OperationalError, connection, transaction

from tocsin.base.errors import TocsinError

_ENGINES = frozenset({"django.db.backends.sqlite3", "django.db.backends.postgresql"})
_SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": (
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
        "PRAGMA recursive_triggers = ON; "
        # What was deleted is overwritten: the key of an erased person must not stay in the file.
        "PRAGMA secure_delete = ON;"
    ),
}


class DatabaseUrlUnknown(TocsinError):
    """DATABASE_URL names no database that Tocsin can work with."""

    code = "database_url_unknown"


def database_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for the database of a DATABASE_URL.

    SQLite runs in write-ahead mode and takes its write lock when a transaction begins, so that
    two writers wait for each other instead of failing half-way; `reading` takes none.

    Raises:
        DatabaseUrlUnknown: if it is neither SQLite nor PostgreSQL.
    """
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60))
    except ValueError:
        settings = {}
    if settings.get("ENGINE") not in _ENGINES:
        raise DatabaseUrlUnknown(  # not quoted: it may hold a password
            "DATABASE_URL is not the address of a PostgreSQL or SQLite database. No database was "
            "opened. Write it as postgresql://USER:PASSWORD@HOST/NAME, with %40 for an @ in the "
            "password, or leave it out to use SQLite in the installation's folder."
        )
    if settings["ENGINE"].endswith("sqlite3"):
        settings["OPTIONS"] = {**settings.get("OPTIONS", {}), **_SQLITE}
    return settings


@contextmanager
def reading() -> Iterator[None]:
    """Look at the database until the block ends; who writes meanwhile is not kept waiting.

    On SQLite all of the block sees one state, and writing in it may fail. A block within another
    is part of that one.
    """
    with ExitStack() as block:
        if connection.vendor == "sqlite":
            sqlite: Any = connection
            sqlite.ensure_connection()  # which sets the mode
            mode, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
            try:
                block.enter_context(transaction.atomic())
            finally:
                sqlite.transaction_mode = mode
        else:
            block.enter_context(transaction.atomic())
        yield


def is_out_of_room(error: BaseException) -> bool:
    """Whether a database says that its disk is full: then waiting helps, and nothing else."""
    # PostgreSQL: class 53, insufficient resources; 53100 is disk_full.
    return getattr(error.__cause__, "sqlstate", None) == "53100" or (
        isinstance(error, OperationalError) and "disk is full" in str(error)
    )


def is_away(error: BaseException) -> bool:
    """Whether a database has failed, or its disk: neither the statement nor its values are wrong.

    SQLite uses the same class of errors for statements that it does not understand.
    """
    ours = ("no such ", "near ", "too many ", "ambiguous ")
    is_broken = isinstance(error, OperationalError | InterfaceError)
    return is_broken and not str(error).startswith(ours)
