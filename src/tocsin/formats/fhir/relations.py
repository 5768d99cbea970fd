"""Who is written to instead of a patient, who is a child, and what an organisation is."""

from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.formats.fhir.element import Element, codes_of, parts_of
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.identify.day import Days, UnreadableDay, parse_days


class _Relations(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source
    guardians: frozenset[str]
    parents: frozenset[str]
    organisations: dict[str, str]
    years_of_majority: int


@cache
def _known() -> _Relations:
    path = data_folder("tocsin.formats.fhir") / "relations.yaml"
    return load_data_file(path, _Relations)


def represents(codes: frozenset[str], *, minor: bool | None) -> bool:
    """Return whether a person with some relations to a patient is written to instead.

    A guardian always is; a parent if the patient surely is a child.
    """
    return bool(codes & _known().guardians) or (minor is True and bool(codes & _known().parents))


def kind_of_organisation(organisation: Element) -> str:
    """Return the kind of holder that an organisation is; a clinic if its types do not say."""
    codes = codes_of(parts_of(organisation, "type"))
    kinds = (_known().organisations.get(code) for code in sorted(codes))
    return next((kind for kind in kinds if kind), "clinic")


def is_minor(birth_on: str | None, today: date | None) -> bool | None:
    """Return whether a person is a child today; None if that cannot be told.

    >>> is_minor("2010", date(2026, 11, 21)), is_minor("2008", date(2026, 11, 21))
    (True, None)
    """
    if birth_on is None or today is None:
        return None
    try:
        born = parse_days(birth_on)
    except UnreadableDay:
        return None
    of_age = Days(_birthday(born.first), _birthday(born.last))
    if of_age.first > today:
        return True
    return False if of_age.last <= today else None


def _birthday(born: date) -> date:
    year = born.year + _known().years_of_majority
    try:
        return born.replace(year=year)
    except ValueError:  # born on 29 February
        return date(year, 3, 1)
