"""What waits for whom on the desk's first page."""

from pathlib import Path

import pytest

from tests.services.kept_actions import keep_action, keep_registry, make_team, small_sample
from tocsin.services.action_matching import match_action
from tocsin.services.desk_overview import Waiting, read_waiting
from tocsin.services.samples import case_notices
from tocsin.services.work import Caller
from tocsin.store.roles import Role

pytestmark = pytest.mark.usefixtures("database")
Team = dict[Role, Caller]


@pytest.fixture
def team(database: str, tmp_path: Path) -> Team:  # noqa: ARG001 - made in its transaction
    team = make_team()
    keep_registry(team, "list", small_sample("c").registry, tmp_path)
    keep_action(team, case_notices("c"), "list")
    return team


def action_of(team: Team) -> int:
    return read_waiting(team[Role.AUDITOR]).actions[0].action_id


def waits(team: Team, role: Role, place: str = "action") -> list[Waiting]:
    return [one for one in read_waiting(team[role]).waiting if one.place == place]


def test_an_author_is_told_of_what_was_never_matched(team: Team) -> None:
    (one,) = waits(team, Role.AUTHOR)
    assert "never matched" in one.what
    assert waits(team, Role.REVIEWER) == []


def test_a_reviewer_is_told_of_a_scope_that_was_matched(team: Team) -> None:
    action = action_of(team)
    match_action(team[Role.AUTHOR], action)
    (one,) = waits(team, Role.REVIEWER)
    assert (one.action_id, "waits for review" in one.what) == (action, True)
    assert waits(team, Role.AUTHOR) == []
    assert waits(team, Role.RELEASER) == []
    found = read_waiting(team[Role.AUDITOR]).actions[0]
    assert (found.n_affected, found.n_cannot_tell) == (350, 0)


def test_an_administrator_sees_no_action(team: Team) -> None:
    assert read_waiting(team[Role.ADMINISTRATOR]).actions == []


def test_another_organisation_sees_nothing_of_it(team: Team) -> None:
    assert action_of(team)
    other = read_waiting(make_team("other")[Role.AUTHOR])
    assert (other.actions, other.waiting) == ([], [])
