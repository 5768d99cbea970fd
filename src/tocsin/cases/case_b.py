"""Case B: Animas 2.0 ml cartridges, February 2011: a lot recall found from a few calls.

A year of cartridges at their final holders. No record carries a label: 45,000 in the
ship window, 384,000 of the six lots and about 5,000 customers come out of matching.
"""

import numpy as np
import pyarrow as pa

from tocsin.cases.cartridge_ledger import (
    Ledger,
    Lot,
    draw_ledger,
    is_in_window,
    is_recalled,
    lots_of_year,
)
from tocsin.cases.columns import (
    Mask,
    Texts,
    chosen_rows,
    days_as_text,
    numbered,
    picked,
    registry_table,
    repeated,
    text,
)
from tocsin.cases.community import CommunityPlan, draw_community
from tocsin.cases.sample import CaseSample
from tocsin.cases.shipped_cartridges import CartridgeYear, cartridge_year

COMMUNITY = CommunityPlan(
    n_clinics={"US": 900, "FR": 100},
    n_clinicians={"US": 2_340, "FR": 260},
    minor_share=0.0,
    email_share=0.7,
    clinician_email_share=0.45,
    phone_share=0.92,
)
"""2,600 clinicians is a fact of the case (002_ff67a83a3eaf6247.txt), and so is that many
of them cannot be reached by e-mail; every share is invented."""

MANUFACTURERS = ("Animas", "Animas Corporation", "ANIMAS CORPORATION", "Animas Corp.")
MANUFACTURER_SHARES = (0.7, 0.2, 0.06, 0.04)
PRODUCTS = ("2.0 ml cartridge", "2.0 mL Cartridge")
CATALOGUE_NO = "AC-200-INV"
"""Invented, and marked so in the number itself."""

N_LOWER_CASE_LOTS, N_SPACED_LOTS, N_EMPTY_LOTS = 2_000, 2_000, 150
N_RECALLED_YEAR_ONLY, N_OTHER_YEAR_ONLY = 90, 90
N_NOVEMBER_ONLY, N_DECEMBER_ONLY = 40, 60
"""Records written more poorly than they should be. All numbers invented. A recalled lot
shipped in 'December 2010' was surely shipped in the window; one shipped in 'November
2010' or '2010' was perhaps, and cannot be told."""

MADE_DAYS_BEFORE, LIFE_DAYS = 120, 1_096
"""A lot is made so long before its first shipment, and good for so long. Invented."""

ASSUMPTIONS = (
    (
        "The number of the French lot, F201501, is invented; so are all other lots except the "
        "five recalled ones in the USA, whose numbers are public."
    ),
    (
        "45,000 cartridges in the window, 384,000 of the six lots, 8,000,000 a year and 50,000 "
        "customers are taken as exact; the sources say 'about' for all but the first."
    ),
    (
        "The year of shipments runs from 15 January 2010 to 14 January 2011; its division by "
        "country, lot and day is invented, as are 45,000 customers in the USA and 5,000 in "
        "France."
    ),
    (
        "Boxes hold 10 cartridges; starter packs of 5 are invented, because 45,000 cartridges "
        "at 5,000 customers are less than a box each."
    ),
    "A customer is the adult who ordered; nobody in this case is a minor.",
    (
        "The catalogue number AC-200-INV, the dates of make and expiry, the clinics and all "
        "people are invented."
    ),
    (
        "120 records have no quantity and are in none of the totals; 150 have no lot; 180 give "
        "only the year and 100 only the month of shipment; 4,000 write the lot in lower case or "
        "with a space."
    ),
)


def sample(rng: np.random.Generator) -> CaseSample:
    """Return the registry of case B: about half a million records, 8,000,000 cartridges.

    Filled columns: identifiers, ``manufacturer``, ``product``, ``catalogue_no``, ``lot``
    (null in a few), ``quantity`` in cartridges (null in a few), ``country``, ``made_on``,
    ``shipped_on`` (ISO day; in a few a month or a year), ``expires_on`` and evidence. One
    row per lot, customer and day of shipment, in the order of shipment.
    """
    year = cartridge_year()
    countries = np.repeat(
        [shipment.country for shipment in year.shipments],
        [shipment.n_customers for shipment in year.shipments],
    )
    community = draw_community(rng, "B", countries, COMMUNITY)
    ledger = draw_ledger(rng, year)
    lots = lots_of_year(year)
    n = len(ledger.lot)
    customer = pa.array(ledger.customer)
    made_on, expires_on = _made_and_expires(ledger, len(lots))
    shipped_on = text(_shipped_on(rng, year, ledger))
    registry = registry_table(
        {
            "device_id": numbered("B-", n, 7),
            "holder_id": community.patient_ids.take(customer),
            "clinic_id": community.clinic_ids.take(customer),
            "manufacturer": picked(
                MANUFACTURERS, rng.choice(len(MANUFACTURERS), n, p=MANUFACTURER_SHARES)
            ),
            "product": picked(PRODUCTS, rng.integers(0, len(PRODUCTS), n)),
            "catalogue_no": repeated(CATALOGUE_NO, n),
            "lot": _lot_numbers(rng, year, ledger, lots),
            "quantity": pa.array(ledger.quantity, mask=~ledger.is_counted),
            "country": picked([shipment.country for shipment in year.shipments], ledger.place),
            "made_on": made_on,
            "shipped_on": shipped_on,
            "expires_on": expires_on,
            "evidence_on": shipped_on,
            "evidence_source": repeated("shipping ledger", n),
        }
    )
    return CaseSample(
        case="b",
        title="Animas 2.0 ml cartridges: six lots may leak (February 2011)",
        registry=registry,
        holders=community.holders,
        assumptions=ASSUMPTIONS,
    )


def _lot_numbers(
    rng: np.random.Generator, year: CartridgeYear, ledger: Ledger, lots: tuple[Lot, ...]
) -> pa.Array:
    """Return lot numbers as written: some in lower case, with a space, or not at all.

    Only lots that nobody recalls are left empty, so that the totals stay exact.
    """
    plain = [lot.number for lot in lots]
    lower = [number.lower() for number in plain]
    spaced = [f"{number[0]} {number[1:]}" for number in plain]
    spelling = np.zeros(len(ledger.lot), dtype=np.int64)
    spelling[chosen_rows(rng, spelling == 0, N_LOWER_CASE_LOTS)] = 1
    spelling[chosen_rows(rng, spelling == 0, N_SPACED_LOTS)] = 2
    empty = chosen_rows(rng, ~is_recalled(year, ledger) & ledger.is_counted, N_EMPTY_LOTS)
    index = np.where(empty, 3 * len(lots), ledger.lot + len(lots) * spelling)
    return picked([*plain, *lower, *spaced, None], index)


def _shipped_on(rng: np.random.Generator, year: CartridgeYear, ledger: Ledger) -> Texts:
    """Return ISO dates of shipment, a few of them cut to the month or the year.

    What is cut keeps the totals: a recalled record outside the window loses what would
    prove that it is outside; one inside keeps what proves that it is inside.
    """
    recalled, inside = is_recalled(year, ledger), is_in_window(year, ledger)
    month = ledger.shipped_on.astype("datetime64[M]")
    counted, in_2010 = ledger.is_counted, month < np.datetime64("2011-01")

    def chosen(among: Mask, count: int) -> Mask:
        return chosen_rows(rng, among & counted & in_2010, count)

    years_only = chosen(recalled & ~inside, N_RECALLED_YEAR_ONLY) | chosen(
        ~recalled, N_OTHER_YEAR_ONLY
    )
    november = recalled & ~inside & ~years_only & (month == np.datetime64("2010-11"))
    december = recalled & inside & (month == np.datetime64("2010-12"))
    months_only = chosen(november, N_NOVEMBER_ONLY) | chosen(december, N_DECEMBER_ONLY)
    return days_as_text(ledger.shipped_on, months_only, years_only)


def _made_and_expires(ledger: Ledger, n_lots: int) -> tuple[pa.Array, pa.Array]:
    """Return for each record the days on which its lot was made and will expire."""
    shipped, first_row = np.unique(ledger.lot, return_index=True)
    made = np.full(n_lots, np.datetime64("NaT"), dtype="datetime64[D]")
    made[shipped] = ledger.shipped_on[first_row] - MADE_DAYS_BEFORE
    never = np.zeros(n_lots, dtype=np.bool_)
    made_on = days_as_text(made, never, never)
    expires_on = days_as_text(made + LIFE_DAYS, never, never)
    return picked(made_on.tolist(), ledger.lot), picked(expires_on.tolist(), ledger.lot)
