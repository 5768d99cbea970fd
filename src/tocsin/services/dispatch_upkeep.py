"""What the sender does every minute beside sending: receipts, failures, expiry, ladder, sums."""

from collections.abc import Iterator
from datetime import datetime

from tocsin.base.errors import TocsinError
from tocsin.outreach.action_states import ActionState
from tocsin.services.conservation import note_conservation
from tocsin.services.escalating import climb_ladder
from tocsin.services.failed_dispatches import expire_dispatch, follow_up_failure, unfollowed
from tocsin.services.letter_making import actions_with_letters_to_make, order_letters
from tocsin.services.vendor_receipts import collect_receipts
from tocsin.services.work import WORKER, Caller
from tocsin.store.left_dispatches import find_expired
from tocsin.store.models import Action

_AT_ONCE = 500


def keep_up(now: datetime) -> Iterator[str]:
    """Do it, and yield a sentence for each thing that somebody should know."""
    yield from collect_receipts(now)
    yield from _expire(now)
    yield from _follow_up(now)
    yield from _order_letters(now)
    running = Action.everywhere.filter(state=str(ActionState.RUNNING), is_exercise=False)
    for action_id, organisation_id in running.values_list("pk", "organisation_id"):
        caller = _worker(organisation_id, now)
        try:
            n_queued = climb_ladder(caller, action_id)
            faults = note_conservation(caller, action_id).faults
        except TocsinError as error:
            yield error.sentence
            continue
        if n_queued:
            yield f"action {action_id}: {n_queued} further dispatches were queued by the ladder."
        if faults:
            yield (
                f"action {action_id}: the accounts do not agree in {len(faults)} places, the first "
                f"is {faults[0]}. Look at `tocsin dispatch conservation {action_id}`."
            )


def _expire(now: datetime) -> Iterator[str]:
    n = 0
    for organisation_id, dispatch_id in find_expired():
        try:
            expire_dispatch(_worker(organisation_id, now), dispatch_id)
            n += 1
        except TocsinError:  # another sender was quicker, or it has left in the last moment
            continue
    if n:
        yield f"{n} dispatches were not sent before their time ended; the next channel is opened."


def _follow_up(now: datetime) -> Iterator[str]:
    rows = unfollowed().order_by("pk").values_list("organisation_id", "pk")[:_AT_ONCE]
    alarms: set[str] = set()
    n = 0
    for organisation_id, dispatch_id in list(rows):
        try:
            found = follow_up_failure(_worker(organisation_id, now), dispatch_id)
        except TocsinError as error:
            yield error.sentence
            continue
        n += 1
        if found.alarm:
            alarms.add(found.alarm)
    if n:
        yield f"{n} failed dispatches were followed up."
    yield from sorted(alarms)


def _order_letters(now: datetime) -> Iterator[str]:
    for organisation_id, action_id in list(actions_with_letters_to_make()):
        try:
            order_letters(_worker(organisation_id, now), action_id)
        except TocsinError as error:
            yield error.sentence


def _worker(organisation_id: int, now: datetime) -> Caller:
    return Caller(WORKER, organisation_id, frozenset(), now)
