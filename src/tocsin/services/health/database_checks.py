"""The database: how it is set, whether it is whole, and how far it has room for crashes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection

from tocsin.services.health.finding import Finding, Urgency
from tocsin.store.backup.postgres_copy import MARKER

_LEAST_SQLITE = (3, 35)
_LEAST_POSTGRES = 130_000
_MANY_FAULTS = 20


def check_database(*, is_full: bool) -> Iterator[Finding]:
    """Yield what is wrong with the database, whatever is in its tables.

    Args:
        is_full: also read all of a SQLite file; it takes minutes for millions of records.
    """
    if connection.vendor == "sqlite":
        yield from _check_sqlite(is_full=is_full)
    else:
        yield from _check_postgres()


def _check_sqlite(*, is_full: bool) -> Iterator[Finding]:
    version = sqlite3.sqlite_version
    if tuple(int(part) for part in version.split(".")[:2]) < _LEAST_SQLITE:
        yield Finding(
            "database_too_old",
            Urgency.NOW,
            f"SQLite is version {version}.",
            "Use a Python with SQLite 3.35 or newer.",
        )
    settings = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "secure_delete": 1}
    for name, wanted in settings.items():
        if (has := _ask(f"PRAGMA {name}")) != wanted:
            yield _unfit_setting(name, has, wanted)
    name = connection.settings_dict["NAME"]
    path = Path(str(name))
    if path.is_file() and path.stat().st_mode & 0o077 and path.parent.stat().st_mode & 0o077:
        yield Finding(
            "database_open_to_others",
            Urgency.NOW,
            f"Other accounts may read {path}.",
            f"Run: chmod 600 {path}",
        )
    check = "integrity_check" if is_full else "quick_check"
    told = [row[0] for row in _all(f"PRAGMA {check}({_MANY_FAULTS})")]
    told = [fault for fault in told if fault != "ok"]
    references = _all("PRAGMA foreign_key_check") if is_full else []
    if told or references:
        yield Finding(
            "database_damaged",
            Urgency.NOW,
            f"The database is damaged: {(told or ['references to missing rows'])[0]}.",
            "Stop everything, copy the folder, and restore the last backup beside it.",
        )


def _check_postgres() -> Iterator[Finding]:
    if (version := int(_ask("SHOW server_version_num"))) < _LEAST_POSTGRES:
        yield Finding(
            "database_too_old",
            Urgency.NOW,
            f"PostgreSQL is version {version // 10_000}.",
            "Use version 13 or newer.",
        )
    if (encoding := _ask("SHOW server_encoding")) != "UTF8":
        yield Finding(
            "database_encoding",
            Urgency.NOW,
            f"The database keeps texts as {encoding}: names of persons may not fit.",
            "Make a new database with encoding UTF8 and restore a backup into it.",
        )
    for name in ("fsync", "full_page_writes"):
        if (has := _ask(f"SHOW {name}")) != "on":
            yield _unfit_setting(name, has, "on")
    if (has := _ask("SHOW synchronous_commit")) == "off":
        yield _unfit_setting("synchronous_commit", has, "on")
    if (zone := _ask("SHOW TimeZone")) not in {"UTC", "Etc/UTC"}:
        yield _unfit_setting("TimeZone", zone, "UTC")
    if MARKER in connection.introspection.table_names():
        yield Finding(
            "restore_unfinished",
            Urgency.NOW,
            "A restore into this database was begun and has not ended.",
            "Run the same `tocsin restore` again; do not work with this database.",
        )


def _unfit_setting(name: str, has: object, wanted: object) -> Finding:
    return Finding(
        "database_setting",
        Urgency.NOW,
        f"The database runs with {name} = {has} instead of {wanted}: a crash or an erasure may "
        "leave it other than it says.",
        f"Set {name} to {wanted}.",
    )


def _ask(statement: str) -> Any:
    return _all(statement)[0][0]


def _all(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
