"""Registries and holders from CSV, Parquet, FHIR or Arrow into a DuckDB table of text columns.

A row is set aside only when it cannot be a record: its line cannot be split, or its key is
missing or repeated. Counts in = accepted + set aside.
Source: `docs/adr/0007-unreadable-values-stay-in-the-registry.md`.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tocsin.base.errors import RegistryUnreadable, RegistryWithoutEvidence
from tocsin.formats.csv_source import MAX_LINE_BYTES, CsvSource, inspect_csv, not_utf8
from tocsin.formats.fhir.files import is_fhir_source
from tocsin.registry.schema import COLUMNS, EVIDENCE_COLUMNS, HOLDER_COLUMNS

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Rejected:
    """A row that was set aside: where, what and why."""

    line: int | None
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class LoadedTable:
    """What became of a file.

    Attributes:
        columns: the columns of the table, in the file's order.
        n_in: rows of the file.
        rejected: rows that were set aside.
        notes: sentences for the user.
    """

    columns: tuple[str, ...]
    n_in: int
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...] = ()

    @property
    def n_accepted(self) -> int:
        """Return how many rows became records."""
        return self.n_in - len(self.rejected)


def load_registry(
    connection: Connection, source: "Path | pa.Table", encoding: str | None = None
) -> LoadedTable:
    """Create table ``registry`` from a file or an Arrow table.

    Raises:
        RegistryUnreadable: if the whole must be refused.
        RegistryWithoutEvidence: if no column could name a product.
    """
    name = source.name if isinstance(source, Path) else "the given table"
    loaded = load_table(connection, "registry", source, "device_id", COLUMNS, encoding)
    if not set(EVIDENCE_COLUMNS) & set(loaded.columns):
        raise RegistryWithoutEvidence(
            f"The registry {name} has no column that names a product: expected at least one of "
            f"{', '.join(EVIDENCE_COLUMNS)}; found {', '.join(loaded.columns)}. Nothing can be "
            "decided. Rename the column that holds the model, product or UDI."
        )
    return loaded


def load_table(
    connection: Connection,
    table: str,
    source: "Path | pa.Table",
    key: str,
    known: Mapping[str, str],
    encoding: str | None = None,
) -> LoadedTable:
    """Create a table of text columns from a file or an Arrow table; see the module."""
    rejected: list[Rejected] = []
    notes: tuple[str, ...] = ()
    if isinstance(source, pa.Table):
        columns = _load_arrow(connection, table, source)
    elif source.suffix.lower() in {".parquet", ".pq"}:
        columns = _load_parquet(connection, table, source)
    elif is_fhir_source(source):
        return _load_fhir(connection, table, source, key)
    else:
        with tempfile.TemporaryDirectory(prefix="tocsin-") as work_folder:
            inspected = inspect_csv(source, known, Path(work_folder), encoding)
            _require_key(inspected.columns, key, source)
            rejected = _load_csv(connection, table, inspected, source)
            columns, notes = inspected.columns, inspected.notes
    _require_key(columns, key, source)
    n_read = _one(connection, f'SELECT count(*) FROM "{table}"')
    n_in = n_read + len(rejected)
    if n_in == 0:
        raise RegistryUnreadable(f"{_name_of(source)} has a header but no rows.")
    rejected += _set_aside_bad_keys(connection, table, key, rejected)
    return LoadedTable(columns, n_in, tuple(rejected), notes)


def load_holders(
    connection: Connection, source: "Path | pa.Table", today: date | None = None
) -> LoadedTable:
    """Create table ``holders`` from a file or an Arrow table.

    Args:
        connection: where.
        source: of what `load_table` reads.
        today: tells which patients of a FHIR source are children; None leaves that unknown.
    """
    if isinstance(source, Path) and is_fhir_source(source):
        return _load_fhir(connection, "holders", source, "holder_id", today)
    return load_table(connection, "holders", source, "holder_id", HOLDER_COLUMNS)


def _load_fhir(
    connection: Connection, table: str, path: Path, key: str, today: date | None = None
) -> LoadedTable:
    from tocsin.formats.fhir.load import load_fhir_holders, load_fhir_registry  # noqa: PLC0415

    if key == "device_id":
        loaded = load_fhir_registry(connection, table, path)
    else:
        loaded = load_fhir_holders(connection, table, path, today)
    rejected = [Rejected(b.place.line, b.what, b.place.file, b.why) for b in loaded.broken]
    n_in = _one(connection, f'SELECT count(*) FROM "{table}"') + len(rejected)
    repeated = _set_aside_bad_keys(connection, table, key, ())
    rejected += [replace(row, line=None) for row in repeated]  # its line is that of a CSV
    return LoadedTable(loaded.columns, n_in, tuple(rejected), loaded.notes)


def distinct_texts(connection: Connection, column: str) -> list[tuple[str, int]]:
    """Return the distinct texts of a registry column, with how many records have each."""
    name = f'"{_quoted(column)}"'
    return connection.execute(
        f"SELECT {name}, count(*) FROM registry WHERE {name} IS NOT NULL GROUP BY 1"
    ).fetchall()


def _name_of(source: "Path | pa.Table") -> str:
    return f"The file {source}" if isinstance(source, Path) else "The given table"


def _require_key(columns: Sequence[str], key: str, source: "Path | pa.Table") -> None:
    if key not in columns:
        raise RegistryUnreadable(
            f"{_name_of(source)} has no column {key}; found: {', '.join(columns)[:300]}. "
            f"Every row needs a {key}. Name the column so and try again."
        )


def _one(connection: Connection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None


def _text_columns(described: Sequence[tuple[Any, ...]]) -> str:
    return ", ".join(
        f'CAST("{_quoted(name)}" AS VARCHAR) AS "{_quoted(name)}"' for name, *_ in described
    )


def _quoted(name: str) -> str:
    return name.replace('"', '""')


def _literal(text: str) -> str:
    """Return a text as SQL. A parameter would make DuckDB import pandas, in whatever thread."""
    return "'" + text.replace("'", "''") + "'"


def _load_arrow(connection: Connection, table: str, source: pa.Table) -> tuple[str, ...]:
    connection.register("_incoming", source)
    described = connection.execute("DESCRIBE _incoming").fetchall()
    connection.execute(
        f'CREATE TABLE "{table}" AS SELECT {_text_columns(described)} FROM _incoming'
    )
    connection.unregister("_incoming")
    return tuple(name for name, *_ in described)


def _load_parquet(connection: Connection, table: str, path: Path) -> tuple[str, ...]:
    scan = f"read_parquet({_literal(str(path))})"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
        connection.execute(
            f'CREATE TABLE "{table}" AS SELECT {_text_columns(described)} FROM {scan}'
        )
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
        raise RegistryUnreadable(
            f"The file {path} cannot be read as Parquet: {why}. Nothing was read."
        ) from error
    return tuple(name for name, *_ in described)


def _load_csv(
    connection: Connection, table: str, source: CsvSource, original: Path
) -> list[Rejected]:
    columns = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in source.columns)
    try:
        connection.execute(
            f"""CREATE TABLE "{table}" AS SELECT * FROM read_csv({_literal(str(source.path))},
            delim = {_literal(source.delimiter)}, quote = '"', escape = '"', header = true,
            columns = {{{columns}}}, auto_detect = false,
            nullstr = '', strict_mode = true, null_padding = false, store_rejects = true,
            rejects_table = 'rejects_{table}', rejects_scan = 'scans_{table}',
            max_line_size = {MAX_LINE_BYTES})"""
        )
    except duckdb.Error as error:
        raise _unreadable_csv(error, original) from error
    rows = connection.execute(
        f"""SELECT line, any_value(column_name), any_value(csv_line),
        any_value(CAST(error_type AS VARCHAR)) FROM rejects_{table} GROUP BY line ORDER BY line"""
    ).fetchall()
    for line, _, text, kind in rows:
        if "UNICODE" in kind or "ENCODING" in kind:
            raise RegistryUnreadable(not_utf8(original, line))
        if kind == "UNQUOTED VALUE" and text and "\n" in text.strip():
            raise RegistryUnreadable(
                f"A quotation mark that opens at line {line} of {original} is never closed, so the "
                "lines after it cannot be told apart. Nothing was read. Close it and try again."
            )
    return [
        Rejected(line, column or "", (text or "")[:200], _REJECT_REASONS.get(kind, kind.lower()))
        for line, column, text, kind in rows
    ]


_REJECT_REASONS = {
    "MISSING COLUMNS": "the line has fewer columns than the header",
    "TOO MANY COLUMNS": "the line has more columns than the header",
    "UNQUOTED VALUE": "a quotation mark is not closed or stands in the wrong place",
    "LINE SIZE OVER MAXIMUM": f"the line is longer than {MAX_LINE_BYTES // 1_000_000} MB",
    "INVALID STATE": "a quotation mark is not closed or stands in the wrong place",
}


def _unreadable_csv(error: duckdb.Error, path: Path) -> RegistryUnreadable:
    text = str(error)
    lowered = text.lower()
    if "unicode" in lowered or "utf-8" in lowered or "encoding" in lowered:
        return RegistryUnreadable(not_utf8(path, None))
    if "maximum line size" in lowered:
        return RegistryUnreadable(
            f"A line of {path} is longer than {MAX_LINE_BYTES // 1_000_000} MB, perhaps because a "
            "quotation mark is never closed. Nothing was read."
        )
    return RegistryUnreadable(
        f"The file {path} cannot be read as CSV: {text.splitlines()[0]}. Nothing was read."
    )


def _set_aside_bad_keys(
    connection: Connection, table: str, key: str, before: Sequence[Rejected]
) -> list[Rejected]:
    """Move rows without a key, with a repeated key or with NUL characters out of the table."""
    marked = f"""SELECT rowid AS row, "{key}" AS key, CASE
        WHEN trim(coalesce("{key}", '')) = '' THEN 'the {key} is empty'
        WHEN contains("{key}", chr(0)) THEN 'the {key} contains a NUL character'
        ELSE 'the {key} occurs more than once; every row with it is set aside' END AS reason
        FROM "{table}" WHERE trim(coalesce("{key}", '')) = '' OR contains("{key}", chr(0))"""
    repeated = _one(connection, f'SELECT count("{key}") - count(DISTINCT "{key}") FROM "{table}"')
    if repeated:
        marked += (
            f""" OR "{key}" IN (SELECT "{key}" FROM "{table}" GROUP BY 1 HAVING count(*) > 1)"""
        )
    rows = connection.execute(marked + " ORDER BY row").fetchall()
    if not rows:
        return []
    columns = connection.execute(f'DESCRIBE "{table}"').fetchall()
    connection.execute(f'DELETE FROM "{table}" WHERE rowid IN (SELECT row FROM ({marked}))')
    _compact(connection, table, [name for name, *_ in columns])
    lines = [item.line for item in before if item.line]
    return [Rejected(_line_of(row, lines), key, (text or "")[:200], why) for row, text, why in rows]


def _compact(connection: Connection, table: str, columns: Sequence[str]) -> None:
    """Rewrite a table so that its row ids have no holes."""
    names = ", ".join(f'"{_quoted(name)}"' for name in columns)
    connection.execute(f'CREATE TABLE "{table}_kept" AS SELECT {names} FROM "{table}"')
    connection.execute(f'DROP TABLE "{table}"')
    connection.execute(f'ALTER TABLE "{table}_kept" RENAME TO "{table}"')


def _line_of(row: int, rejected_lines: Sequence[int]) -> int:
    """Return the line of a row, if no value of the file spans several lines."""
    line = row + 2
    for rejected in rejected_lines:
        if rejected <= line:
            line += 1
    return line
