"""The golden cases run through the store give the figures and differences that files give."""

from pathlib import Path

import pytest

from tests.services.kept_actions import keep_action, keep_registry, make_team, small_sample
from tocsin.match.run_changes import DeviceChange
from tocsin.notice.model import Link
from tocsin.outreach.action_states import NotNow
from tocsin.services.action_matching import (
    MATCH_ACTION,
    list_contacts,
    match_action,
    queue_match,
    read_run,
    verify_run,
)
from tocsin.services.changed_devices import SoughtChanges, read_changes
from tocsin.services.kept_notices import add_notice_revision, list_notices
from tocsin.services.match_jobs import match_queued
from tocsin.services.matching import diff_matched, match_registry
from tocsin.services.samples import CASES, case_notices
from tocsin.services.work import Caller
from tocsin.store.jobs import Claim, claim_job, release_job
from tocsin.store.models import Action
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

PAGED = 40
"""So many changes are read by the page, too."""
pytestmark = pytest.mark.usefixtures("database")


def paged(auditor: Caller, action: int) -> list[DeviceChange]:
    """Return the first changes, read a few at a time."""
    found: list[DeviceChange] = []
    sought = SoughtChanges()
    while len(found) < PAGED:
        page = read_changes(auditor, action, sought=sought, limit=7)
        found += page.changes
        if page.later is None:
            break
        sought = SoughtChanges(after=page.later)
    return found[:PAGED]


@pytest.mark.parametrize("case", CASES)
def test_an_action_tells_what_files_tell(case: str, tmp_path: Path) -> None:
    sample, notices, team = small_sample(case), case_notices(case), make_team()
    keep_registry(team, "list", sample.registry, tmp_path)
    action = keep_action(team, notices[:1], "list")
    author, auditor = team[Role.AUTHOR], team[Role.AUDITOR]
    with match_registry(notices, sample.registry) as files:
        for place, notice in enumerate(notices):
            if place:
                add_notice_revision(author, notice, "next.yaml")
            number = match_action(author, action)
            run = read_run(auditor, action, number)
            assert run.summary.notices == [files.summary.notices[place]]
            assert verify_run(auditor, action)
            if place:
                diff = read_changes(auditor, action)
                expected = diff_matched(files, place - 1, place).records
                assert diff.counts[notice.notice] == expected
                assert paged(auditor, action) == list(diff.changes[:PAGED])
    assert number == len(notices)


def test_a_worker_matches_an_action_once(tmp_path: Path) -> None:
    team = make_team()
    keep_registry(team, "list", small_sample("c").registry, tmp_path)
    action = keep_action(team, case_notices("c"), "list")
    queue_match(team[Role.OPERATOR], action)
    claim = claim_job("a worker", [MATCH_ACTION])
    assert claim is not None
    match_queued(claim)
    assert claim_job("a worker", [MATCH_ACTION]) is None
    assert read_run(team[Role.AUDITOR], action).number == 1


def test_a_worker_that_was_killed_before_the_end_matches_no_second_time(tmp_path: Path) -> None:
    team = make_team()
    keep_registry(team, "list", small_sample("c").registry, tmp_path)
    action = keep_action(team, case_notices("c"), "list")
    queue_match(team[Role.OPERATOR], action)
    first = claim_job("a worker", [MATCH_ACTION])
    assert first is not None

    def killed(_claim: Claim) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        match_queued(first, killed)
    release_job(first)
    second = claim_job("another worker", [MATCH_ACTION])
    assert second is not None
    match_queued(second)
    assert read_run(team[Role.AUDITOR], action).number == 1


def test_a_job_of_an_ended_action_fails_with_the_sentence(tmp_path: Path) -> None:
    team = make_team()
    keep_registry(team, "list", small_sample("c").registry, tmp_path)
    action = keep_action(team, case_notices("c"), "list")
    queue_match(team[Role.OPERATOR], action)
    with acting_for(team[Role.OPERATOR].organisation_id):
        Action.objects.update(state="authority_terminated")
    claim = claim_job("a worker", [MATCH_ACTION])
    assert claim is not None
    with pytest.raises(NotNow, match="Possible now: reopen action"):
        match_queued(claim)


def test_two_linked_notices_in_one_action_contact_each_person_once(tmp_path: Path) -> None:
    team, (notice,) = make_team(), case_notices("a")
    keep_registry(team, "list", small_sample("a").registry, tmp_path)
    advisory = notice.model_copy(
        update={"notice": "ADVISORY", "links": (Link(notice=notice.notice, relation="same-event"),)}
    )
    action = keep_action(team, [notice, advisory], "list")
    assert list_notices(team[Role.AUDITOR])[0].linked == (f"{notice.notice} (same-event)",)
    match_action(team[Role.AUTHOR], action)
    contacts = list_contacts(team[Role.AUDITOR], action)
    assert len({one.person for one in contacts}) == len(contacts)
    assert all(len(one.notices) == 2 for one in contacts)
    with match_registry([notice, advisory], small_sample("a").registry) as files:
        run = read_run(team[Role.AUDITOR], action)
        assert run.summary.notices == files.summary.notices
        assert run.summary.gaps == files.summary.gaps
