"""Days, months and years as they are written: a year means just that year."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_ISO = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ][0-9:.]+(?:Z|[+-]\d{2}:?\d{2})?)?)?)?$")
_EPOCH = date(1970, 1, 1)
FIRST_YEAR, LAST_YEAR = 1900, 2199


class UnreadableDay(ValueError):
    """A text is not an ISO day, month or year, or no such day exists."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a written date can mean, both ends included."""

    first: date
    last: date


@lru_cache(maxsize=65536)
def parse_days(text: str) -> Days:
    """Return the days that an ISO day, month or year can mean.

    Raises:
        UnreadableDay: if it is none of these (03/04/2011 can be two days: it is none).

    >>> parse_days("2011-02").last.isoformat()
    '2011-02-28'
    """
    found = _ISO.match(text.strip())
    if found is None:
        raise UnreadableDay(text)
    year, month, day = found.groups()
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise UnreadableDay(text)
    try:
        if day:
            only = date(int(year), int(month), int(day))
            return Days(only, only)
        if month:
            first = date(int(year), int(month), 1)
            return Days(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    except ValueError as error:
        raise UnreadableDay(text) from error
    return Days(date(int(year), 1, 1), date(int(year), 12, 31))


def day_number(day: date) -> int:
    """Return the days since 1970-01-01, as relational engines compare them."""
    return (day - _EPOCH).days


LOWEST_DAY = day_number(date(FIRST_YEAR - 1, 1, 1))
HIGHEST_DAY = day_number(date(LAST_YEAR + 2, 1, 1))
