"""The holders of a case: patients, those who speak for a minor, clinicians, clinics."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tocsin.cases.columns import (
    Indices,
    Mask,
    Texts,
    chosen_rows,
    holders_table,
    numbered,
    picked,
    text,
)
from tocsin.cases.people import draw_people

PATIENT, GUARDIAN, CLINICIAN, CLINIC = range(4)
KINDS = ("person", "person", "clinician", "clinic")


@dataclass(frozen=True)
class CommunityPlan:
    """How many there are and how they can be reached; all shares are invented.

    Attributes:
        n_clinics: clinics per country.
        n_clinicians: clinicians per country, at least one for each clinic.
        minor_share: share of patients who are minors; each has a guardian of the same
            household, who is contacted instead.
        email_share: share of adults with an e-mail address on file.
        clinician_email_share: the same for clinicians and clinics.
        phone_share: share of everybody else than minors with a telephone number.
    """

    n_clinics: Mapping[str, int]
    n_clinicians: Mapping[str, int]
    minor_share: float
    email_share: float
    clinician_email_share: float
    phone_share: float


@dataclass(frozen=True)
class Community:
    """Holders and, for each of the n patients, who they are and where they are treated.

    Attributes:
        holders: one row per holder: patients, then guardians, clinicians, clinics.
        patient_ids: shape (n,), ``holder_id`` of each patient.
        clinic_ids: shape (n,), ``holder_id`` of each patient's clinic.
    """

    holders: pa.Table
    patient_ids: pa.Array
    clinic_ids: pa.Array


def draw_community(
    rng: np.random.Generator, case: str, countries: Texts, plan: CommunityPlan
) -> Community:
    """Return the holders of a case.

    Args:
        rng: the source of randomness.
        case: upper-case letter that begins every identifier.
        countries: shape (n,), the country of each patient.
        plan: numbers and shares.
    """
    n = len(countries)
    minor = chosen_rows(rng, np.ones(n, dtype=np.bool_), round(plan.minor_share * n))
    children = np.flatnonzero(minor)
    of_clinicians, of_clinics = _repeated(plan.n_clinicians), _repeated(plan.n_clinics)
    sizes = (n, len(children), len(of_clinicians), len(of_clinics))
    kinds = np.repeat([PATIENT, GUARDIAN, CLINICIAN, CLINIC], sizes)
    everybody = np.concatenate([countries, countries[children], of_clinicians, of_clinics])
    household = np.arange(len(everybody))
    household[n : n + len(children)] = children
    people = draw_people(rng, everybody, household)

    ids = [numbered(f"{case}-{x}", size, 5) for x, size in zip("PGDC", sizes, strict=True)]
    clinic = _clinics_of_patients(rng, countries, of_clinics)
    treated_at = np.full(len(everybody), -1)
    treated_at[:n] = clinic
    treated_at[kinds == CLINICIAN] = _clinics_of_clinicians(of_clinicians, of_clinics)
    guardian = np.full(len(everybody), -1)
    guardian[children] = np.arange(len(children))
    is_minor = np.concatenate([minor, np.zeros(len(everybody) - n, dtype=np.bool_)])
    email_share = np.where(kinds >= CLINICIAN, plan.clinician_email_share, plan.email_share)
    named = np.where(kinds == CLINICIAN, np.char.add("Dr ", people.name), people.name)
    # A clinic is written to as a clinic, not as whoever was drawn for its address.
    desks = np.char.add(np.char.add("clinic.", np.arange(len(kinds)).astype("U7")), "@example.org")
    email = np.where(kinds == CLINIC, desks, people.email)
    no_phone = _missing(rng, np.full(len(kinds), plan.phone_share))
    holders = holders_table(
        {
            "holder_id": pa.concat_arrays(ids),
            "kind": picked(KINDS, kinds),
            "name": text(np.where(kinds == CLINIC, people.clinic_name, named)),
            "email": text(email, is_minor | _missing(rng, email_share)),
            "phone": text(people.phone, is_minor | no_phone),
            "address_lines": text(people.address_lines),
            "country": text(people.country),
            "language": text(people.language),
            "clinic_id": _taken(ids[CLINIC], treated_at),
            "represented_by": _taken(ids[GUARDIAN], guardian),
            "minor": picked(["false", "true", None], np.where(kinds >= CLINICIAN, 2, is_minor * 1)),
        }
    )
    return Community(holders, ids[PATIENT], _taken(ids[CLINIC], clinic))


def _repeated(counts: Mapping[str, int]) -> Texts:
    return np.repeat(list(counts), list(counts.values()))


def _clinics_of_patients(rng: np.random.Generator, countries: Texts, clinics: Texts) -> Indices:
    """Return, per patient, a clinic of the same country drawn at random."""
    index = np.empty(len(countries), dtype=np.int64)
    for country in np.unique(countries):
        rows = countries == country
        index[rows] = rng.choice(np.flatnonzero(clinics == country), int(rows.sum()))
    return index


def _clinics_of_clinicians(clinicians: Texts, clinics: Texts) -> Indices:
    """Return, per clinician, a clinic of the same country; no clinic stays without."""
    index = np.empty(len(clinicians), dtype=np.int64)
    for country in np.unique(clinicians):
        rows = np.flatnonzero(clinicians == country)
        own = np.flatnonzero(clinics == country)
        index[rows] = own[np.arange(len(rows)) % len(own)]
    return index


def _missing(rng: np.random.Generator, share_present: NDArray[np.float64]) -> Mask:
    return rng.random(len(share_present)) >= share_present


def _taken(ids: pa.Array, index: Indices) -> pa.Array:
    """Return ``ids[index]``, null where the index is negative."""
    return ids.take(pa.array(index, mask=index < 0))
