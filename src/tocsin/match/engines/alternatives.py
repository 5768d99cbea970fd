"""A scope as flat rows that a join can evaluate.

Each entry becomes *alternatives*: conjunctions with at most one step, or one number item,
per constraint kind. An entry holds if one of its alternatives does; because AND and OR
distribute in Kleene's logic too, the best alternative has the entry's truth, and the one
with the greatest reason number names the entry's first constraint that is not TRUE.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product as cross

from tocsin.base.steps import Step, combine
from tocsin.base.truth import Truth, all_of, negate
from tocsin.identify.day import HIGHEST_DAY, LOWEST_DAY
from tocsin.identify.numbering import NumberSet
from tocsin.identify.version import parse_version
from tocsin.identify.version_key import HIGHEST, LOWEST, version_steps
from tocsin.match.rules import COUNTRY, ENTRY, LOT, SERIAL, SOFTWARE, How, Reasons
from tocsin.match.scopes import (
    days_of_interval,
    is_contradictory_interval,
    is_contradictory_range,
    number_sets,
)
from tocsin.notice.scope import (
    Countries,
    DayInterval,
    Entry,
    Fact,
    Numbers,
    Software,
    VersionRange,
)
from tocsin.registry.record import read_fact
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX

NUMBER_KINDS = (LOT, SERIAL)
LOWEST_TEXT = ""
HIGHEST_TEXT = "\U0010ffff"

Piece = Step[str] | Step[int] | NumberSet | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One conjunction: a piece per constrained kind, and what stays open in any case.

    ``open_reason`` is the number of the first reason that keeps it UNKNOWN, or None.
    """

    pieces: dict[str, Step[str] | Step[int] | NumberSet] = field(default_factory=dict)
    open_reason: int | None = None


def alternatives_of(entry: Entry, reasons: Reasons, *, reviewed: bool) -> list[Alternative]:
    """Return the alternatives of one entry; products are joined apart."""
    always_open = [
        reasons.number(ENTRY, how)
        for how, holds in (
            (How.UNREAD, bool(entry.unread or entry.product.dis_unread)),
            (How.WITHHELD, bool(entry.withheld)),
            (How.NO_STATUS, entry.no_status),
            (How.UNREVIEWED, bool(entry.excludes) and not reviewed),
        )
        if holds
    ]
    choices = [
        [(kind, piece, how) for piece, how in options]
        for kind, options in _choices(entry)
        if options
    ]
    alternatives = []
    for combination in cross(*choices):
        opened = always_open + [reasons.number(kind, how) for kind, _, how in combination if how]
        pieces = {kind: piece for kind, piece, _ in combination if piece is not None}
        alternatives.append(Alternative(pieces, min(opened, default=None)))
    return alternatives


Options = list[tuple[Piece, How | None]]


def _choices(entry: Entry) -> Iterator[tuple[str, Options]]:
    yield SOFTWARE, _software_options(entry.software)
    yield LOT, _number_options(entry.lots)
    yield SERIAL, _number_options(entry.serials)
    for column in DAY_COLUMNS:
        yield column, [(_day_step(interval), None) for interval in getattr(entry, column)]
    if entry.countries:
        yield COUNTRY, _true_or_open(_country_steps(entry.countries))
    for name, fact in entry.facts.items():
        yield FACT_PREFIX + name, _true_or_open(_fact_steps(fact))


def _true_or_open(steps: Iterable[Step[str]] | Iterable[Step[int]]) -> Options:
    """Return the steps that are not FALSE; if there is none, one that holds nowhere."""
    kept: Options = [(step, None) for step in steps if step.truth is not Truth.FALSE]
    return kept or [(Step(HIGHEST_TEXT, HIGHEST_TEXT, Truth.TRUE), None)]


def _software_options(software: Software) -> Options:
    if software.withheld:
        return [(None, How.WITHHELD)]
    if software.unread:
        return [(None, How.UNREAD)]
    return [option for part in software.any_of for option in _true_or_open(_range_steps(part))]


def _range_steps(part: VersionRange) -> list[Step[str]]:
    if is_contradictory_range(part):
        return [Step(LOWEST, HIGHEST, Truth.UNKNOWN)]
    functions = [version_steps(op, parse_version(text)) for op, text in part.bounds]
    for other in part.other_than:
        equal = version_steps("=", parse_version(other))
        functions.append([Step(low, high, negate(truth)) for low, high, truth in equal])
    return combine(functions, all_of)


def _number_options(numbers: Numbers) -> Options:
    if numbers.withheld:
        return [(None, How.WITHHELD)]
    options: Options = [(item, None) for item in number_sets(numbers)]
    if numbers.unread:
        options.append((None, How.UNREAD))
    return options


def _day_step(interval: DayInterval) -> Step[int]:
    if is_contradictory_interval(interval):
        return Step(LOWEST_DAY, HIGHEST_DAY, Truth.UNKNOWN)
    low, high = days_of_interval(interval)
    return Step(low, high + 1, Truth.TRUE)


def _point_steps(points: dict[str, Truth], elsewhere: Truth) -> list[Step[str]]:
    """Return a step function with single keys of their own truth."""
    steps: list[Step[str]] = []
    low = LOWEST_TEXT
    for key in sorted(points):
        after = key + "\x00"
        steps += [Step(low, key, elsewhere), Step(key, after, points[key])]
        low = after
    steps.append(Step(low, HIGHEST_TEXT, elsewhere))
    return [step for step in steps if step.low < step.high]


def _country_steps(countries: Countries) -> list[Step[str]]:
    if countries.only:
        return _point_steps(dict.fromkeys(countries.only, Truth.TRUE), Truth.FALSE)
    return _point_steps(dict.fromkeys(countries.other_than, Truth.FALSE), Truth.TRUE)


def _fact_steps(fact: Fact) -> list[Step[str]]:
    points = {read_fact(text) or text: Truth.FALSE for text in fact.values}
    points |= {read_fact(text) or text: Truth.TRUE for text in fact.any_of}
    return _point_steps(points, Truth.UNKNOWN)


def kinds_used(alternatives: Sequence[Alternative], reasons: Reasons) -> list[str]:
    """Return the kinds that some alternative constrains, in the order of deciding."""
    used = {kind for alternative in alternatives for kind in alternative.pieces}
    return sorted(used, key=reasons.index)
