"""The tables of `stored_layout` as they stand in a database, made and filled by nobody's ORM."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from tocsin.compute.stored_keying import KeyedRegistry
from tocsin.match.engines.stored_layout import (
    DICTIONARIES,
    INDEXES,
    NUMBER_COLUMNS,
    RECORD_COLUMNS,
    RECORDS,
    SET_COLUMN,
    TEXT_COLUMNS,
    VERDICT_COLUMNS,
    VERDICTS,
)

TABLES: Mapping[str, str] = {
    RECORDS: "store_record",
    VERDICTS: "store_verdict",
    **{each.name: f"store_{each.name}" for each in DICTIONARIES.values()},
}
_OF_THE_STATE = ("registry_id", "since_revision")
_OF_THE_TEXTS = (*NUMBER_COLUMNS, *TEXT_COLUMNS)


def create_tables(connection: Any) -> None:
    """Create the empty tables with their indexes."""
    is_sqlite = isinstance(connection, sqlite3.Connection)
    make = _sqlite_column if is_sqlite else _postgres_column
    key = "PRIMARY KEY" if is_sqlite else "GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    wanted: dict[str, Mapping[str, pa.DataType]] = {
        RECORDS: RECORD_COLUMNS,
        VERDICTS: {SET_COLUMN: pa.int64(), **VERDICT_COLUMNS},
        **{each.name: each.columns for each in DICTIONARIES.values()},
    }
    for name, columns in wanted.items():
        of_key = {"row_no": key} if name == RECORDS else {}
        listed = ", ".join(f"{c} {make(t)} {of_key.get(c, '')}" for c, t in columns.items())
        connection.execute(f"CREATE TABLE {TABLES[name]} ({listed})")


def create_indexes(connection: Any) -> None:
    """Create the indexes that the layout asks for."""
    for name, indexes in INDEXES.items():
        table = TABLES[DICTIONARIES[name].name if name in DICTIONARIES else name]
        for place, columns in enumerate(indexes):
            unique = "UNIQUE" if name in DICTIONARIES and place == 0 else ""
            listed = ", ".join(columns)
            connection.execute(f"CREATE {unique} INDEX by_{place}_{table} ON {table} ({listed})")


def store_registry(
    connection: Any, keyed: KeyedRegistry, registry_id: int, since_revision: int
) -> None:
    """Store the new dictionary rows and all records, which hold from a revision on."""
    for name, dictionary in DICTIONARIES.items():
        rows = _rows(keyed.dictionary_rows(name))
        insert(connection, TABLES[dictionary.name], list(dictionary.columns), rows)
    state = (registry_id, since_revision)
    rows = ((*state, *row) for row in _rows(keyed.record_rows()))
    insert(connection, TABLES[RECORDS], [*_OF_THE_STATE, *_OF_THE_TEXTS], rows)


def read_dictionaries(connection: Any, registry_id: int) -> dict[str, list[pa.RecordBatch]]:
    """Return the rows that the database has of a registry's dictionaries."""
    found = {}
    for name, dictionary in DICTIONARIES.items():
        columns = dictionary.columns
        rows = connection.execute(
            f"SELECT {', '.join(columns)} FROM {TABLES[dictionary.name]} "
            f"WHERE registry_id = {registry_id}"
        ).fetchall()
        arrays = list(zip(*rows, strict=True)) or [()] * len(columns)
        batch = {c: pa.array(v, t) for (c, t), v in zip(columns.items(), arrays, strict=True)}
        found[name] = [pa.record_batch(batch)]
    return found


def insert(
    connection: Any, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows the quick way of each database."""
    listed = ", ".join(columns)
    if isinstance(connection, sqlite3.Connection):
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)
        return
    with connection.cursor().copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[Any, ...]]:
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _sqlite_column(kind: pa.DataType) -> str:
    return "TEXT" if pa.types.is_string(kind) else "INTEGER"


def _postgres_column(kind: pa.DataType) -> str:
    return {
        pa.string(): "text",
        pa.bool_(): "boolean",
        pa.int16(): "smallint",
        pa.int32(): "integer",
        pa.int64(): "bigint",
    }[kind]


def keep_verdicts(connection: Any, set_id: int) -> None:
    """Keep the temporary table of verdicts as a set."""
    listed = ", ".join(VERDICT_COLUMNS)
    connection.execute(
        f"INSERT INTO {TABLES[VERDICTS]} ({SET_COLUMN}, {listed}) "
        f"SELECT {set_id}, {listed} FROM verdicts"
    )
