"""Case B's year at its final holders: who got how many cartridges of which lot, when."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from tocsin.cases.columns import Days, Indices, Mask, chosen_rows
from tocsin.cases.shipped_cartridges import CartridgeYear, draw_shipped

N_UNKNOWN_IN_WINDOW, N_UNKNOWN_RECALLED, N_UNKNOWN_OTHER = 30, 40, 50
"""Records whose quantity nobody wrote down; they come on top of all totals. Invented."""


@dataclass(frozen=True)
class Lot:
    """A lot: where it went and whether the notice names it."""

    number: str
    country: str
    is_recalled: bool


@dataclass(frozen=True)
class Ledger:
    """Records in the order of shipment; every array has shape (n,).

    Attributes:
        place: index of the country's shipment in the year.
        customer: index among all customers, those of the first country first.
        lot: index into `lots_of_year`.
        quantity: cartridges.
        shipped_on: day of shipment, unit day.
        is_counted: False where the quantity is unknown.
    """

    place: Indices
    customer: Indices
    lot: Indices
    quantity: Indices
    shipped_on: Days
    is_counted: Mask

    def rows(self, index: Indices) -> "Ledger":
        """Return the records at ``index``, in its order."""
        return Ledger(*(getattr(self, field.name)[index] for field in fields(self)))


def lots_of_year(year: CartridgeYear) -> tuple[Lot, ...]:
    """Return all lots of the year, country by country, in order of their numbers."""
    return tuple(
        Lot(f"{shipment.lot_prefix}{number}", shipment.country, number in shipment.recalled)
        for shipment in year.shipments
        for number in range(shipment.lots[0], shipment.lots[1] + 1)
    )


def draw_ledger(rng: np.random.Generator, year: CartridgeYear) -> Ledger:
    """Return a year of records; known quantities add up to the figures of ``year``."""
    parts = []
    first_lot = first_customer = 0
    for place, shipment in enumerate(year.shipments):
        parts.append(_records(rng, year, place, first_lot, first_customer))
        first_lot += shipment.lots[1] - shipment.lots[0] + 1
        first_customer += shipment.n_customers
    known = _concatenated(parts)
    whole = _concatenated([known, _unknown_quantities(rng, year, known)])
    return whole.rows(np.argsort(whole.shipped_on, kind="stable"))


def is_recalled(year: CartridgeYear, ledger: Ledger) -> Mask:
    """Return which records are of a lot that the notice names."""
    return np.array([lot.is_recalled for lot in lots_of_year(year)])[ledger.lot]


def is_in_window(year: CartridgeYear, ledger: Ledger) -> Mask:
    """Return which records were shipped within the notice's window, both days included."""
    opens, closes = (np.datetime64(day) for day in year.window)
    return (ledger.shipped_on >= opens) & (ledger.shipped_on <= closes)


def _records(
    rng: np.random.Generator, year: CartridgeYear, place: int, first_lot: int, first_customer: int
) -> Ledger:
    shipment = year.shipments[place]
    shipped = draw_shipped(rng, year, shipment)
    n = len(shipped.quantity)
    # Everybody gets one record, the rest falls at random.
    everybody = np.arange(shipment.n_customers)
    more = rng.integers(0, shipment.n_customers, n - shipment.n_customers)
    return Ledger(
        place=np.full(n, place),
        customer=first_customer + rng.permutation(np.concatenate([everybody, more])),
        lot=first_lot + shipped.lot - shipment.lots[0],
        quantity=shipped.quantity,
        shipped_on=shipped.shipped_on,
        is_counted=np.ones(n, dtype=np.bool_),
    )


def _unknown_quantities(rng: np.random.Generator, year: CartridgeYear, known: Ledger) -> Ledger:
    """Return records like some of ``known``, for other customers, without a quantity."""
    recalled, inside = is_recalled(year, known), is_in_window(year, known)
    wanted = (
        (recalled & inside, N_UNKNOWN_IN_WINDOW),
        (recalled & ~inside, N_UNKNOWN_RECALLED),
        (~recalled, N_UNKNOWN_OTHER),
    )
    like = [np.flatnonzero(chosen_rows(rng, among, count)) for among, count in wanted]
    model = known.rows(np.concatenate(like))
    sizes = np.array([shipment.n_customers for shipment in year.shipments])
    first = np.cumsum(sizes) - sizes
    return Ledger(
        place=model.place,
        customer=first[model.place] + rng.integers(0, sizes[model.place]),
        lot=model.lot,
        quantity=model.quantity,
        shipped_on=model.shipped_on,
        is_counted=np.zeros(len(model.place), dtype=np.bool_),
    )


def _concatenated(parts: Sequence[Ledger]) -> Ledger:
    return Ledger(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Ledger))
    )
