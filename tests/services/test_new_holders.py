"""A device that was passed on: its new holder gets the released letter, and is accounted for."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.lib.prepared import Prepare
from tests.lib.released_action import letter_of, relay, release_one_pump
from tests.services.kept_actions import make_team
from tocsin.base.errors import UsageError
from tocsin.outreach.reply import DeviceOutcome, DeviceReply, Doing, PersonOutcome, Reply
from tocsin.services.action_course import pause_action, resume_action, start_action
from tocsin.services.answer_forms import read_recipient_form
from tocsin.services.answer_work import WorkItemUnknown, list_answer_work
from tocsin.services.answers import enter_answer
from tocsin.services.conservation import read_conservation
from tocsin.services.dispatch_making import open_message
from tocsin.services.escalating import climb_ladder
from tocsin.services.funnels import read_funnel
from tocsin.services.new_holders import QUEUED, NewHolder, NoLetterForThem, tell_new_holder
from tocsin.services.work import Caller
from tocsin.store.home import find_home
from tocsin.store.models import AuditRow, ContactRepair, Dispatch, PassedOn, Person, Recipient
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for
from tocsin.store.vault import Vault

__all__ = ["relay"]
pytestmark = pytest.mark.sqlite_is_enough
HOLDER = ("H1", "person", "Zoe Zwetschge", "zoe@person.example", "1 Example Street", "en")
NEW = NewHolder(name="Anna Apfel", email="anna@person.example", language="en")


@dataclass(frozen=True)
class World:
    """A pump whose holder has given it to somebody."""

    team: dict[Role, Caller]
    action: int
    item: int

    @property
    def operator(self) -> Caller:
        return self.team[Role.OPERATOR]


@pytest.fixture
def world(relay: None, prepared: Prepare) -> World:  # noqa: ARG001 - mails can be made
    return prepared(arrange, Path)


def arrange(folder: Path) -> World:
    team = make_team()
    action = release_one_pump(team, folder, holders=HOLDER)
    start_action(team[Role.RELEASER], action)
    recipient, _ = letter_of(team[Role.AUTHOR].organisation_id, action)
    form = read_recipient_form(team[Role.OPERATOR], recipient)
    reply = Reply(
        PersonOutcome.ANSWERS,
        {each.key: DeviceReply(DeviceOutcome.PASSED_ON, "", "my sister") for each in form.devices},
        dict.fromkeys((key for key, _ in form.instructions), Doing.DONE),
        knows_first_step=True,
        is_confirmed=True,
    )
    enter_answer(team[Role.OPERATOR], recipient, reply, "paper", "file 7")
    with acting_for(team[Role.AUTHOR].organisation_id):
        return World(team, action, PassedOn.objects.get().pk)


def test_the_new_holder_gets_the_released_letter_about_that_device(world: World) -> None:
    done = tell_new_holder(world.operator, world.item, NEW)
    assert (done.letter, list(done.channels)) == ("patient-check-version en", ["e-mail"])
    with acting_for(world.operator.organisation_id):
        row = Dispatch.objects.select_related("message", "addressee__key").get(
            person=done.person_id
        )
        assert (row.purpose, row.state, row.recipient.why) == (
            "first", "queued", "was given a device concerned",
        )  # fmt: skip
        assert row.not_before > row.queued_at, "as long as after a release"
        assert row.letter_version.state == "locked"
        key, sealed = bytes(row.addressee.key.wrapped), bytes(row.message.sealed)
        _, to, content = open_message(
            Vault(find_home().persons_key), row.addressee_id, key, row.reference, sealed
        )
        assert to == NEW.email
        assert b"MMT-523" in content
        trail = b"".join(bytes(each.body) for each in AuditRow.objects.all())
        assert b"Apfel" not in trail
        assert b"anna@" not in bytes(row.addressee.sealed)
        PassedOn.objects.get(pk=world.item, outcome=QUEUED, recipient=done.recipient_id)
    form = read_recipient_form(world.operator, done.recipient_id)
    assert [each.key for each in form.devices] == ["1/D1"]
    found = read_conservation(world.team[Role.AUDITOR], world.action)
    assert (list(found.faults), found.n_listed) == ([], 2)
    assert read_funnel(world.team[Role.AUDITOR], world.action).whole.amounts[0] == 2
    assert all(each.closed_at for each in list_answer_work(world.operator, world.action))
    with pytest.raises(WorkItemUnknown):
        tell_new_holder(world.operator, world.item, NEW)


def test_who_is_told_late_is_reminded_by_their_own_days(world: World) -> None:
    late = replace(world.operator, now=world.operator.now + timedelta(days=12))
    done = tell_new_holder(late, world.item, NEW)
    with acting_for(world.operator.organisation_id):
        Dispatch.objects.filter(person=done.person_id).update(state="accepted", state_at=late.now)
    assert climb_ladder(replace(late, now=late.now + timedelta(days=2)), world.action) == 0
    assert climb_ladder(replace(late, now=late.now + timedelta(days=4)), world.action) == 1


def test_who_cannot_be_reached_is_a_contact_to_repair(world: World) -> None:
    done = tell_new_holder(world.operator, world.item, NewHolder(name="Anna Apfel"))
    assert list(done.channels) == []
    with acting_for(world.operator.organisation_id):
        assert str(ContactRepair.objects.get().person_id) == done.person_id
    found = read_conservation(world.team[Role.AUDITOR], world.action)
    assert (list(found.faults), found.n_listed) == ([], 2)


def test_nothing_that_is_not_released_leaves_and_nobody_is_kept_by_a_refusal(
    world: World,
) -> None:
    with acting_for(world.operator.organisation_id):
        giver = str(Recipient.objects.get().person_id)
        n_before = Person.objects.count()
    for holder, error, words in (
        (replace(NEW, kind="payer"), NoLetterForThem, "No letter"),
        (replace(NEW, name=""), UsageError, "a name is needed"),
        (replace(NEW, name="A\nBcc: x"), UsageError, "control character"),
        (replace(NEW, country="Atlantis"), UsageError, "not a country code"),
        (replace(NEW, person_id=giver), UsageError, "not both"),
        (NewHolder(person_id=giver), NoLetterForThem, "on the list"),
    ):
        with pytest.raises(error, match=words):
            tell_new_holder(world.operator, world.item, holder)
    pause_action(world.operator, world.action, "something is wrong")
    with pytest.raises(NoLetterForThem, match="paused"):
        tell_new_holder(world.operator, world.item, NEW)
    resume_action(world.team[Role.RELEASER], world.action, "all is well")
    with acting_for(world.operator.organisation_id):
        assert (Person.objects.count(), Recipient.objects.count()) == (n_before, 1)
    assert tell_new_holder(world.operator, world.item, NEW).channels
