"""Letters that people bring: printed and posted, spoken at the telephone, given by the clinic."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F

from tocsin.base.errors import TocsinError, UsageError
from tocsin.outreach.call_outcomes import BETWEEN_CALLS, CallOutcome
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, EventName, next_dispatch_state
from tocsin.outreach.sending_rules import sending_rules
from tocsin.services.action_work import find_action
from tocsin.services.action_work import subject_of as action_subject
from tocsin.services.answer_forms import find_recipient, form_of
from tocsin.services.call_script import Called, CallScript, make_script, signed_words
from tocsin.services.dispatch_making import DispatchMaker
from tocsin.services.dispatch_release import open_repairs
from tocsin.services.dispatch_work import add_attempt, find_dispatch, lead, subject_of
from tocsin.services.dispatches import DispatchLine, line_of
from tocsin.services.letter_values import letter_values
from tocsin.services.print_dispatches import fresh_times
from tocsin.services.work import Work, service
from tocsin.store.models import Action, Dispatch, DispatchAttempt, Person
from tocsin.store.sealed_persons import SealedPersons

_AT_ONCE = 500


class NotByHand(TocsinError):
    """The dispatch goes by another channel, or is not where this could happen."""

    code = "not_by_hand"


@dataclass(frozen=True)
class CallSheet:
    """What a caller needs for one call.

    Attributes:
        phone, name: of who is called.
        recipient_id: whose answers are entered.
        language, subject: of the letter.
        script: what is said and asked, and how the call can end.
        n_calls: how often it was tried before.
    """

    dispatch_id: int
    name: str
    phone: str
    recipient_id: int
    language: str
    subject: str
    script: CallScript
    n_calls: int


@service
def list_by_hand(
    work: Work, action_id: int, channel: Channel, state: DispatchState = DispatchState.QUEUED
) -> list[DispatchLine]:
    """Return what is to be done by hand through a channel now, the longest wait first.

    Right: operator, auditor.

    Raises:
        ActionUnknown: if there is no such action.
    """
    rows = Dispatch.objects.filter(
        action=find_action(action_id),
        channel=str(channel),
        vendor=None,
        state=state,
        not_before__lte=work.now,
    )
    ordered = rows.select_related("recipient__letter_version").order_by("not_before", "pk")
    return [line_of(row) for row in ordered[:500]]


@service
def access_call(work: Work, dispatch_id: int) -> CallSheet:
    """Return number, name and script for one call. Right: operator. Leaves person_accessed.

    Raises:
        DispatchUnknown: if there is none.
        NotByHand: if it is no call that waits.
    """
    row = find_dispatch(dispatch_id)
    if row.channel != Channel.TELEPHONE or row.state != DispatchState.QUEUED:
        raise NotByHand(f"Dispatch {dispatch_id} is no call that waits. Nothing was shown.")
    addressee = Person.objects.select_related("key").get(pk=row.addressee_id)
    private = SealedPersons().open(addressee)
    maker = DispatchMaker(row.action, work.now, letter_values(row.action, work.now))
    recipient, spoken = find_recipient(row.recipient_id), maker.spoken_letter(row.recipient)
    called = Called(
        private.get("name", ""), row.action.organisation.name, spoken.phone, spoken.hours
    )
    signed = signed_words(row.recipient.release)
    script = make_script(spoken, form_of(recipient), called, signed)
    work.record("person_accessed", f"person:{addressee.pk}", reason=f"call for dispatch {row.pk}")
    return CallSheet(
        row.pk,
        called.name,
        private.get("phone", ""),
        row.recipient_id,
        row.recipient.letter_version.language,
        spoken.subject,
        script,
        row.n_tries,
    )


@service
def note_call(work: Work, dispatch_id: int, outcome: CallOutcome) -> DispatchState:
    """Note how a call ended; return the state. Right: operator. Leaves call_noted.

    After three calls in vain the next channel is opened; a wrong number opens it at once, with a
    task to repair the contact.

    Raises:
        DispatchUnknown: if there is none.
        NotByHand, DispatchNotNow: if it is no call that waits.
    """
    row = _by_hand(dispatch_id, Channel.TELEPHONE)
    rules = sending_rules()
    n_calls = row.n_tries + 1
    event: EventName = "call"
    changes: dict[str, object] = {"n_tries": F("n_tries") + 1}
    if outcome is CallOutcome.SPOKEN:
        event = "speak"
    elif outcome in {CallOutcome.WRONG_NUMBER, CallOutcome.NOT_THEM}:
        event = "give_up"
        open_repairs(row.action, [row.person_id], f"telephone: {outcome}", work.now, row.channel)
    elif n_calls >= rules.calls_before_giving_up:
        event = "give_up"
    else:
        changes["not_before"] = work.now + BETWEEN_CALLS
    was = lead(work, row, event, **changes, reply=str(outcome))
    add_attempt(work, row, event, str(outcome))
    work.record(
        "call_noted",
        subject_of(row),
        old={"state": str(was)},
        new={"state": row.state, "heard": str(outcome), "n_calls": n_calls},
    )
    return DispatchState(row.state)


@service
def note_clinic(work: Work, dispatch_id: int, event: str) -> DispatchState:
    """Note that the clinic has handed a letter over, confirmed it, or could not. Right: operator.

    Leaves clinic_noted.

    Args:
        work: the call.
        dispatch_id: the dispatch.
        event: ``hand_over``, ``confirm`` or ``give_up``.

    Raises:
        DispatchUnknown: if there is none.
        UsageError: if it is another event.
        NotByHand, DispatchNotNow: if it cannot happen to it.
    """
    row = _by_hand(dispatch_id, Channel.CLINIC)
    chosen = CLINIC_EVENTS.get(event)
    if chosen is None:
        raise UsageError(f"{event!r} is none of {', '.join(CLINIC_EVENTS)}. Nothing was changed.")
    was = lead(work, row, chosen)
    add_attempt(work, row, chosen)
    work.record("clinic_noted", subject_of(row), old={"state": str(was)}, new={"state": row.state})
    return DispatchState(row.state)


CLINIC_EVENTS: Mapping[str, EventName] = {
    "hand_over": "hand_over",
    "confirm": "confirm",
    "give_up": "give_up",
}
_POST: Mapping[str, EventName] = {
    "printed": "print",
    "spoilt": "spoil",
    "posted": "post",
    "returned": "return",
}


@service
def note_letters(work: Work, action_id: int, event: str, dispatch_ids: Sequence[int]) -> int:
    """Note what became of printed letters; return of how many. Right: operator.

    All of them, or none. Leaves letters_noted.

    Args:
        work: the call.
        action_id: whose letters they are.
        event: ``printed``, ``spoilt``, ``posted`` or ``returned``.
        dispatch_ids: the letters.

    Raises:
        ActionUnknown, DispatchUnknown: if there is none.
        UsageError: if it is another event.
        NotByHand, DispatchNotNow: if it cannot happen to one of them; nothing was changed.
    """
    action = find_action(action_id)
    chosen = _POST.get(event)
    if chosen is None:
        raise UsageError(f"{event!r} is none of {', '.join(_POST)}. Nothing was changed.")
    ids = sorted(set(dispatch_ids))
    for start in range(0, len(ids), _AT_ONCE):
        _note_some(work, action, chosen, ids[start : start + _AT_ONCE])
    if not ids:
        work.leave_unchanged()
    else:
        work.record(
            "letters_noted", action_subject(action), new={"event": event, "dispatches": ids}
        )
    return len(ids)


def _note_some(work: Work, action: Action, event: EventName, ids: Sequence[int]) -> None:
    """Bring letters where an event leads them: thousands are posted on one day."""
    rows = {row.pk: row for row in Dispatch.objects.select_for_update().filter(pk__in=ids)}
    targets: dict[DispatchState, list[int]] = defaultdict(list)
    for dispatch_id in ids:
        row = rows.get(dispatch_id) or _by_hand(dispatch_id, Channel.LETTER)
        if row.action_id != action.pk or row.channel != Channel.LETTER:
            raise NotByHand(
                f"Dispatch {dispatch_id} is by {row.channel}, of action {row.action_id}. Nothing "
                "was changed."
            )
        if event == "print" and row.vendor_id is not None:
            raise NotByHand(
                f"Letter {dispatch_id} leaves by vendor {row.vendor_id}, which prints it. Nothing "
                "was changed. Withdraw it, or end the vendor, to print letters yourselves."
            )
        targets[next_dispatch_state(event, Channel.LETTER, DispatchState(row.state))].append(row.pk)
    times = fresh_times(work.now) if event == "spoil" else {}
    for target, found in targets.items():
        freed = {"batch": None} if target is DispatchState.QUEUED else {}
        Dispatch.objects.filter(pk__in=found).update(
            state=str(target),
            state_at=work.now,
            lease_until=None,
            fence=F("fence") + 1,
            **times,
            **freed,
        )
    DispatchAttempt.objects.bulk_create(
        DispatchAttempt(
            dispatch=row,
            fence=row.fence + 1,
            owner=work.caller.actor,
            ended_at=work.now,
            outcome=event,
        )
        for row in rows.values()
    )


def _by_hand(dispatch_id: int, channel: Channel) -> Dispatch:
    row = find_dispatch(dispatch_id)
    if row.channel != channel:
        raise NotByHand(
            f"Dispatch {dispatch_id} goes by {row.channel}, not by {channel}. Nothing was changed."
        )
    return row
