"""One more dispatch for a recipient: the next channel, a reminder, a possible copy."""

from collections.abc import Iterable
from datetime import timedelta

from tocsin.outreach.channels import Channel
from tocsin.outreach.escalation import Ladder, Urgency, shipped_ladder
from tocsin.outreach.prefaces import Preface
from tocsin.services.dispatch_making import DispatchMaker, Order, write_made
from tocsin.services.dispatch_release import channels_of, clinics_known, not_after
from tocsin.services.letter_values import letter_values
from tocsin.services.outlets import offered_channels
from tocsin.services.work import Work
from tocsin.store.models import Dispatch, LetterRelease, Person, Recipient
from tocsin.store.released_plan import read_released_plan
from tocsin.store.sealed_persons import SealedPersons


def released_ladder(release: LetterRelease) -> Ladder:
    """Return the ladder that was signed with a release; the shipped one if it names none."""
    found = read_released_plan(release).get("ladder")
    return Ladder.model_validate(found) if found else shipped_ladder(Urgency.NORMAL)


def usable_for(recipient: Recipient) -> tuple[Channel, ...]:
    """Return by which channels a recipient can be reached now."""
    addressee = Person.objects.select_related("key").get(pk=recipient.addressee_id)
    return channels_of(
        SealedPersons().open(addressee),
        has_clinic=bool(clinics_known([recipient.person_id])),
        offered=offered_channels(),
    )


def tried_channels(recipient: Recipient) -> set[Channel]:
    """Return by which channels somebody was to get the letter, however that ended."""
    rows = Dispatch.objects.filter(
        person_id=recipient.person_id, letter_version_id=recipient.letter_version_id
    )
    return {Channel(channel) for channel in rows.values_list("channel", flat=True).distinct()}


def queue_further(  # noqa: PLR0913 - each is said by name
    work: Work,
    recipient: Recipient,
    channels: Iterable[Channel],
    purpose: str,
    *,
    replaces: Dispatch | None = None,
    preface: Preface | None = None,
    wait: timedelta = timedelta(0),
) -> list[Dispatch]:
    """Queue one more dispatch by each channel, unless there is one; return those that are new.

    Args:
        work: the call.
        recipient: who is told.
        channels: by which ways.
        purpose: a step of the ladder, or what `next_purpose` gives.
        replaces: the one that it may repeat.
        preface: what stands before the letter's own text.
        wait: how long it waits before it may leave.
    """
    later = work.now + wait
    action = recipient.release.action
    addressee = Person.objects.select_related("key").get(pk=recipient.addressee_id)
    private = SealedPersons().open(addressee)
    maker = DispatchMaker(action, work.now, letter_values(action, work.now))
    made = []
    for channel in channels:
        there = Dispatch.objects.filter(
            letter_version_id=recipient.letter_version_id,
            person_id=recipient.person_id,
            channel=str(channel),
            purpose=purpose,
        )
        if there.exists():
            continue
        order = Order(
            recipient,
            channel,
            purpose,
            later,
            not_after(later),
            replaces.pk if replaces else None,
            preface,
        )
        made.append(maker.make(order, private, addressee))
    write_made(made)
    return [each.dispatch for each in made]


def next_purpose(dispatch: Dispatch) -> str:
    """Return the purpose of a deliberate copy: its number, behind the first one's purpose.

    >>> next_purpose(Dispatch(purpose="first")), next_purpose(Dispatch(purpose="first+1"))
    ('first+1', 'first+2')
    """
    base, _, number = dispatch.purpose.partition("+")
    return f"{base}+{int(number or 0) + 1}"
