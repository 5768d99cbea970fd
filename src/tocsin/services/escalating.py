"""Climbing the released ladder: reminders and calls for those who have not answered."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.base.errors import TocsinError
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, Standing, standing_of
from tocsin.outreach.escalation import FIRST, due_steps, has_rested
from tocsin.outreach.prefaces import Preface
from tocsin.services.action_work import begin, subject_of
from tocsin.services.dispatch_release import open_repairs
from tocsin.services.further_dispatches import queue_further, released_ladder, usable_for
from tocsin.services.work import Work, service
from tocsin.store.models import Dispatch, LetterRelease, Recipient

_AT_ONCE = 500
CANNOT_BE_MADE = "their message cannot be made"


@service
def climb_ladder(work: Work, action_id: int) -> int:
    """Queue what the released ladder asks for today; return how many dispatches were queued.

    Right: operator, the worker. State: running. Days count from the release of the letters. Who
    has answered, or for whom something still waits or is in doubt, gets nothing more; who was told
    within the last day gets it later; whoever was told by no channel yet is left to what follows a
    failure. Whose message cannot be made becomes a task and hinders nobody else. Leaves
    ladder_climbed.

    Raises:
        NotNow: if the action does not run.
    """
    action = begin(work, action_id)
    release = (
        LetterRelease.objects.filter(action=action, released_at__isnull=False)
        .order_by("-released_at", "-pk")
        .first()
    )
    if release is None or release.released_at is None:
        work.leave_unchanged()
        return 0
    ladder, n_days = released_ladder(release), (work.now - release.released_at).days
    if not any(step.after_days <= n_days for step in ladder.steps[1:]):
        work.leave_unchanged()
        return 0
    theirs = _by_person(action.pk)
    queued: dict[str, int] = defaultdict(int)
    unmade: list[UUID] = []
    rows = Recipient.objects.filter(release=release, follows=None).select_related(
        "letter_version", "release__action"
    )
    for recipient in rows.order_by("pk").iterator(_AT_ONCE):
        person = theirs.get(recipient.person_id)
        if person is None or not person.is_silent(work.now):
            continue
        due = due_steps(ladder, n_days, person.purposes | {FIRST})
        usable: tuple[Channel, ...] | None = None
        for step in due:
            if not step.channels:
                continue
            usable = usable_for(recipient) if usable is None else usable
            preface: Preface | None = None if step.purpose == "registered" else "reminder"
            ways = step.channels_for(usable)
            try:
                with transaction.atomic():
                    made = queue_further(work, recipient, ways, step.purpose, preface=preface)
            except TocsinError:
                unmade.append(recipient.person_id)
                continue
            queued[step.purpose] += len(made)
    total = sum(queued.values())
    n_repairs = open_repairs(action, unmade, CANNOT_BE_MADE, work.now)
    if not total and not n_repairs:
        work.leave_unchanged()
        return 0
    told = {"days": n_days, "queued": dict(queued), "unmade": n_repairs}
    work.record("ladder_climbed", subject_of(action), new=told)
    return total


@dataclass
class _Told:
    """What one person's dispatches have come to.

    Attributes:
        told_at: when the last of them reached where it counts as told.
    """

    states: set[DispatchState] = field(default_factory=set)
    purposes: set[str] = field(default_factory=set)
    told_at: datetime | None = None

    def add(self, state: DispatchState, purpose: str, state_at: datetime) -> None:
        """Count one of them."""
        self.states.add(state)
        self.purposes.add(purpose.partition("+")[0])
        if standing_of(state) is Standing.TOLD and (self.told_at or state_at) <= state_at:
            self.told_at = state_at

    def is_silent(self, now: datetime) -> bool:
        """Whether somebody was told, had time to answer, has not, and nothing is under way."""
        standings = {standing_of(state) for state in self.states}
        return (
            self.told_at is not None
            and has_rested(self.told_at, now)
            and not standings & {Standing.WAITING, Standing.DOUBT}
            and DispatchState.ACKNOWLEDGED not in self.states
        )


def _by_person(action_id: int) -> dict[UUID, _Told]:
    """Return what the dispatches of each person have come to."""
    found: dict[UUID, _Told] = defaultdict(_Told)
    rows = Dispatch.objects.filter(action_id=action_id)
    columns = ("person_id", "state", "purpose", "state_at")
    for person, state, purpose, state_at in rows.values_list(*columns).iterator(5_000):
        found[person].add(DispatchState(state), purpose, state_at)
    return found
