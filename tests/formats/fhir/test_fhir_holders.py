"""Patients, organisations and guardians become holders who can be reached."""

from pathlib import Path
from typing import Any

import pytest

from tests.lib.fhir_documents import bundle, read_people, write_json

PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "name": [
        {"use": "maiden", "family": "Before"},
        {"use": "official", "prefix": ["Ms"], "given": ["Ann", "Bea"], "family": "Arbour"},
    ],
    "telecom": [
        {"system": "phone", "use": "old", "value": "1"},
        {"system": "phone", "rank": 2, "value": "2"},
        {"system": "phone", "rank": 1, "value": "3"},
        {"system": "email", "value": "ann@example.org"},
    ],
    "address": [
        {"use": "old", "line": ["Gone 1"], "country": "FR"},
        {
            "use": "home",
            "line": ["Rue 1", "b|c"],
            "postalCode": "1000",
            "city": "X",
            "country": "be",
        },
    ],
    "communication": [
        {"language": {"coding": [{"code": "nl-BE"}]}},
        {"language": {"coding": [{"code": "fr-BE"}]}, "preferred": True},
    ],
    "birthDate": "1990-05",
}
MOTHER = {"coding": [{"code": "MTH"}]}
GUARDIAN = {"coding": [{"code": "GUARD"}]}
EMERGENCY = {"coding": [{"code": "C"}]}


def read(tmp_path: Path, *resources: Any) -> dict[str, dict[str, str]]:
    rows, loaded = read_people(write_json(tmp_path / "b.json", bundle(*resources)))
    assert loaded.broken == ()
    return rows


def test_a_patient_is_reached_as_the_record_prefers(tmp_path: Path) -> None:
    assert read(tmp_path, PATIENT)["Patient/p"] == {
        "holder_id": "Patient/p",
        "kind": "person",
        "name": "Ms Ann Bea Arbour",
        "email": "ann@example.org",
        "phone": "3",
        "address_lines": "Rue 1|b/c|1000 X|be",
        "country": "BE",
        "language": "fr-BE",
        "minor": "false",
        "fhir.birth_on": "1990-05",
        "fhir.place": "b.json, entry 1",
    }


@pytest.mark.parametrize(
    ("birth", "minor"),
    [
        ("2010", "true"),
        ("2008", None),
        ("2008-11-21", "false"),
        ("2008-11-22", "true"),
        ("2008-02-29", "false"),
        ("soon", None),
        (None, None),
    ],
)
def test_who_is_a_child_is_told_only_where_it_is_sure(
    tmp_path: Path, birth: str | None, minor: str | None
) -> None:
    patient = {**PATIENT, "birthDate": birth}
    assert read(tmp_path, patient)["Patient/p"].get("minor") == minor


@pytest.mark.parametrize(
    ("birth", "relationship", "represented"),
    [
        ("2015", MOTHER, True),
        ("1990", MOTHER, False),
        (None, MOTHER, False),
        ("1990", GUARDIAN, True),
        ("2015", EMERGENCY, False),
    ],
)
def test_a_guardian_is_written_to_and_a_parent_of_a_child(
    tmp_path: Path, birth: str | None, relationship: Any, *, represented: bool
) -> None:
    contact = {
        "relationship": [relationship],
        "name": {"text": "M"},
        "telecom": [{"system": "phone", "value": "5"}],
    }
    rows = read(tmp_path, {**PATIENT, "birthDate": birth, "contact": [contact]})
    assert rows["Patient/p"].get("represented_by") == (
        "Patient/p#contact1" if represented else None
    )
    assert ("Patient/p#contact1" in rows) == represented
    if represented:
        assert (rows["Patient/p#contact1"]["name"], rows["Patient/p#contact1"]["phone"]) == (
            "M",
            "5",
        )
    related = {
        "resourceType": "RelatedPerson",
        "id": "m",
        "patient": {"reference": "Patient/p"},
        "relationship": [relationship],
    }
    rows = read(tmp_path, {**PATIENT, "birthDate": birth}, related)
    assert rows["Patient/p"].get("represented_by") == ("RelatedPerson/m" if represented else None)
    assert rows["RelatedPerson/m"]["kind"] == "person"


@pytest.mark.parametrize(
    ("code", "kind"),
    [("prov", "clinic"), ("pay", "payer"), ("bus", "distributor"), ("x", "clinic")],
)
def test_an_organisation_is_never_a_person(tmp_path: Path, code: str, kind: str) -> None:
    r4 = {
        "resourceType": "Organization",
        "id": "o",
        "name": "Clinic",
        "type": [{"coding": [{"code": code}]}],
        "telecom": [{"system": "email", "value": "o@example.org"}],
    }
    row = read(tmp_path, r4)["Organization/o"]
    assert (row["kind"], row["name"], row["email"]) == (kind, "Clinic", "o@example.org")
    contact = [{"telecom": r4["telecom"], "address": {"text": "Street 1\nTown"}}]
    r5 = {"resourceType": "Organization", "id": "o", "name": "Clinic", "contact": contact}
    row = read(tmp_path, r5)["Organization/o"]
    assert (row["email"], row["address_lines"]) == ("o@example.org", "Street 1|Town")


def test_a_clinician_belongs_to_the_clinic_of_the_patient(tmp_path: Path) -> None:
    doctor = {"resourceType": "Practitioner", "id": "d", "name": [{"text": "Dr D"}]}
    patient = {
        **PATIENT,
        "generalPractitioner": [{"reference": "Practitioner/d"}],
        "managingOrganization": {"reference": "Organization/o"},
    }
    rows = read(tmp_path, patient, doctor)
    assert rows["Patient/p"]["clinic_id"] == "Organization/o"
    assert rows["Practitioner/d"]["kind"] == "clinician"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"deceasedBoolean": True}, "deceased"),
        ({"deceasedDateTime": "2020"}, "deceased"),
        ({"deceasedBoolean": False}, None),
        ({"active": False}, "inactive"),
    ],
)
def test_death_and_records_out_of_use_are_shown(
    tmp_path: Path, change: dict[str, Any], status: str | None
) -> None:
    assert read(tmp_path, {**PATIENT, **change})["Patient/p"].get("fhir.status") == status
