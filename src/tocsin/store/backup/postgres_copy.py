"""PostgreSQL: every table as COPY writes it, read in one REPEATABLE READ transaction.

All tables are read as they were at one moment, and nobody waits: readers keep no writer from work.
Source: `docs/adr/0021-backups.md` says why pg_dump is not used.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import IO, Any

import psycopg
from psycopg import sql

from tocsin.store.audit.chain import ChainRow
from tocsin.store.backup.container import TableCount
from tocsin.store.backup.sqlite_copy import VOLATILE

MARKER = "tocsin_unfinished_restore"
"""A table that stands in a database as long as a restore into it has not ended."""
_CHUNK = 1 << 20
_TEXT_FORM = (
    "SET client_encoding = 'UTF8'",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'iso_8601'",
    "SET timezone = 'UTC'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 1",
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
)
Connection = psycopg.Connection[Any]


@contextmanager
def one_moment(connection: Connection) -> Iterator[None]:
    """See the database as it is now until the block ends, whatever others write."""
    connection.autocommit = True
    for setting in _TEXT_FORM:
        connection.execute(setting.encode())
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        connection.execute("SELECT 1")  # the moment is that of the first query
        yield
    finally:
        if not connection.closed and not connection.broken:
            connection.execute("ROLLBACK")


def table_names(connection: Connection) -> list[str]:
    """Return the tables of the current schema."""
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
        "AND relkind IN ('r', 'p') ORDER BY relname"
    )
    return [row[0] for row in found]


def kept_tables(connection: Connection, known: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the tables that a backup holds, and those of the database that it does not."""
    present, wanted = table_names(connection), set(known) - set(VOLATILE)
    return [n for n in present if n in wanted], [n for n in present if n not in wanted]


def column_names(connection: Connection, table: str) -> list[str]:
    """Return the columns of a table that are stored, in order."""
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [_quoted(table)],
    )
    return [row[0] for row in found]


def write_table(
    connection: Connection, table: str, columns: list[str], take: Callable[[bytes], object]
) -> TableCount:
    """Write a table's rows in the order of its key; return their number and SHA-256."""
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        listed, sql.Identifier(table), _order(connection, table, columns)
    )
    hashed, n_rows, waiting = sha256(), 0, bytearray()
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for piece in copy:
            hashed.update(piece)
            n_rows += bytes(piece).count(b"\n")
            waiting += piece
            if len(waiting) >= _CHUNK:
                take(bytes(waiting))
                waiting.clear()
    take(bytes(waiting))
    return TableCount(n_rows, hashed.hexdigest())


def count_table(connection: Connection, table: str, columns: list[str]) -> TableCount:
    """Return how many rows a table has, and their SHA-256, as `write_table` counts them."""
    return write_table(connection, table, columns, len)


def load_table(connection: Connection, table: str, columns: list[str], file: IO[bytes]) -> None:
    """Add the rows that `write_table` wrote to an empty table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while piece := file.read(_CHUNK):
            copy.write(piece)


def read_sequences(connection: Connection) -> dict[str, tuple[int, bool]]:
    """Return every sequence's last value, and whether it was given out.

    Sequences stand outside of transactions: theirs is a later moment, so no number comes twice.
    """
    names = connection.execute(
        "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1"
    ).fetchall()
    found = {}
    for (name,) in names:
        statement = sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name))
        last, is_called = connection.execute(statement).fetchone() or (1, False)
        found[name] = (int(last), bool(is_called))
    return found


def fill_tables(
    connection: Connection,
    columns: Mapping[str, list[str]],
    sequences: Mapping[str, tuple[int, bool]],
    member: Callable[[str], IO[bytes]],
) -> None:
    """Replace what stands in freshly made tables by what a backup holds, all or nothing.

    Triggers of ours sleep meanwhile, because they guard changes and not copies; the references
    between tables are all checked before the end.
    """
    for setting in _TEXT_FORM:
        connection.execute(setting.encode())
    with connection.transaction():
        tables = [sql.Identifier(name) for name in columns]
        for table in tables:
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            connection.execute(sql.SQL("DELETE FROM {}").format(table))
        for name, stored in columns.items():
            with member(name) as file:
                load_table(connection, name, stored, file)
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in sequences.keys() & read_sequences(connection).keys():
            last, is_called = sequences[name]
            connection.execute("SELECT setval(%s::regclass, %s, %s)", [name, last, is_called])
        for table in tables:
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))


def begin_restore(connection: Connection, of: str) -> bool:
    """Mark an empty database as being restored; return whether it was empty or only begun.

    What an earlier restore that was interrupted has left is cleared away first.
    """
    present = table_names(connection)
    if present and MARKER not in present:
        return False
    with connection.transaction():
        for table in present:
            connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(table)))
        functions = connection.execute(
            "SELECT oid::regprocedure::text FROM pg_proc f WHERE proowner = current_user::regrole "
            "AND pronamespace = current_schema()::regnamespace AND NOT EXISTS "
            "(SELECT 1 FROM pg_depend WHERE objid = f.oid AND deptype = 'e')"
        ).fetchall()
        for (function,) in functions:
            connection.execute(f"DROP FUNCTION {function} CASCADE".encode())
        marker = sql.Identifier(MARKER)
        connection.execute(sql.SQL("CREATE TABLE {} (backup_sha256 text)").format(marker))
        connection.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(marker), [of])
    return True


def unfinished_restore(connection: Connection) -> str | None:
    """Return the SHA-256 of the backup whose restore has not ended here; None if there is none."""
    if MARKER not in table_names(connection):
        return None
    row = connection.execute(
        sql.SQL("SELECT backup_sha256 FROM {}").format(sql.Identifier(MARKER))
    ).fetchone()
    return str(row[0]) if row else ""


def end_restore(connection: Connection) -> None:
    """Take the mark of a restore away."""
    connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(MARKER)))


def read_copied_trail(file: IO[bytes], columns: list[str]) -> Iterator[ChainRow]:
    """Yield the audit rows of a backup from what COPY wrote; binary values are hexadecimal."""
    at = {name: columns.index(name) for name in ("seq", "prev", "body", "hash")}
    for line in file:
        cells = line.rstrip(b"\n").split(b"\t")
        prev, body, own = (
            bytes.fromhex(cells[at[name]].decode("ascii").removeprefix("\\\\x"))
            for name in ("prev", "body", "hash")
        )
        yield ChainRow(int(cells[at["seq"]]), prev, body, own)


def _quoted(table: str) -> str:
    return '"' + table.replace('"', '""') + '"'


def _order(connection: Connection, table: str, columns: list[str]) -> sql.Composable:
    """Return the key's columns, or all; texts in the order of their bytes, not of a locale."""
    found = connection.execute(
        "SELECT a.attname, a.attcollation <> 0 FROM pg_attribute a LEFT JOIN pg_index i "
        "ON i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY(i.indkey) "
        "WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped "
        "AND (i.indrelid IS NOT NULL OR NOT EXISTS (SELECT 1 FROM pg_index p "
        "WHERE p.indrelid = a.attrelid AND p.indisprimary)) ORDER BY a.attnum",
        [_quoted(table)],
    ).fetchall()
    parts = [
        sql.SQL('{} COLLATE "C"' if is_text else "{}").format(sql.Identifier(name))
        for name, is_text in found
        if name in columns
    ]
    return sql.SQL(", ").join(parts)
