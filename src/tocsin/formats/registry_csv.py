"""A CSV file -> a DuckDB table of text columns; lines that cannot be split are set aside."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from tocsin.base.errors import RegistryUnreadable
from tocsin.formats.csv_source import MAX_LINE_BYTES, CsvSource, inspect_csv, not_utf8
from tocsin.formats.registry_sources import Connection, Rejected, SourceOptions, SourceRead
from tocsin.formats.registry_sql import literal, quoted


def create_from_csv(
    connection: Connection, table: str, path: Path, options: SourceOptions
) -> SourceRead:
    """Create a table from a CSV file; see `registry_sources`.

    Raises:
        RegistryUnreadable: if the whole must be refused.
    """
    with tempfile.TemporaryDirectory(prefix="tocsin-") as work_folder:
        known = dict.fromkeys([*options.known, *options.targets], "")
        inspected = inspect_csv(path, known, Path(work_folder), options.encoding)
        options.check(inspected.columns)
        rejected = _load_csv(connection, table, inspected, path)
    _unwrap_formulas(connection, table, inspected.columns)
    lines = [item.line for item in rejected if item.line]
    return SourceRead(
        inspected.columns, tuple(rejected), inspected.notes, lambda row: _line_of(row, lines)
    )


def _unwrap_formulas(connection: Connection, table: str, columns: Sequence[str]) -> None:
    """Take the text out of ``="00123"``, which programs write to keep a number's zeros."""
    wrapped = ", ".join(f"bool_or(starts_with({quoted(name)}, '=\"'))" for name in columns)
    found = connection.execute(f'SELECT {wrapped} FROM "{table}"').fetchone() or ()
    for name in (quoted(column) for column, some in zip(columns, found, strict=True) if some):
        connection.execute(
            f"""UPDATE "{table}" SET {name} = {name}[3:-2]
            WHERE starts_with({name}, '="') AND ends_with({name}, '"') AND length({name}) > 3"""
        )


def _line_of(row: int, rejected_lines: Sequence[int]) -> int:
    """Return the line of a row, if no value of the file spans several lines."""
    line = row + 2
    for rejected in rejected_lines:
        if rejected <= line:
            line += 1
    return line


def _load_csv(
    connection: Connection, table: str, source: CsvSource, original: Path
) -> list[Rejected]:
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in source.columns)
    try:
        connection.execute(
            f"""CREATE TABLE "{table}" AS SELECT * FROM read_csv({literal(str(source.path))},
            delim = {literal(source.delimiter)}, quote = '"', escape = '"', header = true,
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
