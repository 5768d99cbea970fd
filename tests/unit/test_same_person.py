"""Who may be one person, how groups form, and what a holder's row may say."""

import pytest

from tocsin.outreach.person_groups import choose_contact, group_persons
from tocsin.registry.holder_record import read_holder
from tocsin.registry.same_person import Comparable, Mark, marks_of, may_be_same


def someone(name: str, registry: int = 1, **told: object) -> Comparable:
    known = {"kind": "person", "is_minor": False, "represented_by": None} | told
    return Comparable(person_id=name, registry_ids=frozenset({registry}), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "marks", "may"),
    [
        (someone("b", 2), {Mark.EMAIL}, True),
        (someone("b", 2), {Mark.PHONE}, True),
        (someone("b", 2), {Mark.ADDRESS}, True),
        (someone("b", 2), {Mark.SERIAL}, True),
        (someone("b", 2), {Mark.NAME}, False),
        (someone("b", 2), set(), False),
        (someone("b", 1), {Mark.EMAIL}, False),
        (someone("b", 2, kind="clinic"), {Mark.EMAIL}, False),
        (someone("b", 2, is_minor=True), {Mark.EMAIL}, False),
        (someone("b", 2, represented_by="a"), {Mark.EMAIL}, False),
    ],
)
def test_who_is_worth_a_look(other: Comparable, marks: set[Mark], may: bool) -> None:
    assert may_be_same(someone("a"), other, marks) is may
    assert may_be_same(other, someone("a"), marks) is may


def test_marks_are_equal_however_they_are_written() -> None:
    one = {"name": "Dahl, Eva", "phone": "+46 8 123 45 67", "address_lines": "Stora 1|111 22 Å"}
    two = {"name": "EVA  Dahl", "phone": "0046-8-1234567", "address_lines": "stora 1, 11122 a"}
    assert marks_of(one) == marks_of(two)
    assert marks_of({"email": "two@ats@x", "phone": "12345"}) == {}


def test_groups_come_apart_as_they_came_together() -> None:
    pairs = [("a", "b"), ("c", "d"), ("b", "c")]
    assert set(group_persons(pairs).values()) == {("a", "b", "c", "d")}
    assert set(group_persons(pairs[:2]).values()) == {("a", "b"), ("c", "d")}
    assert choose_contact(("a", "b", "c"), {}) == "a"


@pytest.mark.parametrize("char", ["\n", "\r", "\x00", "\u2028", "\u202e", "\x85"])
def test_a_character_that_could_change_a_letter_refuses_the_row(char: str) -> None:
    for column in ("name", "email", "phone", "address_lines", "holder_id", "represented_by"):
        row = {"holder_id": "H1", column: f"A{char}B"}
        read = read_holder(row)
        assert read.record is None
        assert read.refused[0].column == column
