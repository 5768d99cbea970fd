"""Dispatches that a sender claims: those that may leave now, under a lease and a fence.

All senders of the installation share one queue. Every change is one statement whose own condition
names fence and state, so that of two who try, one finds nothing to change. Instants are the
database's. Source: `docs/adr/0029-dispatches-and-unknown-outcomes.md`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now

from tocsin.outreach.action_states import ActionState
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.store.models import Action, Dispatch, SendingBatch, SendingStop
from tocsin.store.sending_buckets import (
    Limits,
    database_now_s,
    free_tokens,
    keep_bucket,
    within_limits,
)


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
        now_s = database_now_s()
        n_free, bucket = free_tokens(limits, n_most, now_s)
        if not n_free:
            return []
        waiting = list(
            _may_leave(Dispatch.everywhere.filter(batch__isnull=True, state=DispatchState.QUEUED))
            .filter(channel=str(outlet[0]), vendor=outlet[1])
            .select_for_update(skip_locked=True)
            .order_by("not_before", "id")
            .values_list("pk", "destination")[:n_free]
        )
        chosen = within_limits(waiting, limits.destinations or {}, now_s)
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
            keep_bucket(bucket, limits.relay, len(chosen), now_s)
    return _read_claimed(chosen)


def give_back(claims: Iterable[ClaimedDispatch]) -> None:
    """Let others have what was claimed and not begun."""
    for claim in claims:
        Dispatch.everywhere.filter(
            pk=claim.dispatch_id, fence=claim.fence, state=DispatchState.CLAIMED
        ).update(state=DispatchState.QUEUED, state_at=Now(), lease_until=None, batch=None)


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
