"""Case B's year of shipments: packs of cartridges, cut into records of one lot each.

A record is what one customer got of one lot on one day: one or several packs. Packs hold
10 cartridges; starter packs of 5 are our invention, needed because 45,000 cartridges at
5,000 customers make 9 each, less than a box.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tocsin.cases.columns import Days, Indices
from tocsin.cases.data_file import CaseData, Shape, read_case_data

NEW_RECORD_SHARE = 0.62
"""Chance that a pack begins a new record: about 1.6 packs in each. Invented."""

FIVES_PER_CARTRIDGE = 1 / 500
FIVES_PER_CARTRIDGE_IN_WINDOW = 1 / 30
"""Starter packs per cartridge shipped; more of them in the window. Invented."""

LOT_OVERLAP = 1.5
"""Standard deviation, in lots, of the lot on the shelf around the one due. Invented."""


class Shipment(Shape):
    """What went to one country; numbers of cartridges unless named otherwise."""

    country: str
    n_customers: int
    lot_prefix: str
    lots: tuple[int, int]
    recalled: tuple[int, ...]
    total: int
    recalled_total: int
    recalled_in_window: int
    recalled_after_window: int

    def other_lots(self) -> Indices:
        """Return the numbers of all lots that are not recalled, in order."""
        first, last = self.lots
        return np.setdiff1d(np.arange(first, last + 1), self.recalled)


class CartridgeYear(CaseData):
    """The data file."""

    first_shipped_on: date
    last_shipped_on: date
    recalled_from: date
    window: tuple[date, date]
    shipments: tuple[Shipment, ...]


@cache
def cartridge_year() -> CartridgeYear:
    """Return the figures of the year."""
    return read_case_data("animas_cartridge_lots.yaml", CartridgeYear)


@dataclass(frozen=True)
class Shipped:
    """Records of one shipment; every array has shape (n,).

    Attributes:
        lot: lot number without its prefix.
        shipped_on: day of shipment, unit day.
        quantity: cartridges.
    """

    lot: Indices
    shipped_on: Days
    quantity: Indices


def draw_shipped(rng: np.random.Generator, year: CartridgeYear, shipment: Shipment) -> Shipped:
    """Return a year's records to one country; their totals are those of the shipment."""
    parts = list(_phases(rng, year, shipment))
    return Shipped(
        lot=np.concatenate([part.lot for part in parts]),
        shipped_on=np.concatenate([part.shipped_on for part in parts]),
        quantity=np.concatenate([part.quantity for part in parts]),
    )


def _phases(rng: np.random.Generator, year: CartridgeYear, shipment: Shipment) -> Iterator[Shipped]:
    begin, end = np.datetime64(year.first_shipped_on), np.datetime64(year.last_shipped_on)
    opens, closes = np.datetime64(year.window[0]), np.datetime64(year.window[1])
    inside, after = shipment.recalled_in_window, shipment.recalled_after_window
    before = shipment.recalled_total - inside - after
    recalled_phases = (
        (before, np.datetime64(year.recalled_from), opens - 1, False),
        (inside, opens, closes, True),
        (after, closes + 1, end, False),
    )
    for n_cartridges, first, last, in_window in recalled_phases:
        quantity = _quantities(rng, n_cartridges, in_window=in_window)
        n = len(quantity)
        yield Shipped(rng.choice(shipment.recalled, n), _days(rng, first, last, n), quantity)
    quantity = _quantities(rng, shipment.total - shipment.recalled_total, in_window=False)
    days = _days(rng, begin, end, len(quantity))
    passed = (days - begin) / (end - begin + 1)
    yield Shipped(_lots_on_shelf(rng, shipment.other_lots(), passed), days, quantity)


def _quantities(rng: np.random.Generator, n_cartridges: int, *, in_window: bool) -> Indices:
    """Return the quantities of records that add up to exactly ``n_cartridges``.

    All packs lie in one line; where a new record begins is drawn, so the sum cannot be
    missed. In the window every pack is a record of its own.
    """
    per_cartridge = FIVES_PER_CARTRIDGE_IN_WINDOW if in_window else FIVES_PER_CARTRIDGE
    n_fives = 2 * round(n_cartridges * per_cartridge / 2)
    n_tens, rest = divmod(n_cartridges - 5 * n_fives, 10)
    if rest:
        raise ValueError(f"{n_cartridges} cartridges do not fill packs of 10 and 5")
    packs = rng.permutation(np.repeat([10, 5], [n_tens, n_fives]))
    begins = rng.random(len(packs)) < (1.0 if in_window else NEW_RECORD_SHARE)
    begins[0] = True
    return np.add.reduceat(packs, np.flatnonzero(begins))


def _days(rng: np.random.Generator, first: np.datetime64, last: np.datetime64, n: int) -> Days:
    return first + rng.integers(0, int((last - first).astype(int)) + 1, n)


def _lots_on_shelf(rng: np.random.Generator, lots: Indices, passed: NDArray[np.float64]) -> Indices:
    """Return the lot of each record: lots leave in order, neighbours overlap."""
    place = np.floor(passed * len(lots) + rng.normal(0.0, LOT_OVERLAP, len(passed)))
    return lots[np.clip(place, 0, len(lots) - 1).astype(np.int64)]
