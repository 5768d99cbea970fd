"""Which database, and how it is opened."""

from typing import Any

import dj_database_url

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


def database_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for the database of a DATABASE_URL.

    SQLite runs in write-ahead mode and takes its write lock when a transaction begins, so that
    two writers wait for each other instead of failing half-way.
    """
    settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60))
    if settings["ENGINE"].endswith("sqlite3"):
        settings["OPTIONS"] = {**settings.get("OPTIONS", {}), **_SQLITE}
    return settings
