"""Contacts to repair: listed, closed with an outcome, and what a found contact leads to."""

from dataclasses import dataclass
from datetime import datetime

from tocsin.base.errors import TocsinError
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, Standing, standing_of
from tocsin.outreach.escalation import FIRST, first_channels
from tocsin.services.action_work import find_action
from tocsin.services.dispatch_work import said
from tocsin.services.further_dispatches import (
    queue_further,
    released_ladder,
    tried_channels,
    usable_for,
)
from tocsin.services.work import Work, service
from tocsin.store.models import ContactRepair, Dispatch, Recipient


class RepairUnknown(TocsinError):
    """There is no such task that is open."""

    code = "repair_unknown"


@dataclass(frozen=True)
class RepairLine:
    """A contact to repair; the person by their id only."""

    repair_id: int
    action_id: int
    person_id: str
    channel: str
    because: str
    opened_at: datetime
    closed_at: datetime | None
    outcome: str


@service
def list_repairs(work: Work, action_id: int, *, only_open: bool = True) -> list[RepairLine]:  # noqa: ARG001
    """Return an action's contacts to repair, the oldest first.

    Right: author, reviewer, releaser, operator, auditor.

    Raises:
        ActionUnknown: if there is no such action.
    """
    rows = ContactRepair.objects.filter(action=find_action(action_id))
    if only_open:
        rows = rows.filter(closed_at__isnull=True)
    return [
        RepairLine(
            row.pk,
            row.action_id,
            str(row.person_id),
            row.channel,
            row.because,
            row.opened_at,
            row.closed_at,
            row.outcome,
        )
        for row in rows.order_by("opened_at", "pk")[:1000]
    ]


@service
def close_repair(work: Work, repair_id: int, outcome: str) -> int:
    """Close a task to repair a contact; return how many dispatches were queued by it.

    If the person can be reached by a channel that was not tried, or by a corrected one of which
    nothing is under way, a dispatch is queued. Right: operator. Leaves contact_repaired.

    Args:
        work: the call.
        repair_id: the task.
        outcome: what was found, in a few words that name nobody.

    Raises:
        RepairUnknown: if there is none that is open.
        UsageError: without an outcome.
    """
    told = said(outcome)[:40]
    row = (
        ContactRepair.objects.select_for_update()
        .filter(pk=repair_id, closed_at__isnull=True)
        .first()
    )
    if row is None:
        raise RepairUnknown(
            f"There is no open task {repair_id} to repair a contact. Nothing was changed."
        )
    row.closed_at, row.outcome = work.now, told
    row.save(update_fields=["closed_at", "outcome"])
    queued = _tell_now(work, row)
    work.record(
        "contact_repaired",
        f"contactrepair:{row.pk}",
        new={"outcome": told, "queued": [each.pk for each in queued]},
    )
    return len(queued)


def _tell_now(work: Work, row: ContactRepair) -> list[Dispatch]:
    recipient = (
        Recipient.objects.filter(release__action_id=row.action_id, person_id=row.person_id)
        .select_related("letter_version", "release__action")
        .order_by("-pk")
        .first()
    )
    if recipient is None:
        return []
    theirs = Dispatch.objects.filter(person_id=row.person_id, action_id=row.action_id)
    standings = {standing_of(DispatchState(s)) for s in theirs.values_list("state", flat=True)}
    if standings & {Standing.WAITING, Standing.DOUBT, Standing.TOLD}:
        return []
    usable, tried = usable_for(recipient), tried_channels(recipient)
    ladder = released_ladder(recipient.release)
    fresh = [channel for channel in usable if channel not in tried]
    if fresh:
        return queue_further(work, recipient, first_channels(ladder, fresh), FIRST)
    n_before = theirs.filter(channel=row.channel).count()
    again = [Channel(row.channel)] if row.channel and Channel(row.channel) in usable else []
    return queue_further(work, recipient, again, f"{FIRST}+{n_before}")
