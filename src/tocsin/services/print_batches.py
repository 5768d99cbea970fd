"""Print batches as people make and look at them; who renders them is the worker.

A letter is in one batch at a time. While a batch is made, its dispatches still wait; they have
left with the hand-over (`services.print_handover`) and not before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from tocsin.base.errors import TocsinError
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.outreach.print_report import BatchState, LetterOutcome
from tocsin.outreach.sending_rules import sending_rules
from tocsin.services.action_work import begin, find_action
from tocsin.services.dispatch_work import said
from tocsin.services.print_dispatches import lose_sight_of
from tocsin.services.print_work import (
    BatchLetterLine,
    BatchLine,
    batch_line,
    check_state,
    find_batch,
    letter_lines,
    subject_of,
)
from tocsin.services.work import Work, service
from tocsin.store.issued_letters import issue_letters
from tocsin.store.jobs import queue_job
from tocsin.store.models import BatchLetter, Dispatch, IssuedLetter, PrintBatch

PRINT_BATCH = "print_batch"
_OPEN = (BatchState.RENDERING, BatchState.READY)


class NothingToPrint(TocsinError):
    """No printed letter of the action waits."""

    code = "nothing_to_print"


@dataclass(frozen=True)
class BatchView:
    """A batch with all its letters.

    Attributes:
        letters: those that went out or will, in the order of its list.
        set_aside: those that could not be made, each with its sentence.
    """

    line: BatchLine
    template: str
    file_sha256: str
    letters: Sequence[BatchLetterLine]
    set_aside: Sequence[BatchLetterLine]


@service
def make_print_batch(work: Work, action_id: int) -> int:
    """Gather the printed letters of an action that wait, and let the worker render them.

    Not those that leave by a vendor, one by one.

    Right: operator. States: letters released, running, paused. At most as many as
    `sending.yaml` says go into one; the others wait for the next. Leaves print_batch_begun.

    Returns:
        The batch's id.

    Raises:
        ActionUnknown, NotNow: nothing was changed.
        NothingToPrint: if no letter waits that is not in another batch.
    """
    action = begin(work, action_id)
    waiting = Dispatch.objects.filter(
        action=action,
        channel=str(Channel.LETTER),
        vendor=None,
        state=str(DispatchState.QUEUED),
        not_after__gt=work.now,
    )
    issue_letters(waiting.filter(issued__isnull=True))  # queued by an earlier version
    is_free = Q(batch__isnull=True) | ~Q(batch__state__in=[str(state) for state in _OPEN])
    free = IssuedLetter.objects.filter(is_free, dispatch__in=waiting)
    chosen = list(
        free.order_by("dispatch__not_before", "pk").values_list("pk", flat=True)[
            : sending_rules().print_batch_letters
        ]
    )
    if not chosen:
        raise NothingToPrint(
            f"No printed letter of action {action_id} waits that is not in a batch already. "
            "Nothing was changed."
        )
    batch = PrintBatch.objects.create(
        action=action, made_at=work.now, made_by=work.caller.actor, n_in=len(chosen)
    )
    IssuedLetter.objects.filter(pk__in=chosen).update(batch=batch)
    BatchLetter.objects.bulk_create(
        [BatchLetter(batch=batch, issued_id=pk) for pk in chosen], batch_size=500
    )
    payload = {"batch_id": batch.pk, "action_id": action.pk}
    job = queue_job(PRINT_BATCH, payload, work.now, action.organisation_id, len(chosen))
    work.record(
        "print_batch_begun",
        subject_of(batch),
        new={"action_id": action.pk, "n_in": batch.n_in, "job": job.pk},
    )
    return batch.pk


@service
def list_print_batches(work: Work, action_id: int) -> list[BatchLine]:  # noqa: ARG001 - its rights
    """Return the batches of an action, the newest first.

    Right: author, reviewer, releaser, operator, auditor.

    Raises:
        ActionUnknown: if there is no such action.
    """
    rows = PrintBatch.objects.filter(action=find_action(action_id)).order_by("-pk")
    return [batch_line(row) for row in rows[:500]]


@service
def read_print_batch(work: Work, batch_id: int) -> BatchView:  # noqa: ARG001 - asks for rights only
    """Return a batch with its letters, by ids only.

    Right: author, reviewer, releaser, operator, auditor.

    Raises:
        PrintBatchUnknown: if there is none.
    """
    batch = find_batch(batch_id, to_change=False)
    others = [each for each in LetterOutcome if each is not LetterOutcome.SET_ASIDE]
    return BatchView(
        batch_line(batch),
        batch.template,
        batch.file_sha256,
        letter_lines(batch, others),
        letter_lines(batch, [LetterOutcome.SET_ASIDE]),
    )


@service
def discard_print_batch(work: Work, batch_id: int, reason: str) -> None:
    """Give up a batch that was not handed over; its letters wait for another one.

    Right: operator. They are made anew then, with the address that is known then. Leaves
    print_batch_discarded.

    Raises:
        PrintBatchUnknown: if there is none.
        PrintBatchNotNow: if it was handed over: what left cannot be called back.
        UsageError: without a reason.
    """
    told, batch = said(reason), find_batch(batch_id)
    check_state(batch, "be discarded", *_OPEN)
    letters = IssuedLetter.objects.filter(batch=batch)
    letters.filter(sent_at__isnull=True).update(sealed_sheet=b"", sha256="", written_on=None)
    was, batch.state = batch.state, str(BatchState.DISCARDED)
    batch.save(update_fields=["state"])
    work.record(
        "print_batch_discarded",
        subject_of(batch),
        old={"state": was},
        new={"state": batch.state},
        reason=told,
    )


@service
def close_print_batch(work: Work, batch_id: int, reason: str) -> int:
    """Say that nothing more is heard of a batch; return of how many letters nobody knows.

    Their dispatches become unknown: they were perhaps posted, so that nothing prints them again
    before somebody signs what is to happen. Right: operator. Leaves print_batch_closed.

    Raises:
        PrintBatchUnknown: if there is none.
        PrintBatchNotNow: if it was not handed over, or is closed.
        UsageError: without a reason.
    """
    told, batch = said(reason), find_batch(batch_id)
    check_state(batch, "be closed", BatchState.HANDED_OVER)
    open_outcomes = [str(LetterOutcome.READY), str(LetterOutcome.PRINTED)]
    rows = list(
        BatchLetter.objects.filter(batch=batch, outcome__in=open_outcomes).select_related(
            "issued__dispatch"
        )
    )
    n_unknown = lose_sight_of(work, [row.issued.dispatch for row in rows])
    BatchLetter.objects.filter(pk__in=[row.pk for row in rows]).update(
        outcome=str(LetterOutcome.UNACCOUNTED)
    )
    batch.state, batch.closed_at = str(BatchState.CLOSED), work.now
    batch.save(update_fields=["state", "closed_at"])
    work.record(
        "print_batch_closed",
        subject_of(batch),
        new={"state": batch.state, "n_unaccounted": len(rows), "n_unknown": n_unknown},
        reason=told,
    )
    return len(rows)
