"""What the release of letters queues: one dispatch per person and channel, in its transaction.

The mails of a large release are written by a job (`services.mail_making`), so that nobody else
waits for the database meanwhile. Nothing of it leaves before the action is started and the delay is
over, in which it can be stopped.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar
from uuid import UUID

from tocsin.base.errors import TocsinError
from tocsin.delivery.smtp_relay import is_plain_address
from tocsin.outreach.channels import Channel, known_contacts, usable_channels
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.outreach.escalation import FIRST, NEXT, first_channels
from tocsin.outreach.sending_rules import not_after, sending_rules
from tocsin.services.dispatch_making import DispatchMaker, Made, Order, write_made
from tocsin.services.letter_devices import letter_devices
from tocsin.services.letter_values import letter_values
from tocsin.services.outlets import offered_channels
from tocsin.services.recipient_lists import RecipientPlan, freeze_recipients
from tocsin.services.work import Work
from tocsin.store.answer_links import make_answer_links
from tocsin.store.jobs import queue_job
from tocsin.store.models import (
    Action,
    ContactRepair,
    Dispatch,
    Holder,
    LetterRelease,
    Person,
    Recipient,
)
from tocsin.store.sealed_persons import SealedPersons

T = TypeVar("T")
_AT_ONCE = 500
MOST_AT_ONCE = 200
"""Of a release to more people the mails are written by a job."""
MAKE_MAILS = "make_mails"
NO_CHANNEL = "nobody knows how to reach them"


class LetterMissing(TocsinError):
    """Somebody who must be told has no letter that is locked."""

    code = "letter_missing"


@dataclass(frozen=True)
class Queued:
    """What a release has queued: how many recipients, dispatches and contacts to repair."""

    n_recipients: int
    n_dispatches: int
    n_repairs: int


def explain_missing_letters(
    action: Action, missing: Mapping[tuple[str, str], int]
) -> LetterMissing:
    """Return what stands against a release: so many of an audience and country have no letter."""
    most = sorted(missing.items(), key=lambda each: (-each[1], each[0]))[:6]
    told = "; ".join(f"{n} of {audience}, {where}" for (audience, where), n in most)
    return LetterMissing(
        f"{sum(missing.values())} people of action {action.pk} would get no letter: {told}. "
        "Nothing was signed. Write and lock a letter for them; one in English serves whom no other "
        "fits."
    )


def queue_release(
    work: Work, action: Action, release: LetterRelease, plan: RecipientPlan
) -> Queued:
    """Freeze the list of a release and queue its first dispatches, in its transaction.

    Whose newest letter is the very same, had or waiting, gets nothing more by it. Who was told
    something else since is told again.
    """
    recipients = freeze_recipients(release, plan)
    tokens = make_answer_links(recipients, work.now)
    later = work.now + timedelta(seconds=sending_rules().send_delay_s)
    is_large = len(recipients) > MOST_AT_ONCE
    devices = {} if is_large else letter_devices(release.scope_release.run, recipients)
    maker = DispatchMaker(action, work.now, letter_values(action, work.now, tokens), devices)
    n_dispatches = n_repairs = 0
    for some in in_batches(recipients):
        made, unreached = _first_of(some, plan, maker, later, is_large=is_large)
        write_made(made)
        n_dispatches += len(made)
        n_repairs += open_repairs(action, unreached, NO_CHANNEL, work.now)
    if is_large:
        payload = {"action_id": action.pk, "release_id": release.pk}
        queue_job(MAKE_MAILS, payload, work.now, action.organisation_id, n_dispatches)
    return Queued(len(recipients), n_dispatches, n_repairs)


def open_repairs(
    action: Action, persons: Iterable[UUID], because: str, now: datetime, channel: str = ""
) -> int:
    """Open a task to repair the contact of each person who has none open; return how many."""
    there = set(
        ContactRepair.objects.filter(
            action=action, channel=channel, closed_at__isnull=True
        ).values_list("person_id", flat=True)
    )
    new = [
        ContactRepair(
            action=action, person_id=person, channel=channel, because=because, opened_at=now
        )
        for person in dict.fromkeys(persons)
        if person not in there
    ]
    ContactRepair.objects.bulk_create(new)
    return len(new)


def channels_of(
    private: Mapping[str, str], *, has_clinic: bool, offered: frozenset[Channel]
) -> tuple[Channel, ...]:
    """Return by which channels somebody can be reached, whose private data are open.

    What is no mail address is none: it must not hinder the release to everybody else.
    """
    known = known_contacts(private)
    if not is_plain_address(private.get("email", "")):
        known.discard("email")
    return usable_channels(known, has_clinic=has_clinic, offered=offered)


def clinics_known(persons: Iterable[UUID]) -> set[UUID]:
    """Return those persons whom a clinic looks after, as a list tells; its staff are none."""
    rows = Holder.objects.filter(person_id__in=list(persons)).exclude(clinic_id="")
    rows = rows.exclude(person__kind="clinician")
    return set(rows.values_list("person_id", flat=True))


def _first_of(
    recipients: Sequence[Recipient],
    plan: RecipientPlan,
    maker: DispatchMaker,
    later: datetime,
    *,
    is_large: bool,
) -> tuple[list[Made], list[UUID]]:
    """Return the first dispatches of some recipients, and who can be reached by nothing."""
    sealed, offered = SealedPersons(), offered_channels()
    addressees = {
        person.pk: person
        for person in Person.objects.filter(
            pk__in={each.addressee_id for each in recipients}
        ).select_related("key")
    }
    cared_for = clinics_known(each.person_id for each in recipients)
    had = letters_had(recipients[0].release.action, [each.person_id for each in recipients])
    made, unreached = [], []
    for recipient in recipients:
        if had.get((recipient.person_id, recipient.audience)) == recipient.letter_version_id:
            continue
        addressee = addressees[recipient.addressee_id]
        private = sealed.open(addressee)
        usable = channels_of(private, has_clinic=recipient.person_id in cared_for, offered=offered)
        ways = first_channels(plan.ladder, usable)
        if not ways:
            unreached.append(recipient.person_id)
        for channel in ways:
            until = not_after(channel, later)
            order = Order(recipient, channel, FIRST, later, until, is_made_later=is_large)
            made.append(maker.make(order, private, addressee))
    return made, unreached


def letters_had(action: Action, persons: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    """Return the letter version that each person and audience was sent last, or waits for.

    A next letter that was withdrawn tells nothing any more; the one before it holds again. A first
    one is withdrawn when it was answered, by telephone say, and counts.
    """
    rows = (
        Dispatch.objects.filter(action=action, person_id__in=persons, purpose__in=[FIRST, NEXT])
        .exclude(purpose=NEXT, state=str(DispatchState.WITHDRAWN))
        .order_by("pk")
    )
    told = rows.values_list("person_id", "recipient__audience", "letter_version_id")
    return {(person, audience): version for person, audience, version in told}


def in_batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield some items at a time."""
    left = iter(items)
    while some := list(islice(left, _AT_ONCE)):
        yield some
