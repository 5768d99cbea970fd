"""Who was given a device gets the letter that is released for it, as a recipient of their own.

A transfer makes an addressee: whoever works the note off enters, or names, the new holder. Only a
letter that stands in the newest signed manifest is queued, and only while the action runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tocsin.base.errors import TocsinError, UsageError
from tocsin.base.verdict import Verdict as Answer
from tocsin.outreach.action_states import ActionState
from tocsin.outreach.escalation import FIRST, first_channels
from tocsin.outreach.recipients import Concerned, PlannedRecipient, Why, plan_recipients
from tocsin.outreach.sending_rules import sending_rules
from tocsin.registry.holder_record import HolderRecord, read_holder
from tocsin.services.action_work import subject_of
from tocsin.services.answer_work import find_passed_on
from tocsin.services.dispatch_release import NO_CHANNEL, open_repairs
from tocsin.services.further_dispatches import queue_further, released_ladder, usable_for
from tocsin.services.letter_devices import held_devices
from tocsin.services.next_letters import signed_letters
from tocsin.services.persons import find_person
from tocsin.services.recipient_lists import person_facts
from tocsin.services.work import Work, service
from tocsin.store.answer_links import make_answer_links
from tocsin.store.letter_rows import version_name
from tocsin.store.models import Action, LetterRelease, PassedOn, Person, Recipient
from tocsin.store.sealed_persons import SealedPersons

QUEUED = "a letter was queued"
"""How a note ends whose new holder is written to."""


class NoLetterForThem(TocsinError):
    """The new holder cannot be sent a letter by this."""

    code = "no_letter_for_new_holder"


@dataclass(frozen=True)
class NewHolder:
    """Who has a device now: either somebody who is known, or contact data; sealed once kept.

    Attributes:
        person_id: of somebody who stands in a list already; then all others are empty.
        kind: as in a holders file; ``person`` if empty.
    """

    person_id: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    address_lines: str = ""
    country: str = ""
    language: str = ""
    kind: str = ""


@dataclass(frozen=True)
class HolderTold:
    """What was queued for a new holder.

    Attributes:
        letter: key, language and country.
        channels: by which it is queued; none: a contact to repair was opened.
    """

    person_id: str
    recipient_id: int
    letter: str
    channels: Sequence[str]


@service
def tell_new_holder(work: Work, item_id: int, holder: NewHolder) -> HolderTold:
    """Queue the released letter for who has a device now, and close the note of it by that.

    It waits as long as a release does before it may leave. Right: operator. Leaves
    new_holder_told.

    Raises:
        WorkItemUnknown: if no such note is open.
        UsageError: if the contact data cannot be kept, or somebody known is named beside them.
        PersonUnknown: if nobody has the id.
        NoLetterForThem: if the action does not run, the device is not concerned, they are on the
            list already, or no released letter fits. Nothing was changed.
        MailUnfit, ShortMessageUnfit, FieldsMissing: if no message can be made of it.
    """
    item = find_passed_on(item_id, is_open=True)
    action, release = item.action, _newest_release(item.action)
    person = _known(holder) if holder.person_id else SealedPersons().add_person(_record(holder))
    planned = _plan(item, release, person)
    if Recipient.objects.filter(release=release, person=person).exists():
        raise NoLetterForThem(
            "They stand on the list of the last release already. Nothing was changed. Close the "
            "note as told already."
        )
    recipient = Recipient.objects.create(
        release=release,
        person=person,
        addressee_id=UUID(planned.addressee),
        letter_version_id=planned.letter.version if planned.letter else 0,
        audience=planned.audience,
        verdict=str(planned.verdict),
        why=str(planned.why),
        country=planned.country,
        n_devices=1,
    )
    item.recipient, item.closed_at, item.outcome = recipient, work.now, QUEUED
    item.save(update_fields=["recipient", "closed_at", "outcome"])
    make_answer_links([recipient], work.now)
    ways = first_channels(released_ladder(release), usable_for(recipient))
    wait = timedelta(seconds=sending_rules().send_delay_s)
    made = queue_further(work, recipient, ways, FIRST, wait=wait)
    if not made:
        open_repairs(action, [person.pk], NO_CHANNEL, work.now)
    letter = version_name(recipient.letter_version)
    work.record(
        "new_holder_told",
        subject_of(action),
        new={
            "item": item.pk,
            "person": str(person.pk),
            "is_new": not holder.person_id,
            "recipient": recipient.pk,
            "letter_version": recipient.letter_version_id,
            "dispatches": [each.pk for each in made],
        },
    )
    return HolderTold(str(person.pk), recipient.pk, letter, [each.channel for each in made])


def _newest_release(action: Action) -> LetterRelease:
    rows = LetterRelease.objects.filter(action=action, released_at__isnull=False)
    release = rows.order_by("-released_at", "-pk").first()
    if release is None or action.state != ActionState.RUNNING:
        raise NoLetterForThem(
            f"Action {action.pk} is {action.state.replace('_', ' ')}: no letter leaves by it. "
            "Nothing was changed. Tell them once it runs, or close the note."
        )
    return release


def _plan(item: PassedOn, release: LetterRelease, person: Person) -> PlannedRecipient:
    """Return which released letter a person gets for a device that they were given."""
    verdict = _verdict(item, release)
    if verdict is Answer.NOT_AFFECTED:
        raise NoLetterForThem(
            f"Device {item.device_id} is not affected. Nothing was changed: close the note."
        )
    told = Concerned(str(person.pk), verdict, Why.PASSED_ON, 1)
    offered = signed_letters(item.action)
    (planned,) = plan_recipients([told], person_facts([str(person.pk)]), offered)
    if planned.letter is None:
        raise NoLetterForThem(
            "No letter that two people have released fits them: by their kind, their language and "
            "what is known of the device. Nothing was changed. Have one released, or tell them "
            "yourself and close the note."
        )
    return planned


def _verdict(item: PassedOn, release: LetterRelease) -> Answer:
    """Return what is known of the device now; what its giver was told if no list has it."""
    giver = item.acknowledgement.recipient
    held = held_devices(release.scope_release.run, [giver.person_id]).get(giver.person_id, [])
    for each in held:
        if (each.record.registry_id, each.record.device_id) == (item.registry_id, item.device_id):
            return each.verdict
    return Answer(giver.verdict or Answer.CANNOT_TELL)


def _known(holder: NewHolder) -> Person:
    if any((holder.name, holder.email, holder.phone, holder.address_lines)):
        raise UsageError(
            "Name somebody who is known, or enter contact data: not both. Nothing was changed."
        )
    person = find_person(holder.person_id)
    if person.sealed is None:
        raise NoLetterForThem(f"Person {person.pk} was erased. Nothing was changed.")
    return person


def _record(holder: NewHolder) -> HolderRecord:
    """Return contact data as a row of a list would be read.

    Raises:
        UsageError: naming the field, never what stands in it.
    """
    row = {
        "holder_id": "new",
        "kind": holder.kind,
        "name": holder.name,
        "email": holder.email,
        "phone": holder.phone,
        "address_lines": "|".join(filter(None, map(str.strip, holder.address_lines.splitlines()))),
        "country": holder.country,
        "language": holder.language,
    }
    read = read_holder(row)
    for fault in (*read.refused, *read.findings):
        raise UsageError(f"The {fault.column}: {fault.reason}. Nothing was changed.")
    if read.record is None or not read.record.private.get("name"):
        raise UsageError("Say who has the device now: a name is needed. Nothing was changed.")
    return read.record
