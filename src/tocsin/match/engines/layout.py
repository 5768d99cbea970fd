"""How the relational engine lays out records, values and scores: columns and bits."""

from collections.abc import Iterable

import pyarrow as pa

from tocsin.identify.day import HIGHEST_DAY, LOWEST_DAY
from tocsin.match.engines.demands import NUMBER_KINDS
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX

# Places in a word: two bits each, and one bit is kept for "the record has no value".
PLACES = 31
ALL_BITS = (1 << 2 * PLACES) - 1
MISSING_BIT = 1 << 2 * PLACES

# The score of a pair, most weighty first: truth, product truth, entry (the first is the
# greatest), reason. The best pair of a record and notice is then simply the greatest.
ENTRY_BITS = 16
PRODUCT_BITS = 34
TRUTH_BITS = 40
NO_REASON = (1 << ENTRY_BITS) - 1

# A record without a day may have any day; an entry that demands none accepts them all.
ANY_DAY = (LOWEST_DAY - 1, HIGHEST_DAY + 1)


def is_coded(kind: str) -> bool:
    """Whether a kind's values are numbered and judged once each; days are judged per record."""
    return kind not in DAY_COLUMNS


def stem_of(kind: str) -> str:
    """Return what the columns of a kind begin with.

    The name of a fact comes from a notice: it may hold anything, and databases take names
    that differ by case only for one.
    """
    if kind.startswith(FACT_PREFIX):
        return "fact_" + kind.removeprefix(FACT_PREFIX).encode().hex()
    return kind


def key_columns(kind: str) -> dict[str, pa.DataType]:
    """Return the columns that hold the keys of a value of one kind."""
    stem = stem_of(kind)
    if kind in NUMBER_KINDS:
        return {
            f"{stem}_text": pa.string(),
            f"{stem}_prefix": pa.string(),
            f"{stem}_counter": pa.string(),
            f"{stem}_width": pa.int16(),
            f"{stem}_skeleton": pa.string(),
            f"{stem}_stem": pa.string(),
            f"{stem}_stem_width": pa.int16(),
        }
    key = pa.string() if is_coded(kind) else pa.int32()
    return {f"{stem}_low": key, f"{stem}_high": key}


def record_columns(kinds: Iterable[str]) -> dict[str, pa.DataType]:
    """Return the columns of the records relation."""
    columns = {"row_no": pa.int64(), "product_no": pa.int32()}
    for kind in kinds:
        columns |= {f"{stem_of(kind)}_no": pa.int32()} if is_coded(kind) else key_columns(kind)
    return columns


def value_columns(kind: str) -> dict[str, pa.DataType]:
    """Return the columns of the values relation of a coded kind."""
    return {f"{stem_of(kind)}_no": pa.int32(), "product_no": pa.int32(), **key_columns(kind)}


def day_bounds(kind: str) -> tuple[str, str, str]:
    """Return the columns of a candidate that bound the days of one kind."""
    return f"{kind}_from", f"{kind}_below", f"{kind}_truth"
