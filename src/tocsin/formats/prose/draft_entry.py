"""An entry while it is drafted: it grows statement by statement, then becomes scope entries."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tocsin.formats.prose.number_lists import NumberList
from tocsin.formats.prose.phrase import EITHER, LOT, SERIAL
from tocsin.formats.prose.said import APART, HARD, SOFT, DaySaid, Said
from tocsin.identify.version_expression import RangePart
from tocsin.notice.span import TextSpan

_LISTED = {LOT: "lots", SERIAL: "serials"}


@dataclass
class DraftEntry:
    """One entry in the making; its parts are those of an entry of a scope.

    Attributes:
        is_head: whether its product is the one of the document's head, in general.
        groups: the kinds of constraints that each statement gave, in order.
        qualities: words of qualities (`clear retainer ring`), until they become facts.
        every: what the text says `all` of.
    """

    excludes: bool = False
    is_head: bool = False
    codes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    dis: list[str] = field(default_factory=list)
    dis_unread: list[str] = field(default_factory=list)
    software: list[RangePart] = field(default_factory=list)
    numbers: dict[str, NumberList] = field(default_factory=dict)
    days: list[DaySaid] = field(default_factory=list)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    only_in: list[str] = field(default_factory=list)
    only_soft: bool = False
    other_than: list[str] = field(default_factory=list)
    withheld: str | None = None
    unread: list[str] = field(default_factory=list)
    information: list[tuple[str, str]] = field(default_factory=list)
    spans: list[TextSpan] = field(default_factory=list)
    groups: list[set[str]] = field(default_factory=list)
    qualities: list[tuple[str, ...]] = field(default_factory=list)
    every: set[str] = field(default_factory=set)
    opposites: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def has_constraint(self) -> bool:
        """Whether it limits or says `all`, so that a later statement begins something new."""
        return bool(
            self.software
            or self.numbers
            or self.days
            or self.facts
            or self.every
            or self.withheld
            or self.only_in
            or self.qualities
        )

    def take(self, said: Said) -> None:
        """Take the constraints that a statement says of this entry's products."""
        twice = {"software"} & said.kinds() if self.software else set()
        twice |= {day.column for day in said.days} & {day.column for day in self.days}
        if self.numbers or said.numbers:
            twice.discard("expires_on")  # each lot has its own
        if len(said.kinds() & set(self.numbers)) > 1:
            twice |= said.kinds() & set(self.numbers)
        if twice:
            self.unread.append(f"{', '.join(sorted(twice))}: said twice, in different ways")
        self.software += said.software
        for kind, read in said.numbers.items():
            known = self.numbers.setdefault(kind, NumberList())
            known.any_of += read.any_of
            known.ranges += read.ranges
            known.prefixes += read.prefixes
            known.unread += read.unread
            known.bounds += read.bounds
        self.days += said.days
        self.only_soft = self.only_soft or said.only_soft
        self.only_in += said.only_in
        self.every |= said.every
        self.withheld = self.withheld or said.withheld
        self.unread += [*said.narrows, *said.unread]
        self.information += said.information
        self.spans += said.spans
        if said.kinds():
            self.groups.append(said.kinds())

    def variants(self) -> Iterator["DraftEntry"]:
        """Yield the entries that this one comes to: the sure one, then what stays in doubt.

        The sure entry takes every constraint as limiting; a doubtful one repeats it without
        what may only describe, its text unread, so that such records stay undecided.
        """
        if self.codes and self.names and not self.is_head:
            # Numbers and names of different products: the one would only describe the other.
            yield from replace(self, names=[]).variants()
            yield from replace(self, codes=[], spans=[]).variants()
            return
        settled = self._settled()
        for sure in _by_either(settled):
            soft = [day for day in sure.days if day.manner == SOFT]
            yield replace(sure, days=[day for day in sure.days if day.manner != APART])
            doubts = [day.text for day in soft]
            doubts += [f"sold in {code}" for code in sure.only_in if sure.only_soft]
            if doubts and not self.excludes:
                yield replace(
                    sure,
                    days=[day for day in sure.days if day.manner == HARD],
                    only_in=[] if sure.only_soft else sure.only_in,
                    unread=[*sure.unread, *doubts],
                    spans=[],
                )
        yield from _by_group(settled)

    def _settled(self) -> "DraftEntry":
        """Decide of each heading of dates whether it describes or limits."""
        limited = bool(self.software or self.numbers or self.every)
        hard = any(day.manner == HARD for day in self.days)
        days, told = [], list(self.information)
        for day in self.days:
            listed = bool(self.numbers)
            describes = (day.manner == APART and (limited or hard)) or (
                day.manner == SOFT and bool(self.every) and not self.numbers and not self.software
            )
            if describes or (day.column == "expires_on" and listed):
                told.append((day.column, day.text))
            elif day.manner == APART and day.column == "expires_on":
                days.append(replace(day, manner=HARD))
            elif day.manner == APART:
                days.append(replace(day, manner=SOFT))
            else:
                days.append(day)
        return replace(self, days=days, information=told)

    def has_kind(self, kind: str) -> bool:
        """Whether it limits by software, lots or serial numbers."""
        return bool(self.software) if kind == "software" else kind in self.numbers


def _by_either(entry: DraftEntry) -> Iterator[DraftEntry]:
    """Yield one entry per meaning of numbers that may be lots or serial numbers."""
    if EITHER not in entry.numbers:
        yield entry
        return
    rest = {kind: read for kind, read in entry.numbers.items() if kind != EITHER}
    for kind in (LOT, SERIAL):
        if kind not in rest:
            yield replace(entry, numbers=rest | {kind: entry.numbers[EITHER]})


def _by_group(entry: DraftEntry) -> Iterator[DraftEntry]:
    """Yield doubtful entries where several statements limit the same products.

    Lots in one statement and serial numbers in another: both together, or either?
    """
    kinds = [kind for kind in ("software", LOT, SERIAL) if entry.has_kind(kind)]
    if (
        entry.excludes
        or len(kinds) < 2
        or (any(set(kinds) <= group for group in entry.groups) and not {LOT, SERIAL} <= set(kinds))
    ):
        return
    for kind in kinds:
        others = ", ".join(other for other in kinds if other != kind)
        yield replace(
            entry,
            software=entry.software if kind == "software" else [],
            numbers={kind: entry.numbers[kind]} if kind in entry.numbers else {},
            days=[],
            unread=[*entry.unread, f"whether {kind} and {others} must hold together"],
            spans=[],
        )


def listed_name(kind: str) -> str:
    """Return the field of an entry that lists numbers of a kind."""
    return _LISTED[kind]
