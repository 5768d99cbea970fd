"""What a cell says, as text, depending on what its column is for.

A serial number or a version is no number: where a spreadsheet program may have changed it, the
text is marked as spoilt and counts as missing. Source: ECMA-376 part 1, 18.17.4 (dates).
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum

from tocsin.formats.xlsx.cells import NumberCell
from tocsin.formats.xlsx.numbers import NumberFormat
from tocsin.registry.schema import DAY_COLUMNS
from tocsin.registry.spoilt import mark_spoilt

KEPT_DIGITS = 15
_DIGITS = re.compile(r"[#0?,. ]*")
_PLAIN = re.compile(r"[1-9][0-9]{0,14}")
_LAST_FALSE_DAY = 60  # the 29 February 1900 that never was
_DAYS_TO_1904 = 1462
_BEGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook knows no time zones
_GENERAL = NumberFormat()


class Role(Enum):
    """What a column is for."""

    IDENTIFIER = "a name, number or code that is no number to count with"
    VERSION = "a software version"
    DAY = "a day"
    ANY = "anything else"


_ROLES = {
    **dict.fromkeys((*DAY_COLUMNS, "evidence_on"), Role.DAY),
    **dict.fromkeys(
        ("device_id", "holder_id", "clinic_id", "manufacturer", "product", "model"), Role.IDENTIFIER
    ),
    **dict.fromkeys(("catalogue_no", "udi", "lot", "serial", "ndc", "hcpcs"), Role.IDENTIFIER),
    "software_version": Role.VERSION,
}


def role_of(column: str) -> Role:
    """Return what one of our columns is for."""
    return _ROLES.get(column, Role.ANY)


def spell_cell(cell: NumberCell, shown: NumberFormat, role: Role, *, since_1904: bool) -> str:
    """Return the text of a cell that is no text.

    >>> spell_cell(NumberCell("n", "1207.0", 0), NumberFormat(), Role.IDENTIFIER, since_1904=False)
    '1207'
    >>> spell_cell(NumberCell("n", "2.1", 0), NumberFormat(), Role.VERSION, since_1904=False)
    '2.1 (a number in the spreadsheet)'
    """
    stored = cell.stored
    if cell.kind == "n" and shown == _GENERAL and _PLAIN.fullmatch(stored):
        return stored
    if cell.kind == "b":
        return "TRUE" if cell.stored == "1" else "FALSE"
    if cell.kind == "d":
        return cell.stored
    try:
        number = Decimal(cell.stored)
    except InvalidOperation:
        return mark_spoilt(cell.stored, "unreadable")
    if not number.is_finite():
        return mark_spoilt(cell.stored, "no number")
    if shown.is_date:
        return _spell_date(number, shown, role, since_1904=since_1904)
    if shown.shows == "time":
        return _unless(Role.ANY, role, _spell_time(number), "a time")
    return _spell_number(number, shown, role)


def _unless(fine: Role, role: Role, text: str, how: str) -> str:
    return text if role is fine else mark_spoilt(text, how)


def _spell_number(number: Decimal, shown: NumberFormat, role: Role) -> str:
    whole = number == number.to_integral_value()
    if abs(number) >= 10**KEPT_DIGITS:
        return mark_spoilt(f"{number:.14E}", "rounded")
    if not whole:
        text = f"{float(number):.15g}"
        return mark_spoilt(text, "a number") if role in {Role.IDENTIFIER, Role.VERSION} else text
    text = str(int(number))
    if shown.shows == "power" and role is Role.IDENTIFIER:
        return mark_spoilt(text, "a power of ten")  # 12E5 was typed, and 1200000 is stored
    if spelt := shown.spell(int(number)):
        return spelt
    if role is Role.IDENTIFIER and not _DIGITS.fullmatch(shown.code.replace("@", "")):
        return mark_spoilt(text, "shown differently")
    return text


def _spell_date(number: Decimal, shown: NumberFormat, role: Role, *, since_1904: bool) -> str:
    days = number + (_DAYS_TO_1904 if since_1904 else 0)
    if days < _LAST_FALSE_DAY + 1 and not since_1904:
        days += 1
    try:
        moment = _BEGIN + timedelta(seconds=round(float(days) * 86_400))
    except OverflowError:
        return mark_spoilt(str(number), "no date")
    if number < 0 or (not since_1904 and int(number) in {0, _LAST_FALSE_DAY}):
        return mark_spoilt(str(number), "no date")
    if shown.shows == "no_year" and role is not Role.ANY:
        return mark_spoilt(f"{moment:%m-%d}", "a day without a year")
    text = {"month": f"{moment:%Y-%m}", "year": f"{moment:%Y}"}.get(shown.shows)
    if text is None:
        has_time = shown.with_time and (moment.hour or moment.minute or moment.second)
        text = f"{moment:%Y-%m-%dT%H:%M:%S}" if has_time else f"{moment:%Y-%m-%d}"
    if role in {Role.IDENTIFIER, Role.VERSION}:
        return mark_spoilt(text, "a date")  # 4-5 was typed, and a day in May is stored
    return text


def _spell_time(number: Decimal) -> str:
    seconds = round(float(number % 1 if number >= 1 else number) * 86_400)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
