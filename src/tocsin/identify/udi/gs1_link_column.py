"""Digital Links read by the column: the same answers as `gs1.parse_gs1`, faster.

Taken here are addresses without escapes whose path ends with 01 and perhaps lot and serial,
and whose query, if any, states the two dates. The rest is left.
"""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.identify.udi.column_parts import (
    Read,
    as_numpy,
    null_if_empty,
    read_days,
    repeat,
    rows_matching,
)
from tocsin.identify.udi.day import EXPIRES, MADE, short_day
from tocsin.identify.udi.gs1_column import LIKE_VERSION, gtin_checks
from tocsin.identify.udi.parts import Agency

_X = "[!&'*+,.0-9:;=A-Z_a-z-]{1,20}"
_SHAPE = (
    r"^https?://[A-Za-z0-9._-]+(?:/[a-z]+)*/01/(?P<di>[0-9]{14})"
    rf"(?:/10/(?P<lot>{_X}))?(?:/21/(?P<serial>{_X}))?"
    r"(?:\?(?:11=(?P<made_on>[0-9]{6})&)?(?:17=(?P<expires_on>[0-9]{6}))?)?$"
)
_KINDS = {"made_on": MADE, "expires_on": EXPIRES}


def read_plain_links(texts: pa.Array) -> Read:
    """Return the rows that are plainly written, and their parts.

    Args:
        texts: trimmed strings without null.
    """
    rows = rows_matching(texts, _SHAPE)
    found = pc.extract_regex(texts.take(rows), _SHAPE)
    lots = pc.struct_field(found, "lot")
    sure = np.flatnonzero(~as_numpy(pc.match_substring_regex(lots, LIKE_VERSION)))
    parts = {
        name: null_if_empty(pc.struct_field(found, name).take(sure))
        for name in ("di", "lot", "serial", "made_on", "expires_on")
    }
    for name, kind in _KINDS.items():
        parts[name], _ = read_days(parts[name], partial(short_day, kind=kind))
    parts["agency"] = repeat(Agency.GS1, len(sure))
    parts["check"] = gtin_checks(parts["di"])
    return Read(rows[sure], parts)
