"""Persons at the desk: found without a list of names, opened for a purpose, held, erased."""

from pathlib import Path
from typing import Any

import pytest

from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.prepared import Prepare
from tests.services.lists import import_list, write_list
from tocsin.services.callers import user_caller
from tocsin.services.list_imports import add_registry
from tocsin.services.work import Caller
from tocsin.store.models import AuditRow, Holder, Person, PersonLink, User
from tocsin.store.roles import Role

COLUMNS = ("holder_id", "name", "email", "phone", "address_lines", "represented_by")
CLINIC = [
    ("C1", "Åsa Lind", "asa@example.org", "", "Storgatan 1|11122 Stockholm", ""),
    ("C2", "Tom Berg", "", "+46 8 123 45 67", "", ""),
    ("C3", "Kim Berg", "", "", "", "C2"),
    ("C4", "Eva Dahl", "eva@example.org", "", "", ""),
]
PHARMACY = [
    ("P1", "Lind Asa", "ASA@example.org ", "", "Storgatan 1|11122 Stockholm", ""),
    ("P2", "T. Berg", "", "0046 8-1234567", "", ""),
    ("P4", "E. Dahl", "eva@example.org", "", "", ""),
]
DECISIONS = {"decision": "confirm", "why": "same", "reason": ""}


@pytest.fixture
def team(prepared: Prepare) -> dict[Role, DeskClient]:
    return prepared(arrange, Path)


def arrange(folder: Path) -> dict[Role, DeskClient]:
    made = team_at_desk()
    caller = caller_of("operator")
    for name, rows in (("clinic", CLINIC), ("pharmacy", PHARMACY)):
        add_registry(caller, name)
        quoted = [tuple(f'"{value}"' for value in row) for row in rows]
        import_list(caller, name, write_list(folder / "h.csv", COLUMNS, quoted), "holders")
    devices = [("D1", "C1", "Medtronic", "MMT-722", "SN77")]
    columns = ("device_id", "holder_id", "manufacturer", "model", "serial")
    import_list(caller, "clinic", write_list(folder / "d.csv", columns, devices))
    return made


def caller_of(role: str) -> Caller:
    from tests.lib.people import NOW

    user = User.objects.get(email=f"{role}-acme@example.org")
    return user_caller(user.pk, "acme", NOW)


def person_of(holder_id: str) -> str:
    return str(Holder.everywhere.get(holder_id=holder_id).person_id)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def events() -> list[str]:
    return list(AuditRow.objects.order_by("seq").values_list("event", flat=True))


def open_person(client: DeskClient, holder_id: str) -> Any:
    here = f"/desk/persons/{person_of(holder_id)}/"
    client.post(here, {"purpose": "to call them back"})
    return client.get(here)


@pytest.mark.parametrize(
    ("by", "text", "found"),
    [
        ("email", " ASA@Example.org", {"C1 in clinic", "P1 in pharmacy"}),
        ("phone", "+46 (8) 1234567", {"C2 in clinic"}),
        ("name", "lind åsa", {"C1 in clinic", "P1 in pharmacy"}),
        ("holder_id", "C3", {"C3 in clinic"}),
        ("email", "nobody@example.org", set()),
    ],
)
def test_a_person_is_found_by_what_they_tell(
    team: dict[Role, DeskClient], by: str, text: str, found: set[str]
) -> None:
    told = {"by": by, "text": text, "purpose": "they called"}
    shown = text_of(team[Role.OPERATOR].post("/desk/persons/", told))
    for one in ("C1 in clinic", "P1 in pharmacy", "C3 in clinic"):
        assert (one in shown) == (one in found), one
    assert found <= {one for one in found if one in shown}
    section = shown.partition("found-title")[2]
    assert "Lind" not in section
    last = AuditRow.objects.order_by("-seq").first()
    assert last is not None
    assert last.event == "persons_searched"
    assert b"xample" not in bytes(last.body)


@pytest.mark.parametrize(("by", "text"), [("email", "x"), ("phone", "12"), ("person_id", "zz")])
def test_what_cannot_be_looked_for_is_said(
    team: dict[Role, DeskClient], by: str, text: str
) -> None:
    answer = team[Role.OPERATOR].post("/desk/persons/", {"by": by, "text": text, "purpose": "p"})
    assert answer.status_code == 400
    assert "There is a problem" in text_of(answer)


def test_a_person_is_opened_only_for_a_purpose_and_each_look_is_told(
    team: dict[Role, DeskClient],
) -> None:
    client, here = team[Role.OPERATOR], f"/desk/persons/{person_of('C1')}/"
    asked = text_of(client.get(here))
    assert "For what do you open" in asked
    assert "Åsa" not in asked
    assert "person_accessed" not in events()
    shown = text_of(open_person(client, "C1"))
    for told in ("Åsa Lind", "asa@example.org", "11122 Stockholm", "MMT-722", "SN77"):
        assert told in shown
    assert "to call them back" in shown
    assert "Operator-Acme" in shown.partition("Who looked")[2]
    client.get(here)
    assert events().count("person_accessed") == 2


def test_who_represents_whom_is_shown_on_both(team: dict[Role, DeskClient]) -> None:
    client = team[Role.OPERATOR]
    assert "their carer or guardian" in text_of(open_person(client, "C3"))
    assert "Is written to for" in text_of(open_person(client, "C2"))


def test_only_who_may_opens_a_person(team: dict[Role, DeskClient]) -> None:
    here = f"/desk/persons/{person_of('C1')}/"
    for role, client in team.items():
        may = role in {Role.OPERATOR, Role.PRIVACY_OFFICER}
        client.post(here, {"purpose": "to look"})
        answer = client.get(here)
        assert (answer.status_code == 200) == may, role
        assert ("Åsa" in text_of(answer)) == may, role


def test_a_held_person_is_not_erased_and_a_free_one_is(team: dict[Role, DeskClient]) -> None:
    client, here = team[Role.PRIVACY_OFFICER], f"/desk/persons/{person_of('C1')}/"
    client.post(f"{here}hold/", {"reason": "a court's order"})
    assert client.post(f"{here}erase/", {"reason": "asked"}).status_code == 400
    client.post(f"{here}erase/", {"reason": "asked by letter", "sure": "on"})
    assert "Erasure was asked for" in text_of(open_person(client, "C1"))
    assert Person.everywhere.get(pk=person_of("C1")).erased_at is None
    client.post(f"{here}end-hold/", {"reason": "the case is closed"})
    client.post(f"{here}erase/", {"reason": "asked by letter", "sure": "on"})
    shown = text_of(open_person(client, "C1"))
    assert "An erased person" in shown
    assert "Åsa" not in shown
    assert team[Role.OPERATOR].post(f"{here}erase/", {"reason": "x"}).status_code == 403


def test_pairs_are_decided_one_after_the_other(team: dict[Role, DeskClient]) -> None:
    client = team[Role.OPERATOR]
    client.post("/desk/persons/links/propose/")
    first, second, third = PersonLink.everywhere.order_by("pk")
    listed = text_of(client.get("/desk/persons/links/"))
    assert "Lind" not in listed
    assert listed.count("exact") >= 1
    shown = text_of(client.get(f"/desk/persons/links/{first.pk}/"))
    assert {"Lind", "Dahl", "Berg"} & set(shown.replace("<", " ").split())
    assert events().count("person_accessed") == 2
    answer = client.post(f"/desk/persons/links/{first.pk}/", DECISIONS)
    assert answer["Location"] == f"/desk/persons/links/{second.pk}/"
    answer = client.post(
        f"/desk/persons/links/{second.pk}/", {**DECISIONS, "decision": "reject", "why": "other"}
    )
    assert answer.status_code == 400
    assert "Write the reason" in text_of(answer)
    told = {"decision": "reject", "why": "other", "reason": "father and son"}
    for why in ("same",):
        wrong = {"decision": "reject", "why": why, "reason": ""}
        assert client.post(f"/desk/persons/links/{second.pk}/", wrong).status_code == 400
    client.post(f"/desk/persons/links/{second.pk}/", told)
    answer = client.post(f"/desk/persons/links/{third.pk}/", DECISIONS)
    assert answer["Location"] == "/desk/persons/links/"
    states = list(PersonLink.everywhere.order_by("pk").values_list("state", flat=True))
    assert states == ["confirmed", "rejected", "confirmed"]
    client.post(f"/desk/persons/links/{first.pk}/undo/", {"reason": "it was the brother"})
    first.refresh_from_db()
    assert first.state == "undone"


def test_only_exact_pairs_are_confirmed_at_once(team: dict[Role, DeskClient]) -> None:
    client = team[Role.PRIVACY_OFFICER]
    team[Role.OPERATOR].post("/desk/persons/links/propose/")
    asked = text_of(client.get("/desk/persons/links/confirm-exact/"))
    assert "Confirm 1 link without looking" in asked
    assert client.post("/desk/persons/links/confirm-exact/", {"reason": ""}).status_code == 400
    client.post("/desk/persons/links/confirm-exact/", {"reason": "equal in both lists"})
    (confirmed,) = PersonLink.everywhere.filter(state="confirmed")
    assert "name_address" in confirmed.reasons
    assert team[Role.AUDITOR].get("/desk/persons/links/confirm-exact/").status_code == 403
    assert team[Role.AUDITOR].get("/desk/persons/links/?state=confirmed").status_code == 200


def test_numbers_that_are_none_are_said(team: dict[Role, DeskClient]) -> None:
    client = team[Role.OPERATOR]
    for behind in ("x", "-1", "9" * 40, "%00"):
        assert client.get(f"/desk/persons/links/?behind={behind}").status_code == 200
    assert client.get("/desk/persons/links/99999/").status_code == 404
    for wrong in ("none", "0" * 32, "%00"):
        client.post(f"/desk/persons/{wrong}/", {"purpose": "p"})
        assert client.get(f"/desk/persons/{wrong}/").status_code in {200, 404}
