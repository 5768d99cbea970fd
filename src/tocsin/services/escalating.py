"""Climbing the released ladder: reminders and calls for those who have not answered."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from tocsin.base.errors import TocsinError
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, Standing, standing_of
from tocsin.outreach.escalation import FIRST, Ladder, Step, due_steps, has_rested
from tocsin.outreach.prefaces import Preface
from tocsin.services.action_work import begin, subject_of
from tocsin.services.dispatch_release import letters_had, open_repairs
from tocsin.services.further_dispatches import FurtherQueue, released_ladder
from tocsin.services.work import Work, service
from tocsin.store.listed_rows import added_rows, frozen_rows
from tocsin.store.models import Action, Dispatch, LetterRelease, Recipient

_AT_ONCE = 300
CANNOT_BE_MADE = "their message cannot be made"
_LARGE = (
    "release__manifest",
    "release__scope_release__manifest",
    "release__scope_release__leavers",
    "release__scope_release__run__figures",
)
"""What names everybody on a list; no reminder needs it."""


@service
def climb_ladder(work: Work, action_id: int) -> int:
    """Queue what the released ladder asks for today; return how many dispatches were queued.

    Right: operator, the worker. State: running. Days count from the release of the letters; of a
    letter that an answer made necessary, from when it was queued. Nobody is reminded of a letter
    that they have answered, that still waits (but for a visit to the clinic) or is in doubt, or
    after which they were sent another; who was told anything within the last day gets it later;
    whoever was told by no channel yet is left to what follows a failure. Whose message cannot be
    made becomes a task and hinders nobody else. Leaves ladder_climbed.

    Raises:
        NotNow: if the action does not run.
    """
    action = begin(work, action_id)
    releases = LetterRelease.objects.filter(action=action, released_at__isnull=False)
    release = releases.order_by("-released_at", "-pk").first()
    if release is None or release.released_at is None:
        work.leave_unchanged()
        return 0
    climb = _Climb(work, action, released_ladder(release))
    n_days = (work.now - release.released_at).days
    rows = Recipient.objects.filter(release__action=action).select_related(
        "letter_version__source", "release__action", "release__scope_release__run"
    )
    climb.remind(frozen_rows(rows.filter(release=release)).order_by("pk"), n_days)
    climb.remind(added_rows(rows).order_by("release", "pk"), None)
    total = climb.queued.total()
    n_repairs = open_repairs(action, climb.unmade, CANNOT_BE_MADE, work.now)
    if not total and not n_repairs:
        work.leave_unchanged()
        return 0
    told = {"days": n_days, "queued": dict(climb.queued), "unmade": n_repairs}
    work.record("ladder_climbed", subject_of(action), new=told)
    return total


@dataclass
class _Told:
    """What the dispatches of one letter to one person have come to.

    Attributes:
        queued_at: when the first of them was queued.
    """

    queued_at: datetime
    states: set[DispatchState] = field(default_factory=set)
    purposes: set[str] = field(default_factory=set)

    def is_silent(self) -> bool:
        """Whether the person was told, has not answered, and nothing is under way."""
        standings = {standing_of(state) for state in self.states}
        return (
            Standing.TOLD in standings
            and not standings & {Standing.WAITING, Standing.DOUBT}
            and DispatchState.ACKNOWLEDGED not in self.states
        )


class _Climb:
    """One act of climbing: what it has queued, and for whom nothing could be made."""

    def __init__(self, work: Work, action: Action, ladder: Ladder) -> None:
        self.queued: Counter[str] = Counter()
        self.unmade: list[UUID] = []
        self._work, self._action, self._ladder = work, action, ladder
        self._letters: dict[tuple[UUID, int], _Told] | None = None
        self._told_at: dict[UUID, datetime] = {}
        self._done: set[tuple[UUID, int]] = set()

    def remind(self, recipients: QuerySet[Recipient], n_days: int | None) -> None:
        """Queue what is due for recipients, some of one release at a time.

        Args:
            recipients: in the order of their releases.
            n_days: since when their steps count; None: since each one's letter was queued.
        """
        if not self._is_due(self._ladder.steps[-1].after_days if n_days is None else n_days):
            return
        if not recipients.exists():
            return
        self._read()
        rows = recipients.defer(*_LARGE).iterator(_AT_ONCE)
        for _, theirs in groupby(rows, key=lambda each: each.release_id):
            for some in _parts(theirs):
                self._remind_some(some, n_days)

    def _is_due(self, n_days: int) -> bool:
        return any(step.after_days <= n_days for step in self._ladder.steps[1:])

    def _remind_some(self, recipients: Sequence[Recipient], n_days: int | None) -> None:
        due = [(each, steps) for each in recipients if (steps := self._steps(each, n_days))]
        if not due:
            return
        newest = letters_had(self._action, [each.person_id for each, _ in due])
        due = [
            (each, steps)
            for each, steps in due
            if newest.get((each.person_id, each.audience)) == each.letter_version_id
        ]
        if not due:
            return
        queue = FurtherQueue(self._work, [each for each, _ in due])
        for recipient, steps in due:
            self._add(queue, recipient, steps)

    def _steps(self, recipient: Recipient, n_days: int | None) -> list[Step]:
        """Return the steps that are due for a recipient; none for whom nothing is to be done."""
        key = recipient.person_id, recipient.letter_version_id
        letter = (self._letters or {}).get(key)
        if letter is None or key in self._done or not letter.is_silent():
            return []
        told_at = self._told_at.get(recipient.person_id)
        if told_at is None or not has_rested(told_at, self._work.now):
            return []
        self._done.add(key)
        n_days = (self._work.now - letter.queued_at).days if n_days is None else n_days
        due = due_steps(self._ladder, n_days, letter.purposes | {FIRST})
        return [step for step in due if step.channels]

    def _add(self, queue: FurtherQueue, recipient: Recipient, steps: Sequence[Step]) -> None:
        usable = queue.usable_for(recipient)
        for step in steps:
            preface: Preface | None = None if step.purpose == "registered" else "reminder"
            try:
                with transaction.atomic():
                    ways = step.channels_for(usable)
                    made = queue.add(recipient, ways, step.purpose, preface=preface)
            except TocsinError:
                self.unmade.append(recipient.person_id)
                continue
            if made:
                self.queued[step.purpose] += len(made)

    def _read(self) -> None:
        """Read what the dispatches of each letter have come to, and when each person was told."""
        if self._letters is not None:
            return
        self._letters = {}
        rows = Dispatch.objects.filter(action=self._action).order_by("pk")
        columns = (
            "person_id", "letter_version_id", "channel", "state", "purpose", "state_at",
            "queued_at",
        )  # fmt: skip
        for person, version, channel, told, purpose, state_at, queued_at in rows.values_list(
            *columns
        ).iterator(5_000):
            state, key = DispatchState(told), (person, version)
            letter = self._letters.setdefault(key, _Told(queued_at))
            if channel != Channel.CLINIC or standing_of(state) is not Standing.WAITING:
                letter.states.add(state)  # the next visit may be months away
            letter.purposes.add(purpose.partition("+")[0])
            if standing_of(state) is Standing.TOLD:
                self._told_at[person] = max(self._told_at.get(person, state_at), state_at)


def _parts(rows: Iterator[Recipient]) -> Iterator[list[Recipient]]:
    while some := list(islice(rows, _AT_ONCE)):
        yield some
