"""The job that imports holders: read once, then persons in committed steps, then who represents.

Private data are copied into the work folder and nowhere else; the copy is removed at the end.
Doing a step again changes nothing, so that a kill costs nothing.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from django.db import transaction

from tocsin.base.errors import TocsinError
from tocsin.compute.staged_holders import NumberedRow, read_holder_batches
from tocsin.formats.registry_file import LoadedTable
from tocsin.formats.registry_sources import Rejected
from tocsin.registry.holder_record import HolderFault, HolderRecord, read_holder
from tocsin.registry.schema import HOLDER_COLUMNS
from tocsin.services.holder_steps import keep_holders, keep_representatives
from tocsin.services.import_files import (
    FINDINGS,
    REJECTED,
    clear_staged,
    clear_work,
    source_in,
    staged_in,
    work_folder,
    write_private,
)
from tocsin.services.import_steps import (
    CountedHolders,
    complete_import,
    end_undone_import,
    refuse_import,
    settle_holders,
)
from tocsin.services.list_imports import find_import
from tocsin.services.matching import rows_csv
from tocsin.services.record_import import Told, quiet, worker_of
from tocsin.store.jobs import Claim, LeaseLost, committed_step, fail_job, finish_job
from tocsin.store.kept_lease import kept_lease
from tocsin.store.models import ImportState, ListImport
from tocsin.store.tenancy import acting_for

AT_ONCE = 1_000
_MANIFEST = "manifest.json"


def import_holders(claim: Claim, told: Told = quiet) -> None:
    """Do what is left of an import of holders.

    Args:
        claim: the job; its payload names the import.
        told: is called after each committed step.

    Raises:
        LeaseLost: if somebody else has the job by now.
    """
    with acting_for(claim.organisation_id):
        listed = find_import(claim.payload["import_id"])
        folder = work_folder(listed.organisation_id, listed.options["folder"])
        if listed.state == ImportState.UNDOING:
            with transaction.atomic():
                end_undone_import(worker_of(claim), listed.pk)
                finish_job(claim)
            clear_work(folder)
            return
        try:
            counted = _staged(claim, listed, folder)
        except LeaseLost:
            raise
        except TocsinError as error:
            with transaction.atomic():
                refuse_import(worker_of(claim), listed.pk)
                fail_job(claim, error.sentence)
            clear_work(folder)
            return
        if listed.state == ImportState.READING:
            with transaction.atomic():  # waiting and the job's end, or neither
                with committed_step(claim):
                    state = settle_holders(worker_of(claim), listed.pk, counted)
                if state == ImportState.WAITING:
                    finish_job(claim)
                    return
        _write(claim, listed, folder, counted, told)
        _list_left_over(listed, folder)
        with transaction.atomic():
            complete_import(worker_of(claim), listed.pk)
            finish_job(claim)
        clear_work(folder)


def _staged(claim: Claim, listed: ListImport, folder: Path) -> CountedHolders:
    """Read the file into batches that can be written one by one, unless that was done."""
    staged = staged_in(folder)
    manifest = staged / _MANIFEST
    if not manifest.exists():
        clear_staged(folder)
        with kept_lease(claim):
            counted = _stage(listed, folder)
        write_private(manifest, json.dumps(asdict(counted)))
    counted = _counted(manifest)
    claim.n_total = counted.n_read - counted.n_rejected
    return counted


def _counted(manifest: Path) -> CountedHolders:
    told = json.loads(manifest.read_text("utf-8"))
    return CountedHolders(**told | {"columns": tuple(told["columns"])})


def _stage(listed: ListImport, folder: Path) -> CountedHolders:
    staged = staged_in(folder)
    source, today = source_in(folder, listed.options["name"]), listed.started_at.date()
    with read_holder_batches(source, today, AT_ONCE) as (loaded, batches):
        rejected, findings, n_batches = list(loaded.rejected), _unknown_columns(loaded), 0
        for batch in batches:
            records = [asdict(one) for one in _read_batch(batch, rejected, findings)]
            write_private(_batch_file(staged, n_batches), json.dumps(records))
            n_batches += 1
    rows = (asdict(row) for row in rejected)
    write_private(folder / REJECTED, rows_csv(["line", "column", "value", "reason"], rows))
    found = (asdict(row) for row in findings)
    write_private(folder / FINDINGS, rows_csv(["line", "column", "value", "reason"], found))
    columns = tuple(name for name in loaded.columns if name in HOLDER_COLUMNS)
    return CountedHolders(loaded.n_in, len(rejected), len(findings), n_batches, columns)


def _read_batch(
    batch: Iterable[NumberedRow], rejected: list[Rejected], findings: list[Rejected]
) -> Iterator[HolderRecord]:
    for numbered in batch:
        read = read_holder(numbered.row)
        if read.record is None:
            rejected.append(_told(numbered, read.refused[0]))
            continue
        findings += [_told(numbered, fault) for fault in read.findings]
        yield read.record


def _told(numbered: NumberedRow, fault: HolderFault) -> Rejected:
    return Rejected(numbered.line, fault.column, fault.value[:200], fault.reason)


def _unknown_columns(loaded: LoadedTable) -> list[Rejected]:
    return [
        Rejected(None, name, "", "not a column of ours; nothing of it was kept")
        for name in loaded.columns
        if name not in HOLDER_COLUMNS
    ]


def _batch_file(staged: Path, number: int) -> Path:
    return staged / f"holders-{number:05d}.json"


def _read_batch_file(staged: Path, number: int) -> list[HolderRecord]:
    rows = json.loads(_batch_file(staged, number).read_text("utf-8"))
    return [HolderRecord(**row) for row in rows]


def _write(
    claim: Claim, listed: ListImport, folder: Path, counted: CountedHolders, told: Told
) -> None:
    """Write every batch's persons, then, when all are known, who represents whom.

    Each row is gone through twice, and counts as done by halves.
    """
    staged, n_batches = staged_in(folder), counted.n_batches
    for number in range(claim.place.get("next", 0), 2 * n_batches):
        records = _read_batch_file(staged, number % n_batches)
        with committed_step(claim):
            if number < n_batches:
                keep_holders(worker_of(claim), listed.pk, records, counted.columns)
            elif "represented_by" in counted.columns:
                keep_representatives(worker_of(claim), listed.pk, records)
            n_gone = claim.place.get("gone", 0) + len(records)
            claim.place = {"next": number + 1, "gone": n_gone}
            claim.n_done = n_gone // 2
        told(claim)


def _list_left_over(listed: ListImport, folder: Path) -> None:
    """List who was erased and is still in the list, and whose guardian is not in it."""
    listed.refresh_from_db()
    for name, reason in _LEFT_OVER.items():
        if holders := listed.options.get(name):
            rows = ({"holder_id": one, "reason": reason} for one in holders)
            write_private(folder / f"{name}.csv", rows_csv(["holder_id", "reason"], rows))


_LEFT_OVER = {
    "erased": (
        "this person was erased and does not come back under this id; take the row out of the "
        "list, or ask the privacy officer"
    ),
    "unrepresented": (
        "the carer or guardian is not in the list; the person is written to directly until it is"
    ),
}
