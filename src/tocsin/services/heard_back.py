"""What comes back about mails: notifications and the relay's log, kept as evidence of dispatches.

Evidence that proves acceptance settles an unknown outcome by itself. A bounce never silences
anybody: the next channel is opened (`services.failed_dispatches`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.delivery.notifications import Notification, read_notification
from tocsin.delivery.relay_log import RelayLine, read_relay_log
from tocsin.outreach.bounces import BounceKind, bounce_kind
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, EventName, dispatch_events
from tocsin.services.dispatch_work import Told, add_evidence, find_dispatch, lead, subject_of
from tocsin.services.mail_place import token_in
from tocsin.services.work import Work, service
from tocsin.store.models import Dispatch

NOTIFICATION = "notification"
RELAY_LOG = "relay_log"


@dataclass(frozen=True)
class Heard:
    """What an import of notifications or of a log has come to.

    Attributes:
        counts: what was told -> how often.
        n_known: how much was known before.
        n_unmatched: how much speaks of no dispatch of ours.
        alarms: sentences about what is wrong with our own mail.
    """

    counts: Mapping[str, int]
    n_known: int
    n_unmatched: int
    alarms: Sequence[str]


@service
def keep_notifications(work: Work, messages: Sequence[bytes]) -> Heard:
    """Keep what notifications say of dispatches. Right: operator, the worker.

    Leaves notification_kept for each dispatch that one speaks of.
    """
    counts: Counter[str] = Counter()
    n_known = n_unmatched = 0
    alarms: set[str] = set()
    for content in messages:
        told = read_notification(content)
        dispatch_id = None if told is None else _find_by_notification(told)
        if told is None or dispatch_id is None:
            n_unmatched += 1
            continue
        kind = bounce_kind(told.action, told.status)
        if not _keep_notification(work, dispatch_id, told, kind, content):
            n_known += 1
            continue
        counts[str(kind)] += 1
        if kind is BounceKind.POLICY:
            alarms.add(
                f"Our mail is refused for reasons of policy ({told.status}). Everybody concerned "
                "gets the next channel; look at the sender's domain and its records at once."
            )
    if not counts:
        work.leave_unchanged()
    return Heard(counts, n_known, n_unmatched, sorted(alarms))


@service
def keep_relay_log(work: Work, lines: Sequence[str]) -> Heard:
    """Keep what the relay's log tells of dispatches. Right: operator, the worker.

    A mail that the relay has taken settles an unknown outcome: it was accepted. A mail that a log
    does not name proves nothing. Leaves relay_log_kept for each dispatch that it speaks of.
    """
    told = list(read_relay_log(lines))
    by_id = _dispatches_of(line.message_id for line in told)
    counts: Counter[str] = Counter()
    n_known = n_unmatched = 0
    for line in told:
        dispatch_id = by_id.get(line.message_id)
        if dispatch_id is None:
            n_unmatched += 1
        elif _keep_line(work, dispatch_id, line):
            counts[line.tells] += 1
        else:
            n_known += 1
    if not counts:
        work.leave_unchanged()
    return Heard(counts, n_known, n_unmatched, [])


def _keep_notification(
    work: Work, dispatch_id: int, told: Notification, kind: BounceKind, content: bytes
) -> bool:
    row = find_dispatch(dispatch_id)
    tells = {BounceKind.DELIVERED: "delivered"}.get(kind, "bounced")
    tells = "delayed" if told.action == "delayed" else tells
    evidence = Told(
        NOTIFICATION,
        tells,
        content,
        f"{told.action} {told.status} {told.detail}".strip(),
        datetime.fromisoformat(told.said_at) if told.said_at else None,
    )
    if not add_evidence(row, evidence, work.now):
        return False
    event: EventName = "bounce" if tells == "bounced" else "accept"
    reply = f"{told.status} {told.detail}".strip()[:300]
    settle_by_evidence(work, row, event, reply)
    work.record("notification_kept", subject_of(row), new={"tells": tells, "state": row.state})
    return True


def _keep_line(work: Work, dispatch_id: int, line: RelayLine) -> bool:
    row = find_dispatch(dispatch_id)
    detail = f"{line.queue_id} {line.at} {line.status} {line.detail}".strip()
    if not add_evidence(row, Told(RELAY_LOG, line.tells, line.line.encode(), detail), work.now):
        return False
    event: EventName = "bounce" if line.tells == "bounced" else "accept"
    settle_by_evidence(work, row, event, f"{line.status} {line.detail}".strip()[:300])
    work.record("relay_log_kept", subject_of(row), new={"tells": line.tells, "state": row.state})
    return True


def settle_by_evidence(work: Work, row: Dispatch, event: EventName, reply: str) -> None:
    """Lead a dispatch where evidence leads it, if it still stands where that can happen."""
    state = DispatchState(row.state)
    if event == "bounce" and state in {DispatchState.QUEUED, DispatchState.CLAIMED}:
        event = "accept"  # it had left after all; the bounce follows
        lead(work, row, event, reply=reply)
        lead(work, row, "bounce", reply=reply)
    elif (
        state in dispatch_events()[event].leads
        and Channel(row.channel) in dispatch_events()[event].channels
    ):
        lead(work, row, event, reply=reply)


def _find_by_notification(told: Notification) -> int | None:
    """Return the dispatch that a notification speaks of: by hash, envelope id or Message-ID."""
    tokens = [token for address in told.sent_to if (token := token_in(address))]
    found = Dispatch.objects.filter(bounce_token__in=tokens).exclude(bounce_token="")
    if (pk := found.values_list("pk", flat=True).first()) is not None:
        return pk
    try:
        by_reference = Dispatch.objects.filter(reference=UUID(told.envelope_id))
    except ValueError:
        by_reference = Dispatch.objects.none()
    if (pk := by_reference.values_list("pk", flat=True).first()) is not None:
        return pk
    return next(iter(_dispatches_of(told.message_ids).values()), None)


def _dispatches_of(message_ids: Iterable[str]) -> dict[str, int]:
    wanted = sorted({each for each in message_ids if each})
    found: dict[str, int] = {}
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        rows = Dispatch.objects.filter(message_id__in=some)
        found |= dict(rows.values_list("message_id", "pk"))
    return found
