"""A confirmed mapping: its YAML file, and how it turns a table into a registry's columns."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import yaml
from pydantic import ValidationError

from tocsin.base.errors import MappingUnfit, NoticeUnreadable
from tocsin.formats.notice_file import parse_tree, read_notice_text
from tocsin.formats.registry_claims import fold_claims
from tocsin.formats.registry_sources import Connection, SourceRead
from tocsin.formats.registry_sql import literal, quoted
from tocsin.registry.column_dates import SURE_FORMS, find_order, iso_day
from tocsin.registry.column_mapping import ColumnMapping, new_columns
from tocsin.registry.column_numbers import plain_number

_HEAD = """\
# How to read a file's columns. Check every line; then give it as --mapping to `tocsin match` or
# `tocsin registry prepare`. Their column: ours. Columns under `kept` stay as they are.
"""

Translate = Callable[[str], str | None]


def read_mapping(path: Path) -> ColumnMapping:
    """Return the mapping of a YAML file; every value is read as text.

    Raises:
        MappingUnfit: with the place of the first fault.
    """
    try:
        tree = parse_tree(read_notice_text(path), path)
        return ColumnMapping.model_validate(tree)
    except NoticeUnreadable as error:
        sentence = error.sentence.replace("The notice", "The mapping")
        raise MappingUnfit(sentence) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the mapping"
        raise MappingUnfit(
            f"The mapping {path} is not valid at {where}: {first['msg']}. Nothing was read."
        ) from error


def render_mapping(mapping: ColumnMapping) -> str:
    """Return a mapping as YAML."""
    tree = mapping.model_dump(mode="json", exclude_defaults=True)
    tree = {"mapping": mapping.mapping, **tree}
    if "kept" in tree:
        tree["kept"] = list(tree.pop("kept"))  # last
    return _HEAD + yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=100)


def apply_mapping(
    connection: Connection, table: str, read: SourceRead, mapping: ColumnMapping
) -> SourceRead:
    """Rename and translate the columns of a table; fold claims into records.

    A value without a translation stays as it is: it is unreadable, and will be a finding.
    """
    notes = list(read.notes)
    parts, joins = [], []
    names = _names(read.columns, mapping)
    for place, (column, name) in enumerate(zip(read.columns, names, strict=True)):
        target = quoted(name)
        translate = _translation(connection, table, column, mapping, notes)
        if translate is None:
            parts.append(f"r.{quoted(column)} AS {target}")
        else:
            words = f"_words_{place}"
            _add_words(connection, table, column, words, translate)
            joins.append(f"LEFT JOIN {words} ON r.{quoted(column)} = {words}.theirs")
            parts.append(f"coalesce({words}.ours, r.{quoted(column)}) AS {target}")
    for target, value in mapping.constants.items():
        parts.append(f"{literal(value)} AS {quoted(target)}")
        names.append(target)
    if mapping.number_rows and "device_id" not in names:
        _add_row_numbers(connection, table, read)
        joins.append("JOIN _row_numbers n ON n.row = r.rowid")
        parts.append("n.device_id")
        names.append("device_id")
    connection.execute(
        f"""CREATE TABLE _mapped AS SELECT {", ".join(parts)} FROM "{table}" r {" ".join(joins)}
        ORDER BY r.rowid"""
    )
    connection.execute(f'DROP TABLE "{table}"')
    connection.execute(f'ALTER TABLE _mapped RENAME TO "{table}"')
    if added := new_columns(mapping, read.columns):
        notes.append(
            f"The mapping does not know {', '.join(map(repr, added))[:300]}; kept as they are."
        )
    mapped = SourceRead(tuple(names), read.rejected, tuple(notes), read.line_of)
    if mapping.kind == "claims":
        return fold_claims(connection, table, mapped, mapping)
    return mapped


def _names(columns: Sequence[str], mapping: ColumnMapping) -> list[str]:
    """Return the new names; one that stays gives way where only upper case tells it from ours."""
    taken = {*mapping.columns.values(), *mapping.constants}
    return [
        mapping.columns.get(column)
        or (f"{column} (theirs)" if column.casefold() in taken else column)
        for column in columns
    ]


def _translation(
    connection: Connection, table: str, column: str, mapping: ColumnMapping, notes: list[str]
) -> Translate | None:
    """Return how the texts of a column are translated, or None if they are not."""
    if column in mapping.dates:
        order: str | None = mapping.dates[column]
        texts = [text for (text,) in _distinct(connection, table, column)]
        found = find_order(texts)
        if order != SURE_FORMS and found.proof and found.order != order:
            notes.append(
                f"The column {column!r} was mapped as {order}, but it holds "
                f"{' and '.join(map(repr, found.proof))}: only its dates that can be read in one "
                "way were read, the others count as unknown."
            )
            order = None
        return lambda text: iso_day(text, order)
    values = mapping.values.get(column, {})
    if column in mapping.decimals:
        mark = mapping.decimals[column]
        return lambda text: values.get(text.strip()) or plain_number(text, mark)
    return (lambda text: values.get(text.strip())) if values else None


def _distinct(connection: Connection, table: str, column: str) -> list[tuple[str]]:
    name = quoted(column)
    return connection.execute(
        f'SELECT DISTINCT {name} FROM "{table}" WHERE {name} IS NOT NULL'
    ).fetchall()


def _add_words(
    connection: Connection, table: str, column: str, words: str, translate: Translate
) -> None:
    """Create a table of the texts of a column that have a translation."""
    pairs = [
        (text, ours)
        for (text,) in _distinct(connection, table, column)
        if (ours := translate(text)) is not None and ours != text
    ]
    _add(connection, words, ["theirs", "ours"], pairs)


def _add_row_numbers(connection: Connection, table: str, read: SourceRead) -> None:
    found = connection.execute(f'SELECT rowid FROM "{table}" ORDER BY 1').fetchall()
    pairs = [(row, f"row {read.line_of(row) or row + 1}") for (row,) in found]
    _add(connection, "_row_numbers", ["row", "device_id"], pairs)


def _add(
    connection: Connection, name: str, columns: Sequence[str], rows: Sequence[tuple[object, str]]
) -> None:
    first_type = pa.int64() if columns[0] == "row" else pa.string()
    arrays = [
        pa.array([row[0] for row in rows], first_type),
        pa.array([row[1] for row in rows], pa.string()),
    ]
    connection.register("_incoming", pa.table(arrays, names=list(columns)))
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM _incoming")
    connection.unregister("_incoming")
