"""ISBT 128 texts read by the column: the same answers as `iccbba.parse_iccbba`, faster.

Taken here are product code, serial, donation, expiry, production and lot, in the order in
which ICCBBA prints them. The rest is left.
"""

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
from tocsin.identify.udi.iccbba import read_day
from tocsin.identify.udi.parts import Agency, Check

_SHAPE = (
    r"^(?:=\+[0-9]{5})?=/(?P<di>[A-Z0-9]{16})(?:=,(?P<serial>[A-Z0-9]{6}))?"
    r"(?:=(?P<donation_id>[A-NP-Z1-9][A-Z0-9]{14}))?(?:=>(?P<expires_on>[0-9]{6}))?"
    r"(?:=\}(?P<made_on>[0-9]{6}))?(?:&,1(?P<lot>[A-Z0-9]{18}))?$"
)


def read_plain_iccbba(texts: pa.Array) -> Read:
    """Return the rows that are plainly written, and their parts.

    Args:
        texts: trimmed strings without null.
    """
    rows = rows_matching(texts, _SHAPE)
    found = pc.extract_regex(texts.take(rows), _SHAPE)
    parts = {
        name: null_if_empty(pc.struct_field(found, name))
        for name in ("di", "serial", "donation_id", "expires_on", "made_on", "lot")
    }
    for name in ("expires_on", "made_on"):
        parts[name], _ = read_days(parts[name], read_day)
    parts["agency"] = repeat(Agency.ICCBBA, len(rows))
    parts["check"] = repeat(Check.NONE, len(rows))
    filled = as_numpy(pc.fill_null(pc.starts_with(parts["lot"], "0"), fill_value=False))
    parts["doubts"] = pa.array([[], ["lot"]]).take(pa.array(filled.astype("int64")))
    return Read(rows, parts)
