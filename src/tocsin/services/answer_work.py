"""What answers ask of us: help, queries, devices that were passed on; closed with an outcome."""

from dataclasses import dataclass
from datetime import datetime

from tocsin.base.errors import TocsinError, UsageError
from tocsin.services.action_work import find_action, subject_of
from tocsin.services.work import Work, service
from tocsin.store.models import PassedOn, WorkItem
from tocsin.store.sealed_texts import open_texts

PASSED_ON_OUTCOMES = ("told", "was told already", "cannot be found")


class WorkItemUnknown(TocsinError):
    """There is no such open item here."""

    code = "work_item_unknown"


@dataclass(frozen=True)
class WorkLine:
    """Something that an answer asks of us, without a word of the holder's.

    Attributes:
        kind: ``passed_on``, or as in `outreach.reply.Follows`.
        acknowledgement_id: the answer that asks it.
        device_id: the device that was passed on; empty for others.
    """

    item_id: int
    kind: str
    person_id: str
    device_id: str
    opened_at: datetime
    closed_at: datetime | None
    outcome: str
    acknowledgement_id: int


@service
def list_answer_work(work: Work, action_id: int) -> list[WorkLine]:  # noqa: ARG001 - its rights
    """Return what the answers of an action ask of us, what is open first, then the oldest.

    Right: author, reviewer, releaser, operator, auditor.
    """
    action = find_action(action_id)
    lines = [
        WorkLine(
            row.pk,
            row.kind,
            str(row.acknowledgement.person_id),
            "",
            row.opened_at,
            row.closed_at,
            row.outcome,
            row.acknowledgement_id,
        )
        for row in WorkItem.objects.filter(action=action).select_related("acknowledgement")
    ]
    lines += [
        WorkLine(
            row.pk,
            "passed_on",
            str(row.acknowledgement.person_id),
            row.device_id,
            row.opened_at,
            row.closed_at,
            row.outcome,
            row.acknowledgement_id,
        )
        for row in PassedOn.objects.filter(action=action).select_related("acknowledgement")
    ]
    return sorted(lines, key=lambda line: (line.closed_at is not None, line.opened_at, line.kind))


@service
def close_work_item(work: Work, item_id: int, outcome: str) -> None:
    """Say what became of something that an answer asked for. Right: operator.

    Leaves work_item_closed.

    Raises:
        WorkItemUnknown: if none is open.
        UsageError: if no outcome is told; it names nobody.
    """
    row = WorkItem.objects.select_related("action").filter(pk=item_id, closed_at=None).first()
    if row is None:
        raise WorkItemUnknown(f"There is no open item {item_id} here. Nothing was changed.")
    if not outcome.strip() or len(outcome) > 300:
        raise UsageError(
            "Say in 1 to 300 characters, without names, what became of it. Nothing was changed."
        )
    row.closed_at, row.outcome = work.now, outcome.strip()
    row.save(update_fields=["closed_at", "outcome"])
    work.record("work_item_closed", subject_of(row.action), new={"item": row.pk, "kind": row.kind})


@service
def access_passed_on(work: Work, item_id: int, purpose: str) -> str:
    """Return to whom a device was passed on, in the holder's words. Right: operator.

    Leaves answer_accessed with the purpose.

    Raises:
        WorkItemUnknown: if there is no such item.
        UsageError: without a purpose.
    """
    row = find_passed_on(item_id)
    if not purpose.strip():
        raise UsageError("Say for what you read somebody's words (--purpose). Nothing was shown.")
    answer = row.acknowledgement
    work.record(
        "answer_accessed", f"person:{answer.person_id}", new={"answer": answer.pk}, reason=purpose
    )
    texts = open_texts(answer.person_id, bytes(answer.sealed))
    return texts.get(f"devices.{row.registry_id}/{row.device_id}.passed_on_to", "")


@service
def close_passed_on(work: Work, item_id: int, outcome: str) -> None:
    """Say what became of a device that was passed on. Right: operator.

    Leaves passed_on_closed.

    Raises:
        WorkItemUnknown: if none is open.
        UsageError: if the outcome is none of `PASSED_ON_OUTCOMES`.
    """
    row = find_passed_on(item_id, is_open=True)
    if outcome not in PASSED_ON_OUTCOMES:
        raise UsageError(
            f"{outcome[:40]!r} is no outcome. Say {', '.join(PASSED_ON_OUTCOMES)}. Nothing was "
            "changed."
        )
    row.closed_at, row.outcome = work.now, outcome
    row.save(update_fields=["closed_at", "outcome"])
    work.record(
        "passed_on_closed", subject_of(row.action), new={"item": row.pk, "outcome": outcome}
    )


def find_passed_on(item_id: int, *, is_open: bool = False) -> PassedOn:
    """Return the note of a device that was passed on.

    Raises:
        WorkItemUnknown: if there is none, or it was closed and must be open.
    """
    row = (
        PassedOn.objects.select_related("acknowledgement__recipient", "action")
        .filter(pk=item_id)
        .first()
    )
    if row is None:
        raise WorkItemUnknown(f"There is no passed-on device {item_id} here. Nothing was changed.")
    if is_open and row.closed_at is not None:
        raise WorkItemUnknown(f"Item {item_id} was closed before. Nothing was changed.")
    return row
