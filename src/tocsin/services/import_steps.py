"""The steps of an import that its worker takes: read, completed, refused, taken back."""

from dataclasses import dataclass

from tocsin.compute.staged_import import StagedImport
from tocsin.services.list_imports import counts_of, find_import
from tocsin.services.work import Work, service
from tocsin.store.models import ImportState, ListImport, RegistryRevision
from tocsin.store.revisions import complete_revision, start_revision


@dataclass(frozen=True)
class CountedHolders:
    """What was read of a holders file, and in how many batches it lies ready.

    ``columns`` are those of ours that the file has: what it does not speak of stays as it was.
    """

    n_read: int
    n_rejected: int
    n_findings: int
    n_batches: int
    columns: tuple[str, ...]


@service
def settle_inspection(work: Work, import_id: int, n_rows: int, n_columns: int) -> None:
    """Let an import wait for its columns to be confirmed. Right: the worker.

    Leaves import_inspected.
    """
    listed = find_import(import_id)
    listed.state, listed.n_read = ImportState.MAPPING, n_rows
    listed.save()
    new = {"n_read": n_rows, "n_columns": n_columns}
    work.record("import_inspected", f"import:{import_id}", new=new)


@service
def settle_import(work: Work, import_id: int, staged: StagedImport) -> ImportState:
    """Keep what was read of a file, and say how it goes on. Right: the worker. Leaves import_read.

    An import that closes records waits for a person, unless one has agreed beforehand; so does
    one that was begun with ``ask``.
    """
    listed = find_import(import_id)
    listed.n_read, listed.n_accepted = staged.n_read, staged.n_accepted
    listed.n_rejected, listed.n_findings = staged.n_rejected, staged.n_findings
    listed.n_new, listed.n_changed = staged.n_new, staged.n_changed
    listed.n_vanished = staged.n_vanished
    is_complete = bool(listed.options.get("complete"))
    listed.asks = "" if not is_complete else _ask(staged)
    is_agreed = _is_agreed(listed, staged)
    if (listed.asks and not is_agreed) or _waits_anyway(listed):
        listed.state = ImportState.WAITING
    else:
        listed.state = ImportState.WRITING
        listed.revision = listed.revision or start_revision(listed.registry_id, "import", work.now)
    listed.save()
    work.record(
        "import_read",
        f"import:{import_id}",
        new={"state": str(listed.state), **counts_of(listed)},
    )
    return ImportState(listed.state)


@service
def settle_holders(work: Work, import_id: int, counted: CountedHolders) -> ImportState:
    """Keep what was read of a holders file, and say how it goes on. Right: the worker.

    One that was begun with ``ask`` waits for a person. Leaves import_read.
    """
    listed = find_import(import_id)
    listed.n_read, listed.n_rejected = counted.n_read, counted.n_rejected
    listed.n_accepted = counted.n_read - counted.n_rejected
    listed.n_findings = counted.n_findings
    listed.state = ImportState.WAITING if _waits_anyway(listed) else ImportState.WRITING
    listed.save()
    work.record(
        "import_read",
        f"import:{import_id}",
        new={"state": str(listed.state), **counts_of(listed)},
    )
    return ImportState(listed.state)


@service
def refuse_import(work: Work, import_id: int) -> None:
    """End an import whose file was refused. Right: the worker. Leaves import_refused."""
    _end(work, find_import(import_id), ImportState.UNDONE)
    work.record("import_refused", f"import:{import_id}")


@service
def end_undone_import(work: Work, import_id: int) -> None:
    """End an import of which nothing is left. Right: the worker. Leaves import_taken_back."""
    listed = find_import(import_id)
    revision = listed.revision
    listed.revision = None
    _end(work, listed, ImportState.UNDONE)
    if revision is not None:
        revision.delete()
    work.record("import_taken_back", f"import:{import_id}")


@service
def complete_import(work: Work, import_id: int) -> None:
    """Make an import's records visible, all at once. Right: the worker. Leaves registry_revised."""
    listed = find_import(import_id)
    revision: RegistryRevision | None = listed.revision
    if revision is not None:
        revision.source, revision.source_sha256 = listed.source, listed.source_sha256
        revision.n_read, revision.n_accepted = listed.n_read, listed.n_accepted
        revision.n_rejected = listed.n_rejected
        revision.n_added = listed.n_new + listed.n_changed
        revision.n_closed = listed.n_changed
        if listed.options.get("complete"):
            revision.n_closed += listed.n_vanished
        complete_revision(revision, work.now)
    _end(work, listed, ImportState.COMPLETE)
    work.record(
        "registry_revised",
        f"registry:{listed.registry_id}",
        old={"revision": revision.number - 1} if revision else {},
        new={
            "import": import_id,
            **({"revision": revision.number} if revision else {}),
            **counts_of(listed),
        },
        reason=listed.reason or None,
    )


def _ask(staged: StagedImport) -> str:
    """Return what a person must agree to, or nothing."""
    if not staged.n_vanished:
        return ""
    return (
        f"{staged.n_vanished:,} of {staged.n_current:,} records of the registry are not in the "
        "file and would be closed."
    )


def _waits_anyway(listed: ListImport) -> bool:
    """Whether somebody wanted to see what was read before anything is written."""
    return bool(listed.options.get("ask")) and not listed.agreed_by


def _is_agreed(listed: ListImport, staged: StagedImport) -> bool:
    loses_most = 2 * staged.n_vanished > staged.n_current
    listed.options = {**listed.options, "loses_most": loses_most}
    return bool(listed.agreed_by) and (not loses_most or bool(listed.reason))


def _end(work: Work, listed: ListImport, state: ImportState) -> None:
    listed.state = state
    listed.ended_at = work.now
    listed.save()
