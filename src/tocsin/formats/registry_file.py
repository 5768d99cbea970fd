"""Registries and holders from files, databases or Arrow into a DuckDB table of text columns.

A row is set aside only when it cannot be a record: its line cannot be split, or its key is
missing or repeated. Counts in = accepted + set aside.
Source: `docs/adr/0007-unreadable-values-stay-in-the-registry.md`.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from tocsin.base.errors import RegistryUnreadable, RegistryWithoutEvidence
from tocsin.formats.database_address import DatabaseTable
from tocsin.formats.fhir.files import is_fhir_source
from tocsin.formats.registry_mapping import apply_mapping
from tocsin.formats.registry_parquet import KEY_PREFIX, text_columns
from tocsin.formats.registry_sources import (
    Connection,
    Rejected,
    SourceOptions,
    SourceRead,
    find_source,
)
from tocsin.formats.registry_sql import quoted
from tocsin.registry.column_mapping import ColumnMapping, check_mapping
from tocsin.registry.column_names import read_name
from tocsin.registry.schema import (
    COLUMNS,
    EVIDENCE_COLUMNS,
    HOLDER_COLUMNS,
    PRODUCT_COLUMNS,
)
from tocsin.registry.spoilt import SPOILT_END

Source: TypeAlias = Path | DatabaseTable | pa.Table


@dataclass(frozen=True)
class ReadAs:
    """What the user says about a registry's file.

    Attributes:
        encoding: how it is encoded, if it is CSV and not UTF-8.
        sheet: which sheet of a workbook; None for the first.
        mapping: how its columns are to be read; None if they have our names.
    """

    encoding: str | None = None
    sheet: str | None = None
    mapping: ColumnMapping | None = None


def _nowhere(_row: int) -> None:
    return None


@dataclass(frozen=True)
class LoadedTable:
    """What became of a file.

    Attributes:
        columns: the columns of the table, in the file's order.
        n_in: rows of the file, or records that its rows were folded into.
        rejected: rows that were set aside.
        notes: sentences for the user.
        line_of: row of the table, from 0 -> line of the file; None where lines mean nothing.
    """

    columns: tuple[str, ...]
    n_in: int
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...] = ()
    line_of: Callable[[int], int | None] = _nowhere

    @property
    def n_accepted(self) -> int:
        """Return how many rows became records."""
        return self.n_in - len(self.rejected)


def load_registry(
    connection: Connection, source: Source, read_as: ReadAs | None = None
) -> LoadedTable:
    """Create table ``registry`` from a file, a table of a database or an Arrow table.

    Raises:
        RegistryUnreadable: if the whole must be refused.
        RegistryWithoutEvidence: if no column could name a product.
        MappingUnfit: if the mapping does not fit the file.
    """
    loaded = load_table(connection, "registry", source, "device_id", COLUMNS, read_as)
    if not set(EVIDENCE_COLUMNS) & set(loaded.columns):
        raise RegistryWithoutEvidence(
            f"The registry {_short_name(source)} has no column that names a product: expected at "
            f"least one of {', '.join(EVIDENCE_COLUMNS)}; found {', '.join(loaded.columns)}. "
            "Nothing can be decided. Rename the column that holds the model, product or UDI"
            f"{_or_map(source)}."
        )
    if read_as is None or read_as.mapping is None:
        loaded = replace(loaded, notes=(*loaded.notes, *_overlooked(loaded.columns)))
    return loaded


def load_table(
    connection: Connection,
    table: str,
    source: Source,
    key: str,
    known: Mapping[str, str],
    read_as: ReadAs | None = None,
) -> LoadedTable:
    """Create a table of text columns from a source; see the module."""
    read_as = read_as or ReadAs()
    mapping = read_as.mapping

    def check(columns: Sequence[str]) -> None:
        if mapping is None:
            _require_key(columns, key, source)
        else:
            check_mapping(mapping, columns, _name_of(source))

    read = read_source(connection, table, source, read_as, known, check)
    n_in = _one(connection, f'SELECT count(*) FROM "{table}"') + len(read.rejected)
    if n_in == 0:
        raise RegistryUnreadable(f"{_name_of(source)} has a header but no rows.")
    if mapping is not None:
        read = apply_mapping(connection, table, read, mapping)
        _require_key(read.columns, key, source)
        n_in = _one(connection, f'SELECT count(*) FROM "{table}"') + len(read.rejected)
    bad, line_of = _set_aside_bad_keys(connection, table, key, read)
    return LoadedTable(read.columns, n_in, (*read.rejected, *bad), read.notes, line_of)


def load_holders(
    connection: Connection, source: "Path | pa.Table", today: date | None = None
) -> LoadedTable:
    """Create table ``holders`` from a file or an Arrow table.

    Args:
        connection: where.
        source: of what `load_table` reads.
        today: tells which patients of a FHIR source are children; None leaves that unknown.
    """
    if not isinstance(source, Path) or not is_fhir_source(source):
        return load_table(connection, "holders", source, "holder_id", HOLDER_COLUMNS)
    from tocsin.formats.registry_fhir import create_holders_from_fhir  # noqa: PLC0415

    read = create_holders_from_fhir(connection, "holders", source, today)
    n_in = _one(connection, "SELECT count(*) FROM holders") + len(read.rejected)
    bad, line_of = _set_aside_bad_keys(connection, "holders", "holder_id", read)
    return LoadedTable(read.columns, n_in, (*read.rejected, *bad), read.notes, line_of)


def read_source(
    connection: Connection,
    table: str,
    source: Source,
    read_as: ReadAs,
    known: Mapping[str, str],
    check: Callable[[Sequence[str]], None],
) -> SourceRead:
    """Create a table of a source's columns as they are, and return what became of it.

    Only a column whose name is one of the output's, or one that matching needs, gives way.
    """
    read = _read_source(
        connection, table, source, read_as, known, lambda names: check([*map(free_name, names)])
    )
    renamed = {name: free_name(name) for name in read.columns if free_name(name) != name}
    for name, free in renamed.items():
        connection.execute(
            f"ALTER TABLE {quoted(table)} RENAME COLUMN {quoted(name)} TO {quoted(free)}"
        )
    notes = [f"The column {name!r} is kept as {free!r}." for name, free in renamed.items()]
    columns = tuple(map(free_name, read.columns))
    return replace(read, columns=columns, notes=(*read.notes, *notes))


def free_name(name: str) -> str:
    """Return a column's name, changed if the output or matching has one of that name.

    >>> free_name("Reason"), free_name("remark")
    ('Reason (theirs)', 'remark')
    """
    folded = name.casefold()
    return f"{name} (theirs)" if folded in _TAKEN or folded.startswith(KEY_PREFIX) else name


_OF_THE_OUTPUT = ("notice_id", "revision", "verdict", "entry", "reason_code", "reason", "question")
_OF_MATCHING = ("rowid", "row_no", "product_no", "wanted_no", "notice_no", "entry_no", "truth")
_TAKEN = frozenset(
    (
        *_OF_THE_OUTPUT,
        *_OF_MATCHING,
        *("by_exclusion", "sentence", "value"),
        *(f"p_{name}" for name in PRODUCT_COLUMNS),
    )
)


def _read_source(
    connection: Connection,
    table: str,
    source: Source,
    read_as: ReadAs,
    known: Mapping[str, str],
    check: Callable[[Sequence[str]], None],
) -> SourceRead:
    if isinstance(source, pa.Table):
        check(source.column_names)
        return SourceRead(_load_arrow(connection, table, source), line_of=lambda _: None)
    mapping = read_as.mapping or ColumnMapping()
    options = SourceOptions(
        known=known,
        targets=mapping.columns,
        encoding=read_as.encoding,
        sheet=read_as.sheet or mapping.sheet,
        header_row=mapping.header_row,
        numbers_as_typed=mapping.numbers_as_typed,
        check=check,
    )
    if isinstance(source, DatabaseTable):
        from tocsin.formats.registry_database import create_from_database  # noqa: PLC0415

        return create_from_database(connection, table, source, options)
    return find_source(source).load_reader()(connection, table, source, options)


def is_quick(source: Source, read_as: ReadAs | None) -> bool:
    """Return whether a source may be read in one thread while another imports."""
    return (
        isinstance(source, Path)
        and (read_as is None or read_as.mapping is None)
        and find_source(source).quick
    )


def distinct_texts(connection: Connection, column: str) -> list[tuple[str, int]]:
    """Return the distinct texts of a registry column, with how many records have each."""
    name = quoted(column)
    return connection.execute(
        f"SELECT {name}, count(*) FROM registry WHERE {name} IS NOT NULL GROUP BY 1"
    ).fetchall()


def spoilt_texts(connection: Connection, column: str) -> list[tuple[str, int]]:
    """Return the texts of a column that a spreadsheet program may have spoilt, with counts."""
    name = quoted(column)
    return connection.execute(
        f"""SELECT {name}, count(*) FROM registry WHERE contains({name}, 'E+')
        OR contains({name}, 'e+') OR starts_with({name}, '#') OR ends_with({name}, '{SPOILT_END}')
        GROUP BY 1"""
    ).fetchall()


def _or_map(source: Source) -> str:
    if isinstance(source, Path):
        return f", or run `tocsin registry map {source.name}`"
    return ", in a view if need be" if isinstance(source, DatabaseTable) else ""


def _short_name(source: Source) -> str:
    return "the given table" if isinstance(source, pa.Table) else source.name


def _name_of(source: Source) -> str:
    if isinstance(source, pa.Table):
        return "The given table"
    return f"The {'file' if isinstance(source, Path) else 'table'} {source}"


def _overlooked(columns: Sequence[str]) -> list[str]:
    """Return a sentence about columns that seem to be ours under another name."""
    found = []
    for column in columns:
        meaning = read_name(column)
        if column in COLUMNS or not meaning.exact or len(meaning.targets) != 1:
            continue
        if meaning.targets[0] in COLUMNS and meaning.targets[0] not in columns:
            found.append(f"{column} ({meaning.targets[0]}?)")
    sentence = (
        f"Not used, because they have other names than ours: {', '.join(found)}. Run "
        "`tocsin registry map` to say what they are."
    )
    return [sentence] if found else []


def _require_key(columns: Sequence[str], key: str, source: Source) -> None:
    if key in columns:
        return
    hint = f"Name the column {key} and try again."
    if isinstance(source, DatabaseTable):
        hint = f"Make a view that names it {key} and give that."
    elif key == "device_id":
        hint = (
            f"If only the names differ, run `tocsin registry map {_short_name(source)}` and give "
            "what it writes as --mapping."
        )
    raise RegistryUnreadable(
        f"{_name_of(source)} has no column {key}; found: {', '.join(columns)[:300]}. "
        f"Every row needs a {key}. {hint}"
    )


def _one(connection: Connection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None


def _load_arrow(connection: Connection, table: str, source: pa.Table) -> tuple[str, ...]:
    connection.register("_incoming", source)
    described = connection.execute("DESCRIBE _incoming").fetchall()
    columns = tuple(name for name, *_ in described)
    connection.execute(f'CREATE TABLE "{table}" AS SELECT {text_columns(columns)} FROM _incoming')
    connection.unregister("_incoming")
    return columns


def _set_aside_bad_keys(
    connection: Connection, table: str, key: str, read: SourceRead
) -> tuple[list[Rejected], Callable[[int], int | None]]:
    """Move rows whose key is missing, repeated or spoilt out of the table.

    Return them, and what tells the line of a row that stayed.
    """
    bad = f"""trim(coalesce("{key}", '')) = '' OR contains("{key}", chr(0))
        OR ends_with("{key}", '{SPOILT_END}')"""
    repeated = _one(connection, f'SELECT count("{key}") - count(DISTINCT "{key}") FROM "{table}"')
    if repeated:
        bad += f""" OR "{key}" IN (SELECT "{key}" FROM "{table}" GROUP BY 1 HAVING count(*) > 1)"""
    marked = f"""SELECT rowid AS row, "{key}" AS key, CASE
        WHEN trim(coalesce("{key}", '')) = '' THEN 'the {key} is empty'
        WHEN contains("{key}", chr(0)) THEN 'the {key} contains a NUL character'
        WHEN ends_with("{key}", '{SPOILT_END}')
            THEN 'the {key} was changed by the spreadsheet and is no longer what it was'
        ELSE 'the {key} occurs more than once; every row with it is set aside' END AS reason
        FROM "{table}" WHERE {bad}"""
    rows = connection.execute(marked + " ORDER BY row").fetchall()
    if not rows:
        return [], read.line_of
    connection.execute(f'DELETE FROM "{table}" WHERE rowid IN (SELECT row FROM ({marked}))')
    _compact(connection, table)
    gone = [Rejected(read.line_of(row), key, (text or "")[:200], why) for row, text, why in rows]
    # Before the k-th row that went (from 0), all but k rows have stayed.
    stayed = [row - k for k, (row, *_) in enumerate(rows)]
    return gone, lambda row: read.line_of(row + bisect_right(stayed, row))


def _compact(connection: Connection, table: str) -> None:
    """Rewrite a table so that its row ids have no holes."""
    connection.execute(f'CREATE TABLE "{table}_kept" AS SELECT * FROM "{table}"')
    connection.execute(f'DROP TABLE "{table}"')
    connection.execute(f'ALTER TABLE "{table}_kept" RENAME TO "{table}"')
