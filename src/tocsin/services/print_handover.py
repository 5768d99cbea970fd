"""Handing a batch over: its letters leave with the commit, and the file is given out after it.

The file is made first and held against every hash, so that nothing is marked as gone that cannot
go. What breaks after the commit leaves a batch that counts as handed over: it may be at the print
house. Giving it out again needs a signature, and it is the same file.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import IO

from tocsin.base.errors import TocsinError
from tocsin.delivery.print_batch import LETTERS, write_batch
from tocsin.outreach.action_states import ActionState
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.outreach.print_report import BatchState
from tocsin.services.dispatch_work import add_attempt, lead, said
from tocsin.services.print_rendering import print_again
from tocsin.services.print_work import (
    PrintBatchNotNow,
    check_state,
    find_batch,
    ready_rows,
    subject_of,
)
from tocsin.services.signatures import add_signature
from tocsin.services.work import Caller, Work, service
from tocsin.store.audit.chain import canonical_json
from tocsin.store.home import find_home
from tocsin.store.issued_letters import shown
from tocsin.store.models import Action, BatchLetter, IssuedLetter, PrintBatch, SendingStop
from tocsin.store.tables.signature import Meaning
from tocsin.store.tenancy import acting_for


class BatchBytesChanged(TocsinError):
    """A letter's bytes are not those that were validated."""

    code = "batch_bytes_changed"


@dataclass(frozen=True)
class BatchFile:
    """A batch as a file to keep.

    Attributes:
        name: what it may be called.
        sha256: of its bytes.
    """

    name: str
    sha256: str
    n_letters: int


@contextmanager
def given_out(
    caller: Caller, batch_id: int, reason: str = ""
) -> Iterator[tuple[BatchFile, IO[bytes]]]:
    """Lend the file of a batch that is handed over by this, or once more for a reason.

    Args:
        caller: who hands it over; with a proof, if it is once more.
        batch_id: the batch.
        reason: why it is given out again; empty for the first time.

    Raises:
        PrintBatchUnknown: if there is none.
        PrintBatchNotNow: if it is not ready, was handed over before, or must not leave now.
        BatchBytesChanged, AddresseeErased: if a letter cannot be made again as it was.
    """
    rows = access_batch_letters(caller, batch_id, is_again=bool(reason))
    folder = find_home().work_folder(caller.organisation_id or 0, "print")
    with tempfile.TemporaryFile(dir=folder) as file:  # it has no name: nothing is left of it
        with acting_for(caller.organisation_id):
            batch = find_batch(batch_id, to_change=False)
            digest = write_batch(file, _head(batch), bytes(batch.manifest), _letters(rows))
        if reason:
            repeat_print_batch(caller, batch_id, digest, reason)
        else:
            hand_over_print_batch(caller, batch_id, digest)
        yield BatchFile(f"print-batch-{batch_id}.zip", digest, len(rows)), file


@service
def access_batch_letters(work: Work, batch_id: int, *, is_again: bool = False) -> list[BatchLetter]:
    """Return the letters of a batch with all that makes them, to hand it over.

    Right: operator. Leaves print_batch_accessed: who takes it can read them.

    Raises:
        PrintBatchUnknown: if there is none.
        PrintBatchNotNow: if it cannot be given out now.
    """
    batch = find_batch(batch_id, to_change=False)
    _check_may_go(batch, work.now, is_again=is_again)
    rows = list(ready_rows(batch))
    work.record("print_batch_accessed", subject_of(batch), new={"n_ready": len(rows)})
    return rows


@service
def hand_over_print_batch(work: Work, batch_id: int, file_sha256: str) -> int:
    """Mark a batch as handed over to the print house, once; return of how many letters.

    Right: operator. Their dispatches are printed from now on. Leaves print_batch_handed_over.

    Args:
        work: the call.
        batch_id: the batch.
        file_sha256: of the file that is given out after the commit.

    Raises:
        PrintBatchUnknown: if there is none.
        PrintBatchNotNow: if it was handed over before, or must not leave now.
    """
    batch = find_batch(batch_id)
    _check_may_go(batch, work.now, is_again=False)
    rows = list(ready_rows(batch))
    for row in rows:
        dispatch = row.issued.dispatch
        lead(work, dispatch, "print", reply=f"print batch {batch.pk}")
        add_attempt(work, dispatch, "print", f"print batch {batch.pk}")
    letters = IssuedLetter.objects.filter(pk__in=[row.issued_id for row in rows])
    letters.filter(sent_at__isnull=True).update(sent_at=work.now)
    batch.state, batch.handed_over_at = str(BatchState.HANDED_OVER), work.now
    batch.file_sha256, batch.n_given_out = file_sha256, 1
    batch.save()
    work.record(
        "print_batch_handed_over",
        subject_of(batch),
        old={"state": str(BatchState.READY)},
        new={"state": batch.state, "n_ready": len(rows), "file_sha256": file_sha256},
    )
    return len(rows)


@service
def repeat_print_batch(work: Work, batch_id: int, file_sha256: str, reason: str) -> None:
    """Let the very same file of a batch be given out once more, with a signature.

    Right: operator. Whoever signs says that the print house did not get it, or will not
    print it twice. Leaves print_batch_repeated and signature_added. Steps up.

    Raises:
        PrintBatchUnknown: if there is none.
        PrintBatchNotNow: if it was never handed over, or is closed.
        BatchBytesChanged: if the file is not the one that was handed over.
        UsageError: without a reason.
    """
    told, batch = said(reason), find_batch(batch_id)
    _check_may_go(batch, work.now, is_again=True)
    if batch.file_sha256 != file_sha256:
        raise _changed(f"the file of print batch {batch.pk}")
    content = canonical_json(
        {
            "kind": "print batch once more 1",
            "batch": batch.pk,
            "file_sha256": file_sha256,
            "n_given_out": batch.n_given_out,
            "reason": told,
        }
    )
    add_signature(work, subject_of(batch), content, Meaning.APPROVED)
    batch.n_given_out += 1
    batch.save(update_fields=["n_given_out"])
    work.record(
        "print_batch_repeated",
        subject_of(batch),
        old={"n_given_out": batch.n_given_out - 1},
        new={"n_given_out": batch.n_given_out},
        reason=told,
    )


def reasons_to_stay(action: Action) -> Iterator[str]:
    """Yield what keeps all letters of an action in the house now, as parts of a sentence."""
    if action.is_exercise:
        yield "its action is an exercise: nothing of it leaves the house"
    if action.state != ActionState.RUNNING:
        yield f"its action is {action.state.replace('_', ' ')}, not running"
    if SendingStop.objects.filter(ended_at__isnull=True).exists():
        yield "all sending is stopped"


def _check_may_go(batch: PrintBatch, now: datetime, *, is_again: bool) -> None:
    """Check all that keeps a batch from leaving: its state, the action's, a stop, the time."""
    wanted = BatchState.HANDED_OVER if is_again else BatchState.READY
    check_state(batch, "be given out again" if is_again else "be handed over", wanted)
    told = list(reasons_to_stay(batch.action))
    if not is_again:
        told += _not_waiting(batch, now)
    if told:
        raise PrintBatchNotNow(
            f"Print batch {batch.pk} cannot leave: {'; '.join(told)}. Nothing was changed."
        )


def _not_waiting(batch: PrintBatch, now: datetime) -> Iterator[str]:
    dispatches = [row.issued.dispatch for row in ready_rows(batch)]
    if not dispatches:
        yield "it holds no letter"
    if n := sum(row.state != DispatchState.QUEUED for row in dispatches):
        yield f"{n} of its letters do not wait any more (discard it and make another)"
    if n := sum(row.not_after <= now for row in dispatches):
        yield f"{n} of its letters are past their time (discard it and make another)"
    if later := [row.not_before for row in dispatches if row.not_before > now]:
        yield f"{len(later)} of its letters may leave at {max(later):%Y-%m-%d %H:%M} UTC only"


def _letters(rows: list[BatchLetter]) -> Iterator[tuple[str, bytes]]:
    for row in rows:
        letter_id = shown(row.issued.letter_id)
        content = print_again(row.issued)
        if sha256(content).hexdigest() != row.sha256:
            raise _changed(f"letter {letter_id}")
        yield f"{LETTERS}/{letter_id}.pdf", content


def _changed(what: str) -> BatchBytesChanged:
    return BatchBytesChanged(
        f"The bytes of {what} are not those that were validated: template, Typst or fonts of this "
        "machine have changed since. Nothing was given out. Use the version that made the batch, "
        "or discard it and make another."
    )


def _head(batch: PrintBatch) -> dict[str, str | int]:
    return {
        "batch": batch.pk,
        "action": batch.action_id,
        "made_at": batch.made_at.isoformat(timespec="seconds"),
        "template": batch.template,
    }
