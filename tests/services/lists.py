"""Lists and an organisation to import them for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.services.import_files import keep_source
from tocsin.services.job_runs import run_until_done
from tocsin.services.list_imports import begin_import
from tocsin.services.organisations import create_organisation
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.models import DeviceRecord, ListImport, Registry
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
AT_CONSOLE = Caller(CONSOLE, None, frozenset(), NOW)
DEVICE_COLUMNS = ("device_id", "holder_id", "manufacturer", "model", "serial", "software_version")


def operator_of(slug: str = "acme") -> Caller:
    """Return a caller who is an operator of a new organisation."""
    made = create_organisation(AT_CONSOLE, slug, slug.title())
    return replace(
        AT_CONSOLE, actor="user:7", organisation_id=made, roles=frozenset({Role.OPERATOR})
    )


def as_role(caller: Caller, role: Role) -> Caller:
    """Return somebody else of the same organisation."""
    return replace(caller, actor="user:8", roles=frozenset({role}))


def device_rows(n: int, software: str = "7.8.1") -> list[tuple[str, ...]]:
    """Return rows of a list of devices, in `DEVICE_COLUMNS`."""
    return [
        (f"D{i}", f"H{i // 2}", "Tandem", "t:slim X2", f"SN{i:05d}", software) for i in range(n)
    ]


def write_list(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """Write a CSV file without quoting anything."""
    lines = [",".join(columns), *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def import_list(
    caller: Caller, registry: str, path: Path, kind: str = "records", **options: Any
) -> ListImport:
    """Import a list and return what became of it."""
    kept = keep_source(path, caller.organisation_id or 0)
    begun = begin_import(caller, registry, kind, kept, options)
    run_until_done(begun.job_id or 0, lambda *_: None)
    return see(caller, begun)


def see(caller: Caller, begun: ListImport) -> ListImport:
    """Return an import as it is now."""
    with acting_for(caller.organisation_id):
        return ListImport.objects.select_related("revision", "job", "registry").get(pk=begun.pk)


def current_rows(caller: Caller, registry: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of the records that hold at the registry's current revision."""
    with acting_for(caller.organisation_id):
        found = Registry.objects.get(name=registry)
        rows = DeviceRecord.objects.filter(registry=found, since_revision__lte=found.revision)
        rows = rows.exclude(until_revision__lte=found.revision)
        return list(rows.order_by("device_id").values_list(*columns))
