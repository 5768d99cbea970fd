"""What every service of a print batch begins with: the batch, its letters, its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tocsin.base.errors import TocsinError
from tocsin.outreach.print_report import Account, BatchState, LetterOutcome, account_of
from tocsin.store.models import BatchLetter, PrintBatch


class PrintBatchUnknown(TocsinError):
    """There is no such batch here."""

    code = "print_batch_unknown"


class PrintBatchNotNow(TocsinError):
    """The batch's state does not allow what was asked for."""

    code = "print_batch_not_now"


@dataclass(frozen=True)
class BatchLine:
    """A batch in a list.

    Attributes:
        n_in: letters that were to go into it: ``n_ready`` and ``n_set_aside`` once it is ready.
        sha256: of its list, which seals it; empty until it is ready.
        account: what became of what went out.
    """

    batch_id: int
    action_id: int
    state: BatchState
    made_at: datetime
    handed_over_at: datetime | None
    n_in: int
    n_ready: int
    n_set_aside: int
    n_given_out: int
    sha256: str
    account: Account


@dataclass(frozen=True)
class BatchLetterLine:
    """One letter of a batch; the person by their id only."""

    letter_id: str
    dispatch_id: int
    person_id: str
    outcome: LetterOutcome
    n_pages: int
    sha256: str
    problem_code: str
    problem: str


def find_batch(batch_id: int, *, to_change: bool = True) -> PrintBatch:
    """Return a batch of the organisation that we act for.

    Raises:
        PrintBatchUnknown: if there is none.
    """
    rows = PrintBatch.objects.select_related("action")
    if to_change:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=batch_id).first()
    if found is None:
        raise PrintBatchUnknown(
            f"There is no print batch {batch_id} here. Nothing was changed. `tocsin print list` "
            "shows those of an action."
        )
    return found


def check_state(batch: PrintBatch, what: str, *states: BatchState) -> None:
    """Check that a batch is where something can be done with it.

    Raises:
        PrintBatchNotNow: if it is not.
    """
    if batch.state not in states:
        raise PrintBatchNotNow(
            f"Print batch {batch.pk} is {batch.state.replace('_', ' ')}; to {what} it must be "
            f"{' or '.join(state.replace('_', ' ') for state in states)}. Nothing was changed."
        )


def batch_line(batch: PrintBatch) -> BatchLine:
    """Return a batch as it is listed."""
    went = batch.handed_over_at is not None
    outcomes = batch.rows.values_list("outcome", flat=True) if went else ()
    return BatchLine(
        batch.pk,
        batch.action_id,
        BatchState(batch.state),
        batch.made_at,
        batch.handed_over_at,
        batch.n_in,
        batch.n_ready,
        batch.n_set_aside,
        batch.n_given_out,
        batch.sha256,
        account_of(LetterOutcome(each) for each in outcomes),
    )


def ready_rows(batch: PrintBatch) -> QuerySet[BatchLetter]:
    """Return the letters that are in a batch, in the order of its list."""
    kept = (LetterOutcome.WAITING, LetterOutcome.SET_ASIDE)
    rows = BatchLetter.objects.filter(batch=batch).exclude(outcome__in=[str(each) for each in kept])
    return rows.select_related(
        "issued__dispatch__recipient__letter_version", "issued__dispatch__addressee"
    ).order_by("pk")


def letter_lines(batch: PrintBatch, outcomes: Sequence[LetterOutcome]) -> list[BatchLetterLine]:
    """Return the letters of a batch with some outcomes, in the order of its list."""
    rows = BatchLetter.objects.filter(batch=batch, outcome__in=[str(each) for each in outcomes])
    return [
        BatchLetterLine(
            row.issued.letter_id,
            row.issued_id,
            str(row.issued.dispatch.person_id),
            LetterOutcome(row.outcome),
            row.n_pages,
            row.sha256,
            row.problem_code,
            row.problem,
        )
        for row in rows.select_related("issued__dispatch").order_by("pk")
    ]


def subject_of(batch: PrintBatch) -> str:
    """Return a batch as the audit trail names it."""
    return f"printbatch:{batch.pk}"
