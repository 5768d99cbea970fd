"""Persons: every look is told, erasure is for good, and nobody drops out of an open action."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from tests.services.lists import as_role, import_list, operator_of, write_list
from tocsin.base.errors import UsageError
from tocsin.services.list_imports import add_registry
from tocsin.services.persons import (
    PersonErased,
    PersonUnknown,
    access_person,
    end_hold,
    erase_person,
    hold_person,
)
from tocsin.services.rights import NotAllowed
from tocsin.services.work import Caller
from tocsin.store.audit.trail import read_rows
from tocsin.store.erased_file import Erased, note_erasure, read_erasures
from tocsin.store.home import find_home
from tocsin.store.models import Holder, Person, PersonKey, PersonToken
from tocsin.store.person_holds import RULES
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("database")
COLUMNS = ("holder_id", "name", "email", "represented_by", "minor")
ROWS = [
    ("H1", "Ada Child", "", "H2", "true"),
    ("H2", "Bea Parent", "bea@example.org", "", ""),
]


@pytest.fixture
def operator(tmp_path: Path) -> Caller:
    caller = operator_of()
    add_registry(caller, "clinic")
    import_list(caller, "clinic", write_list(tmp_path / "a.csv", COLUMNS, ROWS), "holders")
    return caller


def person_of(caller: Caller, holder_id: str) -> str:
    with acting_for(caller.organisation_id):
        return str(Holder.objects.get(holder_id=holder_id).person_id)


def last_event() -> dict[str, object]:
    told: dict[str, object] = json.loads(list(read_rows())[-1].body)
    return told


def test_a_look_is_told_with_its_purpose(operator: Caller) -> None:
    child = person_of(operator, "H1")
    shown = access_person(operator, child, "call about notice 7")
    assert shown.private == {"name": "Ada Child"}
    assert shown.addressee_id == person_of(operator, "H2")
    assert shown.holder_ids == {"clinic": "H1"}
    told = last_event()
    assert (told["event"], told["subject"]) == ("person_accessed", f"person:{child}")
    assert told["reason"] == "call about notice 7"
    with pytest.raises(UsageError, match="--purpose"):
        access_person(operator, child, " ")


def test_who_may_not_look_sees_nothing(operator: Caller) -> None:
    child = person_of(operator, "H1")
    n_before = len(list(read_rows()))
    for role in set(Role) - {Role.OPERATOR, Role.PRIVACY_OFFICER}:
        with pytest.raises(NotAllowed):
            access_person(as_role(operator, role), child, "curious")
    assert len(list(read_rows())) == n_before


def test_a_person_of_another_organisation_is_not_found(operator: Caller) -> None:
    other = operator_of("other")
    for wrong in (person_of(operator, "H1"), str(uuid4()), "no id"):
        with pytest.raises(PersonUnknown):
            access_person(other, wrong, "curious")


def test_an_erased_person_is_gone_but_the_row_stays(operator: Caller, tmp_path: Path) -> None:
    child, officer = person_of(operator, "H1"), as_role(operator, Role.PRIVACY_OFFICER)
    n_noted = len(list(read_erasures(find_home().erased)))
    assert erase_person(officer, child, "asked by letter").held_because == ()
    with acting_for(operator.organisation_id):
        row = Person.objects.get(pk=child)
        assert row.sealed is None
        assert row.erased_at == officer.now
        assert not PersonKey.objects.filter(person=row).exists()
        assert not PersonToken.objects.filter(person=row).exists()
    with pytest.raises(PersonErased, match="nobody can read"):
        access_person(operator, child, "call")
    noted = list(read_erasures(find_home().erased))
    assert [one.person for one in noted[n_noted:]] == [child]
    assert find_home().erased.stat().st_mode & 0o777 == 0o600
    again = write_list(tmp_path / "a.csv", COLUMNS, ROWS)
    done = import_list(operator, "clinic", again, "holders")
    assert (done.n_accepted, done.n_rejected) == (1, 1)
    with acting_for(operator.organisation_id):
        assert Person.objects.get(pk=child).sealed is None


def test_who_is_held_is_not_erased_but_the_wish_is_kept(operator: Caller) -> None:
    child, officer = person_of(operator, "H1"), as_role(operator, Role.PRIVACY_OFFICER)
    hold_person(officer, child, "court order")
    assert erase_person(officer, child, "asked").held_because == ("legal hold",)
    assert last_event()["event"] == "erasure_held"
    with acting_for(operator.organisation_id):
        assert Person.objects.get(pk=child).erasure_asked_at == officer.now
    end_hold(officer, child, "the case is closed")
    assert erase_person(officer, child, "asked").held_because == ()


def test_a_guardian_of_somebody_and_who_is_in_an_action_are_held(
    operator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = as_role(operator, Role.PRIVACY_OFFICER)
    held = erase_person(officer, person_of(operator, "H2"), "asked").held_because
    assert held == ("they are written to for somebody else",)
    monkeypatch.setattr("tocsin.store.person_holds.RULES", [*RULES, lambda _: "in action 3"])
    held = erase_person(officer, person_of(operator, "H1"), "asked").held_because
    assert held == ("in action 3",)


def test_a_line_that_a_crash_cut_off_is_no_erasure(tmp_path: Path) -> None:
    path = tmp_path / "erased.jsonl"
    path.write_text('{"person":"a","at":"2026-11-21","organisation":1}\n{"person":"b","at')
    assert [one.person for one in read_erasures(path)] == ["a"]
    note_erasure(path, Erased("c", "2026-11-22", 1))
    assert [one.person for one in read_erasures(path)] == ["a", "c"]
    assert list(read_erasures(tmp_path / "none")) == []
