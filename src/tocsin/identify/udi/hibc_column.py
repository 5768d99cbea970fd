"""HIBC texts read by the column: the same answers as `hibcc.parse_hibc`, faster.

Taken here are primary and concatenated codes whose check character is right and cannot be
a lost space, with each part stated at most once and no impossible date. The rest is left.
"""

from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.identify.day import UnreadableDay
from tocsin.identify.udi.column_parts import (
    Read,
    Rows,
    as_numpy,
    bytes_of,
    null_if_empty,
    read_days,
    repeat,
    rows_matching,
    take_or_null,
)
from tocsin.identify.udi.hibc_check import ALPHABET
from tocsin.identify.udi.hibc_secondary import parse_secondary
from tocsin.identify.udi.parts import Agency, Check

_NUMBER = "[A-Z0-9.-]{0,18}"
_DATE = "(?:[01][0-9]{3}|[23][0-9]{6}|4[0-9]{8}|5[0-9]{5}|6[0-9]{7}|7)"
_SEGMENT = rf"(?:\$\+?{_NUMBER}|\$\$\+?{_DATE}{_NUMBER}|S{_NUMBER}|1[46]D[0-9]{{8}}|Q[0-9]{{1,5}})"
_SHAPE = rf"^\+[A-Z][A-Z0-9]{{3}}[A-Z0-9]{{1,18}}[0-9](?:/{_SEGMENT})*[0-9A-Z.$/+%_-]$"
_CHARACTERS = r"^\+[0-9A-Z. $/+%-]+$"
_NO_DATA_BEFORE = r"(?:/1[46]D[0-9]{8}|/Q[0-9]{1,5}|^\+[A-Z0-9]+)J$"
# Which segments state a part, and what of such a segment stands before or is its value.
_NUMBERS = {"lot": r"^\$(?:$|[^+$]|\$[^+])", "serial": r"^(?:S|\$\$?\+)"}
_BEFORE_NUMBER = rf"^(?:S|\$\$\+?{_DATE}|\$\+?)"
_DAYS = {"expires_on": r"^(?:14D|\$\$\+?[^7+])", "made_on": "^16D"}
_DAY = rf"^(?P<day>1[46]D[0-9]{{8}}|\$\$\+?{_DATE})"

_VALUES = np.zeros(256, dtype=np.uint8)
_VALUES[np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)] = np.arange(len(ALPHABET))
_SPACE = ALPHABET.index(" ")


def read_plain_hibc(texts: pa.Array) -> Read:
    """Return the rows that are plainly written, and their parts.

    Args:
        texts: trimmed strings without null.
    """
    rows = rows_matching(texts, _CHARACTERS)
    sure, checked = _with_sure_check(texts.take(rows))
    rows = rows[sure]
    well_built = rows_matching(checked, _SHAPE)
    rows, checked = rows[well_built], checked.take(well_built)
    pieces = pc.split_pattern(pc.utf8_slice_codeunits(checked, 1, -1), "/")
    owners = as_numpy(pc.list_parent_indices(pieces)).astype(np.int64)
    flat = pc.list_flatten(pieces)
    opens = np.flatnonzero(np.diff(owners, prepend=-1))
    follows = np.setdiff1d(np.arange(len(flat)), opens, assume_unique=True)
    segments, owners = flat.take(follows), owners[follows]
    readable = np.ones(len(rows), dtype=bool)
    parts = {
        "di": flat.take(opens),
        "agency": repeat(Agency.HIBCC, len(rows)),
        "check": repeat(Check.RIGHT, len(rows)),
    }
    for name, stating in _NUMBERS.items():
        chosen = rows_matching(segments, stating)
        readable &= np.bincount(owners[chosen], minlength=len(rows)) <= 1
        numbers = pc.replace_substring_regex(segments.take(chosen), _BEFORE_NUMBER, "")
        parts[name] = null_if_empty(_spread(numbers, owners[chosen], len(rows)))
    for name, stating in _DAYS.items():
        chosen = rows_matching(segments, stating)
        readable &= np.bincount(owners[chosen], minlength=len(rows)) <= 1
        written = pc.struct_field(pc.extract_regex(segments.take(chosen), _DAY), "day")
        days, impossible = read_days(written, _day_of_segment)
        readable[owners[chosen][impossible]] = False
        parts[name] = _spread(days, owners[chosen], len(rows))
    kept = np.flatnonzero(readable)
    return Read(rows[kept], {name: part.take(kept) for name, part in parts.items()})


@lru_cache(maxsize=65536)
def _day_of_segment(segment: str) -> str | None:
    found = parse_secondary([segment])
    if found.doubts:
        raise UnreadableDay(segment)
    return found.made_on or found.expires_on


def _with_sure_check(texts: pa.Array) -> tuple[Rows, pa.Array]:
    """Return the rows whose check character is surely right, and their texts with it.

    A space that was lost when the text was trimmed stands there as an underscore.
    """
    if not len(texts):
        return np.zeros(0, dtype=np.int64), texts
    data, begins = bytes_of(texts)
    values = _VALUES[data[: begins[-1]]]
    so_far = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    totals = np.diff(so_far[begins])
    characters = values[begins[1:] - 1].astype(np.int64)
    right = (totals - characters) % 43 == characters
    spaced = totals % 43 == _SPACE
    # Ending with J, a text fits both ways; it is sure where J cannot be data.
    sure = as_numpy(pc.match_substring_regex(texts, _NO_DATA_BEFORE))
    rows = np.flatnonzero((right ^ spaced) | (right & sure))
    lost = pa.array(~right[rows])
    found = texts.take(rows)
    return rows, pc.if_else(lost, pc.binary_join_element_wise(found, "_", ""), found)


def _spread(values: pa.Array, owners: Rows, n: int) -> pa.Array:
    places = np.full(n, -1, dtype=np.int64)
    places[owners] = np.arange(len(owners))
    return take_or_null(values, places)
