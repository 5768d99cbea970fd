"""What a print house reports about a batch: which lines count, which are set aside, and why.

Pure rules. Every letter that went out is posted, spoiled, returned, or not accounted for; a line
that cannot be believed changes nothing and is told with a sentence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch stands."""

    RENDERING = "rendering"
    READY = "ready"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"
    DISCARDED = "discarded"


class LetterOutcome(StrEnum):
    """What became of a letter in a batch."""

    WAITING = "waiting"
    READY = "ready"
    SET_ASIDE = "set_aside"
    PRINTED = "printed"
    POSTED = "posted"
    SPOILED = "spoiled"
    RETURNED = "returned"
    UNACCOUNTED = "unaccounted"


_FOLLOWS: Mapping[LetterOutcome, frozenset[LetterOutcome]] = {
    LetterOutcome.READY: frozenset(
        {
            LetterOutcome.PRINTED,
            LetterOutcome.POSTED,
            LetterOutcome.SPOILED,
            LetterOutcome.RETURNED,
        }
    ),
    LetterOutcome.PRINTED: frozenset(
        {LetterOutcome.POSTED, LetterOutcome.SPOILED, LetterOutcome.RETURNED}
    ),
    LetterOutcome.POSTED: frozenset({LetterOutcome.RETURNED}),
    LetterOutcome.UNACCOUNTED: frozenset({LetterOutcome.POSTED, LetterOutcome.RETURNED}),
}
"""What can still be told of a letter, by what was told last."""
REPORTED = tuple(_FOLLOWS[LetterOutcome.READY])


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line of the print house's report.

    Attributes:
        number: of the line in the file, the head being 1.
        letter_id: as it stands there.
        outcome: printed, posted, spoiled or returned.
        on: when.
    """

    number: int
    letter_id: str
    outcome: LetterOutcome
    on: date


@dataclass(frozen=True, slots=True)
class SetAside:
    """A line that changes nothing.

    Attributes:
        code: unreadable, unknown_letter, double, contradiction, too_early, in_the_future, or
            not_possible.
        sentence: why, without a name.
    """

    number: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Sorted:
    """A report's lines: those that count, in order; known before; set aside."""

    counts: Sequence[ReportLine]
    n_known: int
    set_aside: Sequence[SetAside]


def sort_report(
    lines: Iterable[ReportLine],
    standing: Mapping[str, LetterOutcome],
    handed_over_on: date,
    today: date,
) -> Sorted:
    """Return which lines of a report count.

    Args:
        lines: in the order of the file.
        standing: letter id -> what is known of it, for the letters of the batch.
        handed_over_on: the day on which the print house got the batch.
        today: the day of the report.

    >>> day = date(2026, 12, 1)
    >>> line = ReportLine(2, "T-1", LetterOutcome.POSTED, day)
    >>> found = sort_report([line, line], {"T-1": LetterOutcome.READY}, day, day)
    >>> len(found.counts), found.set_aside[0].code
    (1, 'double')
    """
    rows = list(lines)
    said: dict[str, set[LetterOutcome]] = defaultdict(set)
    for row in rows:
        said[row.letter_id].add(row.outcome)
    now = dict(standing)
    seen: set[tuple[str, LetterOutcome]] = set()
    counts: list[ReportLine] = []
    aside: list[SetAside] = []
    n_known = 0
    for row in sorted(rows, key=lambda row: (_ORDER.index(row.outcome), row.number)):
        fault = _fault(row, now, said[row.letter_id], handed_over_on, today)
        if fault is None and (row.letter_id, row.outcome) in seen:
            fault = ("double", "stands in the file twice; the first line counts")
        if fault is not None:
            aside.append(SetAside(row.number, fault[0], f"Line {row.number}: {fault[1]}."))
            continue
        seen.add((row.letter_id, row.outcome))
        last = now[row.letter_id]
        if last is row.outcome or _has_passed(last, row.outcome):
            n_known += 1
        elif row.outcome in _FOLLOWS.get(last, frozenset()):
            now[row.letter_id] = row.outcome
            counts.append(row)
        else:
            why = f"the letter is {last}, so it cannot be {row.outcome} in this batch"
            aside.append(SetAside(row.number, "not_possible", f"Line {row.number}: {why}."))
    return Sorted(counts, n_known, sorted(aside, key=lambda each: each.number))


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the letters that went out: nothing is lost, nothing is there twice.

    Attributes:
        n_sent: the sum of the others.
        n_unaccounted: of how many nobody has said what became of them.
    """

    n_sent: int
    n_posted: int
    n_spoiled: int
    n_returned: int
    n_unaccounted: int

    def __str__(self) -> str:
        return (
            f"{self.n_sent:,} went out = {self.n_posted:,} posted + {self.n_spoiled:,} spoiled + "
            f"{self.n_returned:,} returned + {self.n_unaccounted:,} not accounted for"
        )


def account_of(outcomes: Iterable[LetterOutcome]) -> Account:
    """Return the account of the letters that went out with a batch.

    >>> str(account_of([LetterOutcome.POSTED, LetterOutcome.READY, LetterOutcome.SET_ASIDE]))
    '2 went out = 1 posted + 0 spoiled + 0 returned + 1 not accounted for'
    """
    found = Counter(outcomes)
    n_sent = found.total() - found[LetterOutcome.SET_ASIDE] - found[LetterOutcome.WAITING]
    ways = (LetterOutcome.POSTED, LetterOutcome.SPOILED, LetterOutcome.RETURNED)
    n_posted, n_spoiled, n_returned = (found[each] for each in ways)
    return Account(
        n_sent, n_posted, n_spoiled, n_returned, n_sent - n_posted - n_spoiled - n_returned
    )


_ORDER = (
    LetterOutcome.PRINTED,
    LetterOutcome.SPOILED,
    LetterOutcome.POSTED,
    LetterOutcome.RETURNED,
)


def _has_passed(last: LetterOutcome, told: LetterOutcome) -> bool:
    """Whether a letter has already gone on from what a line tells."""
    ways = (LetterOutcome.PRINTED, LetterOutcome.POSTED, LetterOutcome.RETURNED)
    if last is LetterOutcome.SPOILED:
        return told is LetterOutcome.PRINTED
    return last in ways and told in ways and ways.index(told) < ways.index(last)


def _fault(
    row: ReportLine,
    known: Mapping[str, LetterOutcome],
    said: set[LetterOutcome],
    handed_over_on: date,
    today: date,
) -> tuple[str, str] | None:
    if row.letter_id not in known:
        return "unknown_letter", f"{row.letter_id[:40]!r} is no letter of this batch"
    if LetterOutcome.SPOILED in said and said & {LetterOutcome.POSTED, LetterOutcome.RETURNED}:
        return (
            "contradiction",
            f"{row.letter_id} is said to be spoiled and to be posted; no line about it counts",
        )
    if row.on > today:
        return "in_the_future", f"{row.on} is not over yet"
    if row.on < handed_over_on:
        return "too_early", f"{row.on} is before the batch was handed over on {handed_over_on}"
    return None
