"""What follows when a dispatch fails: next channel, contact to repair, alarm; never nothing."""

import re
from dataclasses import dataclass

from django.db.models import QuerySet

from tocsin.outreach.bounces import BounceKind, bounce_kind, bounce_rule
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, Standing, states_with
from tocsin.outreach.escalation import next_channel
from tocsin.services.dispatch_release import NO_CHANNEL, open_repairs
from tocsin.services.dispatch_work import find_dispatch, lead, subject_of
from tocsin.services.further_dispatches import (
    queue_further,
    released_ladder,
    tried_channels,
    usable_for,
)
from tocsin.services.work import Work, service
from tocsin.store.models import Dispatch

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class FollowedUp:
    """What a failure has led to: dispatches queued, whether a contact is repaired, an alarm."""

    queued: tuple[int, ...]
    repairs: bool
    alarm: str


@service
def follow_up_failure(work: Work, dispatch_id: int) -> FollowedUp:
    """Open the next channel for who was not reached. Right: operator, the worker.

    The channel is the first of the released ladder that was not tried; if none is left, or the
    address is dead, a task to repair the contact is opened. Leaves failure_followed_up.

    Raises:
        DispatchUnknown: if there is none.
    """
    row = find_dispatch(dispatch_id)
    if row.followed_at is not None or DispatchState(row.state) not in states_with(Standing.FAILED):
        work.leave_unchanged()
        return FollowedUp((), repairs=False, alarm="")
    kind = failure_kind(row)
    rule = bounce_rule(kind)
    ladder = released_ladder(row.recipient.release)
    tried = tried_channels(row.recipient)
    then = next_channel(ladder, usable_for(row.recipient), tried)
    queued = queue_further(work, row.recipient, [then], row.purpose) if then else []
    repairs = rule.repairs_contact or then is None
    if repairs:
        because = NO_CHANNEL if then is None and not rule.repairs_contact else f"{kind} address"
        open_repairs(row.action, [row.person_id], because, work.now, row.channel)
    alarm = rule.meaning if rule.alarms else ""
    Dispatch.objects.filter(pk=row.pk).update(followed_at=work.now)
    work.record(
        "failure_followed_up",
        subject_of(row),
        new={
            "kind": str(kind),
            "next_channel": str(then or ""),
            "queued": [each.pk for each in queued],
            "repairs": repairs,
        },
    )
    return FollowedUp(tuple(each.pk for each in queued), repairs, alarm)


@service
def expire_dispatch(work: Work, dispatch_id: int) -> None:
    """Note that a dispatch was not sent before the time after which it must not. Right: the worker.

    Leaves dispatch_expired.

    Raises:
        DispatchUnknown, DispatchNotNow: if there is none that waits.
    """
    row = find_dispatch(dispatch_id)
    was = lead(work, row, "expire")
    work.record(
        "dispatch_expired", subject_of(row), old={"state": str(was)}, new={"state": row.state}
    )


def unfollowed() -> QuerySet[Dispatch]:
    """Return the failed dispatches, of all organisations, to which nobody has seen."""
    failed = [str(state) for state in states_with(Standing.FAILED)]
    return Dispatch.everywhere.filter(state__in=failed, followed_at__isnull=True)


def failure_kind(row: Dispatch) -> BounceKind:
    """Return what kind of failure a dispatch has had, by the last words that were heard."""
    if row.channel == Channel.SMS and row.state != DispatchState.EXPIRED:
        return BounceKind.UNCLEAR
    if row.channel != Channel.EMAIL:
        is_back = row.state in {DispatchState.RETURNED, DispatchState.BOUNCED}
        return BounceKind.UNCLEAR if is_back else BounceKind.LATER
    if row.state == DispatchState.EXPIRED:
        return BounceKind.LATER
    status = _STATUS.search(row.reply)
    return bounce_kind("failed", status[1] if status else "")
