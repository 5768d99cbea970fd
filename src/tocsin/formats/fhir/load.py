"""A FHIR source into a DuckDB table of text columns, in batches; never all of it in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from tocsin.base.errors import RegistryUnreadable
from tocsin.formats.fhir.device import Row
from tocsin.formats.fhir.holders import HOLDER_ROW_COLUMNS, HolderReading
from tocsin.formats.fhir.index import build_index
from tocsin.formats.fhir.notes import holder_notes, registry_notes, source_notes
from tocsin.formats.fhir.place import Broken
from tocsin.formats.fhir.registry import REGISTRY_COLUMNS, RegistryReading
from tocsin.formats.fhir.source import FhirSource

Connection = duckdb.DuckDBPyConnection
BATCH_ROWS = 20_000
_PLACES = ("evidence_source", "fhir.place")


@dataclass(frozen=True)
class FhirTable:
    """What became of a source: columns, what was set aside, sentences for the user."""

    columns: tuple[str, ...]
    broken: tuple[Broken, ...]
    notes: tuple[str, ...]


def load_fhir_registry(connection: Connection, table: str, path: Path) -> FhirTable:
    """Create a table of device records: one row per device and holder.

    Raises:
        RegistryUnreadable: if the source must be refused, or holds no device.
    """
    source = FhirSource(path)
    reading = RegistryReading(source, build_index(source))
    n_rows = _create(connection, table, REGISTRY_COLUMNS, reading.rows())
    if not n_rows and not reading.broken:
        raise RegistryUnreadable(
            f"{path} holds no Device of FHIR and no use of one{_what_else(source)}. There is "
            "nothing to match. Add the file with the Device resources."
        )
    copies = _fold_copies(connection, table, "device_id", REGISTRY_COLUMNS)
    notes = (*source_notes(source), *registry_notes(reading, copies))
    return FhirTable(REGISTRY_COLUMNS, tuple(reading.broken), notes)


def load_fhir_holders(
    connection: Connection, table: str, path: Path, today: date | None = None
) -> FhirTable:
    """Create a table of holders: one row per person, organisation and place.

    Args:
        connection: where.
        table: its name.
        path: a file or folder.
        today: tells who is a child; None leaves that unknown.
    """
    source = FhirSource(path)
    reading = HolderReading(source, build_index(source), today)
    _create(connection, table, HOLDER_ROW_COLUMNS, reading.rows())
    copies = _fold_copies(connection, table, "holder_id", HOLDER_ROW_COLUMNS)
    return FhirTable(HOLDER_ROW_COLUMNS, tuple(reading.broken), holder_notes(copies))


def _what_else(source: FhirSource) -> str:
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in source.others.most_common(5))
    return f", only {kinds}" if kinds else ""


def _create(connection: Connection, table: str, columns: Sequence[str], rows: Iterator[Row]) -> int:
    """Create a table and fill it in batches; return the number of rows."""
    schema = pa.schema([(name, pa.string()) for name in columns])
    listed = ", ".join(f'"{name}" VARCHAR' for name in columns)
    connection.execute(f'CREATE TABLE "{table}" ({listed})')
    total = 0
    while batch := list(islice(rows, BATCH_ROWS)):
        arrays = [pa.array([row.get(name) for row in batch], pa.string()) for name in columns]
        connection.register("_incoming", pa.Table.from_arrays(arrays, schema=schema))
        connection.execute(f'INSERT INTO "{table}" SELECT * FROM _incoming')
        connection.unregister("_incoming")
        total += len(batch)
    return total


def _fold_copies(connection: Connection, table: str, key: str, columns: Sequence[str]) -> int:
    """Keep one row of those that say the same, as pages repeat what they include."""
    said = ", ".join(f'"{name}"' for name in columns if name not in _PLACES)
    repeated = connection.execute(
        f'SELECT count(*) - count(DISTINCT "{key}") FROM "{table}"'
    ).fetchone()
    if repeated is None or not repeated[0]:
        return 0
    before = _count(connection, table)
    connection.execute(
        f"""CREATE TABLE "{table}_once" AS SELECT * FROM "{table}" WHERE rowid IN
        (SELECT min(rowid) FROM "{table}" GROUP BY {said}) ORDER BY rowid"""
    )
    connection.execute(f'DROP TABLE "{table}"')
    connection.execute(f'ALTER TABLE "{table}_once" RENAME TO "{table}"')
    return before - _count(connection, table)


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    return int(row[0]) if row else 0
