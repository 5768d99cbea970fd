"""Case C: the clinic hands the letter over at the next refill, beside the mail; and confirms it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.lib.released_action import HOLDER_COLUMNS, relay, release_pumps
from tests.services.kept_actions import make_team
from tocsin.outreach.dispatch_states import DispatchNotNow
from tocsin.services import hand_overs
from tocsin.services.action_course import start_action
from tocsin.services.desk_overview import read_waiting
from tocsin.services.dispatches import read_sending
from tocsin.services.escalating import climb_ladder
from tocsin.services.hand_deliveries import NotByHand
from tocsin.services.hand_overs import (
    ClinicUnknown,
    access_hand_overs,
    hand_over_rows,
    list_hand_overs,
    note_hand_overs,
)
from tocsin.services.work import Caller
from tocsin.store.models import AuditRow, Dispatch, DispatchAttempt, Holder
from tocsin.store.released_plan import read_released_plan
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

__all__ = ["relay"]
pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("relay")]
Team = dict[Role, Caller]
PUMPS = [(f"D{n}", f"H{n}", "Medtronic", "MiniMed Implantable Pump", f"S{n}", "") for n in (1, 2)]
HOLDERS = [
    ("H1", "person", "=Zoe One", "zoe1@person.example", "", "en", "C1"),
    ("H2", "person", "Zoe Two", "", "2 High Street", "en", "C1"),
    ("C1", "clinic", "Hill Clinic", "desk@clinic.example", "", "en", ""),
    ("N1", "clinician", "Dr Hill", "hill@clinic.example", "", "en", "C1"),
]


@pytest.fixture
def team(database: str) -> Team:  # noqa: ARG001 - made in its transaction
    return make_team()


@pytest.fixture
def action(team: Team, tmp_path: Path) -> int:
    columns = (*HOLDER_COLUMNS, "clinic_id")
    more = {"case": "c", "holder_columns": columns}
    action = release_pumps(team, tmp_path, PUMPS, HOLDERS, "clinician", "facility", **more)
    start_action(team[Role.RELEASER], action)
    return action


def at_clinic(team: Team) -> list[int]:
    with acting_for(team[Role.OPERATOR].organisation_id):
        rows = Dispatch.objects.filter(channel="clinic").order_by("pk")
        return list(rows.values_list("pk", flat=True))


def place(team: Team, action: int) -> tuple[int, str]:
    (line,) = list_hand_overs(team[Role.AUDITOR], action)
    return line.registry_id, line.clinic_id


def test_patients_get_it_at_the_visit_beside_mail_or_letter_and_staff_does_not(
    team: Team, action: int
) -> None:
    with acting_for(team[Role.OPERATOR].organisation_id):
        ways = Dispatch.objects.values_list("person__holders__holder_id", "channel")
        assert sorted(ways) == [
            ("C1", "e-mail"), ("H1", "clinic"), ("H1", "e-mail"), ("H2", "clinic"),
            ("H2", "letter"), ("N1", "e-mail"),
        ]  # fmt: skip
        release = Dispatch.objects.first().recipient.release
        assert read_released_plan(release)["urgency"] == "visits"  # signed by two people
    assert action


def test_what_waits_for_a_visit_holds_up_no_reminder(team: Team, action: int) -> None:
    operator = team[Role.OPERATOR]
    with acting_for(operator.organisation_id):
        mail = Dispatch.objects.filter(channel="e-mail", person__holders__holder_id="H1")
        who = mail.get().person
        mail.update(state="accepted", state_at=operator.now)
    assert climb_ladder(replace(operator, now=operator.now + timedelta(days=22)), action) == 1
    with acting_for(operator.organisation_id):
        assert Dispatch.objects.get(purpose="reminder").person == who


def test_a_clinic_hands_over_and_confirms_and_nothing_else_can_happen(
    team: Team, action: int
) -> None:
    operator, ids = team[Role.OPERATOR], at_clinic(team)
    (waits,) = (one for one in read_waiting(operator).waiting if one.place == "hand_overs")
    assert waits.what.startswith("2 letters of")
    registry, clinic = place(team, action)
    found = access_hand_overs(operator, action, registry, clinic)
    assert (found.name, clinic) == ("Hill Clinic", "C1")
    assert [each.name for each in found.letters] == ["=Zoe One", "Zoe Two"]
    assert [each.holder_id for each in found.letters] == ["H1", "H2"]  # names alone mix people up
    assert {row["state"] for row in hand_over_rows(found)} == {"queued"}
    with acting_for(operator.organisation_id):
        looked = AuditRow.objects.filter(event="person_accessed")
        assert looked.count() == len(ids) == 2
    with pytest.raises(DispatchNotNow):
        note_hand_overs(operator, action, "confirm", ids)
    assert note_hand_overs(operator, action, "hand_over", ids, "fax of Tuesday") == 2
    assert note_hand_overs(operator, action, "confirm", ids[:1]) == 1
    (line,) = list_hand_overs(operator, action)
    assert (line.n_waiting, line.n_handed_over, line.n_confirmed) == (0, 1, 1)
    left = access_hand_overs(operator, action, registry, clinic).letters
    assert [each.dispatch_id for each in left] == ids[1:]
    with acting_for(operator.organisation_id):
        tried = DispatchAttempt.objects.filter(dispatch=ids[0]).order_by("pk")
        assert list(tried.values_list("outcome", flat=True)) == ["hand_over", "confirm"]
        mail = Dispatch.objects.filter(channel="e-mail").first().pk
    with pytest.raises(NotByHand):
        note_hand_overs(operator, action, "confirm", [ids[1], mail])
    assert read_sending(operator, action).by_state["clinic", "handed_over"] == 1


def test_who_has_lost_their_clinic_is_still_listed(team: Team, action: int) -> None:
    operator = team[Role.OPERATOR]
    registry, _ = place(team, action)
    with acting_for(operator.organisation_id):
        Holder.objects.filter(holder_id="H2").update(clinic_id="")
    lines = list_hand_overs(operator, action)
    assert [(line.registry_id, line.clinic_id) for line in lines] == [(0, "-"), (registry, "C1")]
    (one,) = access_hand_overs(operator, action, 0, "-").letters
    assert one.name == "Zoe Two"
    with pytest.raises(ClinicUnknown, match="clinic 'C9'"):
        access_hand_overs(operator, action, registry, "C9")


def test_what_a_long_list_leaves_out_is_told(
    team: Team, action: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand_overs, "MOST", 1)
    operator = team[Role.OPERATOR]
    found = access_hand_overs(operator, action, *place(team, action))
    assert (len(found.letters), found.n_more) == (1, 1)
    note_hand_overs(operator, action, "hand_over", [found.letters[0].dispatch_id])
    note_hand_overs(operator, action, "confirm", [found.letters[0].dispatch_id])
    rest = access_hand_overs(operator, action, *place(team, action))
    assert (len(rest.letters), rest.n_more) == (1, 0)
    assert rest.letters[0].dispatch_id != found.letters[0].dispatch_id
