"""Registries and the imports of lists into them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from tocsin.api.bodies import checked_texts
from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import OptionalLine, Word
from tocsin.api.pages import Order
from tocsin.api.replies import Made, done, made
from tocsin.registry.column_mapping import ColumnMapping
from tocsin.services import import_views, list_imports, registry_views
from tocsin.services.import_files import KeptSource
from tocsin.services.import_views import ImportSeen
from tocsin.services.list_imports import ImportTold
from tocsin.services.list_inspection import InspectedList
from tocsin.services.work import Caller

Kind = Literal["records", "holders"]
SetAsideName = Literal["rejected.csv", "findings.csv", "erased.csv", "unrepresented.csv"]
ListName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._()-]{0,90}\.(csv|tsv|txt|xlsx|parquet|json|ndjson)$",
        examples=["pumps.csv"],
    ),
]


class _KeptImport(Protocol):
    """What of a begun import is told."""

    pk: int


@dataclass(frozen=True)
class ImportLine:
    """An import, and how far it is.

    Attributes:
        state_in_words: the state, for people.
        asks: what somebody must agree to before it goes on.
        loses_most: whether that needs a reason.
        n_done: rows that were written, of `n_total`.
        problem: why its job has failed.
    """

    import_id: int
    registry: str
    kind: str
    source: str
    state: str
    state_in_words: str
    asks: str
    loses_most: bool
    n_done: int
    n_total: int | None
    problem: str
    n_read: int
    n_accepted: int
    n_rejected: int
    n_new: int
    n_changed: int
    n_vanished: int


def show_import(told: ImportTold) -> ImportLine:
    """Return an import without the folder in which its files lie."""
    names = ImportLine.__dataclass_fields__
    values = {name: getattr(told, name) for name in names if name != "import_id"}
    return ImportLine(import_id=told.number, **values)


@dataclass(frozen=True)
class ImportShown:
    """An import with what a person needs to decide about it.

    Attributes:
        inspected: its columns; null for holders, and once it has ended.
        mapping: what somebody has said of them.
        rejected: the first rows that were set aside: line, column, value, reason.
        findings: the first values that could not be read.
        lists: which lists were left, to be taken by name.
    """

    told: ImportLine
    inspected: InspectedList | None
    mapping: ColumnMapping | None
    rejected: list[dict[str, str]]
    findings: list[dict[str, str]]
    lists: list[str]


@dataclass(frozen=True)
class SetAside:
    """A list that an import has left, as CSV."""

    name: str
    text: str


def begin_import(
    caller: Caller,
    registry: Annotated[Word, Field(description="Into which registry.")],
    kind: Annotated[Kind, Field(description="Of devices, or of holders.")] = "records",
    is_complete: Annotated[
        bool,
        Field(description="Whether it is the whole list: records that it lacks are then closed."),
    ] = False,
    is_mapped: Annotated[
        bool,
        Field(description="Whether its columns have our names; else it waits for a mapping."),
    ] = True,
    sheet: Annotated[Word | None, Field(description="Which sheet of a workbook.")] = None,
    encoding: Annotated[
        Word | None, Field(description="How it is encoded, if not in UTF-8.")
    ] = None,
    *,
    kept: KeptSource,
) -> _KeptImport:
    """Import a list into a registry."""
    options = {
        "complete": is_complete,
        "sheet": sheet,
        "encoding": encoding,
        "map": not is_mapped and kind == "records",
    }
    return list_imports.begin_import(caller, registry, kind, kept, options)


def map_import(
    caller: Caller,
    import_id: int,
    mapping: Annotated[
        dict[str, Any],
        Field(
            description="What each column is, as `tocsin registry map` writes it: `columns` holds "
            "ours by theirs.",
            examples=[{"columns": {"Pump ID": "device_id", "Modell": "model"}}],
        ),
    ],
) -> int:
    """Say what the columns of a list are."""
    return list_imports.map_import(caller, import_id, checked_texts(mapping))


def access_set_aside(
    caller: Caller,
    import_id: int,
    name: Annotated[SetAsideName, Field(description="Which of its lists.")],
) -> SetAside:
    """Take a list that an import has left."""
    return SetAside(name, import_views.access_set_aside(caller, import_id, name).read_text("utf-8"))


def _shown(seen: ImportSeen) -> ImportShown:
    return ImportShown(
        show_import(seen.told),
        seen.inspected,
        seen.mapping,
        [dict(row) for row in seen.rejected],
        [dict(row) for row in seen.findings],
        list(seen.lists),
    )


def _begun(made: _KeptImport) -> Made:
    return Made(id=made.pk)


def _imports(found: Sequence[ImportTold]) -> list[ImportLine]:
    return [show_import(each) for each in found]


ENDPOINTS = (
    Endpoint(
        "GET",
        "/registries",
        registry_views.list_registry_lines,
        "List the registries",
        order=Order(lambda line: (line.name,)),
    ),
    Endpoint(
        "GET",
        "/registries/{registry_id}",
        registry_views.read_registry,
        "Show a registry: what is in it, and its revisions",
    ),
    Endpoint(
        "POST",
        "/registries",
        list_imports.add_registry,
        "Add an empty registry",
        shape=made,
        status=201,
    ),
    Endpoint(
        "GET",
        "/imports",
        list_imports.list_imports,
        "List the imports, the last first",
        shape=_imports,
        order=Order(lambda line: (line.import_id,), is_descending=True),
    ),
    Endpoint(
        "POST",
        "/imports",
        begin_import,
        "Import a list of devices or of holders",
        shape=_begun,
        status=202,
        file_names=ListName,
        is_list=True,
        explain="The body is the list itself, in any format of docs/how-to/bring-your-list.md. A "
        "worker reads it: `GET /imports/{import_id}` tells how far it is. Nothing of it is seen "
        "before all of it is there.",
    ),
    Endpoint(
        "GET",
        "/imports/{import_id}",
        import_views.read_import,
        "Show an import: how far it is, its columns, what was set aside",
        shape=_shown,
    ),
    Endpoint(
        "POST",
        "/imports/{import_id}/mapping",
        map_import,
        "Say what the columns of a list are",
        shape=made,
    ),
    Endpoint(
        "POST",
        "/imports/{import_id}/lists",
        access_set_aside,
        "Take a list that an import has left",
        is_repeatable=False,
        explain="Such a list quotes values of the file, so that taking it is recorded, and its "
        "reply is kept nowhere.",
    ),
    Endpoint(
        "POST",
        "/imports/{import_id}/agree",
        list_imports.agree_to_import,
        "Let an import go on that waits for a person",
        shape=done,
        types={"reason": OptionalLine},
    ),
    Endpoint(
        "POST",
        "/imports/{import_id}/resume",
        list_imports.resume_import,
        "Go on with an import that was given up",
        shape=made,
    ),
    Endpoint(
        "POST",
        "/imports/{import_id}/undo",
        list_imports.undo_import,
        "Take back an import that has not ended",
        shape=made,
    ),
)
