"""A loaded registry -> a Parquet file with keys, sorted for matching."""

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from tocsin.base.errors import OutputRefused
from tocsin.compute.duck import Duck
from tocsin.compute.registry_keys import (
    content_mark,
    create_registry_keys,
    key_stamp,
)
from tocsin.formats.registry_parquet import REGISTRY_KEYS, STAMP
from tocsin.formats.registry_sql import literal, quoted
from tocsin.formats.whole_file import written_whole
from tocsin.registry.record import read_country
from tocsin.registry.schema import PRODUCT_COLUMNS

_IDS = ("device_id", "holder_id", "clinic_id")
GROUP_ROWS = 122_880


def write_prepared(duck: Duck, columns: Sequence[str], path: Path) -> None:
    """Write table ``registry`` with its keys, sorted by product, whole or not at all.

    Values are written without space around them and countries in upper case; everything else
    stays as it is, what cannot be read too.

    Args:
        duck: the database.
        columns: of the registry, in their order.
        path: the Parquet file.

    Raises:
        OutputRefused: if the place cannot be written.
    """
    _normalise(duck, columns)
    keys = create_registry_keys(duck)
    stamp = json.dumps(
        {
            "made_by": "tocsin registry prepare",
            "keys": key_stamp(),
            "content": content_mark(duck, columns, keys),
        }
    )
    order = [f'r."{name}"' for name in ("manufacturer", *PRODUCT_COLUMNS[1:]) if name in columns]
    named = [f"r.{quoted(name)}" for name in columns] + [f"k.{quoted(name)}" for name in keys]
    try:
        with written_whole(path) as part:
            duck.connection.execute(
                f"""COPY (SELECT {", ".join(named)} FROM registry r
                JOIN {REGISTRY_KEYS} k ON k.row = r.rowid
                ORDER BY {", ".join([*order, "r.device_id"])})
                TO {literal(str(part))} (FORMAT parquet, COMPRESSION zstd,
                ROW_GROUP_SIZE {GROUP_ROWS}, KV_METADATA {{{STAMP}: '{stamp}'}})"""
            )
    except (duckdb.IOException, OSError) as error:
        raise OutputRefused(f"The registry cannot be written to {path}: {error}.") from error


def _normalise(duck: Duck, columns: Sequence[str]) -> None:
    """Trim every value but the ids, by which files are joined; write countries in upper case."""
    trimmed = [
        quoted(name) if name in _IDS else f"nullif(trim({quoted(name)}), '') AS {quoted(name)}"
        for name in columns
    ]
    duck.connection.execute(
        f"CREATE TABLE normal AS SELECT {', '.join(trimmed)} FROM registry ORDER BY rowid"
    )
    duck.connection.execute("DROP TABLE registry")
    duck.connection.execute("ALTER TABLE normal RENAME TO registry")
    if "country" in columns:
        texts = duck.connection.execute(
            "SELECT DISTINCT country FROM registry WHERE country IS NOT NULL"
        ).fetchall()
        for (text,) in texts:
            code = read_country(text)
            if code is not None and code != text:
                duck.connection.execute(
                    f"UPDATE registry SET country = '{code}' WHERE country = {literal(text)}"
                )
