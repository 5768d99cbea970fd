"""SQLite and PostgreSQL: run Ibis expressions compiled to their SQL, on temporary tables only.

Only Ibis's compilers are used, on a connection that somebody else opened and will close. What
is made here is temporary, belongs to this connection alone and is dropped at the end. A connection
to DuckDB is taken too: `counted_registry` keeps a copy of a registry's numbers there.
Source: `docs/adr/0003-ibis-as-compiler.md`, `docs/adr/0017-registries-in-the-database.md`.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
from ibis.backends.sql.compilers import DuckDBCompiler, PostgresCompiler, SQLiteCompiler
from sqlglot.optimizer.eliminate_subqueries import eliminate_subqueries

from tocsin.formats.registry_sql import quoted

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    import psycopg

BATCH_ROWS = 50_000

Row = tuple[Any, ...]
Indexes = Sequence[Sequence[str]]


class RowDatabase(Protocol):
    """A database that keeps its tables row by row."""

    def sql_of(self, expression: "ir.Table") -> str:
        """Return the SQL of an Ibis expression over tables of this database."""

    def create(self, name: str, expression: "ir.Table", indexes: Indexes = ()) -> None:
        """Create a temporary table from an expression, with indexes."""

    def create_view(self, name: str, expression: "ir.Table") -> None:
        """Give an expression a name, for as long as the session lasts."""

    def add(self, name: str, batches: Iterable[pa.Table], indexes: Indexes = ()) -> None:
        """Create a temporary table from Arrow tables of one schema; there is at least one."""

    def rows(self, expression: "ir.Table") -> Iterator[Row]:
        """Yield the result of an expression, without holding all of it."""

    def drop_all(self) -> None:
        """Drop everything that was made here."""


class _Made:
    """Remembers what was made, so that it can be dropped."""

    def __init__(self) -> None:
        self._made: list[str] = []

    def _remember(self, kind: str, name: str) -> str:
        self._made.append(f"{kind} IF EXISTS {self._schema}.{quoted(name)}")
        return quoted(name)

    _schema = "temp"

    def _drops(self) -> Iterator[str]:
        while self._made:
            yield f"DROP {self._made.pop()}"


class SqliteRows(_Made):
    """A connection to SQLite.

    Args:
        connection: opened by the standard library; nothing of it is changed but that it can
            aggregate with a bitwise or, which SQLite lacks.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__()
        self.connection = connection
        connection.create_aggregate("_ibis_bit_or", 1, _BitOr)  # type: ignore[arg-type]

    def sql_of(self, expression: "ir.Table") -> str:
        """Return the SQL of an Ibis expression over tables of this database."""
        # Its parser gives up where selects stand deep in each other; in a WITH they do not.
        tree = eliminate_subqueries(SQLiteCompiler().to_sqlglot(expression))
        return str(tree.sql("sqlite", copy=False))

    def create(self, name: str, expression: "ir.Table", indexes: Indexes = ()) -> None:
        """Create a temporary table from an expression, with indexes."""
        table = self._remember("TABLE", name)
        self.connection.execute(f"CREATE TEMP TABLE {table} AS {self.sql_of(expression)}")
        self._index(name, indexes)

    def create_view(self, name: str, expression: "ir.Table") -> None:
        """Give an expression a name, for as long as the session lasts."""
        view = self._remember("VIEW", name)
        self.connection.execute(f"CREATE TEMP VIEW {view} AS {self.sql_of(expression)}")

    def add(self, name: str, batches: Iterable[pa.Table], indexes: Indexes = ()) -> None:
        """Create a temporary table from Arrow tables of one schema; there is at least one."""
        for place, batch in enumerate(batches):
            if place == 0:
                columns = ", ".join(
                    f"{quoted(field.name)} {_SQLITE_TYPES[field.type]}" for field in batch.schema
                )
                table = self._remember("TABLE", name)
                self.connection.execute(f"CREATE TEMP TABLE {table} ({columns})")
            marks = ", ".join("?" * batch.num_columns)
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            self.connection.executemany(f"INSERT INTO {quoted(name)} VALUES ({marks})", rows)
        self._index(name, indexes)

    def _index(self, name: str, indexes: Indexes) -> None:
        for place, columns in enumerate(indexes):
            index = quoted(f"{name}_{place}")
            listed = ", ".join(map(quoted, columns))
            self.connection.execute(f"CREATE INDEX temp.{index} ON {quoted(name)} ({listed})")

    def rows(self, expression: "ir.Table") -> Iterator[Row]:
        """Yield the result of an expression, without holding all of it."""
        cursor = self.connection.execute(self.sql_of(expression))
        try:
            yield from cursor
        finally:
            cursor.close()  # else its table cannot be dropped

    def drop_all(self) -> None:
        """Drop everything that was made here."""
        for statement in self._drops():
            self.connection.execute(statement)


class _BitOr:
    """An aggregate that SQLite lacks; Ibis calls it by this name."""

    def __init__(self) -> None:
        self.found: int | None = None

    def step(self, value: int | None) -> None:
        if value is not None:
            self.found = value | (self.found or 0)

    def finalize(self) -> int | None:
        return self.found


class PostgresRows(_Made):
    """A connection to PostgreSQL.

    Args:
        connection: opened by psycopg.
    """

    _schema = "pg_temp"

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        super().__init__()
        self.connection = connection

    def _run(self, sql: str) -> None:
        self.connection.execute(sql.encode())

    def sql_of(self, expression: "ir.Table") -> str:
        """Return the SQL of an Ibis expression over tables of this database."""
        return str(PostgresCompiler().to_sqlglot(expression).sql("postgres", copy=False))

    def create(self, name: str, expression: "ir.Table", indexes: Indexes = ()) -> None:
        """Create a temporary table from an expression, with indexes."""
        table = self._remember("TABLE", name)
        self._run(f"CREATE TEMP TABLE {table} AS {self.sql_of(expression)}")
        self._index(name, indexes)

    def create_view(self, name: str, expression: "ir.Table") -> None:
        """Give an expression a name, for as long as the session lasts."""
        view = self._remember("VIEW", name)
        self._run(f"CREATE TEMP VIEW {view} AS {self.sql_of(expression)}")

    def add(self, name: str, batches: Iterable[pa.Table], indexes: Indexes = ()) -> None:
        """Create a temporary table from Arrow tables of one schema; there is at least one."""
        for place, batch in enumerate(batches):
            if place == 0:
                columns = ", ".join(
                    f"{quoted(field.name)} {_POSTGRES_TYPES[field.type]}" for field in batch.schema
                )
                table = self._remember("TABLE", name)
                self._run(f"CREATE TEMP TABLE {table} ({columns})")
            rows = zip(*(_stored(column) for column in batch.columns), strict=True)
            with (
                self.connection.cursor() as cursor,
                cursor.copy(f"COPY {quoted(name)} FROM STDIN".encode()) as copy,
            ):
                for row in rows:
                    copy.write_row(row)
        self._index(name, indexes)

    def _index(self, name: str, indexes: Indexes) -> None:
        for columns in indexes:
            self._run(f"CREATE INDEX ON {quoted(name)} ({', '.join(map(quoted, columns))})")
        self._run(f"ANALYZE {quoted(name)}")

    def rows(self, expression: "ir.Table") -> Iterator[Row]:
        """Yield the result of an expression, without holding all of it."""
        with self.connection.cursor() as cursor:
            yield from cursor.stream(self.sql_of(expression).encode())

    def drop_all(self) -> None:
        """Drop everything that was made here, unless the transaction has failed anyway."""
        from psycopg.pq import TransactionStatus  # noqa: PLC0415

        usable = (TransactionStatus.IDLE, TransactionStatus.INTRANS)
        for statement in self._drops():
            if self.connection.info.transaction_status in usable:
                self._run(statement)


class DuckRows(_Made):
    """A connection to DuckDB.

    Args:
        connection: opened by `duckdb`, or a cursor of one; temporary tables are its own.
    """

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        super().__init__()
        self.connection = connection

    def sql_of(self, expression: "ir.Table") -> str:
        """Return the SQL of an Ibis expression over tables of this database."""
        return str(DuckDBCompiler().to_sqlglot(expression).sql("duckdb", copy=False))

    def create(self, name: str, expression: "ir.Table", indexes: Indexes = ()) -> None:  # noqa: ARG002
        """Create a temporary table from an expression; it joins without indexes."""
        table = self._remember("TABLE", name)
        self.connection.execute(f"CREATE TEMP TABLE {table} AS {self.sql_of(expression)}")

    def create_view(self, name: str, expression: "ir.Table") -> None:
        """Give an expression a name, for as long as the session lasts."""
        view = self._remember("VIEW", name)
        self.connection.execute(f"CREATE TEMP VIEW {view} AS {self.sql_of(expression)}")

    def add(self, name: str, batches: Iterable[pa.Table], indexes: Indexes = ()) -> None:  # noqa: ARG002
        """Create a temporary table from Arrow tables of one schema; there is at least one."""
        whole = pa.concat_tables(batches)
        table = self._remember("TABLE", name)
        self.connection.register("_incoming", whole)
        self.connection.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM _incoming")
        self.connection.unregister("_incoming")

    def rows(self, expression: "ir.Table") -> Iterator[Row]:
        """Yield the result of an expression."""
        yield from self.connection.execute(self.sql_of(expression)).fetchall()

    def drop_all(self) -> None:
        """Drop everything that was made here."""
        for statement in self._drops():
            self.connection.execute(statement)


def _stored(column: pa.ChunkedArray) -> list[Any]:
    """Return a column's values as PostgreSQL can keep them.

    It keeps no NUL character. A bound that ends in one says "just after this text"; where no text
    holds a NUL, the next character says the same.
    """
    values: list[Any] = column.to_pylist()
    if pa.types.is_string(column.type):
        return [value and value.replace("\x00", "\x01") for value in values]
    return values


def row_database(connection: Any) -> RowDatabase:
    """Return the database of an open connection, of `sqlite3`, `psycopg` or `duckdb`."""
    if isinstance(connection, sqlite3.Connection):
        return SqliteRows(connection)
    if type(connection).__name__ == "DuckDBPyConnection":  # it may not be imported yet
        return DuckRows(connection)
    return PostgresRows(connection)


@contextmanager
def temporary_tables(connection: Any) -> Iterator[RowDatabase]:
    """Use a connection's database for a while; what was made is dropped at the end."""
    database = row_database(connection)
    try:
        yield database
    finally:
        database.drop_all()


def in_batches(rows: Iterable[Row], size: int = BATCH_ROWS) -> Iterator[list[Row]]:
    """Yield rows in lists of at most some size."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


_SQLITE_TYPES = {
    pa.string(): "TEXT",
    **dict.fromkeys((pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64()), "INTEGER"),
}
# Keys are compared character by character, whatever the language of the database.
_POSTGRES_TYPES = {
    pa.string(): 'TEXT COLLATE "C"',
    pa.bool_(): "BOOLEAN",
    pa.int8(): "SMALLINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
}
