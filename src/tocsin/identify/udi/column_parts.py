"""Columns of text taken apart: what the readers of whole columns share."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.identify.day import UnreadableDay

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Parts = dict[str, pa.Array]


class Read(NamedTuple):
    """The rows that a reader could read, and their parts by name; a null has no part."""

    rows: Rows
    parts: Parts


def as_numpy(array: pa.Array) -> npt.NDArray[np.bool_]:
    """Return the values of an array without null."""
    found: Flags = array.to_numpy(zero_copy_only=False)
    return found


def rows_matching(texts: pa.Array, shape: str) -> Rows:
    """Return the rows whose text matches a regular expression."""
    return np.flatnonzero(as_numpy(pc.match_substring_regex(texts, shape)))


def take_or_null(values: pa.Array, places: Rows) -> pa.Array:
    """Return values by place; null where the place is negative."""
    return values.take(pa.array(places, mask=places < 0))


def repeat(text: str, n: int) -> pa.Array:
    """Return a column that says the same n times."""
    return pa.array([str(text)]).take(pa.array(np.zeros(n, dtype=np.int64)))


def choose(where: Flags, yes: str, no: str) -> pa.Array:
    """Return one of two texts per row."""
    return pa.array([str(no), str(yes)]).take(pa.array(where.astype(np.int64)))


def null_if_empty(texts: pa.Array) -> pa.Array:
    """Return the texts with null for an empty one."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def read_days(texts: pa.Array, read: Callable[[str], str | None]) -> tuple[pa.Array, Flags]:
    """Return the days that texts mean, each distinct one read once, and which are impossible."""
    encoded = texts.dictionary_encode()
    days: list[str | None] = []
    impossible = []
    for text in encoded.dictionary.to_pylist():
        try:
            days.append(read(text))
            impossible.append(False)
        except UnreadableDay:
            days.append(None)
            impossible.append(True)
    places = encoded.indices
    flags = pa.array(impossible, pa.bool_()).take(places)
    return pa.array(days, pa.string()).take(places), as_numpy(pc.fill_null(flags, fill_value=False))


def bytes_of(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], Rows]:
    """Return all bytes of a column, and where each text begins; one more entry for the end."""
    whole = pa.concat_arrays([texts]) if texts.offset else texts
    _, offsets, data = whole.buffers()
    begins = np.frombuffer(offsets, dtype=np.int32)[whole.offset :][: len(whole) + 1]
    everything = np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, dtype=np.uint8)
    return everything, begins.astype(np.int64)
