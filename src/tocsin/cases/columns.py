"""Columns of a synthetic registry and of its holders: build, name, order.

Everything is text except ``quantity``, as in a file that somebody sends: no column
carries more certainty than a CSV would.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tocsin.registry.schema import COLUMNS, FACT_PREFIX, HOLDER_COLUMNS

Texts = NDArray[np.str_]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
Days = NDArray[np.datetime64]


def registry_table(columns: Mapping[str, pa.Array]) -> pa.Table:
    """Return a registry with all its columns in order; one row per device record.

    Args:
        columns: arrays of one length by column name; what is left out is all null.
            Names that begin with ``fact.`` follow the fixed columns.
    """
    facts = tuple(name for name in columns if name.startswith(FACT_PREFIX))
    return _table((*COLUMNS, *facts), columns)


def holders_table(columns: Mapping[str, pa.Array]) -> pa.Table:
    """Return a holders table with all its columns in order; one row per holder."""
    return _table(tuple(HOLDER_COLUMNS), columns)


def _table(names: Sequence[str], columns: Mapping[str, pa.Array]) -> pa.Table:
    if unknown := set(columns) - set(names):
        raise ValueError(f"no such columns: {sorted(unknown)}")
    n_rows = len(next(iter(columns.values())))
    types = {name: pa.int64() if name == "quantity" else pa.string() for name in names}
    arrays = [columns.get(name, pa.nulls(n_rows, types[name])) for name in names]
    return pa.table(arrays, schema=pa.schema(list(types.items())))


def text(values: Texts, missing: Mask | None = None) -> pa.Array:
    """Return values as a text column, null where ``missing`` or empty."""
    empty = values == ""
    return pa.array(values, pa.string(), mask=empty if missing is None else empty | missing)


def picked(values: Sequence[str | None], index: Indices) -> pa.Array:
    """Return ``values[index]`` as a text column; None becomes null."""
    return pa.array(values, pa.string()).take(pa.array(index))


def repeated(value: str, n_rows: int) -> pa.Array:
    """Return a text column that says the same in every row."""
    return pa.repeat(value, n_rows)


def numbered(prefix: str, n_rows: int, width: int) -> pa.Array:
    """Return ``prefix`` with a running number from 1, padded with zeros to ``width``.

    >>> numbered("A-", 2, 3).to_pylist()
    ['A-001', 'A-002']
    """
    numbers = pa.array(np.arange(1, n_rows + 1)).cast(pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(numbers, width, "0"), "")


def drawn_from(rng: np.random.Generator, choices: Sequence[Sequence[str]], which: Indices) -> Texts:
    """Return for each row one value of ``choices[which]``, each as likely as the other.

    Args:
        rng: the source of randomness.
        choices: lists of at least one text; a value that occurs twice is twice as likely.
        which: shape (n,), the list that a row draws from.
    """
    sizes = np.array([len(values) for values in choices])
    first = np.cumsum(sizes) - sizes
    flat = np.array([value for values in choices for value in values])
    drawn: Texts = flat[first[which] + rng.integers(0, sizes[which])]
    return drawn


def days_as_text(days: Days, months_only: Mask, years_only: Mask) -> Texts:
    """Return ISO dates, cut to a month or a year where the masks say so.

    Args:
        days: shape (n,), unit day; NaT becomes the empty text.
        months_only: shape (n,); such a date loses its day.
        years_only: shape (n,); such a date loses its day and month, whatever
            ``months_only`` says.
    """
    full = np.datetime_as_string(days, unit="D")
    cut = np.where(months_only, full.astype("U7"), full)
    return np.where(np.isnat(days), "", np.where(years_only, full.astype("U4"), cut))


def chosen_rows(rng: np.random.Generator, among: Mask, n_chosen: int) -> Mask:
    """Return a mask of exactly ``n_chosen`` rows drawn from those of ``among``.

    Raises:
        ValueError: if ``among`` has fewer rows than that.
    """
    mask = np.zeros(len(among), dtype=np.bool_)
    mask[rng.choice(np.flatnonzero(among), n_chosen, replace=False)] = True
    return mask
