"""Dispatches whose outcome nobody knows: shown with their evidence, decided by a signature.

A dispatch is unknown only once its sender is gone or has been silent for the quarantine. A person
may say that it was accepted; that it was not, and let it leave; have it sent as a possible copy,
which says so; or choose another way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tocsin.base.errors import TocsinError, UsageError
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, EventName
from tocsin.outreach.sending_rules import not_after
from tocsin.services.dispatch_work import Told, add_evidence, find_dispatch, lead, said, subject_of
from tocsin.services.dispatches import DispatchLine, EvidenceLine, line_of
from tocsin.services.further_dispatches import next_purpose, queue_further
from tocsin.services.signatures import add_signature
from tocsin.services.work import Work, service
from tocsin.store.audit.chain import canonical_json
from tocsin.store.models import Dispatch, DispatchEvidence
from tocsin.store.tables.signature import Meaning


class Decision(StrEnum):
    """What a person can say of an unknown outcome."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    SEND_COPY = "send_copy"
    OTHER_WAY = "other_way"


class NotUnknown(TocsinError):
    """The dispatch's outcome is known."""

    code = "not_unknown"


@dataclass(frozen=True)
class UnknownLine:
    """A dispatch whose outcome is unknown, with what speaks for and against.

    Attributes:
        since: since when nobody has heard of it.
        evidence: what is known from elsewhere.
    """

    line: DispatchLine
    message_id: str
    since: datetime
    evidence: Sequence[EvidenceLine]


@dataclass(frozen=True)
class Decided:
    """What a decision has led to: the state now, and the dispatches that were queued by it."""

    state: DispatchState
    queued: Sequence[int]


_EVENTS: dict[Decision, EventName] = {
    Decision.ACCEPTED: "decide_accepted",
    Decision.NOT_ACCEPTED: "decide_send",
    Decision.SEND_COPY: "decide_other_way",
    Decision.OTHER_WAY: "decide_other_way",
}


@service
def list_unknown(work: Work, action_id: int | None = None) -> list[UnknownLine]:  # noqa: ARG001
    """Return the dispatches whose outcome is unknown, the longest first.

    Right: author, reviewer, releaser, operator, auditor.
    """
    rows = Dispatch.objects.filter(state=DispatchState.UNKNOWN)
    if action_id is not None:
        rows = rows.filter(action_id=action_id)
    found = []
    for row in rows.select_related("recipient__letter_version").order_by("state_at", "pk")[:500]:
        evidence = [
            EvidenceLine(
                each.kept_at, each.happened_at, each.kind, each.tells, each.detail, each.sha256
            )
            for each in DispatchEvidence.objects.filter(dispatch=row).order_by("pk")
        ]
        found.append(UnknownLine(line_of(row), row.message_id, row.state_at, evidence))
    return found


@service
def decide_unknown(
    work: Work,
    dispatch_id: int,
    decision: Decision,
    reason: str,
    channel: Channel | None = None,
) -> Decided:
    """Decide about a dispatch whose outcome is unknown. Right: releaser, operator.

    Leaves dispatch_decided and signature_added. Steps up.

    Args:
        work: the call.
        dispatch_id: the dispatch.
        decision: what is decided.
        reason: why; it stands in the audit trail.
        channel: for `OTHER_WAY`: by which.

    Raises:
        DispatchUnknown: if there is none.
        NotUnknown: if its outcome is known.
        UsageError: without a reason, or without the channel that is needed.
    """
    told = said(reason)
    row = find_dispatch(dispatch_id)
    if row.state != DispatchState.UNKNOWN:
        raise NotUnknown(
            f"The outcome of dispatch {dispatch_id} is known: it is "
            f"{row.state.replace('_', ' ')}. Nothing was changed."
        )
    if (decision is Decision.OTHER_WAY) != (channel is not None):
        raise UsageError("Another way needs its channel (--channel), and only that does.")
    content = canonical_json(
        {
            "kind": "decision about a dispatch 1",
            "dispatch": row.pk,
            "message_sha256": row.sha256,
            "message_id": row.message_id,
            "decision": str(decision),
            "channel": str(channel or ""),
            "reason": told,
            "evidence": sorted(
                DispatchEvidence.objects.filter(dispatch=row).values_list("sha256", flat=True)
            ),
        }
    )
    add_signature(work, subject_of(row), content, Meaning.APPROVED)
    was = lead(work, row, _EVENTS[decision], **_times(work, decision, Channel(row.channel)))
    tells = "accepted" if decision is Decision.ACCEPTED else "not_accepted"
    if decision in {Decision.ACCEPTED, Decision.NOT_ACCEPTED}:
        add_evidence(row, Told("person", tells, content), work.now)
    queued = _queue(work, row, decision, channel)
    work.record(
        "dispatch_decided",
        subject_of(row),
        old={"state": str(was)},
        new={"state": row.state, "decision": str(decision), "queued": [each.pk for each in queued]},
        reason=told,
    )
    return Decided(DispatchState(row.state), [each.pk for each in queued])


def _times(work: Work, decision: Decision, channel: Channel) -> dict[str, object]:
    """Return the new times of a dispatch that is to leave after all."""
    if decision is not Decision.NOT_ACCEPTED:
        return {}
    return {"not_before": work.now, "not_after": not_after(channel, work.now)}


def _queue(
    work: Work, row: Dispatch, decision: Decision, channel: Channel | None
) -> list[Dispatch]:
    if decision is Decision.SEND_COPY:
        return queue_further(
            work,
            row.recipient,
            [Channel(row.channel)],
            next_purpose(row),
            replaces=row,
            preface="possible_copy",
        )
    if decision is Decision.OTHER_WAY and channel is not None:
        return queue_further(work, row.recipient, [channel], row.purpose, replaces=row)
    return []
