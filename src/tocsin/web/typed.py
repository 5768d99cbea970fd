"""What a person typed on one page, read; or why it cannot be read.

A value that the engine could not read would silently count as unknown: better to say so at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tocsin.registry.record import read_days, read_number, read_udi, read_version
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX, clean
from tocsin.services.device_check import OpenQuestion, makers_asked_about, product_choices
from tocsin.services.public_notices import ReleasedNotices
from tocsin.web.countries import OTHER, known_countries
from tocsin.web.stated import COUNTRY_NOW, DEVICE, MAKER, UDI, Stated, longest

UNKNOWN = "unknown"
"""What the radio "I don't know" sends."""


@dataclass(frozen=True)
class Typed:
    """The answers of one page, or a fault: the key of its text, its field, the value."""

    answer: Stated = field(default_factory=dict)
    fault: str | None = None
    at: str = ""
    value: str = ""


def read_typed(
    step: str, posted: Mapping[str, str], stated: Stated, released: ReleasedNotices
) -> Typed:
    """Return what was answered on one page.

    Args:
        step: the page.
        posted: what it sent.
        stated: what was answered on the pages before it.
        released: the notices, for the makers and devices that can be chosen.
    """
    if step == MAKER:
        return _read_maker(posted, released)
    if step == DEVICE:
        return _read_device(posted, stated, released)
    if step in {COUNTRY_NOW, "country"}:
        return _read_country(step, posted)
    if step in DAY_COLUMNS:
        return read_day(step, posted)
    if step.startswith(FACT_PREFIX):
        chosen = _text(posted, "value")
        return Typed({step: chosen}) if chosen else Typed(fault="error_choose", at="value-1")
    return _read_value(step, posted)


def _text(posted: Mapping[str, str], name: str) -> str:
    return " ".join(posted.get(name, "").split())[: longest(name)]


def _read_maker(posted: Mapping[str, str], released: ReleasedNotices) -> Typed:
    chosen = _text(posted, "maker")
    if chosen == UNKNOWN:
        return Typed({MAKER: ""})
    if chosen == OTHER:
        name = _text(posted, "maker_name")
        fault = Typed(fault="error_type", at="maker_name")
        return Typed({MAKER: name}) if clean(name) else fault
    if chosen in makers_asked_about(released):
        return Typed({MAKER: chosen})
    return Typed(fault="error_choose", at="maker-1")


def _read_device(posted: Mapping[str, str], stated: Stated, released: ReleasedNotices) -> Typed:
    chosen = posted.get("device", "").strip()
    if chosen == UNKNOWN:
        return Typed({"model": ""})
    if chosen == OTHER:
        told = {"model": _text(posted, "model"), "product": _text(posted, "product")}
        answer = {column: value for column, value in told.items() if clean(value)}
        return Typed(answer) if answer else Typed(fault="error_type", at="model")
    for choice in product_choices(released, stated.get(MAKER) or None):
        if choice.key == chosen:
            return Typed(dict(choice.columns))
    return Typed(fault="error_choose", at="device-1")


def _read_country(step: str, posted: Mapping[str, str]) -> Typed:
    chosen = posted.get("country_code", "")
    if chosen not in {OTHER, *known_countries()}:
        return Typed(fault="error_choose", at="country_code")
    # A country of sale that is not on our list is unknown to the engine: it clears nobody.
    return Typed({step: "" if chosen == OTHER and step != COUNTRY_NOW else chosen})


def read_day(step: str, posted: Mapping[str, str]) -> Typed:
    """Return a day, a month or a year of which the parts were sent: day, month, year."""
    day, month, year = (_text(posted, part) for part in ("day", "month", "year"))
    if day and not month:
        return Typed(fault="error_day", at="month")
    parts = [year.zfill(4), *(part.zfill(2) for part in (month, day) if part)]
    if not year or read_days("-".join(parts)) is None:
        return Typed(fault="error_day", at="year")
    return Typed({step: "-".join(parts)})


_READERS: Mapping[str, tuple[Callable[[str], object], str]] = {
    UDI: (read_udi, "error_udi"),
    "software_version": (read_version, "error_software_version"),
    "lot": (read_number, "error_number"),
    "serial": (read_number, "error_number"),
}


def _read_value(step: str, posted: Mapping[str, str]) -> Typed:
    # A bar code may end with a space that counts, so it is not tidied.
    value = posted.get("value", "")[: longest(step)] if step == UDI else _text(posted, "value")
    if not value.strip():
        return Typed(fault="error_type", at="value")
    read, fault = _READERS[step]
    if read(value) is None:
        return Typed(fault=fault, at="value", value=value)
    return Typed({step: value})


def fact_values(question: OpenQuestion) -> tuple[str, ...]:
    """Return the values of a fact that can be chosen."""
    if question.fact is None:
        return ()
    return question.fact.values or question.fact.any_of
