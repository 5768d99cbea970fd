"""Climbing the released ladder: reminders and calls for those who have not answered."""

from collections import defaultdict
from uuid import UUID

from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, Standing, standing_of
from tocsin.outreach.escalation import FIRST, due_steps
from tocsin.outreach.prefaces import Preface
from tocsin.services.action_work import begin, subject_of
from tocsin.services.further_dispatches import queue_further, released_ladder, usable_for
from tocsin.services.work import Work, service
from tocsin.store.models import Dispatch, LetterRelease, Recipient

_AT_ONCE = 500


@service
def climb_ladder(work: Work, action_id: int) -> int:
    """Queue what the released ladder asks for today; return how many dispatches were queued.

    Right: operator, the worker. State: running. Days count from the release of the letters. Who
    has answered, or for whom something still waits or is in doubt, gets nothing more; whoever was
    told by no channel yet is left to what follows a failure. Leaves ladder_climbed.

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
    states, purposes = _by_person(action.pk)
    queued: dict[str, int] = defaultdict(int)
    rows = Recipient.objects.filter(release=release, follows=None).select_related(
        "letter_version", "release__action"
    )
    for recipient in rows.order_by("pk").iterator(_AT_ONCE):
        if not _is_silent(states.get(recipient.person_id, set())):
            continue
        due = due_steps(ladder, n_days, purposes[recipient.person_id] | {FIRST})
        usable: tuple[Channel, ...] | None = None
        for step in due:
            if not step.channels:
                continue
            usable = usable_for(recipient) if usable is None else usable
            preface: Preface | None = None if step.purpose == "registered" else "reminder"
            ways = step.channels_for(usable)
            made = queue_further(work, recipient, ways, step.purpose, preface=preface)
            queued[step.purpose] += len(made)
    total = sum(queued.values())
    if not total:
        work.leave_unchanged()
        return 0
    work.record("ladder_climbed", subject_of(action), new={"days": n_days, "queued": dict(queued)})
    return total


def _by_person(action_id: int) -> tuple[dict[UUID, set[DispatchState]], dict[UUID, set[str]]]:
    """Return the states and the purposes of each person's dispatches."""
    states: dict[UUID, set[DispatchState]] = defaultdict(set)
    purposes: dict[UUID, set[str]] = defaultdict(set)
    rows = Dispatch.objects.filter(action_id=action_id)
    for person, state, purpose in rows.values_list("person_id", "state", "purpose").iterator(5_000):
        states[person].add(DispatchState(state))
        purposes[person].add(purpose.partition("+")[0])
    return states, purposes


def _is_silent(states: set[DispatchState]) -> bool:
    """Whether somebody was told, has not answered, and nothing is under way."""
    standings = {standing_of(state) for state in states}
    return (
        Standing.TOLD in standings
        and not standings & {Standing.WAITING, Standing.DOUBT}
        and DispatchState.ACKNOWLEDGED not in states
    )
