"""The keys of a registry's values, as columns beside them: read once, matched many times.

A prepared registry holds per row the keys that matching reads from its texts, in columns
``key.<kind>_<part>``; null where a text has none. Parts: ``low`` and ``high`` (versions and
countries as text, days since 1970-01-01 as numbers); for lots and serial numbers ``text``,
``prefix``, ``counter``, ``width`` and ``skeleton`` (see `identify.numbering`). They hold only
for the very code and data files that made them: see `key_stamp`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import astuple
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import pyarrow as pa

from tocsin.compute.duck import Duck
from tocsin.formats.registry_parquet import KEY_PREFIX
from tocsin.identify.day import day_number
from tocsin.identify.version_key import version_keys
from tocsin.registry.record import (
    agreed_days,
    agreed_number,
    read_country,
    read_udi,
    read_version,
)
from tocsin.registry.schema import DAY_COLUMNS

REGISTRY_KEYS = "registry_keys"
_SCHEMA = "1"
_NUMBER_PARTS = {
    "text": pa.string(),
    "prefix": pa.string(),
    "counter": pa.string(),
    "width": pa.int16(),
    "skeleton": pa.string(),
}
_UDI_MARKS = {"lot": "(10)", "serial": "(21)", "made_on": "(11)", "expires_on": "(17)"}

Keys = tuple[Any, ...]


def _software(text: str, _udi: str) -> Keys | None:
    found = read_version(text)
    return version_keys(found) if found else None


def _number(kind: str) -> Callable[[str, str], Keys | None]:
    def read(text: str, udi_text: str) -> Keys | None:
        udi = read_udi(udi_text)
        number = agreed_number(text, getattr(udi, kind) if udi else None)
        return astuple(number) if number else None

    return read


def _day(kind: str) -> Callable[[str, str], Keys | None]:
    def read(text: str, udi_text: str) -> Keys | None:
        udi = read_udi(udi_text)
        days = agreed_days(text, getattr(udi, kind, None) if udi else None)
        return (day_number(days.first), day_number(days.last)) if days else None

    return read


def _country(text: str, _udi: str) -> Keys | None:
    code = read_country(text)
    return (code, code) if code else None


_READERS: dict[str, Callable[[str, str], Keys | None]] = {
    "software": _software,
    "lot": _number("lot"),
    "serial": _number("serial"),
    "country": _country,
    **{kind: _day(kind) for kind in DAY_COLUMNS},
}


def prepared_kinds(columns: Sequence[str]) -> list[str]:
    """Return the kinds of value that a registry with these columns can state."""
    return [
        kind
        for kind in _READERS
        if _column_of(kind) in columns or (kind in _UDI_MARKS and "udi" in columns)
    ]


def key_types(kind: str) -> dict[str, pa.DataType]:
    """Return the key columns of a kind, without their prefix."""
    if kind in {"lot", "serial"}:
        return {f"{kind}_{part}": part_type for part, part_type in _NUMBER_PARTS.items()}
    end = pa.int32() if kind in DAY_COLUMNS else pa.string()
    return {f"{kind}_low": end, f"{kind}_high": end}


def _column_of(kind: str) -> str:
    return "software_version" if kind == "software" else kind


def create_registry_keys(duck: Duck, columns: Sequence[str]) -> list[str]:
    """Create table ``registry_keys`` and return its key columns.

    Grain: one row per row of table ``registry``; ``row`` is its row id.
    """
    joins, chosen = [], []
    for kind in prepared_kinds(columns):
        texts = _texts(kind, columns)
        rows = duck.connection.execute(
            f"SELECT DISTINCT {', '.join(texts)} FROM registry"
        ).fetchall()
        duck.add(f"read_{kind}", _read(kind, rows))
        same = " AND ".join(
            f"{text} = read_{kind}.{name}"
            for text, name in zip(texts, ("text", "udi_text"), strict=True)
        )
        joins.append(f"LEFT JOIN read_{kind} ON {same}")
        chosen += [f"read_{kind}.{name}" for name in key_types(kind)]
    names = [f"{KEY_PREFIX}{name.partition('.')[2]}" for name in chosen]
    selected = ", ".join(
        f'{name} AS "{target}"' for name, target in zip(chosen, names, strict=True)
    )
    duck.connection.execute(
        f"CREATE OR REPLACE TABLE {REGISTRY_KEYS} AS SELECT registry.rowid AS row"
        f"{', ' + selected if selected else ''} FROM registry {' '.join(joins)} ORDER BY row"
    )
    return names


def _texts(kind: str, columns: Sequence[str]) -> list[str]:
    """Return SQL for the text of the kind's column and for the identifier, where it speaks."""
    column, mark = _column_of(kind), _UDI_MARKS.get(kind)
    own = f"coalesce(registry.{column}, '')" if column in columns else "''"
    if mark is None or "udi" not in columns:
        return [own, "''"]
    silent = f"starts_with(registry.udi, '(') AND NOT contains(registry.udi, '{mark}')"
    return [own, f"CASE WHEN {silent} THEN '' ELSE coalesce(registry.udi, '') END"]


def _read(kind: str, rows: Sequence[tuple[str, str]]) -> pa.Table:
    """Return the keys of distinct texts; a text without any is left out."""
    read, types = _READERS[kind], key_types(kind)
    found = [(*row, *keys) for row in rows if (keys := read(*row)) is not None]
    schema = {"text": pa.string(), "udi_text": pa.string(), **types}
    columns = list(zip(*found, strict=True)) or [()] * len(schema)
    return pa.table(
        {
            name: pa.array(values, part_type)
            for (name, part_type), values in zip(schema.items(), columns, strict=True)
        }
    )


@cache
def key_stamp() -> str:
    """Return what keys were made by: our version, and a hash of all that reads values.

    That is the code and data of `identify` and `registry`: a word more in a list of
    placeholders can change what a text means.
    """
    digest = hashlib.sha256(_SCHEMA.encode())
    for package in ("tocsin.identify", "tocsin.registry"):
        for file in _files_of(files(package)):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return f"{version('tocsin')} {digest.hexdigest()[:32]}"


def _files_of(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            found += _files_of(item) if item.name != "__pycache__" else []
        elif item.name.endswith((".py", ".yaml")):
            found.append(item)
    return found
