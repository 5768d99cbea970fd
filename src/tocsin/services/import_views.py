"""An import as somebody decides about it: its columns, what was set aside, what is wrong in it."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tocsin.base.errors import TocsinError
from tocsin.registry.column_mapping import ColumnMapping
from tocsin.services.import_files import FINDINGS, INSPECTION, REJECTED
from tocsin.services.list_imports import ImportTold, find_import, tell_import
from tocsin.services.list_inspection import InspectedList, read_inspection
from tocsin.services.work import Work, service
from tocsin.store.models import ImportedKind, ImportState, ListImport

ERASED, UNREPRESENTED = "erased.csv", "unrepresented.csv"
SET_ASIDE = (REJECTED, FINDINGS, ERASED, UNREPRESENTED)
"""The lists that an import leaves for whoever mends its file."""
_N_SHOWN = 50


class NotSetAside(TocsinError):
    """The import has left no such list."""

    code = "not_set_aside"


@dataclass(frozen=True)
class ImportSeen:
    """An import with what a person needs to decide about it.

    Attributes:
        inspected: its columns; None for holders, and once it has ended.
        mapping: what somebody has said of them, or None.
        last_mapping: what was said of the columns of the registry's last list, or None.
        rejected: the first rows that were set aside: line, column, value, reason. The values of a
            holders file are private and left out here.
        findings: the first values that could not be read, with how many records have each.
        lists: which lists were left, of `SET_ASIDE`.
    """

    told: ImportTold
    inspected: InspectedList | None
    mapping: ColumnMapping | None
    last_mapping: ColumnMapping | None
    rejected: tuple[Mapping[str, str], ...]
    findings: tuple[Mapping[str, str], ...]
    lists: tuple[str, ...]


@service
def read_import(work: Work, import_id: int) -> ImportSeen:  # noqa: ARG001 - asks for rights only
    """Return an import with its columns and the first of what was set aside.

    Right: operator, auditor.

    Raises:
        ImportUnknown: if there is no such import.
    """
    listed = find_import(import_id)
    told = tell_import(listed)
    before = ListImport.objects.filter(
        registry_id=listed.registry_id, kind=listed.kind, state=ImportState.COMPLETE
    )
    last = before.exclude(pk=listed.pk).order_by("-pk").first()
    is_private = listed.kind == ImportedKind.HOLDERS
    return ImportSeen(
        told,
        read_inspection(told.folder / INSPECTION),
        _mapping(listed),
        _mapping(last),
        tuple(_first_rows(told.folder / REJECTED, is_private=is_private)),
        tuple(_first_rows(told.folder / FINDINGS, is_private=is_private)),
        tuple(name for name in SET_ASIDE if (told.folder / name).is_file()),
    )


@service
def access_set_aside(work: Work, import_id: int, name: str) -> Path:
    """Return where a list lies that an import has left. Right: operator.

    Such a list quotes values of the file, private ones of holders among them, so that taking it
    leaves set_aside_accessed.

    Raises:
        ImportUnknown: if there is no such import.
        NotSetAside: if it has left no such list.
    """
    listed = find_import(import_id)
    path = tell_import(listed).folder / name
    if name not in SET_ASIDE or not path.is_file():
        raise NotSetAside(
            f"Import {import_id} has left no list {name[:40]!r}. Lists are kept with the import "
            "until somebody removes its folder; what was set aside stands in the first rows too."
        )
    work.record("set_aside_accessed", f"import:{import_id}", new={"list": name})
    return path


def _mapping(listed: ListImport | None) -> ColumnMapping | None:
    told = listed.options.get("mapping") if listed else None
    return ColumnMapping.model_validate(told) if told else None


def _first_rows(path: Path, *, is_private: bool) -> Iterator[Mapping[str, str]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for row in islice(csv.DictReader(file), _N_SHOWN):
            yield {**row, "value": ""} if is_private else row
