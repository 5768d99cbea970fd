"""The job that imports device records: read and compare once, then write in committed steps.

Killed at any moment, the next worker goes on from the last step; what was staged is found again
by its mark. If it is gone, what was written is taken back (nobody has seen it) and made anew.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from tocsin.base.errors import TocsinError
from tocsin.compute.staged_import import (
    ADDED,
    CLOSED,
    CURRENT_COLUMNS,
    ListToStage,
    StagedFile,
    StagedImport,
    read_staged,
    read_staged_rows,
    stage_import,
)
from tocsin.formats.registry_file import LoadedTable, ReadAs
from tocsin.match.engines.stored_layout import DICTIONARIES
from tocsin.registry.column_mapping import ColumnMapping
from tocsin.registry.findings import Finding
from tocsin.services.import_files import (
    FINDINGS,
    INSPECTION,
    REJECTED,
    clear_staged,
    clear_work,
    source_in,
    staged_in,
    work_folder,
    write_private,
)
from tocsin.services.import_steps import (
    complete_import,
    end_undone_import,
    refuse_import,
    settle_import,
    settle_inspection,
)
from tocsin.services.list_imports import find_import
from tocsin.services.list_inspection import inspect_kept
from tocsin.services.matching import findings_csv, rejected_csv
from tocsin.services.work import WORKER, Caller
from tocsin.store.bulk_rows import (
    close_records,
    insert_batch,
    read_batches,
    undo_records,
)
from tocsin.store.jobs import Claim, LeaseLost, committed_step, fail_job, finish_job
from tocsin.store.kept_lease import kept_lease
from tocsin.store.models import DeviceRecord, ImportState, ListImport
from tocsin.store.registry_figures import figures_of
from tocsin.store.stored_registry import TABLE_OF_DICTIONARY, note_keys
from tocsin.store.tenancy import acting_for

Told = Callable[[Claim], None]


class RecordsMoved(TocsinError):
    """The registry has changed under an import: a bug of ours."""

    code = "records_moved"
    exit_code = 1


def quiet(_claim: Claim) -> None:
    """Tell nobody how far a job is."""


def import_records(claim: Claim, told: Told = quiet) -> None:
    """Do what is left of an import of device records.

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
            _undo(claim, listed)
            clear_work(folder)
            return
        if listed.state == ImportState.INSPECTING:
            _inspect(claim, listed, folder)
            return
        try:
            staged = _staged(claim, listed, folder)
        except TocsinError as error:
            if isinstance(error, LeaseLost):
                raise
            _refuse(claim, listed, folder, error)
            return
        claim.n_total = staged.n_rows
        listed.refresh_from_db()
        if listed.state == ImportState.READING:
            with transaction.atomic():
                state = settle_import(worker_of(claim), listed.pk, staged)
                if state == ImportState.WAITING:
                    finish_job(claim)
                    return
            listed.refresh_from_db()
        _write(claim, listed, staged, staged_in(folder, staged.mark), told)
        with transaction.atomic():
            complete_import(worker_of(claim), listed.pk)
            finish_job(claim)
        clear_work(folder)
        figures_of(listed.registry_id)  # counted now, so that nobody waits for the page


def worker_of(claim: Claim) -> Caller:
    """Return the caller that a worker is, for the job's organisation."""
    return Caller(WORKER, claim.organisation_id, frozenset(), datetime.now(tz=UTC))


def read_as_of(options: Mapping[str, Any]) -> ReadAs:
    """Return how an import's file is to be read."""
    mapping = options.get("mapping")
    return ReadAs(
        encoding=options.get("encoding"),
        sheet=options.get("sheet"),
        mapping=ColumnMapping.model_validate(mapping) if mapping else None,
    )


def _refuse(claim: Claim, listed: ListImport, folder: Path, error: TocsinError) -> None:
    with transaction.atomic():
        refuse_import(worker_of(claim), listed.pk)
        fail_job(claim, error.sentence)
    clear_work(folder)


def _inspect(claim: Claim, listed: ListImport, folder: Path) -> None:
    """Look at the columns of a list, so that somebody can say what they are."""
    source = source_in(folder, listed.options["name"])
    try:
        with kept_lease(claim):
            told = inspect_kept(source, read_as_of(listed.options), listed.options.get("list_kind"))
    except TocsinError as error:
        if isinstance(error, LeaseLost):
            raise
        _refuse(claim, listed, folder, error)
        return
    write_private(folder / INSPECTION, told.model_dump_json())
    with transaction.atomic():
        settle_inspection(worker_of(claim), listed.pk, told.n_rows, len(told.columns))
        finish_job(claim)


def _staged(claim: Claim, listed: ListImport, folder: Path) -> StagedImport:
    """Return what was staged, or stage it."""
    mark = claim.place.get("mark", "none")
    staged = read_staged(staged_in(folder, mark), mark)
    is_stale = claim.place.get("base") != listed.registry.revision
    if staged is not None and not is_stale:
        return staged
    if listed.state == ImportState.WRITING:
        _take_back(claim, listed)
    clear_staged(folder)
    base, mark = listed.registry.revision, secrets.token_hex(8)

    def tell(loaded: LoadedTable, findings: list[Finding]) -> None:
        write_private(folder / REJECTED, rejected_csv(loaded))
        write_private(folder / FINDINGS, findings_csv(findings))

    with kept_lease(claim):
        staged = stage_import(
            ListToStage(
                source_in(folder, listed.options["name"]),
                read_as_of(listed.options),
                listed.registry_id,
                is_complete=bool(listed.options.get("complete")),
            ),
            staged_in(folder, mark),
            mark,
            read_batches(DeviceRecord, CURRENT_COLUMNS, _current(listed)),
            lambda: _known(listed),
            tell,
        )
    with committed_step(claim):
        note_keys(listed.registry_id, staged.keys_made_by)
        claim.place = {"mark": mark, "base": base, "next": 0}
        claim.n_done, claim.n_total = 0, staged.n_rows
    return staged


def _current(listed: ListImport) -> dict[str, Any]:
    return {"registry_id": listed.registry_id, "until_revision": None}


def _known(listed: ListImport) -> dict[str, Any]:
    where = {"registry_id": listed.registry_id}
    return {
        name: read_batches(
            TABLE_OF_DICTIONARY[name], {each.number: each.columns[each.number], **each.texts}, where
        )
        for name, each in DICTIONARIES.items()
    }


def _write(
    claim: Claim, listed: ListImport, staged: StagedImport, folder: Path, told: Told
) -> None:
    """Write the staged files that are left, a committed step each."""
    for number in range(claim.place["next"], len(staged.files)):
        file = staged.files[number]
        with committed_step(claim):
            _write_file(file, folder, listed)
            claim.place = {**claim.place, "next": number + 1}
            claim.n_done += file.n_rows
        told(claim)


def _write_file(file: StagedFile, folder: Path, listed: ListImport) -> None:
    rows = read_staged_rows(folder, file)
    revision = listed.revision
    if revision is None:
        raise RecordsMoved(f"Import {listed.pk} has no revision to write. Nothing was changed.")
    if file.holds == CLOSED:
        closed = close_records(DeviceRecord, rows["row_no"].to_pylist(), revision.number)
        if closed != file.n_rows:
            raise RecordsMoved(
                f"{file.n_rows - closed} records of import {listed.pk} were closed by somebody "
                "else. Nothing of this step was kept. Undo the import and begin it again."
            )
        return
    constants: dict[str, int | None] = {"registry_id": listed.registry_id}
    if file.holds == ADDED:
        constants |= {"since_revision": revision.number}
        insert_batch(DeviceRecord, rows, constants)
    else:
        insert_batch(TABLE_OF_DICTIONARY[file.holds], rows, constants)


def _take_back(claim: Claim, listed: ListImport) -> None:
    """Remove what an unfinished import has written, but the texts, which harm nobody."""
    if listed.revision is None:
        return
    n_rows = -1
    while n_rows:
        with committed_step(claim):
            claim.place = {}
            number = listed.revision.number
            n_rows = undo_records(DeviceRecord, listed.registry_id, number)


def _undo(claim: Claim, listed: ListImport) -> None:
    _take_back(claim, listed)
    with transaction.atomic():
        end_undone_import(worker_of(claim), listed.pk)
        finish_job(claim)
