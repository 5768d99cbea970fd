"""SQLite: a consistent copy of the file while others write, and what is in it.

The copy is made by SQLite's online backup in one step: it reads one moment, and in write-ahead mode
keeps nobody from writing. Then it is rebuilt (VACUUM), so that nothing that was deleted, such as
the key of an erased person, is left in free pages of the file.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from tocsin.store.audit.chain import ChainRow
from tocsin.store.backup.container import TableCount

VOLATILE = (
    "django_session",
    "usersessions_usersession",
    "store_terminalsession",
    "store_cachedvalue",
)
"""Tables that no backup holds: whoever steals one must not find open sessions in it."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Write a copy of a database as it is at one moment, without sessions and leftovers.

    Raises:
        sqlite3.Error: if the database cannot be read or the copy not written.
    """
    # Not read-only by `mode=ro`: a database whose last user was killed must be recovered first.
    read = sqlite3.connect(source, timeout=60)
    with closing(read), closing(sqlite3.connect(target)) as copy:
        target.chmod(0o600)
        read.backup(copy, pages=-1)
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA secure_delete = ON")
        copy.execute("PRAGMA journal_mode = DELETE")
        present = set(_table_names(copy))
        for name in VOLATILE:
            if name in present:
                copy.execute(f'DELETE FROM "{name}"')  # noqa: S608 - our own names
        copy.execute("VACUUM")


def find_sqlite_faults(path: Path) -> list[str]:
    """Return a sentence per fault of the file or of a reference between tables."""
    with closing(open_read_only(path)) as opened:
        found = [row[0] for row in opened.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
        for table, rowid, parent, _ in opened.execute("PRAGMA foreign_key_check").fetchmany(20):
            found.append(f"Row {rowid} of {table} refers to a row that {parent} does not have.")
    return found


def open_read_only(path: Path) -> sqlite3.Connection:
    """Return a connection that changes nothing."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def count_tables(path: Path) -> tuple[dict[str, TableCount], dict[str, list[str]]]:
    """Return rows and SHA-256 of every table, and the names of its columns."""
    counts, columns = {}, {}
    with closing(open_read_only(path)) as opened:
        for table in _table_names(opened):
            told = list(opened.execute(f'PRAGMA table_info("{table}")'))
            columns[table] = [column[1] for column in told]
            keys = [column[1] for column in told if column[5]] or columns[table]
            hashed, n_rows = sha256(), 0
            for row in opened.execute(_select(table, columns[table], keys)):
                hashed.update(repr(row).encode("utf-8", "surrogatepass"))
                n_rows += 1
            counts[table] = TableCount(n_rows, hashed.hexdigest())
    return counts, columns


def read_trail(path: Path) -> Iterator[ChainRow]:
    """Yield the audit rows of a copy in order."""
    with closing(open_read_only(path)) as opened:
        rows = opened.execute("SELECT seq, prev, body, hash FROM store_auditrow ORDER BY seq")
        for seq, prev, body, own in rows:
            yield ChainRow(seq, bytes(prev), bytes(body), bytes(own))


def read_facts(path: Path) -> tuple[list[str], str]:
    """Return the migrations that were applied, as ``app name``, and the installation's uuid."""
    with closing(open_read_only(path)) as opened:
        applied = opened.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
        uuids = []
        if "store_installation" in _table_names(opened):
            uuids = opened.execute("SELECT uuid FROM store_installation").fetchall()
    return [f"{app} {name}" for app, name in applied], uuids[0][0] if uuids else ""


def _table_names(opened: sqlite3.Connection) -> list[str]:
    found = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in found if not name.startswith("sqlite_")]


def _select(table: str, columns: list[str], keys: list[str]) -> str:
    listed, order = (", ".join(f'"{name}"' for name in names) for names in (columns, keys))
    return f'SELECT {listed} FROM "{table}" ORDER BY {order}'  # noqa: S608 - names of the database
