"""What we write is what FHIR allows, in both releases; a second writing creates nothing new."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tocsin.base.verdict import Verdict
from tocsin.formats.fhir.action import write_action
from tocsin.formats.fhir.communication import write_communication
from tocsin.formats.fhir.device_definition import write_device_definition
from tocsin.formats.fhir.transaction import write_ndjson, write_transaction
from tocsin.formats.fhir.written import Concerned, WrittenRelease
from tocsin.formats.notice_file import read_notice_tree
from tocsin.notice.model import Notice

TREE: dict[str, Any] = {
    "notice": "n-1",
    "kind": "recall",
    "title": "Infusor 7 may stop",
    "issuers": [{"name": "Example Pumps", "role": "manufacturer"}],
    "issued_on": "2026-01-02",
    "remedies": [{"kind": "replacement", "audience": "patient", "details": "Infusor 8"}],
    "scope": [
        {"entry": "a", "affects": {"models": ["MX-7", "MX-8"], "dis": ["00718175003305"]}},
        {"entry": "b", "affects": {"names": ["Infusor 9"]}, "lots": ["L7"]},
        {"entry": "c", "affects": {"catalogue": ["9"]}, "serials": {"prefixes": ["S"]}},
        {"entry": "d", "excludes": {"models": ["MX-7X"]}},
    ],
    "source": {"document": "test", "checked_on": "2026-01-01"},
}
ANN = Concerned(
    "Patient/ann",
    True,
    Verdict.AFFECTED,
    ("pump1", "pump2@Patient/ann"),
    "RelatedPerson/m",
    "letter",
)
OPEN = Concerned("Patient/bob", True, Verdict.CANNOT_TELL, ("pump3",), "Patient/bob")
SHOP = Concerned("Organization/o", False, Verdict.AFFECTED, ("pump4",), "Organization/o", "e-mail")
ROW = Concerned("H 1", True, Verdict.AFFECTED, ("D 1",), "H 1", from_fhir=False)
CHILD = Concerned("Patient/eve", True, Verdict.AFFECTED, ("p",), "Patient/eve#contact1")
HOLDERS = (ANN, OPEN, SHOP, ROW, CHILD)
RELEASES: tuple[WrittenRelease, ...] = ("R4", "R5")


def notice(**change: Any) -> Notice:
    return read_notice_tree({**TREE, **change}, Path("test"))


def check(resource: dict[str, Any], release: WrittenRelease) -> None:
    """Check a resource with an independent reader of FHIR's own definitions.

    It has no R4; R4B differs from R4 in none of the resources that we write.
    """
    definitions = pytest.importorskip(
        "fhir.resources", reason="fhir.resources is not installed: pip install fhir.resources"
    )
    name = "fhir.resources" if release == "R5" else "fhir.resources.R4B"
    assert definitions
    from importlib import import_module

    module = import_module(f"{name}.{resource['resourceType'].lower()}")
    read = getattr(module, resource["resourceType"]).model_validate_json(json.dumps(resource))
    assert json.loads(read.model_dump_json()) == resource


@pytest.mark.parametrize("release", RELEASES)
def test_an_action_is_valid(release: WrittenRelease) -> None:
    written = list(write_action(notice(), HOLDERS, release))
    for resource in written:
        check(resource, release)
    check(write_transaction(written), release)
    assert [json.loads(line) for line in write_ndjson(written).splitlines()] == written


@pytest.mark.parametrize("release", RELEASES)
def test_a_sent_letter_is_valid(release: WrittenRelease) -> None:
    at = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    for state in ("in-progress", "completed", "stopped", "not-done", "unknown"):
        sent = write_communication(notice(), ANN, release, state, at)
        check(sent, release)
        assert (sent["status"], sent["sent"]) == (state, "2026-01-05T09:30:00Z")


@pytest.mark.parametrize("change", [{}, {"issued_on": None}, {"kind": "security-advisory"}])
def test_device_definitions_are_valid(change: dict[str, Any]) -> None:
    bundle = write_device_definition(notice(**change))
    check(bundle, "R5")
    found = [entry["resource"] for entry in bundle["entry"]]
    numbers = [(d.get("modelNumber"), d.get("partNumber")) for d in found]
    assert numbers == [("MX-7", None), ("MX-8", None), (None, None), (None, "9")]
    actions = [d["correctiveAction"] for d in found]
    assert [a["scope"] for a in actions] == ["model", "model", "lot-numbers", "serial-numbers"]
    assert {a["recall"] for a in actions} == {not change.get("kind")}
    if "issued_on" in change:
        assert "start" not in actions[0]["period"]
    else:
        assert actions[0]["period"] == {"start": date(2026, 1, 2).isoformat()}


@pytest.mark.parametrize("release", RELEASES)
def test_who_gets_what(release: WrittenRelease) -> None:
    by_holder = {
        holder.holder_id: [r["resourceType"] for r in write_action(notice(), [holder], release)]
        for holder in HOLDERS
    }
    letter, flag, supply = "CommunicationRequest", "Flag", "SupplyRequest"
    assert by_holder == {
        "Patient/ann": [letter, flag, supply],
        "Patient/bob": [letter],
        "Organization/o": [letter, supply],
        "H 1": [letter, flag, supply],
        "Patient/eve": [letter, flag, supply],
    }
    without = [r["resourceType"] for r in write_action(notice(remedies=[]), [ANN], release)]
    assert without == [letter, flag]


@pytest.mark.parametrize("release", RELEASES)
def test_nothing_is_sent_or_ordered_by_a_file(release: WrittenRelease) -> None:
    for resource in write_action(notice(), HOLDERS, release):
        if resource["resourceType"] != "Flag":
            assert resource["status"] == "draft"


def test_a_letter_goes_to_the_guardian_and_is_about_the_patient() -> None:
    letter = next(iter(write_action(notice(), [ANN], "R4")))
    assert letter["recipient"] == [{"reference": "RelatedPerson/m"}]
    assert letter["subject"] == {"reference": "Patient/ann"}
    assert letter["about"] == [{"reference": "Device/pump1"}, {"reference": "Device/pump2"}]


def test_the_same_action_creates_the_same_identifiers_and_a_revision_others() -> None:
    def identifiers(revision: int) -> list[str]:
        bundle = write_transaction(write_action(notice(revision=revision), HOLDERS, "R4"))
        found = [entry["request"]["ifNoneExist"] for entry in bundle["entry"]]
        assert len(set(found)) == len(found)
        return found

    assert identifiers(1) == identifiers(1)
    assert not set(identifiers(1)) & set(identifiers(2))
