"""Unique device identifiers: what they say about product, lot, serial and dates.

Read here: GS1 in brackets (``(01)...(21)...``), GS1 scan data with or without a
symbology prefix and FNC1, and a plain GTIN. Source: GS1 General Specifications.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_BRACKETED = re.compile(r"\((\d{2,4})\)([^(]*)")
_GTIN = re.compile(r"^[0-9]{14}$")
_SYMBOLOGY = re.compile(r"^\](?:C1|d2|Q3|e0|J1)")
_FNC1 = "\x1d"
_FIXED = {"01": 14, "11": 6, "13": 6, "15": 6, "17": 6}
_VARIABLE = {"10": 20, "21": 20}


class UnreadableUdi(ValueError):
    """A text is not a device identifier that we can read."""


@dataclass(frozen=True, slots=True)
class Udi:
    """The parts of a device identifier; a missing part is None.

    ``check_digit_ok`` tells whether the GTIN's check digit is right. A wrong one is
    flagged, never rejected: real labels carry some.
    """

    di: str
    lot: str | None = None
    serial: str | None = None
    made_on: str | None = None
    expires_on: str | None = None
    check_digit_ok: bool = True


@lru_cache(maxsize=65536)
def parse_udi(text: str) -> Udi:
    """Return the parts of a device identifier.

    Raises:
        UnreadableUdi: if there is no product identifier of 14 digits in it.

    >>> parse_udi("(01)00718175003305(21)77").serial
    '77'
    """
    body = _SYMBOLOGY.sub("", text.strip().replace("<GS>", _FNC1)).lstrip(_FNC1)
    elements = _read_bracketed(body) if body.startswith("(") else _read_scan(body)
    di = elements.get("01", "").strip()
    if not _GTIN.match(di):
        raise UnreadableUdi(text)
    return Udi(
        di=di,
        lot=_part(elements, "10"),
        serial=_part(elements, "21"),
        made_on=_day(elements.get("11")),
        expires_on=_day(elements.get("17")),
        check_digit_ok=has_right_check_digit(di),
    )


def _part(elements: dict[str, str], identifier: str) -> str | None:
    return elements.get(identifier, "").strip() or None


def _read_bracketed(body: str) -> dict[str, str]:
    elements: dict[str, str] = {}
    for identifier, value in _BRACKETED.findall(body):
        elements.setdefault(identifier, value)
    return elements


def _read_scan(body: str) -> dict[str, str]:
    if _GTIN.match(body):
        return {"01": body}
    elements: dict[str, str] = {}
    rest = body
    while rest:
        identifier = rest[:2]
        if identifier in _FIXED:
            end = 2 + _FIXED[identifier]
        elif identifier in _VARIABLE:
            stop = rest.find(_FNC1)
            end = stop if stop >= 0 else len(rest)
        else:
            raise UnreadableUdi(body)
        elements.setdefault(identifier, rest[2:end])
        rest = rest[end:].lstrip(_FNC1)
    return elements


def _day(text: str | None) -> str | None:
    """Return an ISO day, or a month where GS1 writes day 00; None if it is no date."""
    if text is None or not re.fullmatch(r"\d{6}", text.strip()):
        return None
    year, month, day = text[:2], text[2:4], text[4:6]
    full = f"20{year}-{month}"
    return full if day == "00" else f"{full}-{day}"


def has_right_check_digit(gtin: str) -> bool:
    """Return whether the last digit of a GTIN is its check digit.

    >>> has_right_check_digit("00718175003305")
    True
    """
    weighted = sum(
        int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(gtin[:-1]))
    )
    return (10 - weighted % 10) % 10 == int(gtin[-1])
