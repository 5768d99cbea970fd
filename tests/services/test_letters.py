"""A letter's way from source to lock: who signs what, what a changed source undoes."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, connection, transaction

from tests.services.kept_actions import make_team, proven
from tests.services.sample_letter_calls import text
from tocsin.base.errors import UsageError
from tocsin.outreach.letter import letter_lines, letter_sha256
from tocsin.outreach.letter_states import LetterNotNow, LetterState
from tocsin.services.letter_approval import (
    LetterNotReady,
    agree_letter_version,
    finish_translation,
    lock_letter_version,
    return_letter_version,
    review_letter_version,
    submit_letter_version,
    tick_letter,
    waive_letter_agreement,
)
from tocsin.services.letter_work import LetterNotSeen, LetterSuperseded, LetterUnknown
from tocsin.services.letters import (
    LetterView,
    list_letters,
    read_letter,
    write_letter_source,
    write_letter_version,
)
from tocsin.services.organisations import give_role
from tocsin.services.signatures import SecondPersonMissing
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.models import Action
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("database")
Team = dict[Role, Caller]


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def action(team: Team) -> int:
    author = team[Role.AUTHOR]
    with acting_for(author.organisation_id):
        made = Action.objects.create(title="Cartridges", opened_at=author.now).pk
    write_letter_source(author, made, text("cartridge"))
    return made


def see(team: Team, version: int) -> LetterView:
    return read_letter(team[Role.AUDITOR], version)


def write(team: Team, action: int, said: str = "cartouche", country: str = "FR") -> int:
    return write_letter_version(team[Role.AUTHOR], action, text(said, country, "fr"))


def lead_to(team: Team, version: int, state: LetterState) -> None:
    """Lead a draft to a state, by the authority's agreement."""
    view = see(team, version)
    digest = view.line.sha256
    tick_letter(team[Role.REVIEWER], version, digest, list(view.checklist))
    reviewer, releaser = team[Role.REVIEWER], team[Role.RELEASER]
    steps = {
        LetterState.TRANSLATED: lambda: finish_translation(team[Role.AUTHOR], version),
        LetterState.REVIEWED: lambda: review_letter_version(proven(reviewer), version, digest),
        LetterState.SUBMITTED: lambda: submit_letter_version(team[Role.AUTHOR], version, "ANSM"),
        LetterState.AGREED: lambda: agree_letter_version(
            proven(reviewer), version, digest, "2020-17"
        ),
        LetterState.LOCKED: lambda: lock_letter_version(proven(releaser), version, digest),
    }
    for each, step in steps.items():
        assert step() is each
        if each is state:
            return


def test_a_letter_goes_from_draft_to_locked(team: Team, action: int) -> None:
    version = write(team, action)
    lead_to(team, version, LetterState.LOCKED)
    view = see(team, version)
    assert (view.line.authority, view.line.reference) == ("ANSM", "2020-17")
    assert view.line.locked_at is not None
    meanings = [str(signature.meaning) for signature in view.signatures]
    assert meanings == ["reviewed", "approved", "released"]
    assert {signature.sha256 for signature in view.signatures} == {letter_sha256(view.text)}
    assert view.allowed == []


def test_a_changed_source_makes_drafts_of_all_that_hang_on_it(team: Team, action: int) -> None:
    french, belgian = write(team, action), write(team, action, country="BE")
    lead_to(team, french, LetterState.LOCKED)
    lead_to(team, belgian, LetterState.SUBMITTED)
    written = write_letter_source(team[Role.AUTHOR], action, text("cartridge and plunger"))
    assert (written.revision, [name for _, name in written.reopened]) == (
        2,
        ["clinician fr BE", "clinician fr FR"],
    )
    lines = {line.country: line for line in list_letters(team[Role.AUDITOR], action)}
    assert {line.state for line in lines.values()} == {LetterState.DRAFT}
    assert "revision 2" in lines["BE"].why_reopened
    assert (lines["BE"].version_id, lines["BE"].authority) == (belgian, "")
    again = see(team, lines["FR"].version_id)
    assert (again.line.number, again.line.source_revision) == (2, 2)
    assert again.last_agreed == see(team, french).text
    assert see(team, french).line.state is LetterState.LOCKED
    with pytest.raises(LetterNotNow, match="only another version"):
        finish_translation(team[Role.AUTHOR], french)
    assert (
        write_letter_source(team[Role.AUTHOR], action, text("cartridge and plunger")).reopened == ()
    )


def test_who_wrote_it_cannot_be_its_reviewer(team: Team, action: int) -> None:
    author = team[Role.AUTHOR]
    console = Caller(CONSOLE, author.organisation_id, frozenset(), author.now)
    give_role(console, author.user_id or 0, Role.REVIEWER)
    both = replace(author, roles=frozenset({Role.AUTHOR, Role.REVIEWER}))
    version = write(team, action)
    view = see(team, version)
    tick_letter(both, version, view.line.sha256, list(view.checklist))
    finish_translation(both, version)
    with pytest.raises(SecondPersonMissing):
        review_letter_version(proven(both), version, see(team, version).line.sha256)
    assert see(team, version).line.state is LetterState.TRANSLATED


def test_what_was_not_seen_is_not_signed(team: Team, action: int) -> None:
    version = write(team, action)
    old = see(team, version).line.sha256
    assert write(team, action, "cartouche et piston") == version
    finish_translation(team[Role.AUTHOR], version)
    with pytest.raises(LetterNotSeen, match="Look at it again"):
        review_letter_version(proven(team[Role.REVIEWER]), version, old)
    with pytest.raises(LetterNotSeen):
        tick_letter(team[Role.REVIEWER], version, old, ["every-letter.device"])


def test_a_letter_with_open_items_is_not_reviewed(team: Team, action: int) -> None:
    version = write(team, action)
    digest = see(team, version).line.sha256
    tick_letter(team[Role.AUTHOR], version, digest, ["every-letter.device"])
    why = "Nothing is promoted here."
    tick_letter(team[Role.AUTHOR], version, digest, ["every-letter.no-promotion"], why)
    finish_translation(team[Role.AUTHOR], version)
    with pytest.raises(LetterNotReady, match=r"Not ticked.*every-letter\.hazard") as refused:
        review_letter_version(proven(team[Role.REVIEWER]), version, digest)
    assert "every-letter.device" not in refused.value.sentence
    assert "no-promotion" not in refused.value.sentence
    with pytest.raises(UsageError, match=r"every-letter\.colour"):
        tick_letter(team[Role.AUTHOR], version, digest, ["every-letter.colour"])


def test_ticks_of_another_text_do_not_count(team: Team, action: int) -> None:
    version = write(team, action)
    lead_to(team, version, LetterState.TRANSLATED)
    write(team, action, "autre")
    view = see(team, version)
    assert not any(tick.is_of_this_text for tick in view.ticks)
    assert any("Not ticked" in fault for fault in view.faults)


def test_a_changed_text_must_be_agreed_to_again(team: Team, action: int) -> None:
    version = write(team, action)
    lead_to(team, version, LetterState.AGREED)
    assert write(team, action, "autre") == version
    view = see(team, version)
    assert (view.line.state, view.line.reference) == (LetterState.DRAFT, "")
    assert view.last_agreed is not None
    assert "Stop using the cartouche." in letter_lines(view.last_agreed)


def test_a_letter_is_given_back_with_a_reason(team: Team, action: int) -> None:
    version = write(team, action)
    lead_to(team, version, LetterState.SUBMITTED)
    return_letter_version(team[Role.REVIEWER], version, "The hotline is missing.")
    view = see(team, version)
    assert (view.line.state, view.line.why_reopened) == ("draft", "The hotline is missing.")


def test_a_letter_that_no_authority_sees_needs_a_reason(team: Team, action: int) -> None:
    version = write(team, action)
    lead_to(team, version, LetterState.REVIEWED)
    digest = see(team, version).line.sha256
    waive_letter_agreement(proven(team[Role.RELEASER]), version, digest, "A payer's own letter.")
    assert lock_letter_version(proven(team[Role.RELEASER]), version, digest) == "locked"


def test_what_follows_a_locked_letter_is_another_version(team: Team, action: int) -> None:
    version = write(team, action)
    lead_to(team, version, LetterState.LOCKED)
    further = write(team, action, "autre")
    assert further != version
    assert see(team, further).line.number == 2
    with pytest.raises(LetterNotNow, match="locked"):
        lock_letter_version(proven(team[Role.RELEASER]), version, see(team, version).line.sha256)


def test_a_letter_needs_a_source_and_an_open_action(team: Team, action: int) -> None:
    author = team[Role.AUTHOR]
    with acting_for(author.organisation_id):
        other = Action.objects.create(title="Other", opened_at=author.now).pk
        ended = Action.objects.create(title="Ended", opened_at=author.now, state="firm_complete").pk
    with pytest.raises(LetterUnknown, match="no source"):
        write(team, other)
    with pytest.raises(LetterNotNow, match="Reopen the action"):
        write_letter_source(author, ended, text())
    assert action


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE store_letterversion SET state = 'draft'",
        "UPDATE store_letterversion SET body = sha256",
        "DELETE FROM store_letterversion",
        "UPDATE store_lettersource SET revision = 9",
        "DELETE FROM store_lettersource",
        "UPDATE store_lettertick SET item = 'other'",
        "DELETE FROM store_lettertick",
    ],
)
def test_a_locked_letter_never_changes(team: Team, action: int, statement: str) -> None:
    version = write(team, action)
    lead_to(team, version, LetterState.LOCKED)
    if connection.vendor == "postgresql":
        statement = statement.replace("= sha256", "= sha256::bytea")
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(statement)


def test_a_superseded_draft_is_not_worked_on(team: Team, action: int) -> None:
    """Only locked rows have successors, and those are refused by their state first."""
    version = write(team, action)
    lead_to(team, version, LetterState.LOCKED)
    write_letter_source(team[Role.AUTHOR], action, text("new"))
    with pytest.raises((LetterNotNow, LetterSuperseded)):
        submit_letter_version(team[Role.AUTHOR], version, "ANSM")
