"""A Parquet file -> a DuckDB table of text columns."""

import json
from pathlib import Path

import duckdb

from tocsin.base.errors import RegistryUnreadable
from tocsin.formats.registry_sources import Connection, SourceOptions, SourceRead
from tocsin.formats.registry_sql import literal, quoted

STAMP = "tocsin"
KEY_PREFIX = "key."
REGISTRY_KEYS = "registry_keys"


def create_from_parquet(
    connection: Connection, table: str, path: Path, options: SourceOptions
) -> SourceRead:
    """Create a table from a Parquet file; see `registry_sources`.

    Raises:
        RegistryUnreadable: if it cannot be read as Parquet.
    """
    scan = f"read_parquet({literal(str(path))})"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
        names = [name for name, *_ in described]
        if read_stamp(connection, path) is not None:  # prepared by us
            names = [name for name in names if not name.startswith(KEY_PREFIX)]
        columns = tuple(names)
        options.check(columns)
        connection.execute(f'CREATE TABLE "{table}" AS SELECT {text_columns(columns)} FROM {scan}')
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
        raise RegistryUnreadable(
            f"The file {path} cannot be read as Parquet: {why}. Nothing was read."
        ) from error
    return SourceRead(columns)


def read_stamp(connection: Connection, path: Path) -> dict[str, str] | None:
    """Return what `tocsin registry prepare` has written about a file, or None if it did not."""
    found = connection.execute(
        f"SELECT value FROM parquet_kv_metadata({literal(str(path))}) WHERE key = '{STAMP}'"
    ).fetchone()
    if found is None:
        return None
    try:
        stamp = json.loads(bytes(found[0]))
    except ValueError:
        return None
    return stamp if isinstance(stamp, dict) else None


def text_columns(columns: tuple[str, ...]) -> str:
    """Return the columns as text, as they stand in SQL."""
    return ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in columns)
