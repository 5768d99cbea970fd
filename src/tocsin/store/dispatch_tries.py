"""A try to hand a dispatch over: begun under the fence of its claim, and how it ended.

Every change is one statement whose own condition names fence and state. Instants are the
database's. Source: `docs/adr/0029-dispatches-and-unknown-outcomes.md`.
"""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from tocsin.outreach.dispatch_states import DispatchState, EventName, dispatch_events
from tocsin.store.dispatch_claims import ClaimedDispatch
from tocsin.store.models import Dispatch
from tocsin.store.sending_statements import (
    add_attempt,
    keep_acceptance,
    keep_acceptance_and_begin,
    run_begin,
)

_COUNTED = frozenset({"refuse_for_now", "repeat"})
_BUMPED = frozenset({DispatchState.QUEUED, DispatchState.CLAIMED})
"""Accepted although it waits again: nobody who has claimed it meanwhile may begin."""


def begin_dispatch(claim: ClaimedDispatch, owner: str, quarantine: timedelta) -> bool:
    """Mark that a message may be leaving from now on; return False if it must not.

    It must not when the lease has ended, the action is paused, the organisation has stopped, or
    the time after which it must not leave is there. Committed before the message is sent.
    """
    return run_begin(claim.dispatch_id, claim.fence, owner, quarantine)


def record_outcome(
    claim: ClaimedDispatch,
    owner: str,
    event: EventName,
    answer: tuple[int, str],
    wait: timedelta | None = None,
) -> DispatchState | None:
    """Record how a try ended, once and for all; return the state reached, None if it stays.

    Called again for the same try, it changes nothing more. An attempt is kept in any case: what
    is known must not be lost because somebody has decided otherwise meanwhile.

    Args:
        claim: the dispatch.
        owner: who tried.
        event: what happened.
        answer: the relay's code and words.
        wait: how long to wait before the next try, for a refusal for now.
    """
    attempt, reply = _attempt(claim, owner, event, answer), answer[1]
    is_alone = connection.vendor == "postgresql"  # one statement is a transaction there
    if event == "accept" and is_alone and keep_acceptance(attempt, reply):
        return DispatchState.ACCEPTED
    with transaction.atomic():
        if event == "accept" and not is_alone and keep_acceptance(attempt, reply):
            return DispatchState.ACCEPTED
        add_attempt(attempt)
        return _move(claim, event, reply, wait)


def accept_and_begin(
    done: ClaimedDispatch,
    done_by: str,
    answer: tuple[int, str],
    claim: ClaimedDispatch,
    begin_as: tuple[str, timedelta],
) -> tuple[bool, bool]:
    """Record that a message was accepted and that the next may be leaving, in one transaction.

    Args:
        done: the dispatch that was accepted.
        done_by: who tried.
        answer: the relay's code and words.
        claim: the next dispatch, begun as `begin_dispatch` begins it, with every condition.
        begin_as: by whom, and the quarantine.

    Returns:
        Whether the acceptance is recorded, and whether the next is begun. If the first is not
        where a sender has left it, only the attempt is kept: `record_outcome` does the rest.
    """
    owner, quarantine = begin_as
    return keep_acceptance_and_begin(
        _attempt(done, done_by, "accept", answer),
        answer[1],
        (claim.dispatch_id, claim.fence, owner, quarantine),
    )


def _attempt(
    claim: ClaimedDispatch, owner: str, event: EventName, answer: tuple[int, str]
) -> dict[str, Any]:
    return {
        "organisation_id": claim.organisation_id,
        "dispatch_id": claim.dispatch_id,
        "fence": claim.fence,
        "owner": owner,
        "outcome": event,
        "code": answer[0],
        "reply": answer[1],
    }


def _move(
    claim: ClaimedDispatch, event: EventName, reply: str, wait: timedelta | None
) -> DispatchState | None:
    """Lead the dispatch where the event leads, if it is still where the event can happen."""
    held = Dispatch.everywhere.filter(pk=claim.dispatch_id)
    if event != "accept":  # what was accepted counts, whatever was decided meanwhile
        held = held.filter(fence=claim.fence)
    for source, target in dispatch_events()[event].leads.items():
        again = {"n_tries": F("n_tries") + 1} if event in _COUNTED else {}
        moved = held.filter(state=source).update(
            state=target,
            state_at=Now(),
            reply=reply,
            lease_until=None,
            fence=F("fence") + (1 if source in _BUMPED and event == "accept" else 0),
            **({"not_before": Now() + wait} if wait is not None else {}),
            **freed(target),
            **again,
        )
        if moved:
            return target
    return None


def freed(target: DispatchState) -> dict[str, None]:
    """Return what lets senders find a dispatch that waits again."""
    return {"batch": None} if target is DispatchState.QUEUED else {}
