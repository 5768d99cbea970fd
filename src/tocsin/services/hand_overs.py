"""Letters that a clinic hands over at the next visit: what waits at each, its list, what it says.

The list names people, so that the clinic can find them; who looks at it stands in the audit trail.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from tocsin.base.errors import TocsinError, UsageError
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.action_work import find_action
from tocsin.services.action_work import subject_of as action_subject
from tocsin.services.dispatch_work import add_attempt, find_dispatch, lead
from tocsin.services.hand_deliveries import CLINIC_EVENTS, NotByHand
from tocsin.services.work import Work, service
from tocsin.store.letter_rows import version_name
from tocsin.store.models import Action, Dispatch, Holder, Person
from tocsin.store.sealed_persons import SealedPersons

_AT_ONCE = 500
MOST = 500
"""The most people that a clinic's list shows; and that are noted at once."""
HAND_OVER_COLUMNS = (
    "dispatch", "name", "holder", "language", "letter", "state", "since", "handed over on"
)  # fmt: skip
_OPEN = (DispatchState.QUEUED, DispatchState.HANDED_OVER)
_SHOWN = (*_OPEN, DispatchState.CONFIRMED)
Clinic = tuple[int, str]
NO_CLINIC: Clinic = (0, "-")
"""Stands for the clinic of whom no list tells one any more."""


class ClinicUnknown(TocsinError):
    """No letter of the action waits at such a clinic."""

    code = "clinic_unknown"


@dataclass(frozen=True)
class ClinicLine:
    """A clinic, by its id in a registry, and how many letters it has to hand over.

    Attributes:
        n_waiting: to be handed over at a visit.
        n_handed_over: handed over, not confirmed in writing yet.
        n_confirmed: confirmed. Who has answered since counts in none of the three.
    """

    registry_id: int
    clinic_id: str
    n_waiting: int
    n_handed_over: int
    n_confirmed: int


@dataclass(frozen=True)
class HandOver:
    """One letter on a clinic's list.

    Attributes:
        holder_id: of the patient in the registry: two of one name must not be mixed up.
    """

    dispatch_id: int
    name: str
    holder_id: str
    language: str
    letter: str
    state: DispatchState
    since: datetime


@dataclass(frozen=True)
class HandOverList:
    """What one clinic has to hand over or to confirm.

    Attributes:
        name: of the clinic; empty if it stands on no list itself.
        letters: by the names of the people, at most `MOST`: those that were queued first.
        n_more: how many more wait or are to be confirmed; they follow when these are noted.
    """

    registry_id: int
    clinic_id: str
    name: str
    letters: Sequence[HandOver]
    n_more: int


@service
def list_hand_overs(work: Work, action_id: int) -> list[ClinicLine]:  # noqa: ARG001 - its rights
    """Return the clinics that hand letters of an action over, who has most waiting first.

    Right: operator, auditor.

    Raises:
        ActionUnknown: if there is no such action.
    """
    counted: Counter[tuple[Clinic, DispatchState]] = Counter()
    rows = _rows(find_action(action_id), _SHOWN).values_list("person_id", "state")
    for some in _batches(rows.iterator(_AT_ONCE)):
        clinics = _clinics_of([person for person, _ in some])
        for person, state in some:
            counted[clinics.get(person, NO_CLINIC), DispatchState(state)] += 1
    lines = [
        ClinicLine(*clinic, *(counted[clinic, state] for state in _SHOWN))
        for clinic in {clinic for clinic, _ in counted}
    ]
    return sorted(lines, key=lambda line: (-line.n_waiting, -line.n_handed_over, line.clinic_id))


@service
def access_hand_overs(work: Work, action_id: int, registry_id: int, clinic_id: str) -> HandOverList:
    """Return whom a clinic has to give a letter to, or has given one unconfirmed, by name.

    Right: operator. Leaves person_accessed for each of them.

    Raises:
        ActionUnknown: if there is no such action.
        ClinicUnknown: if nothing of it waits there.
    """
    action, clinic = find_action(action_id), (registry_id, clinic_id)
    found = [row for row in _found_at(action, clinic) if row.state in _OPEN]
    rows = found[:MOST]
    if not rows and not _has_any(action, clinic):
        raise ClinicUnknown(
            f"No letter of action {action_id} is handed over by a clinic {clinic_id[:60]!r} of "
            f"registry {registry_id}. Nothing was shown. `tocsin dispatch clinics {action_id}` "
            "lists the clinics."
        )
    sealed = SealedPersons()
    addressees = Person.objects.select_related("key").in_bulk([row.addressee_id for row in rows])
    holders = _holders_of([row.person_id for row in rows], clinic)
    letters = []
    for row in rows:
        person = addressees[row.addressee_id]
        letters.append(
            HandOver(
                row.pk,
                sealed.open(person).get("name", ""),
                holders.get(row.person_id, ""),
                row.recipient.letter_version.language,
                version_name(row.recipient.letter_version),
                DispatchState(row.state),
                row.state_at,
            )
        )
    for person_id in dict.fromkeys(row.addressee_id for row in rows):
        work.record(
            "person_accessed",
            f"person:{person_id}",
            reason=f"list of letters to hand over, action {action_id}",
        )
    if not rows:
        work.leave_unchanged()
    letters.sort(key=lambda each: (each.name, each.dispatch_id))
    return HandOverList(
        registry_id, clinic_id, _name_of(clinic, sealed), letters, len(found) - len(rows)
    )


@service
def note_hand_overs(
    work: Work, action_id: int, event: str, dispatch_ids: Sequence[int], note: str = ""
) -> int:
    """Note what a clinic says of letters: of all of them, or of none; return of how many.

    Right: operator. Leaves hand_overs_noted.

    Args:
        work: the call.
        action_id: whose letters they are.
        event: ``hand_over``, ``confirm`` or ``give_up``.
        dispatch_ids: the letters.
        note: what else is to be kept, such as where the clinic's confirmation is filed; it names
            nobody.

    Raises:
        ActionUnknown, DispatchUnknown: if there is none.
        UsageError: if it is another event, or there are too many.
        NotByHand, DispatchNotNow: if it cannot happen to one of them; nothing was changed.
    """
    action, chosen = find_action(action_id), CLINIC_EVENTS.get(event)
    if chosen is None:
        raise UsageError(f"{event!r} is none of {', '.join(CLINIC_EVENTS)}. Nothing was changed.")
    ids = sorted(set(dispatch_ids))
    if len(ids) > MOST:
        raise UsageError(f"{len(ids):,} letters are too many at once. Note at most {MOST}.")
    for dispatch_id in ids:
        row = find_dispatch(dispatch_id)
        if row.channel != Channel.CLINIC or row.action_id != action.pk:
            raise NotByHand(
                f"Dispatch {dispatch_id} is by {row.channel}, of action {row.action_id}. Nothing "
                "was changed."
            )
        lead(work, row, chosen, reply=note.strip()[:300])
        add_attempt(work, row, chosen, note.strip())
    if ids:
        told = {"event": event, "dispatches": ids}
        work.record("hand_overs_noted", action_subject(action), new=told, reason=note.strip())
    else:
        work.leave_unchanged()
    return len(ids)


def hand_over_rows(found: HandOverList) -> Iterator[dict[str, Any]]:
    """Yield a clinic's list as rows of a table; the last column is for the clinic to fill in."""
    for each in found.letters:
        told = (
            each.dispatch_id,
            each.name,
            each.holder_id,
            each.language,
            each.letter,
            each.state.replace("_", " "),
            each.since.date().isoformat(),
            "",
        )
        yield dict(zip(HAND_OVER_COLUMNS, told, strict=True))


def letters_waiting_at(action: Action, clinic: Clinic, now: datetime) -> list[Dispatch]:
    """Return what a clinic has to hand over now, in the order in which it was queued."""
    return [
        row
        for row in _found_at(action, clinic)
        if row.state == DispatchState.QUEUED and row.not_before <= now < row.not_after
    ]


def _rows(action: Action, states: Iterable[DispatchState]) -> Any:
    return Dispatch.objects.filter(
        action=action, channel=str(Channel.CLINIC), state__in=[str(each) for each in states]
    ).order_by("pk")


def _found_at(action: Action, clinic: Clinic) -> Iterator[Dispatch]:
    """Yield the dispatches of a clinic that are open or confirmed."""
    rows = _rows(action, _SHOWN).select_related("recipient__letter_version")
    if clinic != NO_CLINIC:
        there = Holder.objects.filter(registry_id=clinic[0], clinic_id=clinic[1])
        rows = rows.filter(person__in=there.values("person_id"))
    for some in _batches(rows.iterator(_AT_ONCE)):
        clinics = _clinics_of([row.person_id for row in some])
        yield from (row for row in some if clinics.get(row.person_id, NO_CLINIC) == clinic)


def _has_any(action: Action, clinic: Clinic) -> bool:
    return next(_found_at(action, clinic), None) is not None


def _clinics_of(persons: Iterable[UUID]) -> dict[UUID, Clinic]:
    """Return the clinic of each person; of several lists the one that was imported first."""
    rows = Holder.objects.filter(person_id__in=set(persons)).exclude(clinic_id="")
    told = rows.order_by("-registry_id", "-pk").values_list("person_id", "registry_id", "clinic_id")
    return {person: (registry, clinic) for person, registry, clinic in told}


def _holders_of(persons: Iterable[UUID], clinic: Clinic) -> dict[UUID, str]:
    """Return what a clinic's registry calls its patients; of those without a clinic, any does."""
    rows = Holder.objects.filter(person_id__in=set(persons)).order_by("-registry_id", "-pk")
    if clinic != NO_CLINIC:
        rows = rows.filter(registry_id=clinic[0])
    return dict(rows.values_list("person_id", "holder_id"))


def _name_of(clinic: Clinic, sealed: SealedPersons) -> str:
    rows = Holder.objects.filter(registry_id=clinic[0], holder_id=clinic[1], person__kind="clinic")
    found = rows.select_related("person__key").first()
    return sealed.open(found.person).get("name", "") if found else ""


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        yield some
