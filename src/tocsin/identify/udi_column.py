"""A column of device identifiers read at once, each distinct text once."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.identify.gs1_column import Rows, read_plain_gs1
from tocsin.identify.udi import Udi, UnreadableUdi, parse_udi

COLUMNS = (
    "di", "agency", "check", "lot", "serial", "made_on", "expires_on", "software_version",
    "donation_id",
)  # fmt: skip
SCHEMA = pa.schema(
    [*((name, pa.string()) for name in COLUMNS), ("doubts", pa.list_(pa.string()))]
)

_NOTHING: dict[str, object] = dict.fromkeys(SCHEMA.names)


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
    plain, parts = read_plain_gs1(distinct)
    others = np.setdiff1d(np.arange(len(distinct)), plain, assume_unique=True)
    table = pa.concat_tables([_plain_table(parts, len(plain)), _other_table(distinct, others)])
    place_of = np.empty(len(distinct), dtype=np.int64)
    place_of[np.concatenate([plain, others])] = np.arange(len(distinct))
    places = pc.take(pa.array(place_of), encoded.indices)
    return table.take(places)


def _plain_table(parts: dict[str, pa.Array], n: int) -> pa.Table:
    no_doubts = pa.ListArray.from_arrays(np.zeros(n + 1, dtype=np.int32), pa.array([], pa.string()))
    columns = [parts.get(name, pa.nulls(n, pa.string())) for name in COLUMNS]
    return pa.table([*columns, no_doubts], schema=SCHEMA)


def _other_table(texts: pa.Array, rows: Rows) -> pa.Table:
    read = [_read(text) for text in texts.take(rows).to_pylist()]
    return pa.Table.from_pylist(read, schema=SCHEMA)


def _read(text: str) -> dict[str, object]:
    try:
        udi: Udi = parse_udi.__wrapped__(text)  # each text is distinct: a cache costs only
    except UnreadableUdi:
        return _NOTHING
    return {**{name: getattr(udi, name) for name in COLUMNS}, "doubts": sorted(udi.doubts)}
