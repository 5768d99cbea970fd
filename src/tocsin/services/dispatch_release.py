"""What the release of letters queues: one dispatch per person and channel, in its transaction.

The mails of a large release are written by a job (`services.mail_making`), so that nobody else
waits for the database meanwhile. Nothing of it leaves before the action is started and the delay is
over, in which it can be stopped.
"""

from collections import Counter
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
from tocsin.services.action_work import find_action
from tocsin.services.dispatch_making import DispatchMaker, Made, Order, write_made
from tocsin.services.letter_devices import letter_devices
from tocsin.services.letter_values import letter_values
from tocsin.services.outlets import offered_channels
from tocsin.services.recipient_lists import RecipientPlan, freeze_recipients, plan_release
from tocsin.services.scope_release import released_scope
from tocsin.services.work import Work, service
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
_SAMPLES = 8
NO_CHANNEL = "nobody knows how to reach them"


class LetterMissing(TocsinError):
    """Somebody who must be told has no letter that is locked."""

    code = "letter_missing"


@dataclass(frozen=True)
class DispatchPreview:
    """What a release would queue, in numbers and by a few examples; persons by their ids only.

    Attributes:
        n_recipients: persons on the list.
        n_without_holder: devices that nobody is known to have.
        by_letter: letter, audience, channels at first -> how many persons.
        without_letter: audience, language or country -> how many have no letter; must be none.
        other_language: how many get a letter in another language than theirs.
        unreachable: how many can be reached by nothing: a task for each is opened.
        samples: person, letter, channels.
        urgency: of the ladder.
        delay_s: how long after the release the first may leave.
    """

    n_recipients: int
    n_without_holder: int
    by_letter: Sequence[tuple[str, str, str, int]]
    without_letter: Sequence[tuple[str, str, int]]
    other_language: int
    unreachable: int
    samples: Sequence[tuple[str, str, str]]
    urgency: str
    delay_s: float


@dataclass(frozen=True)
class Queued:
    """What a release has queued: how many recipients, dispatches and contacts to repair."""

    n_recipients: int
    n_dispatches: int
    n_repairs: int


@service
def read_dispatch_preview(work: Work, action_id: int) -> DispatchPreview:  # noqa: ARG001 - its rights
    """Return what a release of an action's locked letters would queue.

    Right: author, reviewer, releaser, operator, auditor.

    Raises:
        ActionUnknown: if there is no such action.
        LetterMissing: if no scope is released yet.
    """
    action = find_action(action_id)
    scope = released_scope(action)
    if scope is None:
        raise LetterMissing(
            f"Action {action_id} has no released scope, so nobody is on its list yet. Nothing was "
            f"changed. Release the scope first: `tocsin action preview {action_id}`."
        )
    plan = plan_release(action, scope)
    channels = _planned_channels(plan)
    by_letter: Counter[tuple[str, str, str]] = Counter()
    missing: Counter[tuple[str, str]] = Counter()
    for each in plan.recipients:
        ways = ", ".join(channels.get(each.addressee, ())) or "none"
        if each.letter is None:
            missing[each.audience, each.country or "country unknown"] += 1
        else:
            by_letter[each.letter.name, each.audience, ways] += 1
    return DispatchPreview(
        len(plan.recipients),
        plan.n_without_holder,
        [(*key, n) for key, n in sorted(by_letter.items())],
        [(*key, n) for key, n in sorted(missing.items())],
        sum(not each.speaks_theirs for each in plan.recipients if each.letter),
        sum(not channels.get(each.addressee) for each in plan.recipients),
        [
            (
                each.person,
                each.letter.name if each.letter else "",
                ", ".join(channels.get(each.addressee, ())),
            )
            for each in plan.recipients[:_SAMPLES]
        ],
        str(plan.urgency),
        sending_rules().send_delay_s,
    )


def explain_missing_letters(action: Action, plan: RecipientPlan) -> TocsinError | None:
    """Return what stands against a release: somebody would get no letter; None if nothing."""
    missing = plan.without_letter
    if not missing:
        return None
    kinds = Counter((each.audience, each.country or "country unknown") for each in missing)
    told = "; ".join(f"{n} of {audience}, {where}" for (audience, where), n in kinds.most_common(6))
    return LetterMissing(
        f"{len(missing)} people of action {action.pk} would get no letter: {told}. Nothing was "
        "signed. Write and lock a letter for them; one in English serves whom no other fits."
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
    for some in _batches(recipients):
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


def _planned_channels(plan: RecipientPlan) -> dict[str, tuple[str, ...]]:
    """Return the first channels of every addressee of a plan; who is new has none."""
    sealed, offered = SealedPersons(), offered_channels()
    found: dict[str, tuple[str, ...]] = {}
    for some in _batches(plan.recipients):
        ids = [UUID(each.addressee) for each in some]
        cared_for = {str(each) for each in clinics_known(UUID(each.person) for each in some)}
        rows = Person.objects.filter(pk__in=ids).select_related("key")
        opened = {str(person.pk): sealed.open(person) for person in rows}
        for each in some:
            usable = channels_of(
                opened.get(each.addressee, {}),
                has_clinic=each.person in cared_for,
                offered=offered,
            )
            found[each.addressee] = tuple(map(str, first_channels(plan.ladder, usable)))
    return found


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while some := list(islice(left, _AT_ONCE)):
        yield some
