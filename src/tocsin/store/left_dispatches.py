"""Dispatches that were left: by a sender that ended, or in the queue past their time.

Source: `docs/adr/0029-dispatches-and-unknown-outcomes.md`.
"""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from tocsin.outreach.dispatch_states import DispatchState, EventName, dispatch_events
from tocsin.store.dispatch_tries import freed
from tocsin.store.models import Dispatch, DispatchAttempt, SendingBatch, Vendor


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
        **freed(target),
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
