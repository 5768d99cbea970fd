"""Dates as labels write them: two-digit years, day 00, day of the year.

Everything returns an ISO day, an ISO month where no day is stated, or None where the
century is in doubt. A date that does not exist raises: it is never another date.
"""

from datetime import date, timedelta
from functools import cache, lru_cache

from pydantic import BaseModel

from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.identify.day import FIRST_YEAR, LAST_YEAR, UnreadableDay

MADE, EXPIRES = "made", "expires"

_ANY_LEAP_YEAR = 2000


class _Window(BaseModel, extra="forbid"):
    first: int
    last: int
    century: int


class _Years(BaseModel, extra="forbid"):
    source: dict[str, object]
    made: tuple[_Window, ...]
    expires: tuple[_Window, ...]


@cache
def _windows() -> dict[str, tuple[_Window, ...]]:
    years = load_data_file(data_folder("tocsin.identify") / "udi_years.yaml", _Years)
    return {MADE: years.made, EXPIRES: years.expires}


def full_year(short_year: int, kind: str) -> int | None:
    """Return the year that two digits mean on a label, or None where it is in doubt.

    >>> full_year(11, EXPIRES), full_year(99, EXPIRES), full_year(99, MADE)
    (2011, None, 1999)
    """
    for window in _windows()[kind]:
        if window.first <= short_year <= window.last:
            return window.century + short_year
    return None


@lru_cache(maxsize=65536)
def short_day(digits: str, kind: str) -> str | None:
    """Return the day of YYMMDD; day 00 is the month.

    >>> short_day("140600", EXPIRES)
    '2014-06'
    """
    _check_digits(digits, 6)
    return _iso(full_year(int(digits[:2]), kind), int(digits[2:4]), int(digits[4:]))


@lru_cache(maxsize=65536)
def full_day(digits: str) -> str | None:
    """Return the day of YYYYMMDD; day 00 is the month."""
    _check_digits(digits, 8)
    if not FIRST_YEAR <= int(digits[:4]) <= LAST_YEAR:
        raise UnreadableDay(digits)
    return _iso(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def day_of_year(year: int | None, digits: str) -> str | None:
    """Return the day that JJJ means in a year.

    >>> day_of_year(2014, "032")
    '2014-02-01'
    """
    _check_digits(digits, 3)
    first = date(_ANY_LEAP_YEAR if year is None else year, 1, 1)
    found = first + timedelta(days=int(digits) - 1)
    if found.year != first.year:
        raise UnreadableDay(digits)
    return None if year is None else found.isoformat()


def _iso(year: int | None, month: int, day: int) -> str | None:
    try:
        found = date(_ANY_LEAP_YEAR if year is None else year, month, day or 1)
    except ValueError as error:
        raise UnreadableDay(f"month {month}, day {day}") from error
    if year is None:
        return None
    return found.isoformat() if day else found.isoformat()[:7]


def _check_digits(digits: str, length: int) -> None:
    if len(digits) != length or not (digits.isascii() and digits.isdigit()):
        raise UnreadableDay(digits)
