"""Dispatches in the hands of senders: claimed under a lease, begun under a fence, recorded.

All senders of the installation share one queue. Every change is one statement whose own condition
names fence and state, so that of two who try, one finds nothing to change. Instants are the
database's. Source: `docs/adr/0029-dispatches-and-unknown-outcomes.md`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now

from tocsin.outreach.action_states import ActionState
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, EventName, dispatch_events
from tocsin.outreach.sending_rules import Rate, take_token
from tocsin.store.models import (
    Action,
    Dispatch,
    DispatchAttempt,
    SendingBatch,
    SendingBucket,
    SendingStop,
    Vendor,
)
from tocsin.store.sending_statements import (
    add_attempt,
    keep_acceptance,
    keep_acceptance_and_begin,
    run_begin,
)

RELAY_BUCKET = "relay"


@dataclass(frozen=True)
class ClaimedDispatch:
    """A dispatch that this sender may begin, with what it needs to do so.

    Attributes:
        fence: under which it was claimed.
        sealed: envelope and bytes; `wrapped` opens them.
        n_tries: how often it was refused for now, or repeated.
        vendor_id: by whom it leaves; None: by the relay.
        repeat_until: until when its vendor takes a repeat as the same message; None: never.
    """

    dispatch_id: int
    organisation_id: int
    action_id: int
    channel: Channel
    fence: int
    reference: UUID
    sha256: str
    n_tries: int
    addressee_id: UUID
    sealed: bytes | None
    wrapped: bytes | None
    vendor_id: int | None = None
    repeat_until: datetime | None = None


@dataclass(frozen=True)
class Limits:
    """How fast may be sent: in all, and to some destinations by their blind tokens.

    Attributes:
        relay: by the relay or vendor.
        bucket: under which name all senders count that.
    """

    relay: Rate | None = None
    destinations: Mapping[str, Rate] | None = None
    bucket: str = RELAY_BUCKET


def claim_dispatches(
    owner: str,
    outlet: tuple[Channel, int | None],
    n_most: int,
    lease: timedelta,
    limits: Limits,
) -> list[ClaimedDispatch]:
    """Return dispatches that wait and may leave now, claimed for a sender; the longest wait first.

    Args:
        owner: who claims.
        outlet: the channel and, unless it is the relay, the vendor by whom it would send now.
        n_most: how many at most.
        lease: how long it may take before it begins each.
        limits: what the throttle allows.
    """
    with transaction.atomic():
        now_s = _now_s()
        n_free, bucket = _free_tokens(limits, n_most, now_s)
        if not n_free:
            return []
        waiting = list(
            _may_leave(Dispatch.everywhere.filter(batch__isnull=True, state=DispatchState.QUEUED))
            .filter(channel=str(outlet[0]), vendor=outlet[1])
            .select_for_update(skip_locked=True)
            .order_by("not_before", "id")
            .values_list("pk", "destination")[:n_free]
        )
        chosen = _within_limits(waiting, limits.destinations or {}, now_s)
        if not chosen:
            return []
        batch = SendingBatch.objects.create(claimed_at=Now())
        Dispatch.everywhere.filter(pk__in=chosen, state=DispatchState.QUEUED).update(
            batch=batch.pk,
            state=DispatchState.CLAIMED,
            state_at=Now(),
            fence=F("fence") + 1,
            owner=owner,
            lease_until=Now() + lease,
        )
        if bucket is not None and limits.relay is not None:
            _keep_bucket(bucket, limits.relay, len(chosen), now_s)
    return _read_claimed(chosen)


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
            **_freed(target),
            **again,
        )
        if moved:
            return target
    return None


def _freed(target: DispatchState) -> dict[str, None]:
    """Return what lets senders find a dispatch that waits again."""
    return {"batch": None} if target is DispatchState.QUEUED else {}


_COUNTED = frozenset({"refuse_for_now", "repeat"})
_BUMPED = frozenset({DispatchState.QUEUED, DispatchState.CLAIMED})
"""Accepted although it waits again: nobody who has claimed it meanwhile may begin."""


def give_back(claims: Iterable[ClaimedDispatch]) -> None:
    """Let others have what was claimed and not begun."""
    for claim in claims:
        Dispatch.everywhere.filter(
            pk=claim.dispatch_id, fence=claim.fence, state=DispatchState.CLAIMED
        ).update(state=DispatchState.QUEUED, state_at=Now(), lease_until=None, batch=None)


def owners_under_lease() -> set[str]:
    """Return who has dispatches in their hands."""
    held = _in_hand().filter(lease_until__isnull=False)
    return set(held.values_list("owner", flat=True).distinct())


def settle_left(gone: Collection[str]) -> tuple[int, int]:
    """Settle what senders have left: not begun waits again, begun is unknown; return how many.

    What was begun waits again, too, where its vendor takes a repeat as the same message.

    Args:
        gone: owners of whom it is proved that they and their connections are no more; of all
            others the lease must have ended.
    """
    if not SendingBatch.objects.exists():
        return 0, 0
    with transaction.atomic():
        left = _in_hand().filter(lease_until__lt=Now())
        theirs = _in_hand().filter(owner__in=list(gone))
        n_back = n_unknown = 0
        for held in (left, theirs):
            n_back += held.filter(state=DispatchState.CLAIMED).update(
                state=DispatchState.QUEUED, state_at=Now(), lease_until=None, batch=None
            )
            begun = held.filter(state=DispatchState.HANDING_OVER)
            for vendor_id, repeats_h in _repeating():
                same = begun.filter(
                    vendor=vendor_id, queued_at__gt=Now() - timedelta(hours=repeats_h)
                )
                n_back += _leave_begun(same, "repeat")
            n_unknown += _leave_begun(begun, "lose_sight")
        SendingBatch.objects.exclude(pk__in=_in_hand().values("batch")).delete()
    return n_back, n_unknown


def _in_hand() -> QuerySet[Dispatch]:
    """Return what some sender has in its hands, or had in them when it ended."""
    return Dispatch.everywhere.filter(
        batch__gt=0,
        batch__in=SendingBatch.objects.values("pk"),
        state__in=[DispatchState.CLAIMED, DispatchState.HANDING_OVER],
    )


def _repeating() -> list[tuple[int, float]]:
    """Return the vendors who take a message of the same key as the same, and for how long."""
    rows = Vendor.everywhere.filter(repeats_h__gt=0)
    return list(rows.values_list("pk", "repeats_h"))


def _leave_begun(held: QuerySet[Dispatch], event: EventName) -> int:
    """Lead dispatches that were being handed over where an event leads them, with an attempt."""
    rows = list(held.select_for_update().values_list("pk", "organisation_id", "fence", "owner"))
    if not rows:
        return 0
    target = dispatch_events()[event].leads[DispatchState.HANDING_OVER]
    moved = Dispatch.everywhere.filter(
        pk__in=[row[0] for row in rows], state=DispatchState.HANDING_OVER
    ).update(
        state=target,
        state_at=Now(),
        lease_until=None,
        **_freed(target),
    )
    DispatchAttempt.everywhere.bulk_create(
        DispatchAttempt(
            organisation_id=organisation_id,
            dispatch_id=pk,
            fence=fence,
            owner=owner,
            ended_at=Now(),
            outcome=event,
            reply="the sender ended, or was not heard of, while it handed the message over",
        )
        for pk, organisation_id, fence, owner in rows
    )
    return moved


def find_expired() -> list[tuple[int, int]]:
    """Return organisation and dispatch of what waits although it must not leave any more."""
    waiting = [DispatchState.BEING_MADE, DispatchState.QUEUED]
    rows = Dispatch.everywhere.filter(batch__isnull=True, state__in=waiting, not_after__lte=Now())
    return list(rows.values_list("organisation_id", "pk")[:1000])


def _may_leave(rows: QuerySet[Dispatch]) -> QuerySet[Dispatch]:
    """Return those of dispatches whose action, organisation and time let them leave now.

    As conditions of the row itself, not as a join: then an update asks them of the very row that
    it changes, also when another transaction has just changed it.
    """
    running = Action.everywhere.filter(
        pk=OuterRef("action_id"), state=str(ActionState.RUNNING), is_exercise=False
    )
    stopped = SendingStop.everywhere.filter(
        organisation_id=OuterRef("organisation_id"), ended_at__isnull=True
    )
    return rows.filter(
        Exists(running), ~Exists(stopped), not_before__lte=Now(), not_after__gt=Now()
    )


def _read_claimed(chosen: Sequence[int]) -> list[ClaimedDispatch]:
    rows = (
        Dispatch.everywhere.filter(pk__in=chosen)
        .order_by("not_before", "id")
        .values_list(
            "pk", "organisation_id", "action_id", "channel", "fence", "reference", "sha256",
            "n_tries", "addressee_id", "message__sealed", "addressee__key__wrapped", "vendor_id",
            "vendor__repeats_h", "queued_at",
        )
    )  # fmt: skip
    return [
        ClaimedDispatch(
            dispatch_id=pk,
            organisation_id=organisation_id,
            action_id=action_id,
            channel=Channel(channel),
            fence=fence,
            reference=reference,
            sha256=digest,
            n_tries=n_tries,
            addressee_id=addressee_id,
            sealed=_as_bytes(sealed),
            wrapped=_as_bytes(wrapped),
            vendor_id=vendor_id,
            repeat_until=queued_at + timedelta(hours=repeats_h) if repeats_h else None,
        )
        for (
            pk, organisation_id, action_id, channel, fence, reference, digest, n_tries,
            addressee_id, sealed, wrapped, vendor_id, repeats_h, queued_at,
        ) in rows
    ]  # fmt: skip


def _as_bytes(value: Any) -> bytes | None:
    """Return what a driver gives for a column of bytes: bytes, a view of some, or nothing."""
    return None if value is None else bytes(value)


def _free_tokens(limits: Limits, n_most: int, now_s: float) -> tuple[int, SendingBucket | None]:
    """Return how many messages the throttle lets leave now, with its locked bucket."""
    rate = limits.relay
    if rate is None:
        return n_most, None
    SendingBucket.objects.get_or_create(key=limits.bucket)
    bucket = SendingBucket.objects.select_for_update().get(key=limits.bucket)
    n_free, next_at_s = 0, bucket.next_at_s
    while n_free < n_most:
        may, next_at_s = take_token(rate, next_at_s, now_s)
        if not may:
            break
        n_free += 1
    return n_free, bucket


def _keep_bucket(bucket: SendingBucket, rate: Rate, n_taken: int, now_s: float) -> None:
    for _ in range(n_taken):
        _, bucket.next_at_s = take_token(rate, bucket.next_at_s, now_s)
    bucket.save(update_fields=["next_at_s"])


def _within_limits(
    waiting: Iterable[tuple[int, str]], rates: Mapping[str, Rate], now_s: float
) -> list[int]:
    """Return what the destinations' throttles let leave; the others wait until they may."""
    chosen = []
    for pk, destination in waiting:
        rate = rates.get(destination) if destination else None
        if rate is None:
            chosen.append(pk)
            continue
        key = f"to {destination}"
        SendingBucket.objects.get_or_create(key=key)
        bucket = SendingBucket.objects.select_for_update().get(key=key)
        may, at_s = take_token(rate, bucket.next_at_s, now_s)
        if may:
            chosen.append(pk)
            bucket.next_at_s = at_s
            bucket.save(update_fields=["next_at_s"])
        else:
            later = Now() + timedelta(seconds=max(at_s - now_s, 0.05))
            Dispatch.everywhere.filter(pk=pk).update(not_before=later)
    return chosen


def _now() -> datetime:
    """Return the database's time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp()"
            if connection.vendor == "postgresql"
            else "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"
        )
        told = cursor.fetchone()[0]
    return told if isinstance(told, datetime) else datetime.fromisoformat(f"{told}+00:00")


def _now_s() -> float:
    return _now().timestamp()
