"""The secondary parts of an HIBC code: lot, serial, dates and quantity.

After ``$$`` (lot) or ``$$+`` (serial) come a quantity, if any, and a date whose form the
next digit names; 0 and 1 are no such name but the month of MMYY. Source: ANSI/HIBC 2.6, 2.3.
"""

import re
from dataclasses import dataclass, field

from tocsin.identify.day import UnreadableDay
from tocsin.identify.udi.day import EXPIRES, day_of_year, full_day, full_year, short_day
from tocsin.identify.udi.parts import UnreadableUdi

_NUMBER = re.compile(r"[A-Z0-9.-]{0,18}")
_QUICK = re.compile(r"\$\$(\+?)(8[0-9]{2}|9[0-9]{5})?(.*)")
_OLD_DATE = re.compile(r"([0-9]{5})([A-Z0-9.-]{0,18})")
_QUANTITY = re.compile(r"Q[0-9]{1,5}")
_DATE_LENGTHS = {"2": 6, "3": 6, "4": 8, "5": 5, "6": 7, "7": 0}
_MONTH_DIGITS = frozenset("01")


@dataclass
class Secondary:
    """What the secondary parts say; a missing part is None."""

    lot: str | None = None
    serial: str | None = None
    made_on: str | None = None
    expires_on: str | None = None
    doubts: set[str] = field(default_factory=set)

    def say(self, name: str, value: str | None) -> None:
        """Note a part; said twice and differently, it is in doubt."""
        if not value:
            return
        if getattr(self, name) not in {None, value}:
            self.doubts.add(name)
            return
        setattr(self, name, value)


def parse_secondary(segments: list[str]) -> Secondary:
    """Return what the parts between the slashes say.

    Raises:
        UnreadableUdi: if one of them is of no known form: a lot that holds a slash would
            otherwise be cut.
    """
    found = Secondary()
    for segment in segments:
        if segment.startswith("$$"):
            _read_quick(segment, found)
        elif segment.startswith("$+"):
            found.say("serial", _number(segment[2:]))
        elif segment.startswith("$"):
            found.say("lot", _number(segment[1:]))
        elif segment.startswith("S"):
            found.say("serial", _number(segment[1:]))
        elif segment.startswith(("14D", "16D")):
            _read_day(segment, found)
        elif old := _OLD_DATE.fullmatch(segment):
            _read_dated("5", *old.groups(), name="lot", found=found)
        elif not _QUANTITY.fullmatch(segment):
            raise UnreadableUdi(segment)
    return found


def _read_quick(segment: str, found: Secondary) -> None:
    parts = _QUICK.fullmatch(segment)
    if parts is None:
        raise UnreadableUdi(segment)
    plus, quantity, rest = parts.groups()
    if quantity and not rest:
        return
    name = "serial" if plus else "lot"
    form = rest[:1]
    if form in _MONTH_DIGITS:
        form, length = "", 4
    elif form in _DATE_LENGTHS:
        rest, length = rest[1:], _DATE_LENGTHS[form]
    else:
        raise UnreadableUdi(segment)
    _read_dated(form, rest[:length], rest[length:], name=name, found=found)
    if len(rest) < length:
        raise UnreadableUdi(segment)


def _read_dated(form: str, digits: str, number: str, *, name: str, found: Secondary) -> None:
    """Note a date and the number after it; where no such day exists, both are in doubt."""
    found.say(name, _number(number))
    if form == "7":
        return
    if not digits.isdecimal():
        raise UnreadableUdi(digits)
    try:
        found.say("expires_on", _expiry(form, digits))
    except UnreadableDay:
        found.doubts |= {name, "expires_on"}


def _expiry(form: str, digits: str) -> str | None:
    if form in {"5", "6"}:
        return day_of_year(full_year(int(digits[:2]), EXPIRES), digits[2:5])
    if form == "":
        return short_day(f"{digits[2:4]}{digits[:2]}00", EXPIRES)
    if form == "2":
        return short_day(f"{digits[4:6]}{digits[:4]}", EXPIRES)
    return short_day(digits[:6], EXPIRES)


def _read_day(segment: str, found: Secondary) -> None:
    name = "expires_on" if segment.startswith("14D") else "made_on"
    digits = segment[3:]
    if len(digits) != 8 or not digits.isdecimal():
        raise UnreadableUdi(segment)
    try:
        found.say(name, full_day(digits))
    except UnreadableDay:
        found.doubts.add(name)


def _number(text: str) -> str | None:
    if not _NUMBER.fullmatch(text):
        raise UnreadableUdi(text)
    return text or None
