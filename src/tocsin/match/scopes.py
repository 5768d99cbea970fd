"""What both engines take from a notice's scope: products, numbers, and bounds that contradict."""

from collections.abc import Iterable
from functools import lru_cache

from tocsin.base.truth import Truth
from tocsin.identify.day import HIGHEST_DAY, LOWEST_DAY, day_number, parse_days
from tocsin.identify.numbering import (
    NumberSet,
    number_range,
    numbers_with_prefix,
    one_number,
)
from tocsin.identify.product import ProductScope
from tocsin.identify.version import Operator, parse_version, satisfies
from tocsin.notice.model import Notice
from tocsin.notice.scope import DayInterval, Entry, Numbers, ProductPart, VersionRange


def product_scope_of(notice: Notice, entry: Entry) -> ProductScope:
    """Return the products of an entry; the notice's manufacturer where it names none."""
    return _product_scope(entry.product, notice.manufacturer_of(entry))


@lru_cache(maxsize=65536)
def _product_scope(part: ProductPart, manufacturer: str | None) -> ProductScope:
    return ProductScope(
        manufacturer=manufacturer,
        family=part.family,
        codes=part.models + part.catalogue,
        names=part.names,
        dis=frozenset(part.dis),
        dis_complete=part.dis_complete and not part.dis_unread,
    )


def fact_names(notices: Iterable[Notice]) -> list[str]:
    """Return the names of all facts that the notices ask for, sorted."""
    return sorted({name for notice in notices for entry in notice.scope for name in entry.facts})


@lru_cache(maxsize=65536)
def is_contradictory_range(part: VersionRange) -> bool:
    """Return whether no version surely lies within the bounds, as in "from 4.5 to 4.2".

    Such a range says nothing that could clear a device, so that engines take it for UNKNOWN.
    """
    lows = [bound for bound in part.bounds if bound[0] in {">=", ">", "="}]
    highs = [bound for bound in part.bounds if bound[0] in {"<=", "<", "="}]
    if part.equal in part.other_than:
        return True
    return any(
        satisfies(parse_version(low), _between(above, below), parse_version(high)) is Truth.FALSE
        for above, low in lows
        for below, high in highs
    )


def _between(above: Operator, below: Operator) -> Operator:
    """Return how a lower bound must stand to an upper one if a version is to lie between."""
    return "<" if above == ">" or below == "<" else "<="


@lru_cache(maxsize=65536)
def is_contradictory_interval(interval: DayInterval) -> bool:
    """Return whether no day lies within the bounds, as in "from 2012, before 2011"."""
    low, high = days_of_interval(interval)
    return low > high


def days_of_interval(interval: DayInterval) -> tuple[int, int]:
    """Return the numbers of the first and the last day within the bounds."""
    low, high = LOWEST_DAY, HIGHEST_DAY
    if interval.first:
        low = max(low, day_number(parse_days(interval.first).first))
    if interval.after:
        low = max(low, day_number(parse_days(interval.after).last) + 1)
    if interval.last:
        high = min(high, day_number(parse_days(interval.last).last))
    if interval.before:
        high = min(high, day_number(parse_days(interval.before).first) - 1)
    return low, high


def number_sets(numbers: Numbers) -> list[NumberSet]:
    """Return the items of a list of lots or serials."""
    items: list[NumberSet] = []
    for text in numbers.any_of:
        items += one_number(text)
    for prefix in numbers.prefixes:
        items += numbers_with_prefix(prefix)
    for part in numbers.ranges:
        items += number_range(part.first, part.last)
    return items
