"""An answer that changes the verdict queues the letter that is right now, once, by itself."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.lib.prepared import Prepare
from tests.lib.released_action import letter_of, relay, release_one_pump
from tests.services.kept_actions import make_team
from tocsin.outreach.reply import (
    DeviceOutcome,
    DeviceReply,
    Doing,
    Follows,
    PersonOutcome,
    Reply,
)
from tocsin.services.action_course import pause_action, start_action
from tocsin.services.answer_forms import read_recipient_form
from tocsin.services.answers import KeptAnswer, enter_answer, keep_answer
from tocsin.services.conservation import read_conservation
from tocsin.services.dispatch_making import open_message
from tocsin.services.dispatch_release import letters_had
from tocsin.services.escalating import climb_ladder
from tocsin.services.triage import DeviceAnswer, answer_triage
from tocsin.services.work import ANSWER_PAGE, Caller
from tocsin.store.answer_links import read_answer_tokens
from tocsin.store.home import find_home
from tocsin.store.models import Action, Dispatch, LetterVersion, Recipient, WorkItem
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for
from tocsin.store.vault import Vault

__all__ = ["relay"]
HOLDER = ("H1", "person", "Zoe Zwetschge", "zoe@person.example", "1 Example Street", "en")


@dataclass(frozen=True)
class World:
    """One person who was asked for the software version of their pump."""

    team: dict[Role, Caller]
    action: int
    recipient: int
    token: str

    @property
    def acme(self) -> int:
        return self.team[Role.AUTHOR].organisation_id or 0

    def reply(self, version: str) -> Reply:
        form = read_recipient_form(self.team[Role.OPERATOR], self.recipient)
        return Reply(
            PersonOutcome.ANSWERS,
            {each.key: DeviceReply(DeviceOutcome.HAVE, version) for each in form.devices},
            dict.fromkeys((key for key, _ in form.instructions), Doing.DONE),
            knows_first_step=True,
            is_confirmed=True,
        )

    def answer(self, version: str) -> KeptAnswer:
        page = Caller(ANSWER_PAGE, self.acme, frozenset(), self.team[Role.AUTHOR].now)
        return keep_answer(page, self.token, self.reply(version))

    def letters(self) -> list[tuple[str, str, str, str]]:
        """Return letter, channel, purpose and state of each dispatch."""
        with acting_for(self.acme):
            rows = Dispatch.objects.select_related("letter_version").order_by("pk")
            return [(row.letter_version.key, row.channel, row.purpose, row.state) for row in rows]


@pytest.fixture
def world(relay: None, prepared: Prepare) -> World:  # noqa: ARG001 - mails can be made
    return prepared(arrange, Path)


def arrange(folder: Path) -> World:
    team = make_team()
    action = release_one_pump(team, folder, "patient-retraction", holders=HOLDER)
    start_action(team[Role.RELEASER], action)
    return World(team, action, *letter_of(team[Role.AUTHOR].organisation_id, action))


@pytest.mark.parametrize(
    ("version", "letter", "verdict"),
    [
        ("2.4A", "patient-affected", "affected"),
        ("2.5B", "patient-retraction", "not_affected"),
    ],
)
def test_the_right_letter_is_queued_once(
    world: World, version: str, letter: str, verdict: str
) -> None:
    assert world.letters()[0][:3] == ("patient-check-version", "e-mail", "first")
    kept = world.answer(version)
    assert kept.is_new
    assert Follows.NEXT_LETTER in kept.follows
    assert not world.answer(version).is_new
    queued = [each for each in world.letters() if each[2] == "next"]
    assert queued == [(letter, "e-mail", "next", "queued")]
    with acting_for(world.acme):
        row = Dispatch.objects.select_related("recipient", "message", "addressee__key").get(
            purpose="next"
        )
        assert row.recipient.verdict == verdict
        assert row.not_before > row.queued_at, "there is time to correct an answer"
        token = read_answer_tokens([row.recipient])[row.recipient_id]
        told = open_message(
            Vault(find_home().persons_key),
            row.addressee_id,
            bytes(row.addressee.key.wrapped),
            row.reference,
            bytes(row.message.sealed),
        )
    form = read_recipient_form(world.team[Role.OPERATOR], row.recipient_id)
    assert (bool(form.instructions), bool(form.offers)) == ((verdict == "affected",) * 2)
    text = told[2].decode()
    assert f"/a/{token}" in text
    assert token != world.token
    assert "MMT-523" in text
    assert version in text
    assert "...E77" in text
    assert "ZWETSCHGE77" not in text, "a serial number does not travel in clear"
    found = read_conservation(world.team[Role.AUDITOR], world.action)
    assert list(found.faults) == []


def test_what_says_nothing_new_queues_nothing(world: World) -> None:
    world.answer("")
    assert {each[2] for each in world.letters()} == {"first"}


def test_who_changes_their_mind_is_left_to_a_person(world: World) -> None:
    world.answer("2.4A")
    operator = world.team[Role.OPERATOR]
    wrong = DeviceAnswer("D1", "software_version", "", "patient", "misread, told by telephone")
    answer_triage(operator, world.action, wrong)
    later = replace(world.reply("2.5B"), query="I looked again.")
    enter_answer(operator, world.recipient, later, "telephone", "file 7")
    queued = [each for each in world.letters() if each[2] == "next"]
    assert queued == [
        ("patient-affected", "e-mail", "next", "withdrawn"),
        ("patient-retraction", "e-mail", "next", "queued"),
    ]
    answer_triage(operator, world.action, wrong)
    again = replace(world.reply("2.4A"), query="And again.")
    kept = enter_answer(operator, world.recipient, again, "telephone", "file 8")
    assert Follows.NEXT_LETTER in kept.follows
    assert [each[3] for each in world.letters() if each[2] == "next"] == ["withdrawn"] * 2
    with acting_for(world.acme):
        assert WorkItem.objects.filter(kind="next_letter").count() == 1
        assert Recipient.objects.count() == 3


def test_nothing_is_queued_while_the_action_is_paused(world: World) -> None:
    pause_action(world.team[Role.OPERATOR], world.action, "something is wrong")
    kept = world.answer("2.4A")
    assert Follows.NEXT_LETTER in kept.follows
    assert {each[2] for each in world.letters()} == {"first"}
    with acting_for(world.acme):
        assert WorkItem.objects.filter(kind="next_letter").count() == 1


def test_who_was_told_something_else_since_may_be_told_again(world: World) -> None:
    """A later release asks what somebody was told last, not whether they ever had its letter."""

    def told_last() -> list[str]:
        with acting_for(world.acme):
            persons = list(Dispatch.objects.values_list("person_id", flat=True).distinct())
            had = letters_had(Action.objects.get(pk=world.action), persons)
            return [LetterVersion.objects.get(pk=version).key for version in had.values()]

    assert told_last() == ["patient-check-version"]
    world.answer("2.5B")
    assert told_last() == ["patient-retraction"]
    with acting_for(world.acme):
        Dispatch.objects.filter(purpose="next").update(state="withdrawn")
    assert told_last() == ["patient-check-version"], "what was withdrawn tells nothing"


def test_who_does_not_answer_the_next_letter_is_reminded_of_it_and_of_no_other(
    world: World,
) -> None:
    operator = world.team[Role.OPERATOR]

    def climb(days: int) -> list[tuple[str, str, str, str]]:
        before = world.letters()
        climb_ladder(replace(operator, now=operator.now + timedelta(days=days)), world.action)
        return world.letters()[len(before) :]

    world.answer("2.4A")
    assert climb(30) == [], "it still waits"
    with acting_for(world.acme):
        sent = Dispatch.objects.filter(purpose="next")
        sent.update(state="accepted", state_at=operator.now)
    assert climb(2) == []
    assert climb(4) == [("patient-affected", "e-mail", "reminder", "queued")]
    with acting_for(world.acme):
        reminder = Dispatch.objects.select_related("recipient").get(purpose="reminder")
        assert reminder.recipient.follows_id is not None
        reminders = Dispatch.objects.filter(purpose="reminder")
        reminders.update(state="accepted", state_at=operator.now)
        token = read_answer_tokens([reminder.recipient])[reminder.recipient_id]
    page = Caller(ANSWER_PAGE, world.acme, frozenset(), operator.now)
    keep_answer(page, token, world.reply(""))
    assert climb(30) == [], "they have answered it"
