"""A column of device identifiers read at once, each distinct text once."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.identify.udi.column_parts import Parts, Read, Rows
from tocsin.identify.udi.gs1_column import read_plain_gs1
from tocsin.identify.udi.gs1_link_column import read_plain_links
from tocsin.identify.udi.hibc_column import read_plain_hibc
from tocsin.identify.udi.iccbba_column import read_plain_iccbba
from tocsin.identify.udi.text import UnreadableUdi, parse_udi

_TEXTS = (
    "di", "agency", "check", "lot", "serial", "made_on", "expires_on", "software_version",
    "donation_id",
)  # fmt: skip
SCHEMA = pa.schema([*((name, pa.string()) for name in _TEXTS), ("doubts", pa.list_(pa.string()))])

# What is worked on together stays in the processor's cache.
_AT_ONCE = 50_000

# Together they see each text once: no text begins as two of them expect.
_READERS = (read_plain_gs1, read_plain_hibc, read_plain_iccbba, read_plain_links)


def parse_udi_column(texts: "pa.Array | pa.ChunkedArray | Sequence[str | None]") -> pa.Table:
    """Return the parts of device identifiers, as `parse_udi` reads each of them.

    Grain: one row per text, in its order. Columns: the parts of a `Udi`, as text; ``doubts`` a
    sorted list. Null ``agency``: the text is missing or unreadable, and so is every part.
    """
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if not isinstance(texts, pa.Array):
        texts = pa.array(texts, pa.string())
    encoded = texts.cast(pa.string()).dictionary_encode()
    distinct = encoded.dictionary
    read = [
        found
        for start in range(0, len(distinct), _AT_ONCE)
        for found in _read_distinct(distinct.slice(start, _AT_ONCE), start)
    ]
    if not read:
        return SCHEMA.empty_table().take(encoded.indices)
    place_of = np.empty(len(distinct), dtype=np.int64)
    place_of[np.concatenate([found.rows for found in read])] = np.arange(len(distinct))
    table = pa.concat_tables([_table(found.parts, len(found.rows)) for found in read])
    return table.take(pc.take(pa.array(place_of), encoded.indices))


def _read_distinct(texts: pa.Array, first: int) -> list[Read]:
    """Return what each reader read, rows counted from ``first``; all read every row once."""
    trimmed = pc.ascii_trim_whitespace(texts)
    read = [reader(trimmed) for reader in _READERS]
    taken = np.concatenate([found.rows for found in read])
    others = np.setdiff1d(np.arange(len(texts)), taken, assume_unique=True)
    read.append(Read(others, _read_singly(texts, others)))
    return [Read(rows + first, parts) for rows, parts in read]


def _read_singly(texts: pa.Array, rows: Rows) -> Parts:
    found = [_read(text) for text in texts.take(rows).to_pylist()]
    table = pa.Table.from_pylist(found, schema=SCHEMA)
    return {name: table[name].combine_chunks() for name in SCHEMA.names}


def _read(text: str) -> dict[str, object]:
    try:
        udi = parse_udi.__wrapped__(text)  # each text is distinct: a cache costs only
    except UnreadableUdi:
        return {}
    return {**{name: getattr(udi, name) for name in _TEXTS}, "doubts": sorted(udi.doubts)}


def _table(parts: Parts, n: int) -> pa.Table:
    columns = [parts.get(name, pa.nulls(n, pa.string())) for name in _TEXTS]
    return pa.table([*columns, parts.get("doubts", _no_doubts(n))], schema=SCHEMA)


def _no_doubts(n: int) -> pa.Array:
    return pa.ListArray.from_arrays(np.zeros(n + 1, dtype=np.int32), pa.array([], pa.string()))
