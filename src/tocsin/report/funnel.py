"""The funnel of an action: of those in scope, how many were told, reached, understood, acted.

Words as in the glossary. Each stage holds only persons of the stage before, so that the figures
can be read as a funnel; who would break that (told, though no channel is known any more) counts in
the earlier stages too: having been told shows that there was a channel.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum


class Stage(IntEnum):
    """How far a person has come; each stage includes those before it.

    IN_SCOPE: the action concerns a device of theirs.
    LOCATED: at least one usable channel is known.
    TOLD: a dispatch was accepted, posted, spoken or handed over.
    REACHED: an explicit answer came.
    UNDERSTOOD: all questions were answered right.
    ACTED: all instructions that apply were answered as done.
    """

    IN_SCOPE = 0
    LOCATED = 1
    TOLD = 2
    REACHED = 3
    UNDERSTOOD = 4
    ACTED = 5

    @property
    def word(self) -> str:
        """Return the stage as people read it."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class Course:
    """How far one person has come, and the days of it.

    Attributes:
        country: ISO 3166 code, or empty.
        audience: which text they get.
        channel: by which channel they were told; empty if they were not.
        is_located: whether a usable channel is known.
        told_on: the day of the first dispatch that went through.
        reached_on: the day of the first explicit answer.
        has_understood: whether all questions were answered right.
        has_acted: whether all instructions that apply were answered as done.
    """

    country: str
    audience: str
    channel: str
    is_located: bool
    told_on: date | None = None
    reached_on: date | None = None
    has_understood: bool = False
    has_acted: bool = False

    @property
    def stage(self) -> Stage:
        """Return how far the person has come without a gap.

        >>> Course("FR", "patient", "post", True, date(2020, 7, 20)).stage.word
        'told'
        """
        if self.reached_on is not None:
            if not self.has_understood:
                return Stage.REACHED
            return Stage.ACTED if self.has_acted else Stage.UNDERSTOOD
        if self.told_on is not None:
            return Stage.TOLD
        return Stage.LOCATED if self.is_located else Stage.IN_SCOPE


@dataclass(frozen=True)
class FunnelRow:
    """How many have come at least so far, for one value of a split.

    Attributes:
        value: such as a country; empty for all together or where it is unknown.
        amounts: one per stage, in the order of `Stage`; never rising.
    """

    value: str
    amounts: tuple[int, ...]


SPLITS = ("country", "audience", "channel")


def funnel(courses: Iterable[Course]) -> FunnelRow:
    """Return the funnel of all."""
    return FunnelRow("", _amounts(Counter(course.stage for course in courses)))


def funnel_by(courses: Iterable[Course], split: str) -> list[FunnelRow]:
    """Return a funnel per value of a split, the largest first.

    Args:
        courses: everybody in scope.
        split: one of `SPLITS`.
    """
    counts: dict[str, Counter[Stage]] = {}
    for course in courses:
        counts.setdefault(getattr(course, split), Counter())[course.stage] += 1
    rows = [FunnelRow(value, _amounts(each)) for value, each in counts.items()]
    return sorted(rows, key=lambda row: (-row.amounts[0], row.value))


def by_day(courses: Iterable[Course]) -> list[tuple[date, int, int]]:
    """Return day, how many were told by then and how many have answered by then, in order."""
    told: Counter[date] = Counter()
    reached: Counter[date] = Counter()
    for course in courses:
        if course.reached_on is not None:
            reached[course.reached_on] += 1
        first = course.told_on or course.reached_on
        if first is not None:
            told[first] += 1
    rows, n_told, n_reached = [], 0, 0
    for day in sorted({*told, *reached}):
        n_told += told[day]
        n_reached += reached[day]
        rows.append((day, n_told, n_reached))
    return rows


def _amounts(counts: Counter[Stage]) -> tuple[int, ...]:
    return tuple(sum(n for each, n in counts.items() if each >= stage) for stage in Stage)
