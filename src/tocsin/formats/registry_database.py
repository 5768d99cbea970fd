"""A table or view in somebody's PostgreSQL or SQLite -> a DuckDB table of text columns.

The connection is read-only. Rows are streamed in chunks, so that memory does not grow with the
table, and the whole is read in one transaction: others may write meanwhile.
"""

import sqlite3
from collections.abc import Container, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pyarrow as pa

from tocsin.base.errors import DatabaseUnreachable, RegistryUnreadable, first_line
from tocsin.formats.database_address import DatabaseTable
from tocsin.formats.registry_sources import Connection, SourceOptions, SourceRead
from tocsin.formats.registry_sql import literal, quoted
from tocsin.registry.spoilt import SPOILT_END

if TYPE_CHECKING:
    import psycopg

CHUNK_ROWS = 20_000
_CONNECT_S = 15
_N_NAMED = 12
_SECRETS = ("password", "sslpassword")

# Columns whose values are no numbers to calculate with: kept as one, 2.10 has become 2.1.
_NO_NUMBERS = ("software_version", "lot", "serial", "model", "catalogue_no", "udi")
_FLOATS = (700, 701)  # PostgreSQL's numbers of its types real and double precision
_SPOILT = literal(f" (kept as a floating-point number, as{SPOILT_END}")

Row = tuple[Any, ...]
Rows = tuple[list[str], Iterator[Sequence[Row]]]


def create_from_database(
    connection: Connection, table: str, source: DatabaseTable, options: SourceOptions
) -> SourceRead:
    """Create a table from a table or view of a database.

    Args:
        connection: where.
        table: the name of what is created.
        source: what is read.
        options: of which ``targets`` and ``check`` are used.

    Raises:
        DatabaseUnreachable: if the driver or the server is missing, or the connection breaks.
        RegistryUnreadable: if the table is missing or cannot be read.
    """
    opened = _open_sqlite if source.kind == "sqlite" else _open_postgres
    texts = {name for name in _NO_NUMBERS if name not in options.targets.values()}
    texts |= {theirs for theirs, ours in options.targets.items() if ours in _NO_NUMBERS}
    with opened(source, texts) as (columns, chunks):
        options.check(columns)
        _check_names(source, columns)
        schema = pa.schema([(name, pa.string()) for name in columns])
        connection.register("_incoming", schema.empty_table())
        connection.execute(f"CREATE TABLE {quoted(table)} AS SELECT * FROM _incoming")
        connection.unregister("_incoming")
        for rows in chunks:
            arrays = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
            connection.register("_incoming", pa.Table.from_arrays(arrays, schema=schema))
            connection.execute(f"INSERT INTO {quoted(table)} SELECT * FROM _incoming")
            connection.unregister("_incoming")
    return SourceRead(tuple(columns), line_of=lambda _: None)


def _check_names(source: DatabaseTable, columns: Sequence[str]) -> None:
    """Refuse names that differ by case only, which a registry cannot tell apart."""
    folded = [name.casefold() for name in columns]
    if twice := sorted({name for name in columns if folded.count(name.casefold()) > 1}):
        raise RegistryUnreadable(
            f"The table {source} has columns whose names differ only by case: {', '.join(twice)}. "
            "Nothing was read. Make a view that names them apart and give that."
        )


@contextmanager
def _open_postgres(source: DatabaseTable, texts: Container[str]) -> Iterator[Rows]:
    try:
        import psycopg  # noqa: PLC0415
    except ImportError as error:
        raise DatabaseUnreachable(
            f"The registry {source} lies in PostgreSQL, and the driver for it, psycopg, is not "
            'installed. Run: pip install "psycopg[binary]". Nothing was read.'
        ) from error
    n_read = 0
    try:
        with closing(_connect(source)) as opened:
            opened.execute("SET LOCAL datestyle TO 'ISO, YMD'")
            described = opened.execute(
                f"SELECT * FROM {_from(source)} LIMIT 0".encode()
            ).description
            columns = [column.name for column in described or ()]
            chosen = ", ".join(
                f"CAST({quoted(column.name)} AS text)"
                + (f" || {_SPOILT}" if column.type_code in _FLOATS and column.name in texts else "")
                for column in described or ()
            )

            def chunks() -> Iterator[Sequence[Row]]:
                nonlocal n_read
                # On the server, so that it sends a chunk at a time.
                with opened.cursor("tocsin_registry") as cursor:
                    cursor.execute(f"SELECT {chosen} FROM {_from(source)}".encode())
                    while rows := cursor.fetchmany(CHUNK_ROWS):
                        n_read += len(rows)
                        yield rows

            yield columns, chunks()
    except psycopg.Error as error:
        raise _postgres_fault(source, error, n_read) from None
    except UnicodeError:
        raise RegistryUnreadable(
            f"The table {source} holds text that is not in the encoding of its database. Nothing "
            "was kept. Correct it, or export the table to a file and say --encoding."
        ) from None


def _connect(source: DatabaseTable) -> "psycopg.Connection[Row]":
    """Open a connection that can only read.

    Raises:
        DatabaseUnreachable: without the password, which a driver may quote.
    """
    import psycopg  # noqa: PLC0415

    try:
        opened = psycopg.connect(
            source.address,
            connect_timeout=_CONNECT_S,
            client_encoding="utf8",
            fallback_application_name="tocsin",
        )
    except psycopg.Error as error:
        raise DatabaseUnreachable(
            f"The database of the registry {source} cannot be opened: {_told(source, error)}. "
            "Nothing was read. Check that the server runs, the address, the user and the password."
        ) from None
    opened.read_only = True
    opened.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return opened


def _from(source: DatabaseTable) -> str:
    names = [source.schema, source.table] if source.schema else [source.table]
    return ".".join(map(quoted, names))


def _postgres_fault(source: DatabaseTable, error: "psycopg.Error", n_read: int) -> Exception:
    from psycopg import OperationalError, errors  # noqa: PLC0415

    if isinstance(error, errors.UndefinedTable | errors.InvalidSchemaName):
        return RegistryUnreadable(
            f"There is no table or view {_from(source)} in {source} that this user can see. "
            "Nothing was read. Check its name; upper and lower case count."
        )
    if isinstance(error, errors.InsufficientPrivilege):
        return RegistryUnreadable(
            f"The user may not read {_from(source)} in {source}. Nothing was read. Ask for the "
            "right to SELECT from it."
        )
    if isinstance(error, OperationalError):
        return DatabaseUnreachable(
            f"The connection to {source} broke after {n_read:,} rows: {_told(source, error)}. "
            "Nothing was matched or written. Run the command again."
        )
    # What it says may quote values of the table.
    return RegistryUnreadable(
        f"The table {source} cannot be read: PostgreSQL reports {type(error).__name__} "
        f"({error.sqlstate}) after {n_read:,} rows. Nothing was kept. Try it with psql."
    )


def _told(source: DatabaseTable, error: Exception) -> str:
    """Return the first line of what a driver says, without any password of the address."""
    text = first_line(error)
    for secret in _secrets_of(source.address):
        text = text.replace(secret, "***")
    return text


def _secrets_of(address: str) -> list[str]:
    parts = urlsplit(address)
    found = {parts.password or ""}
    found |= {value for name, value in parse_qsl(parts.query) if name.lower() in _SECRETS}
    found |= {unquote(secret) for secret in found}
    return sorted(found - {""}, key=len, reverse=True)


@contextmanager
def _open_sqlite(source: DatabaseTable, texts: Container[str]) -> Iterator[Rows]:
    if not Path(source.address).is_file():
        raise DatabaseUnreachable(
            f"There is no file {source.address}. Nothing was read. Check the name; after "
            "sqlite:/// a path from the root begins with a fourth slash."
        )
    n_read = 0
    try:
        uri = f"file:{quote(str(Path(source.address).resolve()))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as opened:
            # A hostile file must not run functions through its views.
            opened.execute("PRAGMA trusted_schema = OFF")
            opened.execute("PRAGMA query_only = ON")
            opened.execute("BEGIN")
            columns = _sqlite_columns(opened, source)

            def chunks() -> Iterator[Sequence[Row]]:
                nonlocal n_read
                chosen = ", ".join(_sqlite_text(name, texts) for name in columns)
                cursor = opened.execute(f"SELECT {chosen} FROM main.{quoted(source.table)}")
                while rows := cursor.fetchmany(CHUNK_ROWS):
                    n_read += len(rows)
                    yield rows

            yield columns, chunks()
    except sqlite3.Error as error:
        raise DatabaseUnreachable(
            f"The table {source} cannot be read after {n_read:,} rows: {_reason(error)}. Nothing "
            "was matched or written. Check that the file is a whole SQLite database."
        ) from error


def _reason(error: sqlite3.Error) -> str:
    """Return what SQLite says; where text is not UTF-8, it would quote the text."""
    text = str(error)
    return "it holds text that is not UTF-8" if "decode" in text else text


def _sqlite_text(name: str, texts: Container[str]) -> str:
    """Return a column as text; in SQLite each value has a type of its own."""
    text = f"CAST({quoted(name)} AS TEXT)"
    if name not in texts:
        return text
    return f"{text} || CASE typeof({quoted(name)}) WHEN 'real' THEN {_SPOILT} ELSE '' END"


def _sqlite_columns(opened: sqlite3.Connection, source: DatabaseTable) -> list[str]:
    columns = [
        str(name)
        for (name,) in opened.execute("SELECT name FROM pragma_table_info(?)", [source.table])
    ]
    if columns:
        return columns
    found = opened.execute(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name"
    ).fetchall()
    names = ", ".join(str(name) for (name,) in found[:_N_NAMED]) or "nothing"
    raise RegistryUnreadable(
        f"There is no table or view {source.table} in {source.address}; it has {names}. Nothing "
        "was read. Check the name after #."
    )
