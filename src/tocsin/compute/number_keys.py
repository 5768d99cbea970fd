"""Keys of lots and serial numbers, a column at once where they are written plainly.

Nearly every device has a serial number of its own: read one by one, they would take longer than
everything else of an import.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.identify.numbering_column import PARTS, is_plain_number, read_plain_numbers
from tocsin.registry.placeholder import placeholder_words

_DIGITS = "0123456789"
ReadSingly = Callable[[pa.RecordBatch], dict[str, pa.Array]]


def read_number_keys(
    kind: str, texts: pa.RecordBatch, read_singly: ReadSingly
) -> dict[str, pa.Array]:
    """Return the keys of lots or serial numbers, as `read_singly` would.

    Args:
        kind: lot or serial.
        texts: with the columns ``<kind>_of_column`` and ``<kind>_of_udi``.
        read_singly: reads what is not plain, row by row.
    """
    of_column, of_udi = texts[f"{kind}_of_column"], texts[f"{kind}_of_udi"]
    is_plain = pc.and_(pc.equal(of_udi, ""), is_plain_number(of_column))
    is_plain = pc.and_not(is_plain, _may_say_nothing(of_column))
    places = np.asarray(is_plain.to_numpy(zero_copy_only=False), dtype=bool)
    plain, others = np.flatnonzero(places), np.flatnonzero(~places)
    if not len(plain):
        return read_singly(texts)
    read = read_plain_numbers(of_column.take(pa.array(plain)))
    rest = read_singly(texts.take(pa.array(others)))
    order = pa.array(np.argsort(np.concatenate([plain, others])))
    return {
        f"{kind}_{part}": pa.concat_arrays(
            [read[part], rest[f"{kind}_{part}"].cast(part_type)]
        ).take(order)
        for part, part_type in PARTS.items()
    }


def _may_say_nothing(texts: pa.Array) -> pa.Array:
    """Return which plain texts may be placeholders: words of that list, or one digit repeated."""
    found = pc.is_in(pc.utf8_lower(texts), pa.array(sorted(placeholder_words()), pa.string()))
    for digit in _DIGITS:
        found = pc.or_(found, pc.equal(pc.ascii_trim(texts, digit), ""))
    return found
