"""Plainly written GS1 texts read by the column: the same answers as `gs1.parse_gs1`, faster.

Taken here are texts that begin with identifier 01 and go on with lot, serial and the two
dates only, each at most once, without doubt. Whatever else there is, is left to `parse_udi`.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.identify.udi.column_parts import (
    Read,
    Rows,
    as_numpy,
    bytes_of,
    choose,
    read_days,
    repeat,
    rows_matching,
    take_or_null,
)
from tocsin.identify.udi.day import EXPIRES, MADE, short_day
from tocsin.identify.udi.parts import Agency, Check

# No bracket, and nothing that spells a separator: they could open or end an element.
_PLAIN = r"[!\"%&'*+,./0-9:;=?A-Z_a-z-]{1,20}"
_BRACKETED = rf"^\(01\)[0-9]{{14}}(?:\((?:1[17]\)[0-9]{{6}}|(?:10|21)\){_PLAIN}))*$"
_SCAN = (
    r"^(?:\](?:C1|e0|d2|Q3|J1))?\x1d?01[0-9]{14}"
    rf"(?:1[17][0-9]{{6}}|(?:10|21){_PLAIN}\x1d)*(?:(?:10|21){_PLAIN})?$"
)
_OPENING = r"^(?:\](?:C1|e0|d2|Q3|J1))?\x1d?"
_RUN_ON = r"^01[0-9]{14}(?:1[17][0-9]{6})*(?:10|21).+(?:1[017]|21)[^\x1d]*$"
_GTIN = "^[0-9]{14}$"
LIKE_VERSION = r"^[Vv]?[0-9]{1,3}(?:\.[0-9]{1,4}){1,4}[A-Za-z]?$"
_FNC1 = "\x1d"

_DATES = {"11": ("made_on", MADE), "17": ("expires_on", EXPIRES)}
_NUMBERS = {"10": "lot", "21": "serial"}
_FIXED = {"01": 14, "11": 6, "17": 6}
_WEIGHTS = np.array([3, 1] * 7, dtype=np.int64)


class Elements(NamedTuple):
    """Elements of several texts: the row that each belongs to, its identifier, its value."""

    rows: Rows
    identifiers: pa.Array
    values: pa.Array

    def of(self, identifier: str) -> tuple[Rows, Rows]:
        """Return the places of an identifier's elements, and their rows."""
        places = np.flatnonzero(as_numpy(pc.equal(self.identifiers, identifier)))
        return places, self.rows[places]


def read_plain_gs1(texts: pa.Array) -> Read:
    """Return the rows that are plainly written, and their parts.

    Args:
        texts: trimmed strings without null.
    """
    bracketed, scans, alone = (rows_matching(texts, shape) for shape in (_BRACKETED, _SCAN, _GTIN))
    in_doubt = as_numpy(pc.match_substring_regex(texts.take(scans), _RUN_ON))
    scans = scans[~in_doubt]
    elements = _join(
        _split_brackets(texts.take(bracketed), bracketed),
        _split_scans(texts.take(scans), scans),
        Elements(alone, repeat("01", len(alone)), texts.take(alone)),
    )
    readable = np.zeros(len(texts), dtype=bool)
    readable[np.concatenate([bracketed, scans, alone])] = True
    places = {}
    for identifier in ("01", *_NUMBERS, *_DATES):
        found, rows = elements.of(identifier)
        readable &= np.bincount(rows, minlength=len(texts)) <= 1  # said twice: not plain
        place = np.full(len(texts), -1, dtype=np.int64)
        place[rows] = found
        places[identifier] = place
    like_version = pc.match_substring_regex(
        take_or_null(elements.values, places["10"]), LIKE_VERSION
    )
    readable &= ~as_numpy(pc.fill_null(like_version, fill_value=False))
    kept = np.flatnonzero(readable)
    di = elements.values.take(places["01"][kept])
    parts = {"di": di, "check": gtin_checks(di), "agency": repeat(Agency.GS1, len(kept))}
    for identifier, name in _NUMBERS.items():
        parts[name] = take_or_null(elements.values, places[identifier][kept])
    for identifier, (name, kind) in _DATES.items():
        digits = take_or_null(elements.values, places[identifier][kept])
        parts[name], _ = read_days(digits, partial(short_day, kind=kind))
    return Read(kept, parts)


def _split_brackets(texts: pa.Array, rows: Rows) -> Elements:
    pieces = pc.split_pattern(pc.utf8_slice_codeunits(texts, 1), "(")
    owners = rows[as_numpy(pc.list_parent_indices(pieces))]
    flat = pc.list_flatten(pieces)
    identifiers = pc.utf8_slice_codeunits(flat, 0, 2)
    return Elements(owners, identifiers, pc.utf8_slice_codeunits(flat, 3))


def _split_scans(texts: pa.Array, rows: Rows) -> Elements:
    """Return the elements; each round takes the first one off every piece that has one."""
    pieces = pc.split_pattern(pc.replace_substring_regex(texts, _OPENING, ""), _FNC1)
    owners = rows[as_numpy(pc.list_parent_indices(pieces))]
    rest = pc.list_flatten(pieces)
    rounds = []
    while len(rest):
        identifiers = pc.utf8_slice_codeunits(rest, 0, 2)
        left, left_owners = [], []
        for identifier in (*_FIXED, *_NUMBERS):
            chosen = np.flatnonzero(as_numpy(pc.equal(identifiers, identifier)))
            mine = rest.take(chosen)
            end = 2 + _FIXED[identifier] if identifier in _FIXED else None
            values = pc.utf8_slice_codeunits(mine, 2, end)
            rounds.append(Elements(owners[chosen], repeat(identifier, len(chosen)), values))
            if end:
                left.append(pc.utf8_slice_codeunits(mine, end))
                left_owners.append(owners[chosen])
        rest, owners = pa.concat_arrays(left), np.concatenate(left_owners)
        more = np.flatnonzero(as_numpy(pc.not_equal(rest, "")))
        rest, owners = rest.take(more), owners[more]
    return _join(*rounds) if rounds else Elements(rows, texts, texts)


def gtin_checks(gtins: pa.Array) -> pa.Array:
    """Return right or wrong for GTINs of 14 digits."""
    data, begins = bytes_of(gtins)
    digits = data[begins[0] : begins[-1]].reshape(-1, 14).astype(np.int64) - ord("0")
    return choose((digits @ _WEIGHTS) % 10 == 0, Check.RIGHT, Check.WRONG)


def _join(*parts: Elements) -> Elements:
    return Elements(
        np.concatenate([part.rows for part in parts]),
        pa.concat_arrays([part.identifiers for part in parts]),
        pa.concat_arrays([part.values for part in parts]),
    )
