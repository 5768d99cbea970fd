"""A column of lots or serial numbers read at once, as far as they are written plainly.

Plain is letters, then digits, and nothing else: such a number has no mark, no suffix and no
space, and what `parse_numbering` makes of it can be said column by column.
"""

import pyarrow as pa
import pyarrow.compute as pc

from tocsin.identify.numbering import MAX_LENGTH

PLAIN = rf"^[A-Za-z]{{0,20}}[0-9]{{1,{MAX_LENGTH - 20}}}$"
PARTS = {
    "text": pa.string(),
    "prefix": pa.string(),
    "counter": pa.string(),
    "width": pa.int16(),
    "skeleton": pa.string(),
    "stem": pa.string(),
    "stem_width": pa.int16(),
}
_SPLIT = r"^(?P<prefix>[A-Z]*)(?P<written>[0-9]+)$"


def is_plain_number(texts: pa.Array) -> pa.Array:
    """Return which texts are letters and then digits, without any space."""
    return pc.match_substring_regex(texts, PLAIN)


def read_plain_numbers(texts: pa.Array) -> dict[str, pa.Array]:
    """Return the parts of a `Numbering` of texts that are all plain, column by column."""
    upper = pc.ascii_upper(texts)
    split = pc.extract_regex(upper, _SPLIT)
    prefix, written = split.field("prefix"), split.field("written")
    tail = pc.ascii_ltrim(written, "0")
    length = pc.utf8_lpad(pc.binary_length(tail).cast(pa.string()), 2, "0")
    columns = {
        "text": upper,
        "prefix": prefix,
        "counter": pc.binary_join_element_wise(length, tail, ""),
        "width": pc.binary_length(written),
        "skeleton": pc.binary_join_element_wise(prefix, tail, ""),
        "stem": pa.repeat("", len(texts)),
        "stem_width": pa.repeat(0, len(texts)),
    }
    return {name: columns[name].cast(kind) for name, kind in PARTS.items()}
