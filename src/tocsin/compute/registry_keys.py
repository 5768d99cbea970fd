"""The keys of a registry's values, as columns beside them: read once, matched many times.

A prepared registry holds per row the keys that matching reads from its texts, in columns
``key.<kind>_<part>``; null where a text has none. Parts: ``low`` and ``high`` (versions and
countries as text, days since 1970-01-01 as numbers); for lots and serial numbers ``text``,
``prefix``, ``counter``, ``width``, ``skeleton``, ``stem`` and ``stem_width`` (see
`identify.numbering`). They hold only for the very code and data files that made them: see
`key_stamp`.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import pyarrow as pa

from tocsin.compute.duck import Duck
from tocsin.compute.keying import READERS, REGISTRY, column_of, texts_of
from tocsin.formats.registry_file import LoadedTable
from tocsin.formats.registry_parquet import KEY_PREFIX, REGISTRY_KEYS, read_stamp
from tocsin.formats.registry_sql import literal, quoted
from tocsin.match.engines.layout import key_columns

PARQUET = (".parquet", ".pq")
_SCHEMA = "1"


def create_registry_keys(duck: Duck) -> list[str]:
    """Create table ``registry_keys`` and return its key columns.

    Grain: one row per row of table ``registry``; ``row`` is its row id. The texts of a kind are
    those that matching reads, and so are the readers.
    """
    registry = duck.relation(REGISTRY, with_rowid=True)
    by_kind = {kind: texts for kind in READERS if (texts := texts_of(kind, registry))}
    everything = {name: text for texts in by_kind.values() for name, text in texts.items()}
    duck.create("all_texts", registry.select(row=registry["rowid"], **everything))
    joins, chosen = [], ["all_texts.row"]
    for kind, texts in by_kind.items():
        names = list(texts)
        listed = ", ".join(names)
        rows = duck.connection.execute(f"SELECT DISTINCT {listed} FROM all_texts").fetchall()
        duck.add(f"read_{kind}", _read(kind, names, rows))
        same = " AND ".join(f"all_texts.{name} = read_{kind}.{name}" for name in names)
        joins.append(f"LEFT JOIN read_{kind} ON {same}")
        chosen += [f'read_{kind}.{name} AS "{KEY_PREFIX}{name}"' for name in key_columns(kind)]
    duck.connection.execute(
        f"CREATE OR REPLACE TABLE {REGISTRY_KEYS} AS SELECT {', '.join(chosen)} "
        f"FROM all_texts {' '.join(joins)} ORDER BY row"
    )
    return [f"{KEY_PREFIX}{name}" for kind in by_kind for name in key_columns(kind)]


def _read(kind: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Return the keys of distinct texts; a text without any is left out."""
    own, theirs = f"{kind}_of_column", f"{kind}_of_udi"
    found = []
    for row in rows:
        by_name = dict(zip(names, row, strict=True))
        keys = READERS[kind](kind, by_name.get(own), by_name.get(theirs))
        if keys is not None:
            found.append((*row, *keys))
    schema = dict.fromkeys(names, pa.string()) | key_columns(kind)
    columns = list(zip(*found, strict=True)) or [()] * len(schema)
    return pa.table(
        {
            name: pa.array(values, part_type)
            for (name, part_type), values in zip(schema.items(), columns, strict=True)
        }
    )


def content_mark(duck: Duck, columns: Sequence[str], keys: Sequence[str]) -> str:
    """Return a number that changes when a text or a key of the registry does.

    Other programs can edit a Parquet file and keep what we wrote about it; then the keys no
    longer fit. DuckDB's hash may differ between its versions, which only costs a new reading.
    """
    sources = [name for name in columns if name in {*map(column_of, READERS), "udi"}]
    parts = [f"r.{quoted(name)}" for name in sources] + [f"k.{quoted(name)}" for name in keys]
    if not parts:
        return ""
    found = duck.connection.execute(
        f"""SELECT CAST(sum(CAST(hash({", ".join(parts)}) AS HUGEINT)) AS VARCHAR)
        FROM registry r JOIN {REGISTRY_KEYS} k ON k.row = r.rowid"""
    ).fetchone()
    return str(found[0]) if found else ""


def use_prepared_keys(duck: Duck, path: Path, loaded: LoadedTable) -> str | None:
    """Create table ``registry_keys`` from a prepared file, if its keys surely hold.

    Returns:
        A sentence for the user if the file has keys that were not used.
    """
    stamp = read_stamp(duck.connection, path) if path.suffix.lower() in PARQUET else None
    if stamp is None:
        return None
    unused = f"The keys of {path.name} were not used, and its values were read anew: "
    if stamp.get("keys") != key_stamp():
        return f"{unused}another version of Tocsin made them. Prepare it again to save time."
    scan = f"read_parquet({literal(str(path))}, file_row_number = true)"
    described = duck.connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    names = [name for name, *_ in described if name.startswith(KEY_PREFIX)]
    chosen = "".join(f", {quoted(name)}" for name in names)
    duck.connection.execute(
        f"CREATE TABLE {REGISTRY_KEYS} AS SELECT file_row_number AS row{chosen} FROM {scan}"
    )
    if not loaded.rejected and stamp.get("content") == content_mark(duck, loaded.columns, names):
        return None
    duck.connection.execute(f"DROP TABLE {REGISTRY_KEYS}")
    return f"{unused}the file was changed after it was prepared. Prepare it again to save time."


@cache
def key_stamp() -> str:
    """Return what keys were made by: our version, and a hash of all that reads values.

    That is the code and data of `identify` and `registry`, and `compute.keying`: a word more in
    a list of placeholders can change what a text means.
    """
    digest = hashlib.sha256(_SCHEMA.encode())
    found = [files("tocsin.compute") / "keying.py"]
    for package in ("tocsin.identify", "tocsin.registry"):
        found += _files_of(files(package))
    for file in found:
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
