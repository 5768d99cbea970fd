"""What an action's page and list tell at each visit, in few statements and only to their own."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.services.kept_actions import keep_action, keep_registry, make_team, small_sample
from tocsin.services.action_matching import match_action, queue_match
from tocsin.services.action_overview import read_overview
from tocsin.services.action_work import ActionUnknown
from tocsin.services.samples import case_notices
from tocsin.services.verdict_list import WantedVerdicts, list_verdicts
from tocsin.services.work import Caller
from tocsin.store.models import User
from tocsin.store.roles import Role

pytestmark = pytest.mark.usefixtures("database")
Team = dict[Role, Caller]


@pytest.fixture
def team(database: str) -> Team:  # noqa: ARG001 - made in its transaction
    return make_team()


@pytest.fixture
def action(team: Team, tmp_path: Path) -> int:
    keep_registry(team, "list", small_sample("c").registry, tmp_path)
    made = keep_action(team, case_notices("c"), "list")
    match_action(team[Role.AUTHOR], made)
    return made


def test_who_came_before_changes_nothing_for_another_organisation(team: Team, action: int) -> None:
    reader, stranger = team[Role.AUDITOR], make_team("other")[Role.AUDITOR]
    seen = read_overview(reader, action)
    assert seen.run is not None
    assert list_verdicts(reader, action, WantedVerdicts()).n_all == 350
    with pytest.raises(ActionUnknown):
        read_overview(stranger, action)
    with pytest.raises(ActionUnknown):
        list_verdicts(stranger, action, WantedVerdicts())
    assert read_overview(reader, action) == seen


def test_a_second_visit_asks_little_and_tells_what_is_new(team: Team, action: int) -> None:
    author = team[Role.AUTHOR]
    assert "Ada Lovelace" not in read_overview(author, action).names.values()
    User.objects.filter(pk=author.user_id).update(name="Ada Lovelace")
    with CaptureQueriesContext(connection) as asked:
        again = read_overview(author, action)
    assert (again.names[author.actor], again.job) == ("Ada Lovelace", None)
    # Where it stands, sources, trail, jobs, names; and the bounds of the transaction.
    assert len([each for each in asked if each["sql"].lstrip().startswith("SELECT")]) == 5
    queue_match(author, action)
    waits = read_overview(author, action)
    assert (waits.job and waits.job.state, waits.events[0].event) == ("queued", "match_queued")
