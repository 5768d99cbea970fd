"""What a print house reports about a batch: kept as evidence, and each dispatch led there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from tocsin.delivery.print_report import read_print_report
from tocsin.outreach.print_report import (
    Account,
    BatchState,
    LetterOutcome,
    ReportLine,
    SetAside,
    sort_report,
)
from tocsin.services.print_dispatches import note_outcome
from tocsin.services.print_work import batch_line, check_state, find_batch, ready_rows, subject_of
from tocsin.services.work import Work, service
from tocsin.store.issued_letters import read_typed, shown
from tocsin.store.models import BatchLetter

_LEFT = (BatchState.HANDED_OVER, BatchState.CLOSED)


@dataclass(frozen=True)
class PrintReport:
    """What came of a report: read = counted + known before + set aside.

    Attributes:
        counts: outcome -> how many letters got it by this report.
        n_known: lines that tell what was known.
        set_aside: lines that changed nothing, each with a sentence.
        account: of the batch as a whole, after it.
    """

    n_read: int
    counts: Mapping[str, int]
    n_known: int
    set_aside: Sequence[SetAside]
    account: Account


@service
def keep_print_report(work: Work, batch_id: int, content: bytes) -> PrintReport:
    """Keep what the print house reports about a batch. Right: operator.

    A letter that was posted is told; one that was spoiled waits for another batch; one that came
    back opens the next channel and a task to repair the contact, as a bounced mail does. A line
    that cannot be believed changes nothing and is told. Leaves print_report_kept.

    Args:
        work: the call.
        batch_id: the batch.
        content: CSV as `delivery.print_report` reads it.

    Raises:
        PrintBatchUnknown: if there is none.
        PrintBatchNotNow: if the batch was not handed over.
        PrintReportUnreadable: if the file is no report; nothing was changed.
    """
    told, unread = read_print_report(content)
    batch = find_batch(batch_id)
    check_state(batch, "be reported about", *_LEFT)
    handed_over_on = (batch.handed_over_at or work.now).date()
    rows = {shown(row.issued.letter_id): row for row in ready_rows(batch)}
    standing = {letter_id: LetterOutcome(row.outcome) for letter_id, row in rows.items()}
    lines = [_as_printed(line, standing) for line in told]
    found = sort_report(lines, standing, handed_over_on, work.now.date())
    for line in found.counts:
        _keep(work, rows[line.letter_id], line)
    aside = sorted([*unread, *found.set_aside], key=lambda each: each.number)
    counts = dict(Counter(str(line.outcome) for line in found.counts))
    account = batch_line(batch).account
    work.record(
        "print_report_kept",
        subject_of(batch),
        new={
            "report_sha256": sha256(content).hexdigest(),
            "counted": counts,
            "known_before": found.n_known,
            "lines_set_aside": dict(Counter(each.code for each in aside)),
            "account": str(account),
        },
    )
    return PrintReport(len(lines) + len(unread), counts, found.n_known, aside, account)


def _as_printed(line: ReportLine, known: Mapping[str, LetterOutcome]) -> ReportLine:
    """Return a line with its letter id as it is printed, however it was typed."""
    letter_id = shown(read_typed(line.letter_id))
    return replace(line, letter_id=letter_id) if letter_id in known else line


def _keep(work: Work, row: BatchLetter, line: ReportLine) -> None:
    row.outcome, row.outcome_on = str(line.outcome), line.on
    row.save(update_fields=["outcome", "outcome_on"])
    source = f"{row.batch_id} {line.letter_id} {line.outcome} {line.on}".encode()
    note_outcome(work, row.issued.dispatch, line.outcome, line.on, source)
