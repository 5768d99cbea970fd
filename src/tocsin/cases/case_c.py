"""Case C: the MiniMed Implantable Pump goes out of production, July 2020.

350 patients, about 250 of them in France, each with one pump that lasts 6 to 8 years.
The registry says who will need another one, and by when.
"""

from datetime import date

import numpy as np
import pyarrow as pa

from tocsin.cases.columns import (
    Days,
    chosen_rows,
    days_as_text,
    numbered,
    registry_table,
    repeated,
    text,
)
from tocsin.cases.community import CommunityPlan, draw_community
from tocsin.cases.sample import CaseSample

PATIENTS = {"FR": 250, "BE": 30, "NL": 50, "SE": 20}
"""Patients per country. About 350, about 250 of them in France, is public; the four
Member States are in the communication plan (000_d6b59aa085726897.txt); the split of the
other hundred is invented."""

LIFE_YEARS = (6, 8)
"""Shortest and longest life of a pump in years, as publicly stated for this pump."""

REGISTRY_ON = np.datetime64("2020-07-01")
"""The day the registry speaks of, before dissemination on 20 July 2020. Invented."""

IMPLANTED = (np.datetime64("2013-01-01"), np.datetime64("2020-05-31"))
"""First and last implantation. Invented, so that replacements fall due 2019 to 2028."""

N_YEAR_ONLY, N_MONTH_ONLY, N_UNDATED = 8, 14, 6
"""Records whose implantation is known to the year, to the month, not at all. Invented."""

REFILL_DAYS = 60
"""Every patient came for a refill within so many days before the registry. Invented."""

COMMUNITY = CommunityPlan(
    n_clinics={"FR": 22, "BE": 3, "NL": 4, "SE": 2},
    n_clinicians={"FR": 44, "BE": 5, "NL": 8, "SE": 4},
    minor_share=0.0,
    email_share=0.6,
    clinician_email_share=0.8,
    phone_share=0.9,
)

ASSUMPTIONS = (
    (
        "350 patients stand for 'about 350', 250 of them for 'about 250 in France'; how the "
        "other 100 divide among Belgium, the Netherlands and Sweden is invented."
    ),
    (
        "Every patient holds one implanted pump; implantation dates from January 2013 to May "
        "2020 are invented, drawn evenly."
    ),
    "8 implantation dates are known to the year only, 14 to the month only, 6 not at all.",
    "Serial numbers, clinics, last refills (serviced_on) and all people are invented.",
    (
        "No range of telephone numbers for fiction is known to us in Belgium and the "
        "Netherlands, so nobody there has a telephone number."
    ),
)


def sample(rng: np.random.Generator) -> CaseSample:
    """Return the registry of case C: 350 device records, one for each patient.

    Filled columns: identifiers, ``manufacturer``, ``product``, ``serial``, ``quantity``,
    ``country``, ``implanted_on`` (ISO day, month or year, or null), ``serviced_on`` (the
    last refill) and evidence.
    """
    countries = rng.permutation(np.repeat(list(PATIENTS), list(PATIENTS.values())))
    n = len(countries)
    community = draw_community(rng, "C", countries, COMMUNITY)
    first, last = IMPLANTED
    implanted = first + rng.integers(0, (last - first).astype(int) + 1, n)
    undated = chosen_rows(rng, np.ones(n, dtype=np.bool_), N_UNDATED)
    years_only = chosen_rows(rng, ~undated, N_YEAR_ONLY)
    months_only = chosen_rows(rng, ~undated & ~years_only, N_MONTH_ONLY)
    never = np.zeros(n, dtype=np.bool_)
    # Nobody is refilled before implantation.
    refilled = np.maximum(REGISTRY_ON - rng.integers(1, REFILL_DAYS + 1, n), implanted)
    registry = registry_table(
        {
            "device_id": numbered("C-", n, 4),
            "holder_id": community.patient_ids,
            "clinic_id": community.clinic_ids,
            "manufacturer": repeated("Medtronic", n),
            "product": repeated("MiniMed Implantable Pump", n),
            "serial": numbered("SYN-MIP-", n, 4),
            "quantity": pa.array(np.ones(n, dtype=np.int64)),
            "country": text(countries),
            "implanted_on": text(days_as_text(implanted, months_only, years_only), undated),
            "serviced_on": text(days_as_text(refilled, never, never)),
            "evidence_on": repeated(str(REGISTRY_ON), n),
            "evidence_source": repeated("implant register", n),
        }
    )
    return CaseSample(
        case="c",
        title="MiniMed Implantable Pump: end of production, scarce replacements (July 2020)",
        registry=registry,
        holders=community.holders,
        assumptions=ASSUMPTIONS,
    )


def replacement_due(
    implanted_low: date | None,
    implanted_high: date | None,
    life_years: tuple[int, int] = LIFE_YEARS,
) -> tuple[date | None, date | None]:
    """Return the earliest and the latest day on which a replacement will be needed.

    Args:
        implanted_low: earliest day on which the pump can have been implanted, if known.
        implanted_high: latest such day; the same day for an exact date.
        life_years: shortest and longest life of the pump in years.

    >>> replacement_due(date(2014, 3, 1), date(2014, 3, 31))
    (datetime.date(2020, 3, 1), datetime.date(2022, 3, 31))
    >>> replacement_due(None, None)
    (None, None)
    """
    low = np.array([implanted_low], dtype="datetime64[D]")
    high = np.array([implanted_high], dtype="datetime64[D]")
    due_from, due_by = _due(low, high, life_years)
    return due_from[0].item(), due_by[0].item()


def replacement_needs(registry: pa.Table, life_years: tuple[int, int] = LIFE_YEARS) -> pa.Table:
    """Return when each device will have to be replaced; one row per device record.

    Args:
        registry: device records with ``implanted_on`` as an ISO day, month or year.
        life_years: shortest and longest life of a pump in years.

    Returns:
        ``device_id``, ``holder_id``, ``country``, ``implanted_on`` as they are;
        ``due_from`` and ``due_by`` as dates, null where the implantation is not dated.
        Rows in the order of the registry.
    """
    kept = registry.select(["device_id", "holder_id", "country", "implanted_on"])
    # numpy reads "2015" as the year itself: the day before the next one is its last.
    stated = [np.datetime64(value or "NaT") for value in kept["implanted_on"].to_pylist()]
    low = np.array([value.astype("datetime64[D]") for value in stated])
    high = np.array([(value + 1).astype("datetime64[D]") - 1 for value in stated])
    due_from, due_by = _due(low, high, life_years)
    return kept.append_column("due_from", pa.array(due_from, pa.date32())).append_column(
        "due_by", pa.array(due_by, pa.date32())
    )


def _due(low: Days, high: Days, life_years: tuple[int, int]) -> tuple[Days, Days]:
    return _years_later(low, life_years[0]), _years_later(high, life_years[1])


def _years_later(days: Days, years: int) -> Days:
    """Return the same day so many years later; 29 February becomes 28 where it must."""
    months = days.astype("datetime64[M]")
    into_month = days - months.astype("datetime64[D]")
    target = months + 12 * years
    start = target.astype("datetime64[D]")
    longest = (target + 1).astype("datetime64[D]") - start - np.timedelta64(1, "D")
    later: Days = start + np.minimum(into_month, longest)
    return later
