"""One device record, read: each value typed, or None where it is missing or unreadable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar

from tocsin.identify.country import UnknownCountry, parse_country
from tocsin.identify.day import Days, UnreadableDay, parse_days
from tocsin.identify.manufacturer import find_manufacturer
from tocsin.identify.numbering import Numbering, UnreadableNumber, is_decimal, parse_numbering
from tocsin.identify.product import Product
from tocsin.identify.udi.text import Udi, UnreadableUdi, parse_udi
from tocsin.identify.version import UnreadableVersion, Version, parse_version
from tocsin.registry.placeholder import is_placeholder_day
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX, clean

V = TypeVar("V")


@dataclass(frozen=True)
class DeviceRecord:
    """A device record ready to be judged.

    ``days`` and ``facts`` have one item per column that holds a readable value.
    """

    device_id: str
    product: Product
    software: Version | None = None
    lot: Numbering | None = None
    serial: Numbering | None = None
    country: str | None = None
    days: Mapping[str, Days] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    def with_assumed_manufacturer(self, manufacturer: str) -> "DeviceRecord":
        """Return the record with a manufacturer where it has none that is known."""
        if find_manufacturer(self.product.manufacturer) is not None:
            return self
        return replace(self, product=self.product._replace(manufacturer=manufacturer))


def read_record(row: Mapping[str, str | None]) -> DeviceRecord:
    """Return the record that a registry row states.

    Missing and unreadable values become None; which values could not be read is told by
    `registry.findings`.
    """
    udi = read_udi(row.get("udi"))
    days = {
        column: read
        for column in DAY_COLUMNS
        if (read := agreed_days(row.get(column), _udi_day(udi, column))) is not None
    }
    facts = {
        column.removeprefix(FACT_PREFIX): value
        for column, text in row.items()
        if column.startswith(FACT_PREFIX) and (value := read_fact(text)) is not None
    }
    return DeviceRecord(
        device_id=row.get("device_id") or "",
        product=read_product(row),
        software=read_version(row.get("software_version")),
        lot=agreed_number(row.get("lot"), udi.lot if udi else None),
        serial=agreed_number(row.get("serial"), udi.serial if udi else None),
        country=read_country(row.get("country")),
        days=days,
        facts=facts,
    )


def read_product(row: Mapping[str, str | None]) -> Product:
    """Return the product evidence of a registry row."""
    udi = read_udi(row.get("udi"))
    return Product(
        clean(row.get("manufacturer")),
        clean(row.get("product")),
        read_model(row.get("model")),
        read_model(row.get("catalogue_no")),
        udi.di if udi else None,
        di_can_refute=udi.can_refute if udi else True,
    )


def read_model(text: str | None) -> str | None:
    """Return a model or catalogue number, or None if missing or a number to calculate with."""
    value = clean(text)
    return None if value is None or is_decimal(value) else value


@lru_cache(maxsize=65536)
def read_udi(text: str | None) -> Udi | None:
    """Return the device identifier without what is in doubt, or None if unreadable."""
    udi = _read(parse_udi, clean(text), UnreadableUdi)
    return udi.without_doubts() if udi else None


@lru_cache(maxsize=65536)
def read_version(text: str | None) -> Version | None:
    """Return the software version, or None if missing or unreadable."""
    return _read(parse_version, clean(text), UnreadableVersion)


def read_number(text: str | None) -> Numbering | None:
    """Return a lot or serial number, or None if missing or unreadable."""
    return _read(parse_numbering, clean(text), UnreadableNumber)


def read_days(text: str | None) -> Days | None:
    """Return the days that a date can mean, or None if missing, unreadable or a placeholder."""
    days = _read(parse_days, clean(text), UnreadableDay)
    return None if days is None or is_placeholder_day(days) else days


def _says_no_day(text: str | None) -> bool:
    """Whether a text is empty or a placeholder, and not merely unreadable."""
    days = _read(parse_days, clean(text), UnreadableDay)
    return clean(text) is None or (days is not None and is_placeholder_day(days))


def agreed_number(text: str | None, in_udi: str | None) -> Numbering | None:
    """Return the number of a column, else of the UDI; None if both say different things."""
    ours, theirs = read_number(text), read_number(in_udi)
    if clean(text) is None:
        return theirs
    if ours and theirs and ours.text != theirs.text:
        return None
    return ours


def agreed_days(text: str | None, in_udi: str | None) -> Days | None:
    """Return the days that a column and the UDI leave together; None if none is left."""
    ours, theirs = read_days(text), read_days(in_udi)
    if ours is None and _says_no_day(text):
        return theirs
    if ours is None or theirs is None:
        return ours
    both = Days(max(ours.first, theirs.first), min(ours.last, theirs.last))
    return both if both.first <= both.last else None


def read_country(text: str | None) -> str | None:
    """Return a country code of ISO 3166, or None if missing or anything else."""
    return _read(parse_country, clean(text), UnknownCountry)


def read_fact(text: str | None) -> str | None:
    """Return what a holder saw, without case and surrounding space."""
    value = clean(text)
    return " ".join(value.casefold().split()) if value else None


def _udi_day(udi: Udi | None, column: str) -> str | None:
    if udi is None:
        return None
    return {"made_on": udi.made_on, "expires_on": udi.expires_on}.get(column)


def _read(parse: Callable[[str], V], text: str | None, error: type[ValueError]) -> V | None:
    if text is None:
        return None
    try:
        return parse(text)
    except error:
        return None
