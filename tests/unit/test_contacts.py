"""Whom to contact: one line per person, nobody dropped."""

from tocsin.base.verdict import Verdict
from tocsin.outreach.contacts import UNREACHABLE, ContactLine, HolderVerdict, contact_lines

HOLDERS: dict[str, dict[str, str | None]] = {
    "P1": {"kind": "person", "email": "p1@example.org", "language": "fr-BE", "clinic_id": "C1"},
    "P2": {"kind": "person", "address_lines": "1 Way|Town", "represented_by": "G2"},
    "G2": {"kind": "person", "name": "Guardian", "phone": "555-0100", "language": "nl"},
    "C1": {"kind": "clinic", "email": "clinic@example.org"},
    "K1": {"kind": "clinician", "email": "doctor@example.org", "clinic_id": "C1"},
    "K2": {"kind": "clinician", "email": "other@example.org", "clinic_id": "C2"},
}


def lines(*verdicts: HolderVerdict) -> dict[str, ContactLine]:
    found = list(contact_lines(verdicts, HOLDERS, ["en", "fr"]))
    assert len({line.holder_id for line in found}) == len(found)
    return {line.holder_id: line for line in found}


def test_the_most_urgent_verdict_of_a_person_counts() -> None:
    told = lines(
        HolderVerdict("P1", None, Verdict.CANNOT_TELL), HolderVerdict("P1", None, Verdict.AFFECTED)
    )
    assert told["P1"].why == "affected"


def test_a_minor_is_told_through_the_guardian() -> None:
    told = lines(HolderVerdict("P2", None, Verdict.AFFECTED))["P2"]
    assert (told.addressee_id, told.name, told.channel) == ("G2", "Guardian", "telephone")
    assert told.language == "nl"
    assert not told.language_ready


def test_the_clinic_and_its_clinicians_are_told_with_the_number_of_persons() -> None:
    told = lines(
        HolderVerdict("P1", None, Verdict.AFFECTED), HolderVerdict("P2", "C1", Verdict.AFFECTED)
    )
    assert (told["C1"].audience, told["C1"].n_persons) == ("facility", 2)
    assert told["K1"].audience == "clinician"
    assert "K2" not in told


def test_who_cannot_be_reached_still_has_a_line() -> None:
    assert lines(HolderVerdict("nobody", None, Verdict.AFFECTED))["nobody"].channel == UNREACHABLE


def test_the_language_is_ready_when_the_notice_has_it() -> None:
    assert lines(HolderVerdict("P1", None, Verdict.AFFECTED))["P1"].language_ready
