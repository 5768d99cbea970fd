"""A scope is released by two people, over the very bytes that they have seen."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from tests.services.kept_actions import (
    keep_action,
    keep_registry,
    lock_letter,
    make_team,
    proven,
    small_sample,
)
from tests.services.lists import NOW
from tocsin.match.figures import Change
from tocsin.notice.model import Notice
from tocsin.services.action_course import (
    NotReady,
    complete_action,
    pause_action,
    reopen_action,
    resume_action,
    start_action,
    terminate_action,
)
from tocsin.services.action_matching import (
    list_contacts,
    match_action,
    read_figures_by,
    read_run,
)
from tocsin.services.actions import read_action, read_history
from tocsin.services.changed_devices import read_changes
from tocsin.services.contact_repairs import close_repair, list_repairs
from tocsin.services.kept_notices import add_notice_revision
from tocsin.services.letter_release import (
    LettersNotSeen,
    NoLetterLocked,
    release_letters,
    review_letters,
)
from tocsin.services.organisations import give_role
from tocsin.services.public_notices import DEMO_LOADED, DEMO_VARIABLE, released_notices
from tocsin.services.rights import NotAllowed
from tocsin.services.samples import CASES, case_notices
from tocsin.services.scope_release import (
    LeaversUnsigned,
    NotReviewed,
    RunStale,
    ScopeNotSeen,
    ScopeUnreviewed,
    read_scope_preview,
    release_scope,
    review_leavers,
    review_scope,
)
from tocsin.services.signatures import SecondPersonMissing, list_signatures
from tocsin.services.work import CONSOLE, Caller, StepUpNeeded
from tocsin.store.home import find_home
from tocsin.store.models import Holder, LinkState, Person, PersonLink, Registry
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("database")
Team = dict[Role, Caller]


def arrange(folder: Path) -> tuple[Team, int]:
    team = make_team()
    keep_registry(team, "list", small_sample("b").registry, folder)
    made = keep_action(team, case_notices("b")[:1], "list")
    match_action(team[Role.AUTHOR], made)
    return team, made


def release(team: Team, action: int) -> None:
    seen = read_scope_preview(team[Role.RELEASER], action)
    review_scope(proven(team[Role.REVIEWER]), action, seen.sha256)
    if seen.leavers:
        review_leavers(proven(team[Role.REVIEWER]), action, seen.leavers_sha256)
    release_scope(proven(team[Role.RELEASER]), action, seen.sha256)


def revise(team: Team, action: int, notice: Notice) -> None:
    add_notice_revision(team[Role.AUTHOR], notice, "next.yaml")
    match_action(team[Role.AUTHOR], action)


def test_a_preview_shows_what_will_be_signed(team: Team, action: int) -> None:
    seen = read_scope_preview(team[Role.RELEASER], action)
    run = read_run(team[Role.RELEASER], action)
    assert seen.manifest["figures_sha256"] == run.figures_sha256
    assert {verdict for _, verdict, _, _ in seen.samples} == {"affected", "cannot_tell"}
    assert seen.scope
    assert not seen.leavers
    assert seen.hindrances == []


def test_two_people_release_a_scope(team: Team, action: int) -> None:
    seen = read_scope_preview(team[Role.RELEASER], action)
    with pytest.raises(NotReviewed, match="Nobody has reviewed"):
        release_scope(proven(team[Role.RELEASER]), action, seen.sha256)
    with pytest.raises(StepUpNeeded):
        review_scope(team[Role.REVIEWER], action, seen.sha256)
    made = review_scope(proven(team[Role.REVIEWER]), action, seen.sha256)
    assert read_action(team[Role.AUDITOR], action).line.state == "draft"
    release_scope(proven(team[Role.RELEASER]), action, seen.sha256)
    view = read_action(team[Role.AUDITOR], action)
    assert (view.line.state, view.notices[0][2]) == ("scope_released", "released")
    signed = list_signatures(team[Role.AUDITOR], f"scope_release:{made}")
    assert [(line.meaning, line.sha256) for line in signed] == [
        ("reviewed", seen.sha256),
        ("released", seen.sha256),
    ]


def test_one_person_with_both_roles_is_not_two(team: Team, action: int) -> None:
    both = team[Role.REVIEWER]
    console = Caller(CONSOLE, both.organisation_id, frozenset(), both.now)
    give_role(console, both.user_id or 0, Role.RELEASER)
    both = replace(both, roles=frozenset({Role.REVIEWER, Role.RELEASER}))
    seen = read_scope_preview(both, action)
    review_scope(proven(both), action, seen.sha256)
    with pytest.raises(SecondPersonMissing):
        release_scope(proven(both), action, seen.sha256)
    assert read_action(both, action).line.state == "draft"


def test_what_was_not_seen_is_not_signed(team: Team, action: int) -> None:
    seen = read_scope_preview(team[Role.RELEASER], action)
    revision = case_notices("b")[1]
    add_notice_revision(team[Role.AUTHOR], revision, "next.yaml")
    with pytest.raises(RunStale, match="Match the action again"):
        review_scope(proven(team[Role.REVIEWER]), action, seen.sha256)
    match_action(team[Role.AUTHOR], action)
    with pytest.raises(ScopeNotSeen, match="Look at it again"):
        review_scope(proven(team[Role.REVIEWER]), action, seen.sha256)
    with pytest.raises(NotAllowed):
        release_scope(proven(team[Role.ADMINISTRATOR]), action, seen.sha256)


def test_an_unreviewed_entry_blocks_the_release(team: Team, action: int) -> None:
    newest = case_notices("b")[1]
    entries = tuple(entry.model_copy(update={"reviewed": False}) for entry in newest.scope)
    revise(team, action, newest.model_copy(update={"scope": entries}))
    seen = read_scope_preview(team[Role.RELEASER], action)
    assert any("not reviewed" in sentence for sentence in seen.hindrances)
    with pytest.raises(ScopeUnreviewed, match="not reviewed by a person"):
        review_scope(proven(team[Role.REVIEWER]), action, seen.sha256)


def test_a_shrinking_scope_needs_its_list_signed_by_somebody_else(team: Team, action: int) -> None:
    _, wider, narrower = case_notices("b")
    release(team, action)
    revise(team, action, wider)
    assert not read_scope_preview(team[Role.RELEASER], action).leavers
    release(team, action)
    revise(team, action, narrower)
    seen = read_scope_preview(team[Role.RELEASER], action)
    diff = read_changes(team[Role.AUDITOR], action)
    out = [one.device_id for one in diff.changes if one.change is Change.NEWLY_OUT]
    assert out
    assert set(out) <= {one.device_id for one in seen.leavers}
    assert set(seen.leavers) == {one for one in diff.changes if one.is_lesser}
    review_scope(proven(team[Role.REVIEWER]), action, seen.sha256)
    with pytest.raises(LeaversUnsigned, match=f"{len(seen.leavers)} records"):
        release_scope(proven(team[Role.RELEASER]), action, seen.sha256)
    with pytest.raises(ScopeNotSeen):
        review_leavers(proven(team[Role.REVIEWER]), action, seen.sha256)
    review_leavers(proven(team[Role.REVIEWER]), action, seen.leavers_sha256)
    release_scope(proven(team[Role.RELEASER]), action, seen.sha256)


def public_revisions() -> list[list[int]]:
    """Return the numbers of the revisions that the public sees, notice by notice."""
    return [[r.revision for r in each.revisions] for each in released_notices().notices]


def public_in_demonstration(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Return what `public_revisions` returns where the store is that of the demonstration."""
    loaded = find_home().folder / DEMO_LOADED
    with monkeypatch.context() as demo:
        demo.setenv(DEMO_VARIABLE, "1")
        assert len(released_notices().notices) == len(CASES)  # the store was never filled
        loaded.touch()
        try:
            assert released_notices().is_demo
            return public_revisions()
        finally:
            loaded.unlink()


def test_an_action_lives_from_draft_to_termination_and_is_reopened(
    team: Team, action: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    releaser = team[Role.RELEASER]
    release(team, action)
    with pytest.raises(NoLetterLocked):
        review_letters(proven(team[Role.REVIEWER]), action, "ab" * 32)
    seen = lock_letter(team, action)
    with pytest.raises(LettersNotSeen):
        review_letters(proven(team[Role.REVIEWER]), action, "ab" * 32)
    with pytest.raises(NotReviewed):
        release_letters(proven(releaser), action, seen)
    review_letters(proven(team[Role.REVIEWER]), action, seen)
    release_letters(proven(releaser), action, seen)
    assert released_notices().notices == ()
    assert start_action(team[Role.OPERATOR], action) == "running"
    assert public_revisions() == public_in_demonstration(monkeypatch) == [[1]]
    assert pause_action(team[Role.OPERATOR], action, "a wrong address list") == "paused"
    assert resume_action(releaser, action, "the list is right now") == "running"
    add_notice_revision(team[Role.AUTHOR], case_notices("b")[1], "next.yaml")
    with pytest.raises(NotReady, match="Match it again"):
        complete_action(releaser, action, "all reached")
    match_action(team[Role.OPERATOR], action)
    assert public_revisions() == [[1]]
    release(team, action)
    assert public_revisions() == [[1, 2]]
    with pytest.raises(NotReady, match="contacts wait to be repaired"):
        complete_action(releaser, action, "all reached")
    for task in list_repairs(team[Role.OPERATOR], action):
        close_repair(team[Role.OPERATOR], task.repair_id, "no trace of them")
    assert complete_action(releaser, action, "all reached") == "firm_complete"
    assert terminate_action(releaser, action, "letter of 1 March") == "authority_terminated"
    assert reopen_action(releaser, action, "a carton was found") == "reopened"
    with pytest.raises(NotReady):
        start_action(releaser, action)
    events = [line.event for line in read_history(team[Role.AUDITOR], action)]
    assert events[0] == "action_opened"
    assert events[-4:] == [
        "scope_released",
        "action_completed",
        "action_terminated",
        "action_reopened",
    ]
    paused = next(line for line in read_history(releaser, action) if line.event == "action_paused")
    assert (paused.reason, paused.new["state"]) == ("a wrong address list", "paused")


def test_a_person_is_contacted_once(team: Team, action: int) -> None:
    contacts = list_contacts(team[Role.OPERATOR], action)
    figures = read_run(team[Role.OPERATOR], action).summary.notices[0].verdicts
    assert len({contact.person for contact in contacts}) == len(contacts)
    assert len(contacts) == figures["affected"].holders + figures["cannot_tell"].holders
    by_country = read_figures_by(team[Role.AUDITOR], action, "country")
    n_records = sum(count.records for count in by_country.values())
    assert n_records == figures["affected"].records + figures["cannot_tell"].records


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE store_noticerevision SET state = 'draft'",
        "UPDATE store_noticerevision SET number = 9",
        "DELETE FROM store_noticerevision",
        "UPDATE store_matchrun SET n_records = 1",
        "DELETE FROM store_verdict",
        "UPDATE store_verdict SET truth = 1",
        "UPDATE store_scoperelease SET n_leavers = 0",
        "DELETE FROM store_scoperelease",
    ],
)
def test_what_was_released_never_changes(team: Team, action: int, statement: str) -> None:
    release(team, action)
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(statement)


def test_a_proof_counts_for_one_signature_and_soon(team: Team, action: int) -> None:
    seen = read_scope_preview(team[Role.RELEASER], action)
    once = proven(team[Role.REVIEWER])
    late = replace(once, now=once.now + timedelta(minutes=6))
    with pytest.raises(StepUpNeeded):
        review_scope(late, action, seen.sha256)
    review_scope(once, action, seen.sha256)
    with pytest.raises(StepUpNeeded):
        review_leavers(once, action, seen.leavers_sha256)


def test_persons_that_were_linked_are_counted_and_contacted_once(team: Team, action: int) -> None:
    before = list_contacts(team[Role.OPERATOR], action)
    n_holders = (
        read_run(team[Role.OPERATOR], action).summary.notices[0].verdicts["affected"].holders
    )
    affected = [one.person for one in before if one.verdict == "affected"]
    with acting_for(team[Role.OPERATOR].organisation_id):
        registry = Registry.objects.get()
        persons = []
        for key in affected[:2]:
            person = Person.objects.create(kind="person", country="US")
            holder_id = key.partition("/")[2]
            Holder.objects.create(registry=registry, holder_id=holder_id, person=person)
            persons.append(person)
        one, other = sorted(persons, key=lambda person: str(person.pk))
        PersonLink.objects.create(
            one=one, other=other, state=LinkState.CONFIRMED, reasons=[], proposed_at=NOW
        )
    match_action(team[Role.AUTHOR], action)
    after = list_contacts(team[Role.OPERATOR], action)
    assert len(after) == len(before) - 1
    (linked,) = [contact for contact in after if contact.person.startswith("person ")]
    assert linked.verdict == "affected"
    figures = read_run(team[Role.OPERATOR], action).summary.notices[0].verdicts
    assert figures["affected"].holders == n_holders - 1
    where = {part for _, part, _ in read_figures_by(team[Role.AUDITOR], action, "country")}
    assert where == {"US", "unknown"}
