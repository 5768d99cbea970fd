"""One entry of a scope as the fields of a form, and back, by the parser that reads files.

Every field is text, so that what a person typed can be shown again with its fault. What no field
holds (where an entry was read in a document, information that clears nobody) stays as it was.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from tocsin.identify.country import UnknownCountry, parse_country
from tocsin.notice.field_lines import (
    UnreadableLine,
    day_lines,
    lines_of,
    number_lines,
    read_days,
    read_numbers,
    read_software,
    software_lines,
)
from tocsin.notice.scope import Entry, Fact, Numbers, Software

Fields = Mapping[str, str]
Faults = dict[str, str]

AFFECTS, EXCLUDES = "affects", "excludes"
DAY_FIELDS = ("made_on", "shipped_on", "expires_on", "serviced_on", "implanted_on")
PRODUCT_LINES = ("models", "catalogue", "names", "dis", "dis_unread")
_OPEN = ("unread", "withheld")
_FACT = re.compile(r"fact-(\d{1,3})-name")
_YES = "yes"


class FieldsInvalid(ValueError):
    """Some fields cannot be taken as they are.

    Attributes:
        faults: a sentence per field.
    """

    def __init__(self, faults: Faults) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults


def fields_of(entry: Entry) -> dict[str, str]:
    """Return the fields that state an entry."""
    product = entry.product
    fields = {
        "entry": entry.entry,
        "sense": AFFECTS if entry.affects else EXCLUDES,
        "manufacturer": product.manufacturer or "",
        "family": product.family or "",
        "dis_complete": _YES if product.dis_complete else "",
        "software": software_lines(entry.software),
        "lots": number_lines(entry.lots),
        "serials": number_lines(entry.serials),
        "withheld": entry.withheld or "",
        "no_status": _YES if entry.no_status else "",
        "country_sense": "",
        "countries": "",
    }
    fields |= {name: "\n".join(getattr(product, name)) for name in PRODUCT_LINES}
    fields |= {name: day_lines(getattr(entry, name)) for name in DAY_FIELDS}
    fields |= dict(_open_fields(entry))
    if entry.countries:
        fields["country_sense"] = "only" if entry.countries.only else "other_than"
        fields["countries"] = ", ".join(entry.countries.only or entry.countries.other_than)
    for place, (name, fact) in enumerate(entry.facts.items()):
        fields |= _fact_fields(place, name, fact)
    return fields


def _open_fields(entry: Entry) -> Iterator[tuple[str, str]]:
    parts: tuple[tuple[str, Software | Numbers], ...] = (
        ("software", entry.software),
        ("lots", entry.lots),
        ("serials", entry.serials),
    )
    for name, part in parts:
        for how in _OPEN:
            yield f"{name}_{how}", getattr(part, how) or ""


def _fact_fields(place: int, name: str, fact: Fact) -> dict[str, str]:
    return {
        f"fact-{place}-name": name,
        f"fact-{place}-any_of": "\n".join(fact.any_of),
        f"fact-{place}-values": "\n".join(fact.values),
        f"fact-{place}-ask": fact.ask or "",
    }


def fact_places(fields: Fields) -> list[int]:
    """Return the numbers of the facts that fields hold."""
    found = (_FACT.fullmatch(name) for name in fields)
    return sorted(int(each[1]) for each in found if each)


def read_entry(fields: Fields, before: Entry | None = None) -> Entry:
    """Return the entry that fields state.

    Args:
        fields: as `fields_of` names them; what is absent is empty. ``drop_unread`` holds the
            places of unread sentences that are settled now, ``more_unread`` new ones.
        before: the entry as it was, for what no field holds.

    Raises:
        FieldsInvalid: with a sentence per field that cannot be taken.
    """
    faults: Faults = {}

    def attempt(field: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(_text(fields, field))
        except UnreadableLine as error:
            faults[field] = str(error)
            return None

    sense = _text(fields, "sense") or AFFECTS
    tree: dict[str, Any] = {
        "entry": _text(fields, "entry"),
        sense if sense in {AFFECTS, EXCLUDES} else AFFECTS: _product(fields),
        "software": {"any_of": attempt("software", read_software) or []}
        | _open(fields, "software"),
        "lots": attempt("lots", read_numbers) | _open(fields, "lots"),
        "serials": attempt("serials", read_numbers) | _open(fields, "serials"),
        "withheld": _text(fields, "withheld") or None,
        "no_status": _text(fields, "no_status") == _YES,
        "unread": _unread(fields, before),
    }
    tree |= {name: attempt(name, read_days) or [] for name in DAY_FIELDS}
    tree |= _countries(fields, faults) | _facts(fields, faults)
    if before is not None:
        kept = before.model_dump(mode="json", by_alias=True, include={"information", "spans"})
        tree |= kept
    tree["reviewed"] = False
    try:
        entry = Entry.model_validate(tree)
    except ValidationError as error:
        raise FieldsInvalid(_faults_of(error) | faults) from error
    if faults:
        raise FieldsInvalid(faults)
    return entry


def _text(fields: Fields, name: str) -> str:
    return fields.get(name, "").replace("\r\n", "\n").strip()


def _product(fields: Fields) -> dict[str, Any]:
    return {
        "manufacturer": _text(fields, "manufacturer") or None,
        "family": _text(fields, "family") or None,
        "dis_complete": _text(fields, "dis_complete") == _YES,
        **{name: lines_of(_text(fields, name)) for name in PRODUCT_LINES},
    }


def _open(fields: Fields, name: str) -> dict[str, Any]:
    return {how: _text(fields, f"{name}_{how}") or None for how in _OPEN}


def _unread(fields: Fields, before: Entry | None) -> list[str]:
    settled = set(_text(fields, "drop_unread").split(","))
    kept = [
        text
        for place, text in enumerate(before.unread if before else ())
        if str(place) not in settled
    ]
    return kept + lines_of(_text(fields, "more_unread"))


def _countries(fields: Fields, faults: Faults) -> dict[str, Any]:
    sense, text = _text(fields, "country_sense"), _text(fields, "countries")
    if sense not in {"only", "other_than"}:
        if text:
            faults["country_sense"] = (
                "Countries are named, but not whether the notice means only them or all but them. "
                "Choose one, or clear the countries."
            )
        return {}
    codes = []
    for part in re.split(r"[\s,;]+", text.upper()):
        try:
            codes.append(parse_country(part))
        except UnknownCountry as error:
            faults["countries"] = f"{error}."
    return {"countries": {sense: codes}}


def _facts(fields: Fields, faults: Faults) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for place in fact_places(fields):
        name = _text(fields, f"fact-{place}-name")
        any_of = lines_of(_text(fields, f"fact-{place}-any_of"))
        if not name and not any_of:
            continue
        if not name or name in facts:
            faults[f"fact-{place}-name"] = "Give every fact a name of its own, such as clear_ring."
            continue
        if not any_of:
            faults[f"fact-{place}-any_of"] = "Write at least one value that is in scope."
            continue
        facts[name] = {
            "any_of": any_of,
            "values": lines_of(_text(fields, f"fact-{place}-values")),
            "ask": _text(fields, f"fact-{place}-ask") or None,
        }
    return {"facts": facts}


def _faults_of(error: ValidationError) -> Faults:
    """Return a sentence per field from what the parser of files refuses."""
    faults: Faults = {}
    for fault in error.errors():
        place = [str(part) for part in fault["loc"] if part not in {AFFECTS, EXCLUDES}]
        field = place[0] if place else "models"
        message = fault["msg"].removeprefix("Value error, ")
        if field == "entry":
            message = (
                "Give the entry a short name of letters, digits, dots and hyphens, such as "
                f"pump-522; {fault['input']!r} is none"
            )
        faults.setdefault(field, f"{message[:1].upper()}{message[1:]}".rstrip(".") + ".")
    return faults
