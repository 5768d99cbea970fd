"""Fields of a letter: what each is, filled from a notice; what is missing is named, never left out.

A field that holds several lines stands alone in a list or in steps, and becomes its points.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from tocsin.base.errors import TocsinError
from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.notice.describe import describe_entry
from tocsin.notice.model import Audience, Contact, Notice
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_blocks import fields_in

Value = str | tuple[str, ...]
_REFUSED = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FIELD = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


class FieldsMissing(TocsinError):
    """A letter names fields that nothing fills."""

    code = "fields_missing"


class ValueUnfit(TocsinError):
    """A value holds characters that do not belong into a letter, or is of another type."""

    code = "value_unfit"


class LetterField(BaseModel):
    """One field.

    Attributes:
        type: text, lines (several), date, phone or url.
        meaning: what it says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: Literal["text", "lines", "phone", "url"]
    meaning: str


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    fields: dict[str, LetterField]


@cache
def letter_fields() -> Mapping[str, LetterField]:
    """Return every field that a letter may name."""
    return load_data_file(data_folder("tocsin.outreach") / "letter_fields.yaml", _Table).fields


def notice_values(notice: Notice, audience: Audience, country: str | None) -> dict[str, Value]:
    """Return what a notice fills in, for an audience in a country.

    A contact of the audience comes first, then one of another; of the country first, then one of
    no country, then one of another, whose country is named beside it.
    """
    hazard = notice.hazard
    found: dict[str, Value | None] = {
        "notice": notice.notice,
        "revision": str(notice.revision),
        "title": notice.title,
        "maker": notice.manufacturer or notice.issuers[0].name,
        "issued_on": notice.issued_on.isoformat() if notice.issued_on else None,
        "scope": tuple(describe_entry(entry) for entry in notice.scope if entry.affects),
        "hazard": hazard.what if hazard else None,
        "harms": hazard.harms if hazard else None,
        "alarm": hazard.alarm if hazard else None,
        "precautions": notice.precautions.get(audience),
        "instructions": notice.instructions.get(audience),
        "remedies": tuple(
            each.details for each in notice.remedies if each.audience == audience and each.details
        ),
        "source_url": notice.source.url,
    }
    contact = _contact(notice.contacts, audience, country)
    if contact is not None:
        found |= {"hotline_email": contact.email, "hotline_url": contact.url}
        found |= {"hotline": _phone(contact, country), "hotline_hours": contact.hours}
    return {name: value for name, value in found.items() if value}


def fill_letter(text: LetterText, values: Mapping[str, Value]) -> LetterText:
    """Return a text with every field filled in; a value is never read for fields again.

    Raises:
        FieldsMissing: naming the fields that nothing fills.
        ValueUnfit: if a value holds what does not belong into a letter.
    """
    names = text.fields()
    if not names:
        return text
    missing = sorted(name for name in names if not values.get(name))
    if missing:
        raise FieldsMissing(
            f"The letter {text.name} needs {', '.join(missing)}, which the notice does not say. "
            "The letter was not made. Complete the notice, or give the value (`--field NAME=...`)."
        )
    for name in names:
        value = values[name]
        check_value(name, (value,) if isinstance(value, str) else value)
    return text.model_copy(
        update={
            "subject": _fill(text.subject, values),
            "blocks": tuple(_filled(block, values) for block in text.blocks),
            "short": text.short and _fill(text.short, values),
        }
    )


def check_value(name: str, lines: Iterable[str]) -> None:
    """Check that nothing in a value can change how a letter reads: no control, no direction mark.

    Raises:
        ValueUnfit: naming the character, never the value.
    """
    for line in lines:
        for character in line:
            if unicodedata.category(character) in _REFUSED or character in _DIRECTION:
                raise ValueUnfit(
                    f"The {name} holds the character U+{ord(character):04X}, which does not "
                    "belong into a letter. The letter was not made. Correct it in its list."
                )


def _contact(contacts: Iterable[Contact], audience: str, country: str | None) -> Contact | None:
    places: dict[str | None, int] = {None: 1} | ({country: 0} if country else {})
    return min(
        contacts,
        key=lambda each: (each.audience not in {audience, "all"}, places.get(each.country, 2)),
        default=None,
    )


def _phone(contact: Contact, country: str | None) -> str | None:
    if contact.phone is None or contact.country in {None, country}:
        return contact.phone
    return f"{contact.phone} ({contact.country})"


def _fill(text: str, values: Mapping[str, Value]) -> str:
    def value_of(found: re.Match[str]) -> str:
        value = values[found[1]]
        return value if isinstance(value, str) else "; ".join(value)

    return _FIELD.sub(value_of, text)


def _fill_all(texts: Iterable[str], values: Mapping[str, Value]) -> tuple[str, ...]:
    """Return filled texts; one that is nothing but a field of several lines becomes them."""
    filled: list[str] = []
    for text in texts:
        names = fields_in(text)
        value = values.get(names[0]) if len(names) == 1 else None
        if isinstance(value, tuple) and text == f"{{{names[0]}}}":
            filled += value
        else:
            filled.append(_fill(text, values))
    return tuple(filled)


def _filled(block: Any, values: Mapping[str, Value]) -> Any:
    """Return a block with its texts filled in, not validated again: values may hold braces."""
    update: dict[str, Any] = {}
    for name in type(block).model_fields:
        held = getattr(block, name)
        if name in {"kind", "level", "urgency"} or held is None:
            continue
        if isinstance(held, str):
            update[name] = _fill(held, values)
        elif isinstance(held, dict):
            update[name] = {key: _fill(each, values) for key, each in held.items()}
        elif name == "rows":
            update[name] = tuple(tuple(_fill(cell, values) for cell in row) for row in held)
        else:
            update[name] = _fill_all(held, values)
    return block.model_copy(update=update)
