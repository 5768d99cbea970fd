"""What an entry demands of a record beside its product, as bounds that a join can compare.

Per kind of constraint an entry has *pieces*: steps of a truth function over keys, or items of
a list of numbers. A value fulfils the demand as well as the best of its pieces says, so that
pieces need no order and may overlap.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tocsin.base.steps import Step, combine
from tocsin.base.truth import Truth, all_of, negate
from tocsin.identify.numbering import (
    HIGHEST_COUNTER,
    HIGHEST_TEXT,
    LOWEST_COUNTER,
    MAX_WIDTH,
    NumberSet,
)
from tocsin.identify.version import parse_version
from tocsin.identify.version_key import HIGHEST, LOWEST, version_steps
from tocsin.match.rules import COUNTRY, ENTRY, LOT, SERIAL, SOFTWARE, How, Reasons
from tocsin.match.scopes import number_sets
from tocsin.notice.scope import Countries, DayInterval, Entry, Fact, Numbers, VersionRange
from tocsin.registry.record import read_fact
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX

NUMBER_KINDS = (LOT, SERIAL)
LOWEST_TEXT = ""

Pieces = Sequence[Step[str]] | Sequence[NumberSet]

# An item that holds no number surely and every number perhaps: the rest of a list that could
# not be read.
_PERHAPS_ANY = NumberSet(
    HIGHEST_TEXT, LOWEST_TEXT, LOWEST_COUNTER, HIGHEST_COUNTER, 0, MAX_WIDTH, prefix=""
)


@dataclass(frozen=True, slots=True)
class Demands:
    """The constraints of one entry.

    Attributes:
        pieces: for every constrained kind but days its pieces; none is a demand that no value
            fulfils.
        days: the same for kinds of days.
        unread: kinds of which a part could not be read: what no piece holds surely is UNKNOWN
            for that reason.
        open_reason: number of the first reason that keeps the entry UNKNOWN at best, whatever
            the record says; None if there is none.
    """

    pieces: Mapping[str, Pieces]
    days: Mapping[str, Sequence[Step[int]]]
    unread: frozenset[str] = field(default_factory=frozenset)
    open_reason: int | None = None


def demands_of(entry: Entry, reasons: Reasons, *, reviewed: bool) -> Demands:
    """Return what an entry demands; its products are found apart."""
    always_open = [
        (ENTRY, how)
        for how, holds in (
            (How.UNREAD, bool(entry.unread or entry.product.dis_unread)),
            (How.WITHHELD, bool(entry.withheld)),
            (How.NO_STATUS, entry.no_status),
            (How.UNREVIEWED, bool(entry.excludes) and not reviewed),
        )
        if holds
    ]
    always_open += _always_open(entry)
    closed = {kind for kind, _ in always_open}
    numbers = ((LOT, entry.lots), (SERIAL, entry.serials))
    return Demands(
        pieces={kind: pieces for kind, pieces in _pieces(entry) if kind not in closed},
        days={
            column: [_day_step(interval) for interval in intervals]
            for column in DAY_COLUMNS
            if (intervals := getattr(entry, column))
        },
        unread=frozenset(kind for kind, listed in numbers if listed.unread),
        open_reason=min((reasons.number(kind, how) for kind, how in always_open), default=None),
    )


def _always_open(entry: Entry) -> Iterator[tuple[str, How]]:
    """Yield the kinds of which the notice tells nothing that could be compared."""
    if entry.software.withheld:
        yield SOFTWARE, How.WITHHELD
    elif entry.software.unread:
        yield SOFTWARE, How.UNREAD
    for kind, numbers in ((LOT, entry.lots), (SERIAL, entry.serials)):
        if numbers.withheld:
            yield kind, How.WITHHELD
        elif numbers.unread and not (numbers.any_of or numbers.prefixes or numbers.ranges):
            yield kind, How.UNREAD


def _pieces(entry: Entry) -> Iterator[tuple[str, Pieces]]:
    """Yield the pieces of every constrained kind but days."""
    if entry.software.any_of:
        yield SOFTWARE, [step for part in entry.software.any_of for step in _range_steps(part)]
    for kind, numbers in ((LOT, entry.lots), (SERIAL, entry.serials)):
        if items := _items(numbers):
            yield kind, items
    if entry.countries:
        yield COUNTRY, _country_steps(entry.countries)
    for name, fact in entry.facts.items():
        yield FACT_PREFIX + name, _fact_steps(fact)


def _not_false(steps: Iterable[Step[str]]) -> tuple[Step[str], ...]:
    return tuple(step for step in steps if step.truth is not Truth.FALSE)


@lru_cache(maxsize=65536)
def _range_steps(part: VersionRange) -> tuple[Step[str], ...]:
    if part.is_contradictory:
        return (Step(LOWEST, HIGHEST, Truth.UNKNOWN),)
    functions = [version_steps(op, parse_version(text)) for op, text in part.bounds]
    for other in part.other_than:
        equal = version_steps("=", parse_version(other))
        functions.append([Step(low, high, negate(truth)) for low, high, truth in equal])
    return _not_false(functions[0] if len(functions) == 1 else combine(functions, all_of))


def _items(numbers: Numbers) -> list[NumberSet]:
    items = number_sets(numbers)
    return [*items, _PERHAPS_ANY] if items and numbers.unread else items


def _day_step(interval: DayInterval) -> Step[int]:
    first, last = interval.day_numbers
    return Step(first, last + 1, Truth.TRUE)


def _point_steps(points: Mapping[str, Truth], elsewhere: Truth) -> list[Step[str]]:
    """Return a step function with single keys of their own truth."""
    steps: list[Step[str]] = []
    low = LOWEST_TEXT
    for key in sorted(points):
        after = key + "\x00"
        steps += [Step(low, key, elsewhere), Step(key, after, points[key])]
        low = after
    steps.append(Step(low, HIGHEST_TEXT, elsewhere))
    return [step for step in steps if step.low < step.high]


def _country_steps(countries: Countries) -> Pieces:
    if countries.only:
        steps = _point_steps(dict.fromkeys(countries.only, Truth.TRUE), Truth.FALSE)
    else:
        steps = _point_steps(dict.fromkeys(countries.other_than, Truth.FALSE), Truth.TRUE)
    return _not_false(steps)


def _fact_steps(fact: Fact) -> Pieces:
    points = {read_fact(text) or text: Truth.FALSE for text in fact.values}
    points |= {read_fact(text) or text: Truth.TRUE for text in fact.any_of}
    return _not_false(_point_steps(points, Truth.UNKNOWN))
