"""The plan at the desk: laid out, moved, reached, dated; written as CSV and as a calendar."""

from datetime import date
from typing import Any

import pytest
from icalendar import Calendar

from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.prepared import Prepare
from tests.services.kept_actions import keep_action
from tests.services.lists import NOW
from tocsin.services.callers import user_caller
from tocsin.services.list_imports import add_registry
from tocsin.services.samples import case_notices
from tocsin.store.roles import Role

Team = dict[Role, DeskClient]


@pytest.fixture
def team(prepared: Prepare) -> Team:
    return prepared(team_at_desk)


@pytest.fixture
def action(team: Team) -> int:
    callers = {
        role: user_caller(int(client.session["_auth_user_id"]), "acme", NOW)
        for role, client in team.items()
    }
    add_registry(callers[Role.OPERATOR], "list")
    return keep_action(callers, case_notices("c"), "list")


def lay_out(team: Team, action: int) -> Any:
    told = {"chain": "dhpc", "begins_on": "2020-06-02", "countries": "be, fr nl SE"}
    return team[Role.AUTHOR].post(f"/desk/actions/{action}/plan/lay-out/", told, follow=True)


def test_an_empty_plan_says_what_to_do(team: Team, action: int) -> None:
    text = team[Role.AUDITOR].get(f"/desk/actions/{action}/plan/").content.decode()
    assert "There is no plan yet" in text
    assert "Leaking cartridges" in text


def test_a_plan_is_laid_out_moved_and_reached(team: Team, action: int) -> None:
    text = lay_out(team, action).content.decode()
    assert "17 milestones are in the plan." in text
    assert text.count("<svg") == 3  # the bell, and the plan for a phone and for all else
    assert "Late today" in text
    key = "dhpc/BE/translations_submitted"
    address = f"/desk/actions/{action}/plan"
    moved = team[Role.OPERATOR].post(
        f"{address}/shift/{key}", {"to": "2020-06-24", "reason": "translator ill"}, follow=True
    )
    assert "4 milestones were moved." in moved.content.decode()
    reached = team[Role.OPERATOR].post(
        f"{address}/reach/{key}", {"on": "2020-06-24", "evidence": "letter 7"}, follow=True
    )
    assert "reached 2020-06-24" in reached.content.decode()
    again = team[Role.OPERATOR].post(
        f"{address}/shift/{key}", {"to": "2020-06-25", "reason": "once more"}
    )
    assert again.status_code == 400
    assert "stays there" in again.content.decode()


def test_what_is_wrong_stands_at_its_field(team: Team, action: int) -> None:
    answer = team[Role.AUTHOR].post(
        f"/desk/actions/{action}/plan/lay-out/",
        {"chain": "dhpc", "begins_on": "2020-13-45", "countries": "FR"},
    )
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "There is a problem" in text
    assert 'href="#id_begins_on"' in text
    assert 'value="FR"' in text, "what was typed is kept"
    far = team[Role.AUTHOR].post(
        f"/desk/actions/{action}/plan/lay-out/",
        {"chain": "dhpc", "begins_on": "2020-06-02", "countries": "France"},
    )
    assert "two letters" in far.content.decode()


def test_a_clock_waits_for_its_event(team: Team, action: int) -> None:
    address = f"/desk/actions/{action}/plan"
    told = {"countries": "FR", "clocks": ["eu-supply"]}
    text = team[Role.AUTHOR].post(f"{address}/clocks/", told, follow=True).content.decode()
    assert "no day yet" in text
    told = {"event": "supply_ends", "on": "2020-12-31", "reason": "as announced"}
    text = team[Role.OPERATOR].post(f"{address}/event/", told, follow=True).content.decode()
    assert "1 clocks follow it." in text
    assert "2020-06-30" in text


def test_the_plan_can_be_kept_as_files(team: Team, action: int) -> None:
    lay_out(team, action)
    csv = team[Role.AUDITOR].get(f"/desk/actions/{action}/plan.csv").content.decode()
    assert csv.splitlines()[0] == "key,what,country,audience,by,due_on,reached_on,after"
    assert len(csv.splitlines()) == 18
    calendar = Calendar.from_ical(
        team[Role.AUDITOR].get(f"/desk/actions/{action}/plan.ics").content
    )
    assert len(calendar.events) == 17
    assert min(each.decoded("dtstart") for each in calendar.events) == date(2020, 6, 2)
