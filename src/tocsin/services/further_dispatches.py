"""One more dispatch for a recipient: the next channel, a reminder, a possible copy."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from tocsin.outreach.channels import Channel
from tocsin.outreach.escalation import Ladder, Urgency, shipped_ladder
from tocsin.outreach.prefaces import Preface
from tocsin.outreach.sending_rules import not_after
from tocsin.services.dispatch_making import DispatchMaker, Order, write_made
from tocsin.services.dispatch_release import channels_of, clinics_known
from tocsin.services.letter_devices import letter_devices
from tocsin.services.letter_values import letter_values
from tocsin.services.outlets import offered_channels
from tocsin.services.work import Work
from tocsin.store.answer_links import read_answer_tokens
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


class FurtherQueue:
    """Queues further dispatches of some recipients of one release; what they share is read once.

    Of a single recipient nothing is read that is not needed; of several, answer links and devices
    of all of them at once.
    """

    def __init__(self, work: Work, recipients: Sequence[Recipient]) -> None:
        """Take the act, and who may be told; at least one, all of one release."""
        release, self._now = recipients[0].release, work.now
        devices = tokens = None
        if len(recipients) > 1:
            tokens = read_answer_tokens(recipients)
            devices = letter_devices(release.scope_release.run, recipients)
        values = letter_values(release.action, work.now, tokens)
        self._maker = DispatchMaker(release.action, work.now, values, devices)
        addressees = {each.addressee_id for each in recipients}
        rows = Person.objects.select_related("key").filter(pk__in=addressees)
        self._addressees = {person.pk: person for person in rows}
        self._cared_for = clinics_known(each.person_id for each in recipients)
        self._offered = offered_channels()
        self._persons = SealedPersons()

    def usable_for(self, recipient: Recipient) -> tuple[Channel, ...]:
        """Return by which channels one of the recipients can be reached now."""
        return channels_of(
            self._persons.open(self._addressees[recipient.addressee_id]),
            has_clinic=recipient.person_id in self._cared_for,
            offered=self._offered,
        )

    def add(
        self,
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
            recipient: who is told.
            channels: by which ways.
            purpose: a step of the ladder, or what `next_purpose` gives.
            replaces: the one that it may repeat.
            preface: what stands before the letter's own text.
            wait: how long it waits before it may leave.

        Raises:
            MailUnfit, ShortMessageUnfit, ShortTextUnfit, FieldsMissing: if it cannot be made.
        """
        later = self._now + wait
        addressee = self._addressees[recipient.addressee_id]
        private = self._persons.open(addressee)
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
                not_after(channel, later),
                replaces.pk if replaces else None,
                preface,
            )
            made.append(self._maker.make(order, private, addressee))
        write_made(made)
        return [each.dispatch for each in made]


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
    """Queue further dispatches of one recipient, as `FurtherQueue.add` does."""
    queue = FurtherQueue(work, [recipient])
    return queue.add(recipient, channels, purpose, replaces=replaces, preface=preface, wait=wait)


def next_purpose(dispatch: Dispatch) -> str:
    """Return the purpose of a deliberate copy: its number, behind the first one's purpose.

    >>> next_purpose(Dispatch(purpose="first")), next_purpose(Dispatch(purpose="first+1"))
    ('first+1', 'first+2')
    """
    base, _, number = dispatch.purpose.partition("+")
    return f"{base}+{int(number or 0) + 1}"
