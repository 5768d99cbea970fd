"""The parts of a notice beside its scope as the fields of a form, and back.

A part is a list of rows (contacts, milestones), one row (hazard, source), what each audience is
told, or the notice's own name, title and days. A field is called ``<part>-<row>-<key>``; a list of
texts is one text per line. A row that is left empty is no row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from tocsin.base.provenance import Source
from tocsin.notice.field_lines import lines_of
from tocsin.notice.model import (
    Audience,
    Contact,
    Hazard,
    Issuer,
    Link,
    Milestone,
    Notice,
    Remedy,
)

Tree = dict[str, Any]
AUDIENCES: tuple[str, ...] = get_args(Audience)
SINGLE = "one"
"""Stands for the number of the row where a part has only one."""


@dataclass(frozen=True)
class FieldKind:
    """How one field of a row is written.

    Attributes:
        key: the key in the notice.
        label: what a form calls it.
        choices: the values that it can have; none: any text.
        is_lines: whether it holds one text per line.
    """

    key: str
    label: str
    choices: tuple[str, ...] = ()
    is_lines: bool = False


@dataclass(frozen=True)
class PartForm:
    """A part of a notice as a form.

    Attributes:
        key: names the part; the notice's own key, but for ``identity``.
        title: its heading.
        fields: of each row.
        is_list: whether it has any number of rows.
        kept: keys of a row that no field holds, which stay as they were.
    """

    key: str
    title: str
    fields: tuple[FieldKind, ...]
    is_list: bool
    kept: tuple[str, ...] = ()


def _part(
    key: str, title: str, model: type[BaseModel], labels: Mapping[str, str], **more: Any
) -> PartForm:
    fields = tuple(_field(model, name, label) for name, label in labels.items())
    kept = tuple(name for name in model.model_fields if name not in labels)
    return PartForm(key, title, fields, more.get("is_list", False), kept)


def _field(model: type[BaseModel], name: str, label: str) -> FieldKind:
    told = model.model_fields[name].annotation
    if told == bool | None:
        return FieldKind(name, label, ("true", "false"))
    return FieldKind(name, label, tuple(_literals(told)), is_lines=_is_list(told))


def _literals(told: Any) -> Iterator[str]:
    if get_origin(told) is Literal:
        yield from get_args(told)
    elif isinstance(told, UnionType) or get_origin(told) is not None:
        for part in get_args(told):
            yield from _literals(part)


def _is_list(told: Any) -> bool:
    if get_origin(told) is Annotated:
        return _is_list(get_args(told)[0])
    return get_origin(told) is tuple


_AUDIENCE_FIELDS = tuple(
    FieldKind(audience, f"For the {audience}, one per line", is_lines=True)
    for audience in AUDIENCES
)
PARTS: Mapping[str, PartForm] = MappingProxyType(
    {
        part.key: part
        for part in (
            _part(
                "identity",
                "What it is",
                Notice,
                {
                    "notice": "Name of the notice",
                    "title": "Title",
                    "kind": "Kind",
                    "escalation": "How people are told, if not as the kind asks",
                    "issued_on": "Issued on, such as 2026-12-01",
                    "languages": "Languages, one per line",
                },
            ),
            _part(
                "issuers",
                "Issuers",
                Issuer,
                {"name": "Name", "role": "Role", "country": "Country, two letters"},
                is_list=True,
            ),
            _part(
                "hazard",
                "Hazard",
                Hazard,
                {
                    "what": "What can go wrong",
                    "harms": "Harms, one per line",
                    "alarm": "Which alarm there is",
                    "fix_available": "Is a fix available?",
                },
            ),
            PartForm("precautions", "Precautions until then", _AUDIENCE_FIELDS, is_list=False),
            PartForm("instructions", "Instructions", _AUDIENCE_FIELDS, is_list=False),
            _part(
                "remedies",
                "Remedies",
                Remedy,
                {
                    "kind": "Kind",
                    "audience": "For whom",
                    "details": "Details",
                    "for_years": "For how many years",
                },
                is_list=True,
            ),
            _part(
                "contacts",
                "Contacts",
                Contact,
                {
                    "audience": "For whom",
                    "country": "Country, two letters",
                    "name": "Name",
                    "phone": "Telephone",
                    "email": "E-mail",
                    "url": "Web address",
                    "hours": "Hours, such as Mon-Fri 08:00-18:00 Europe/Paris",
                    "languages": "Languages, one per line",
                },
                is_list=True,
            ),
            _part(
                "milestones",
                "Milestones",
                Milestone,
                {
                    "what": "What",
                    "on": "Day, such as 2026-12-01",
                    "country": "Country, two letters",
                    "state": "State",
                },
                is_list=True,
            ),
            _part(
                "links",
                "Linked notices",
                Link,
                {
                    "notice": "Name of the other notice",
                    "relation": "How it is linked",
                    "url": "Web address",
                },
                is_list=True,
            ),
            _part(
                "source",
                "Source",
                Source,
                {
                    "document": "Document",
                    "url": "Web address",
                    "checked_on": "Read on, such as 2026-12-01",
                    "note": "Note",
                },
            ),
        )
    }
)
"""All parts by their key, in the order of reading."""


def field_name(part: PartForm, row: int | str, field: FieldKind) -> str:
    """Return what a form calls a field."""
    return f"{part.key}-{row}-{field.key}"


def part_fields(part: PartForm, head: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows of a part as fields by their keys.

    Args:
        part: which.
        head: the notice as a tree, as files have it.
    """
    if part.key == "identity":
        rows: list[Any] = [head]
    elif part.is_list:
        rows = list(head.get(part.key) or ())
    else:
        rows = [head.get(part.key) or {}]
    return [{field.key: _shown(row.get(field.key)) for field in part.fields} for row in rows]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class ReadPart:
    """What the fields of a part state.

    Attributes:
        changes: the notice's keys with their new values.
        places: for each row of the list its number in the form.
    """

    changes: Tree
    places: tuple[int, ...] = ()


def read_part(
    part: PartForm, fields: Mapping[str, str], head: Mapping[str, Any], n_rows: int
) -> ReadPart:
    """Return what fields state, not checked yet.

    Args:
        part: which part.
        fields: as `field_name` calls them.
        head: the notice as it was, for what no field holds.
        n_rows: how many rows the form had.
    """
    if not part.is_list:
        row = _row(part, SINGLE, fields)
        if part.key == "identity":
            return ReadPart(
                {f.key: row.get(f.key, [] if f.is_lines else None) for f in part.fields}
            )
        if part.kept and row:
            before = head.get(part.key) or {}
            row |= {key: before[key] for key in part.kept if key in before}
        return ReadPart({part.key: row or None} if part.key == "hazard" else {part.key: row})
    before_rows = list(head.get(part.key) or ())
    rows, places = [], []
    for place in range(n_rows):
        row = _row(part, place, fields)
        if not _says_something(part, row):
            continue
        if place < len(before_rows):
            row |= {key: before_rows[place][key] for key in part.kept if key in before_rows[place]}
        rows.append(row)
        places.append(place)
    return ReadPart({part.key: rows}, tuple(places))


def _row(part: PartForm, place: int | str, fields: Mapping[str, str]) -> Tree:
    row: Tree = {}
    for field in part.fields:
        text = fields.get(field_name(part, place, field), "").replace("\r\n", "\n").strip()
        if field.is_lines:
            if lines := lines_of(text):
                row[field.key] = lines
        elif text:
            row[field.key] = text
    return row


def _says_something(part: PartForm, row: Tree) -> bool:
    """Whether a row holds more than what a list of choices always sends."""
    chosen = {field.key for field in part.fields if field.choices}
    return any(key not in chosen for key in row) or (part.key == "remedies" and bool(row))


def fault_field(part: PartForm, read: ReadPart, place: str) -> str:
    """Return the field that a fault is about, by its place in the notice (``contacts.0.url``)."""
    keys = place.split(".")
    if part.key == "identity":
        key = keys[0]
        row: int | str = SINGLE
    elif part.is_list:
        number = int(keys[1]) if len(keys) > 1 and keys[1].isdecimal() else 0
        row = read.places[number] if number < len(read.places) else 0
        key = keys[2] if len(keys) > 2 else part.fields[0].key
    else:
        key, row = (keys[1] if len(keys) > 1 else part.fields[0].key), SINGLE
    found = next((field for field in part.fields if field.key == key), part.fields[0])
    return field_name(part, row, found)
