"""Imports of lists into registries: begun, agreed to, completed, undone.

The long part is a job (`services.record_import`, `services.holder_import`); what happens to an
import as a whole is told here, and leaves its row in the audit trail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tocsin.base.errors import TocsinError, UsageError
from tocsin.registry.column_mapping import read_columns
from tocsin.services.import_files import KeptSource, folder_of
from tocsin.services.work import Work, service
from tocsin.store.jobs import queue_job
from tocsin.store.models import (
    ImportedKind,
    ImportState,
    JobState,
    ListImport,
    Registry,
)
from tocsin.store.revisions import RegistryBusy

IMPORT_RECORDS, IMPORT_HOLDERS = "import_records", "import_holders"
JOB_OF_KIND = {ImportedKind.RECORDS: IMPORT_RECORDS, ImportedKind.HOLDERS: IMPORT_HOLDERS}


class RegistryUnknown(TocsinError):
    """There is no registry of this name here."""

    code = "registry_unknown"


class RegistryExists(TocsinError):
    """There is already a registry of this name."""

    code = "registry_exists"


class ImportUnknown(TocsinError):
    """There is no such import here."""

    code = "import_unknown"


class ImportNotWaiting(TocsinError):
    """The import is not where it would have to be."""

    code = "import_not_waiting"


@service
def add_registry(work: Work, name: str) -> int:
    """Add an empty registry and return its id. Right: operator. Leaves registry_added.

    Raises:
        RegistryExists: if there is one of this name.
        UsageError: if the name is empty, too long, or could not be printed.
    """
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise UsageError("A registry's name has 1 to 200 printable characters.")
    if Registry.objects.filter(name=name).exists():
        raise RegistryExists(f"There is already a registry {name!r}. Nothing was changed.")
    made = Registry.objects.create(name=name, created_at=work.now)
    work.record("registry_added", f"registry:{made.pk}", new={"name": name})
    return made.pk


@service
def list_registries(work: Work) -> list[Registry]:  # noqa: ARG001 - asks for rights only
    """Return the registries, by name. Right: every role but administrator."""
    return list(Registry.objects.order_by("name"))


@service
def begin_import(
    work: Work, registry: str, kind: str, kept: KeptSource, options: Mapping[str, Any]
) -> ListImport:
    """Queue the import of a file that was copied, and return it. Right: operator.

    Leaves import_begun. The job is done by a worker, or by whoever calls one. With ``map`` among
    the options the columns of device records are first looked at, and wait to be confirmed
    (`map_import`); with ``ask`` nothing is written before somebody has seen what was read.

    Raises:
        RegistryUnknown: if there is no registry of this name.
        RegistryBusy: if another import has not ended.
    """
    into = find_registry(registry)
    if (running := into.imports.filter(ended_at=None).first()) is not None:
        raise RegistryBusy(
            f"Import {running.pk} of {running.source} into {registry!r} has not ended (it is "
            f"{running.get_state_display()}). Nothing was changed. Go on with it "
            f"(`tocsin registry resume {running.pk}`) or undo it (`tocsin registry undo "
            f"{running.pk} --reason ...`)."
        )
    made = ListImport.objects.create(
        registry=into,
        kind=kind,
        source=kept.name[:200],
        source_sha256=kept.sha256,
        state=_first_state(kind, options),
        options={**options, "folder": kept.folder, "name": kept.name},
        agreed_by=work.caller.actor if options.get("agreed") else "",
        reason=str(options.get("reason") or "").strip(),
        started_at=work.now,
    )
    _queue(work, made)
    work.record(
        "import_begun",
        f"import:{made.pk}",
        new={
            "registry": into.pk,
            "kind": kind,
            "sha256": kept.sha256,
            "complete": bool(options.get("complete")),
            "agreed": bool(options.get("agreed")),
        },
        reason=made.reason or None,
    )
    return made


@service
def map_import(work: Work, import_id: int, mapping: Mapping[str, Any]) -> int:
    """Say what the columns of a list are, and let it be read; return the job's id.

    Right: operator. Leaves import_mapped. What was read before by another mapping is read anew.

    Raises:
        ImportUnknown: if there is no such import.
        ImportNotWaiting: if it waits for no mapping, or something of it was written.
        MappingUnfit: if the mapping cannot be.
    """
    listed = find_import(import_id)
    if listed.state not in {ImportState.MAPPING, ImportState.WAITING} or (
        listed.kind != ImportedKind.RECORDS
    ):
        raise ImportNotWaiting(
            f"Import {import_id} is {listed.get_state_display()}; its columns cannot be changed "
            "now. Nothing was changed. Undo it and begin it again with the right columns."
        )
    checked = read_columns(mapping)
    listed.options = {**listed.options, "mapping": checked.model_dump(mode="json")}
    listed.state, listed.asks, listed.job = ImportState.READING, "", None
    listed.save()
    _queue(work, listed)
    columns = sorted(checked.columns.values())
    new = {"columns": columns, "constants": sorted(checked.constants)}
    work.record("import_mapped", f"import:{import_id}", new=new)
    return int(listed.job_id or 0)


@service
def agree_to_import(work: Work, import_id: int, reason: str = "") -> None:
    """Let an import that waits for a person go on. Right: operator. Leaves import_agreed.

    Raises:
        ImportNotWaiting: if it does not wait.
        UsageError: if more than half of the records would be closed and no reason is given.
    """
    listed = find_import(import_id)
    if listed.state != ImportState.WAITING:
        raise ImportNotWaiting(
            f"Import {import_id} is {listed.get_state_display()}; it waits for nobody's word."
        )
    if listed.options.get("loses_most") and not reason.strip():
        raise UsageError(f"{listed.asks} Say why with --reason; nothing was changed.")
    listed.agreed_by, listed.reason = work.caller.actor, reason.strip()
    listed.state = ImportState.READING
    listed.save()
    _queue(work, listed)
    work.record(
        "import_agreed",
        f"import:{import_id}",
        new={"n_vanished": listed.n_vanished},
        reason=reason.strip() or None,
    )


@service
def resume_import(work: Work, import_id: int) -> int:
    """Queue an unfinished import's job again if it failed; return the job's id. Right: operator.

    Leaves import_resumed.

    Raises:
        ImportNotWaiting: if it has ended, or waits for a person.
    """
    listed = find_import(import_id)
    waits = listed.state in {ImportState.WAITING, ImportState.MAPPING}
    if listed.ended_at is not None or waits or listed.job is None:
        raise ImportNotWaiting(f"Import {import_id} is {listed.get_state_display()}.")
    if listed.job.state in {JobState.QUEUED, JobState.CLAIMED}:
        work.leave_unchanged()
        return listed.job.pk
    _queue(work, listed, listed.job.place)
    work.record("import_resumed", f"import:{import_id}")
    return int(listed.job_id or 0)


@service
def undo_import(work: Work, import_id: int, reason: str) -> int:
    """Take back what an unfinished import has written; return the job's id. Right: operator.

    Nothing of its records was ever visible. Of holders, what was kept stays: importing the right
    list puts it right. Leaves import_undone.

    Raises:
        ImportNotWaiting: if it has ended.
    """
    listed = find_import(import_id)
    if listed.ended_at is not None:
        raise ImportNotWaiting(
            f"Import {import_id} is {listed.get_state_display()}; what it brought is changed by "
            "another import."
        )
    if listed.job is not None:  # whoever has the job cannot commit any more
        listed.job.fence += 1
        listed.job.state = JobState.CANCELLED
        listed.job.save()
    listed.state = ImportState.UNDOING
    listed.save()
    _queue(work, listed)
    work.record("import_undone", f"import:{import_id}", reason=reason)
    return int(listed.job_id or 0)


@dataclass(frozen=True)
class ImportTold:
    """An import as faces show it.

    Attributes:
        state: one of `ImportState`, and in words.
        asks: what somebody must agree to before it goes on.
        loses_most: whether that needs a reason.
        folder: where the lists of what was set aside lie.
        n_done: rows that were written, of ``n_total``.
        problem: why its job has failed.
    """

    number: int
    registry: str
    kind: str
    source: str
    state: str
    state_in_words: str
    asks: str
    loses_most: bool
    folder: Path
    n_done: int
    n_total: int | None
    problem: str
    n_read: int
    n_accepted: int
    n_rejected: int
    n_new: int
    n_changed: int
    n_vanished: int
    n_findings: int
    registry_id: int
    job_id: int
    job_state: str
    is_complete_list: bool
    revision: int | None
    started_at: datetime
    ended_at: datetime | None


@service
def list_imports(
    work: Work,  # noqa: ARG001 - asks for rights only
    registry_id: int | None = None,
    limit: int | None = None,
) -> list[ImportTold]:
    """Return the imports, the last first; of one registry, if it is named.

    Right: operator, auditor.
    """
    found = ListImport.objects.select_related("registry", "job", "revision").order_by("-pk")
    if registry_id is not None:
        found = found.filter(registry_id=registry_id)
    return [tell_import(listed) for listed in found[:limit]]


def tell_import(listed: ListImport) -> ImportTold:
    """Return an import as faces show it."""
    job = listed.job
    return ImportTold(
        number=listed.pk,
        registry=listed.registry.name,
        kind=listed.kind,
        source=listed.source,
        state=listed.state,
        state_in_words=str(listed.get_state_display()).lower(),
        asks=listed.asks,
        loses_most=bool(listed.options.get("loses_most")),
        folder=folder_of(listed.organisation_id, listed.options["folder"]),
        n_done=job.n_done if job else 0,
        n_total=job.n_total if job else None,
        problem=job.problem if job else "",
        **counts_of(listed),
        n_findings=listed.n_findings,
        registry_id=listed.registry_id,
        job_id=job.pk if job else 0,
        job_state=str(job.state) if job else "",
        is_complete_list=bool(listed.options.get("complete")),
        revision=listed.revision.number if listed.revision else None,
        started_at=listed.started_at,
        ended_at=listed.ended_at,
    )


def find_registry(name: str) -> Registry:
    """Return a registry of the organisation that we act for.

    Raises:
        RegistryUnknown: naming those that there are.
    """
    found = Registry.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(repr(one.name) for one in Registry.objects.order_by("name")[:10])
        raise RegistryUnknown(
            f"There is no registry {name!r} here; there is {known or 'none yet'}. Nothing was "
            f"changed. `tocsin registry add {name!r}` makes a new one."
        )
    return found


def find_import(import_id: int) -> ListImport:
    """Return an import of the organisation that we act for.

    Raises:
        ImportUnknown: if there is none.
    """
    found = ListImport.objects.filter(pk=import_id).select_related("registry").first()
    if found is None:
        raise ImportUnknown(f"There is no import {import_id} here. Nothing was changed.")
    return found


def _first_state(kind: str, options: Mapping[str, Any]) -> ImportState:
    is_mapped = kind == ImportedKind.RECORDS and bool(options.get("map"))
    return ImportState.INSPECTING if is_mapped else ImportState.READING


def _queue(work: Work, listed: ListImport, place: dict[str, Any] | None = None) -> None:
    payload = {"import_id": listed.pk}
    kind = JOB_OF_KIND[ImportedKind(listed.kind)]
    job = queue_job(kind, payload, work.now, work.caller.organisation_id)
    if place or listed.job is not None:
        job.place = place or (listed.job.place if listed.job else {})
        job.save(update_fields=["place"])
    listed.job = job
    listed.save(update_fields=["job"])


def counts_of(listed: ListImport) -> dict[str, int]:
    """Return what was counted of an import."""
    names = ("n_read", "n_accepted", "n_rejected", "n_new", "n_changed", "n_vanished")
    return {name: getattr(listed, name) for name in names}
