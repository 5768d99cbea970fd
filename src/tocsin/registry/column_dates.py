"""Other people's dates: in which order day and month stand, and the ISO day that is meant.

An order is decided by proof only: a day above 12, a year first, a month's name. Without proof
03/04/2011 stays what it is, and counts as unknown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.identify.day import UnreadableDay, parse_days
from tocsin.identify.spelling import without_accents

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day-month-year", "month-day-year", "year-month-day"
ORDERS = (DAY_FIRST, MONTH_FIRST, YEAR_FIRST)
SURE_FORMS = "sure-forms-only"
"""Only what can be read in one way: a year first, a month's name, a month and a year."""

_TIME = re.compile(r"[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp][Mm])?Z?$")
_THREE = re.compile(r"(\d{1,2})\s?([./\- ])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})([./\- ]?)(\d{2})\2(\d{2})|(\d{4})([./-])(\d{1,2})\6(\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[./-](\d{4})")
_YEAR_MONTH = re.compile(r"(\d{4})[./](\d{1,2})")
_PIVOT = 80


class _MonthFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source
    months: dict[int, tuple[str, ...]]
    joints: tuple[str, ...]


@dataclass(frozen=True)
class DateOrder:
    """What the dates of a column prove about their order.

    Attributes:
        order: one of `ORDERS` if proven, `SURE_FORMS` if no date needs an order, else None.
        proof: the text that proves it, or two that contradict each other.
        n_dates: how many texts are dates in some way.
        n_open: how many could be two days.
    """

    order: str | None
    proof: tuple[str, ...]
    n_dates: int
    n_open: int


@cache
def _months() -> tuple[dict[str, int], frozenset[str]]:
    read = load_data_file(data_folder("tocsin.registry") / "month_names.yaml", _MonthFile)
    by_name = {
        without_accents(name): number for number, names in read.months.items() for name in names
    }
    return by_name, frozenset(without_accents(word) for word in read.joints)


def iso_day(text: str, order: str | None) -> str | None:
    """Return the ISO day, month or year that a text means in an order, or None.

    >>> iso_day("3.4.2011", "day-month-year"), iso_day("03/04/2011", None), iso_day("mars 2011", "")
    ('2011-04-03', None, '2011-03')
    """
    bare = _TIME.sub("", text.strip())
    try:
        parse_days(bare)
    except UnreadableDay:
        return _sure_form(bare) or _ordered(bare, order)
    return bare


def find_order(texts: Iterable[str]) -> DateOrder:
    """Return what the dates of a column prove."""
    fitting: dict[str, str] = {}
    n_dates, n_open = 0, 0
    for text in texts:
        days = {order: day for order in ORDERS if (day := iso_day(text, order))}
        if not days:
            continue
        n_dates += 1
        if iso_day(text, None):
            continue
        # What one order alone can read proves it, 5/5/2011 proves nothing.
        proven = [order for order in ORDERS if order in days]
        if len(proven) == 1:
            fitting.setdefault(proven[0], text)
        elif len(set(days.values())) > 1:
            n_open += 1
    if len(fitting) == 1:
        order, proof = next(iter(fitting.items()))
        return DateOrder(order, (proof,), n_dates, n_open)
    if fitting:
        return DateOrder(None, tuple(fitting.values())[:2], n_dates, n_open)
    return DateOrder(None if n_open else SURE_FORMS, (), n_dates, n_open)


def _sure_form(text: str) -> str | None:
    """Return what can be read in one way only."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (part for part in found.groups() if part and part.isdecimal())
        return _iso(int(year), int(month), int(day))
    if found := _MONTH_YEAR.fullmatch(text):
        return _iso(int(found[2]), int(found[1]))
    if found := _YEAR_MONTH.fullmatch(text):
        return _iso(int(found[1]), int(found[2]))
    if found := _THREE.fullmatch(text):
        first, _, second, year = found.groups()
        if first.lstrip("0") == second.lstrip("0") and len(year) == 4:
            return _iso(int(year), int(first), int(second))
        return None
    return _with_month_name(text)


def _ordered(text: str, order: str | None) -> str | None:
    found = _THREE.fullmatch(text)
    if not found or order not in ORDERS:
        return None
    first, second, last = int(found[1]), int(found[3]), found[4]
    if order == YEAR_FIRST:
        return _iso(_century(first), second, int(last)) if len(last) == 2 else None
    year = int(last) if len(last) == 4 else _century(int(last))
    day, month = (first, second) if order == DAY_FIRST else (second, first)
    return _iso(year, month, day)


def _century(year: int) -> int:
    return year + (2000 if year < _PIVOT else 1900)


def _with_month_name(text: str) -> str | None:
    by_name, joints = _months()
    plain = without_accents(text.casefold()).replace(",", " ").replace(".", " ").replace("-", " ")
    bare = re.sub(r"(\d)(?:st|nd|rd|th|er)\b", r"\1", plain)
    words = [word for word in bare.split() if word not in joints]
    months = [by_name[word] for word in words if word in by_name]
    numbers = [word for word in words if word.isascii() and word.isdecimal()]
    years = [word for word in numbers if len(word) == 4]
    days = [word for word in numbers if len(word) <= 2]
    if len(months) != 1 or len(years) != 1 or len(words) != 1 + len(numbers) or len(days) > 1:
        return None
    if len(numbers) != len(years) + len(days):
        return None
    return _iso(int(years[0]), months[0], int(days[0]) if days else None)


def _iso(year: int, month: int, day: int | None = None) -> str | None:
    try:
        whole = date(year, month, day or 1)
    except ValueError:
        return None
    return whole.isoformat() if day is not None else f"{year:04d}-{month:02d}"
