"""Plans in the store: case C laid out, moved and reached; clocks that follow their events."""

from datetime import date

import pytest
from icalendar import Calendar

from tests.services.kept_actions import keep_action, make_team
from tests.services.lists import NOW
from tocsin.base.errors import UsageError
from tocsin.formats.calendar_file import write_calendar
from tocsin.outreach.plan import MilestoneReached
from tocsin.services.list_imports import add_registry
from tocsin.services.plans import (
    date_event,
    lay_out_plan,
    reach_milestone,
    read_plan,
    run_clocks,
    shift_milestone,
)
from tocsin.services.samples import case_notices
from tocsin.services.work import Caller
from tocsin.store.roles import Role

pytestmark = pytest.mark.usefixtures("database")
DAYS = {
    "translations_submitted": date(2020, 6, 22),
    "translations_agreed": date(2020, 7, 6),
    "disseminated": date(2020, 7, 20),
}
Team = dict[Role, Caller]


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def action(team: Team) -> int:
    add_registry(team[Role.OPERATOR], "list")
    return keep_action(team, case_notices("c"), "list")


def test_the_plan_of_case_c(team: Team, action: int) -> None:
    author, operator = team[Role.AUTHOR], team[Role.OPERATOR]
    begins = date(2020, 6, 2)
    lay_out_plan(author, action, "dhpc", begins, ["BE", "FR"], DAYS)
    reach_milestone(operator, action, "dhpc/agreed_in_english", begins, "minutes of the committee")
    shifts = shift_milestone(
        operator, action, "dhpc/BE/translations_submitted", date(2020, 6, 24), "translator ill"
    )
    assert [each.key.split("/")[1] for each in shifts] == ["BE"] * 4
    lay_out_plan(author, action, "dhpc", begins, ["NL", "SE"], DAYS)
    view = read_plan(team[Role.AUDITOR], action)
    assert len(view.milestones) == 17
    assert view.milestones[0].reached_on == begins
    assert view.today == NOW.date()
    assert len(view.late) == 16
    assert view.patients_first == []
    with pytest.raises(UsageError, match="already"):
        lay_out_plan(author, action, "dhpc", begins, ["FR"], DAYS)
    with pytest.raises(UsageError, match="no chain 'post'"):
        lay_out_plan(author, action, "post", begins, ["FR"], DAYS)
    with pytest.raises(UsageError, match="two letters"):
        lay_out_plan(author, action, "dhpc", begins, ["France"], DAYS)
    with pytest.raises(MilestoneReached):
        reach_milestone(operator, action, "dhpc/agreed_in_english", begins, "again")
    with pytest.raises(UsageError, match="still to come"):
        reach_milestone(
            operator, action, "dhpc/BE/disseminated/patient", date(2999, 1, 1), "letter"
        )
    with pytest.raises(UsageError, match="Say why"):
        shift_milestone(operator, action, "dhpc/BE/translations_agreed", begins, " ")


def test_a_clock_follows_its_event_and_is_not_forgotten_without_one(
    team: Team, action: int
) -> None:
    author, operator = team[Role.AUTHOR], team[Role.OPERATOR]
    (made,) = run_clocks(author, action, ["FR"], ["eu-supply"])
    assert (made.key, made.due_on) == ("clock/eu-supply/FR", None)
    assert run_clocks(author, action, ["FR"], ["eu-supply"]) == []
    (moved,) = date_event(operator, action, "supply_ends", date(2020, 12, 31), "as announced")
    assert (moved.was, moved.now) == (None, date(2020, 6, 30))
    (moved,) = date_event(operator, action, "supply_ends", date(2019, 6, 30), "it was earlier")
    assert (moved.was, moved.now) == (date(2020, 6, 30), date(2018, 12, 30))
    with pytest.raises(UsageError, match="clock of the law"):
        shift_milestone(operator, action, made.key, date(2020, 1, 1), "later")
    with pytest.raises(UsageError, match="These can: eu-supply"):
        run_clocks(author, action, ["FR"], ["us-report"])
    with pytest.raises(UsageError, match="No clock starts"):
        date_event(operator, action, "christmas", date(2020, 12, 25), "it comes")


def test_the_calendar_keeps_its_names_when_days_move(team: Team, action: int) -> None:
    lay_out_plan(team[Role.AUTHOR], action, "dhpc", date(2020, 6, 2), ["FR"], DAYS)
    run_clocks(team[Role.AUTHOR], action, ["FR"], ["eu-supply"])
    written = []
    for _ in range(2):
        plan = read_plan(team[Role.AUDITOR], action).milestones
        calendar = Calendar.from_ical(write_calendar(plan, "Pumpe; Süd, 2020", action, NOW))
        written.append({str(each["uid"]): each.decoded("dtstart") for each in calendar.events})
        shift_milestone(
            team[Role.OPERATOR], action, "dhpc/FR/translations_agreed", date(2020, 7, 9), "slow"
        )
    first, second = written
    assert first.keys() == second.keys()
    assert len(first) == 5  # the clock has no day yet
    moved = {uid for uid, day in first.items() if second[uid] != day}
    assert len(moved) == 3
