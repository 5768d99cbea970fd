"""Case A: MiniMed 508 and Paradigm, 27 June 2019: a security recall without a fix.

4,000 patients with a pump each, some of them with linked parts. The software version,
which decides for half of the models, is known for 60 % of the pumps.
"""

import numpy as np
import pyarrow as pa

from tocsin.cases.columns import (
    Days,
    Indices,
    Mask,
    Texts,
    chosen_rows,
    days_as_text,
    drawn_from,
    numbered,
    registry_table,
    text,
)
from tocsin.cases.community import Community, CommunityPlan, draw_community
from tocsin.cases.pump_models import Line, LinkedPart, ModelCodes, lines, model_codes
from tocsin.cases.sample import CaseSample

VERSION_KNOWN_SHARE = 0.6

COMMUNITY = CommunityPlan(
    n_clinics={"US": 90, "CA": 6, "AU": 4, "GB": 6, "FR": 4, "DE": 4, "NL": 3, "SE": 2},
    n_clinicians={"US": 190, "CA": 12, "AU": 8, "GB": 12, "FR": 8, "DE": 8, "NL": 6, "SE": 3},
    minor_share=0.11,
    email_share=0.75,
    clinician_email_share=0.8,
    phone_share=0.9,
)

MEDTRONIC_SPELLINGS = (
    *("Medtronic",) * 12,
    *("Medtronic MiniMed",) * 12,
    *("MEDTRONIC MINIMED",) * 4,
    *("MEDTRONIC PUERTO RICO OPERATIONS CO.",) * 11,
    "",
)
"""How records name the maker, drawn evenly; shares invented. A few say nothing."""

CODE_SPELLINGS = (
    *("MMT-",) * 16,
    *("",) * 2,
    "MMT ",
    "MMT",
    "mmt-",
)
"""How the maker's prefix of a code is written, drawn evenly; shares invented."""

VERSION_SPELLINGS = (*("",) * 8, "v", "V ")

VERSION_SOURCES = ("clinic visit", "clinic visit", "telephone call", "download", "service record")
OTHER_SOURCES = ("pharmacy claim", "pharmacy claim", "shipping record", "")

NAME_SHARE, NAME_ONLY_SHARE = 0.7, 0.04
"""Records with a product name, and records with a name but no code. Invented."""

YEAR_ONLY_SHARE, MONTH_ONLY_SHARE, UNDATED_SHARE = 0.06, 0.03, 0.05
"""Dates of shipment and of evidence that are less than a day. Invented."""

EVIDENCE_ON = (np.datetime64("2017-01-01"), np.datetime64("2019-06-20"))
"""First and last day on which somebody looked; the notice is of 27 June 2019. Invented."""

ASSUMPTIONS = (
    (
        "A registry of 4,000 patients with one pump each is invented, and so is the number of "
        "each model; the document gives no number of pumps."
    ),
    (
        "Model numbers are real; a code with region and colour (MMT-722NAS) is put together by "
        "the maker's rule, and a single one may never have been sold."
    ),
    (
        "The software version is known for 2,400 of the 4,000 pumps; the versions and their "
        "shares are invented, spread around the bounds 2.4A, 2.6A and 2.7A."
    ),
    (
        "Remote controllers, CareLink USB sticks, transmitters and meters are records of their "
        "own; who has one is invented."
    ),
    "675 patients live outside the USA; 40 in the USA have a pump that was sold only elsewhere.",
    (
        "90 pumps are known only as Paradigm, 20 by nothing at all; other makers' pumps and "
        "models that the notice does not list are there to be cleared."
    ),
    (
        "440 patients are minors, each with a guardian; serial numbers, dates, clinics and all "
        "people are invented."
    ),
)


def sample(rng: np.random.Generator) -> CaseSample:
    """Return the registry of case A: 4,000 pumps, then the parts linked to them.

    Filled columns: identifiers, ``manufacturer``, ``product``, ``model``,
    ``software_version``, ``serial``, ``quantity`` (always 1), ``country`` (where the
    holder lives, a traveller's too), ``shipped_on``, ``evidence_on`` (ISO day; in some a
    month or a year) and ``evidence_source``: when and how somebody saw the version, where
    it is known.
    """
    models = model_codes()
    all_lines = lines(models)
    counts = [line.n_pumps for line in all_lines]
    line = rng.permutation(np.repeat(np.arange(len(all_lines)), counts))
    countries = drawn_from(rng, [each.countries for each in all_lines], line)
    community = draw_community(rng, "A", countries, COMMUNITY)
    pumps = _pumps(rng, all_lines, line, countries, community)
    parts = _parts(rng, models, all_lines, line, pumps)
    registry = pa.concat_tables([pumps, parts])
    ids = numbered("A-", registry.num_rows, 5)
    return CaseSample(
        case="a",
        title="MiniMed 508 and Paradigm: pumps that an outsider can command (June 2019)",
        registry=registry.set_column(0, "device_id", ids),
        holders=community.holders,
        assumptions=ASSUMPTIONS,
    )


def _pumps(
    rng: np.random.Generator,
    all_lines: tuple[Line, ...],
    line: Indices,
    countries: Texts,
    community: Community,
) -> pa.Table:
    n = len(line)
    model, product = _identity(rng, all_lines, line)
    has_versions = np.array([each.pump.versions is not None for each in all_lines])[line]
    known = chosen_rows(rng, has_versions, round(VERSION_KNOWN_SHARE * n))
    return registry_table(
        {
            "device_id": pa.nulls(n, pa.string()),
            "holder_id": community.patient_ids,
            "clinic_id": community.clinic_ids,
            "manufacturer": text(_makers(rng, [each.pump.maker for each in all_lines], line)),
            "product": text(product),
            "model": text(model),
            "software_version": text(_versions(rng, all_lines, line), ~known),
            "serial": numbered("SYN", n, 6),
            "quantity": pa.array(np.ones(n, dtype=np.int64)),
            "country": text(countries),
            "shipped_on": text(_shipped_on(rng, all_lines, line)),
            "evidence_on": text(_evidence_on(rng, n)),
            "evidence_source": text(
                drawn_from(rng, [OTHER_SOURCES, VERSION_SOURCES], known.astype(np.int64))
            ),
        }
    )


def _identity(
    rng: np.random.Generator, all_lines: tuple[Line, ...], line: Indices
) -> tuple[Texts, Texts]:
    """Return model and product of each pump as written; either may be empty."""
    n = len(line)
    code = drawn_from(rng, [each.codes for each in all_lines], line)
    name = np.array([each.pump.name or "" for each in all_lines])[line]
    full_name = np.array([each.full_name for each in all_lines])[line]
    prefix = drawn_from(rng, [CODE_SPELLINGS], np.zeros(n, dtype=np.int64))
    bare = np.char.replace(code, "MMT-", "")
    written = np.where(code == "", "", np.char.add(prefix, bare))
    has_name = (rng.random(n) < NAME_SHARE) | (code == "")
    name_only = (rng.random(n) < NAME_ONLY_SHARE) & (code != "")
    model = np.where(name_only, "", written)
    return model, np.where(name_only, full_name, np.where(has_name, name, ""))


def _makers(rng: np.random.Generator, makers: list[str], which: Indices) -> Texts:
    """Return makers as written: Medtronic in several spellings, others as they are."""
    spellings = [MEDTRONIC_SPELLINGS if name == "Medtronic" else (name,) for name in makers]
    return drawn_from(rng, spellings, which)


def _versions(rng: np.random.Generator, all_lines: tuple[Line, ...], line: Indices) -> Texts:
    plain = drawn_from(rng, [each.versions for each in all_lines], line)
    prefix = drawn_from(rng, [VERSION_SPELLINGS], np.zeros(len(line), dtype=np.int64))
    return np.char.add(prefix, plain)


def _shipped_on(rng: np.random.Generator, all_lines: tuple[Line, ...], line: Indices) -> Texts:
    years = np.array([each.pump.years for each in all_lines])[line]
    first, last = ((years[:, k] - 1970 + k).astype("datetime64[Y]") for k in (0, 1))
    first_day, end_day = first.astype("datetime64[D]"), last.astype("datetime64[D]")
    days = first_day + rng.integers(0, (end_day - first_day).astype(np.int64))
    return _dates(rng, days)


def _evidence_on(rng: np.random.Generator, n: int) -> Texts:
    first, last = EVIDENCE_ON
    return _dates(rng, first + rng.integers(0, int((last - first).astype(int)) + 1, n))


def _dates(rng: np.random.Generator, days: Days) -> Texts:
    """Return the days as written: some as a year or a month, some not at all."""
    draw = rng.random(len(days))
    years_only = draw < YEAR_ONLY_SHARE
    months_only = ~years_only & (draw < YEAR_ONLY_SHARE + MONTH_ONLY_SHARE)
    undated = draw > 1 - UNDATED_SHARE
    return np.where(undated, "", days_as_text(days, months_only, years_only))


def _parts(
    rng: np.random.Generator,
    models: ModelCodes,
    all_lines: tuple[Line, ...],
    line: Indices,
    pumps: pa.Table,
) -> pa.Table:
    """Return the parts that holders of listed pumps have; one row per part."""
    abroad = pumps["country"].to_numpy() != "US"
    tables = []
    for part in models.parts:
        fits = np.array([each.pump.model in part.used_with for each in all_lines])[line]
        rows = np.flatnonzero(fits & (rng.random(len(line)) < part.share))
        tables.append(_part(rng, part, pumps.take(pa.array(rows)), abroad[rows]))
    parts = pa.concat_tables(tables)
    serial = parts.schema.get_field_index("serial")
    return parts.set_column(serial, "serial", numbered("SYNP", parts.num_rows, 6))


def _part(rng: np.random.Generator, part: LinkedPart, pumps: pa.Table, abroad: Mask) -> pa.Table:
    n = pumps.num_rows
    here = part.model or ""
    return registry_table(
        {
            "holder_id": pumps["holder_id"],
            "clinic_id": pumps["clinic_id"],
            "manufacturer": text(_makers(rng, [part.maker], np.zeros(n, dtype=np.int64))),
            "product": text(np.full(n, part.name)),
            "model": text(np.where(abroad, part.model_abroad or here, here)),
            "quantity": pa.array(np.ones(n, dtype=np.int64)),
            "country": pumps["country"],
            "evidence_on": pumps["evidence_on"],
            "evidence_source": text(np.full(n, "pharmacy claim")),
        }
    )
