"""Lots and serial numbers: a prefix of letters and a counter.

Compared after dropping spaces and case only. What equals a listed number only after
more is dropped (a lost prefix, a lost zero, a hyphen) is a *candidate*: UNKNOWN.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tocsin.base.truth import Truth

MAX_LENGTH = 40

_SPLIT = re.compile(r"^([^0-9]*)(.*)$", re.DOTALL)
_SPOILT = re.compile(r"\d+\.0+|\d+(?:\.\d*)?E\+\d+")
_NOT_ALNUM = re.compile(r"[^0-9A-Z]")


class UnreadableNumber(ValueError):
    """A text is not one lot or serial number."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """A lot or serial number, ready to compare.

    Attributes:
        text: upper case, without spaces.
        prefix: the letters before the first digit, nothing else.
        counter: sortable text of the rest: for digits two digits of length, then the
            digits without leading zeros; for anything else ``x`` and the text.
        width: how long the rest was written; 0 if it is not all digits, hyphens apart.
        skeleton: letters and digits only, without the zeros before the first other digit.
    """

    text: str
    prefix: str
    counter: str
    width: int
    skeleton: str


LOWEST_COUNTER = ""
HIGHEST_COUNTER = "y"
HIGHEST_TEXT = "\U0010ffff"
MAX_WIDTH = 99


@lru_cache(maxsize=65536)
def parse_numbering(text: str) -> Numbering:
    """Return the lot or serial number that a text states.

    Raises:
        UnreadableNumber: if the text holds several numbers, no digit at all ("illegible",
            "####"), control characters, more than 40 characters, or a number as a
            spreadsheet spoils it (1207.0, 1.23E+12).

    >>> parse_numbering("gwx 001")
    Numbering(text='GWX001', prefix='GWX', counter='011', width=3, skeleton='GWX1')
    """
    normal = "".join(text.upper().split())
    if not normal or len(normal) > MAX_LENGTH or not normal.isprintable():
        raise UnreadableNumber(text)
    if any(mark in normal for mark in ",;|&") or _SPOILT.fullmatch(normal):
        raise UnreadableNumber(text)
    prefix, written, rest = _split(normal)
    if not rest:
        raise UnreadableNumber(text)
    tail = rest.lstrip("0")
    if rest.isascii() and rest.isdigit():
        return Numbering(normal, prefix, f"{len(tail):02d}{tail}", len(written), prefix + tail)
    return Numbering(normal, prefix, "x" + tail, 0, prefix + tail)


def _split(normal: str) -> tuple[str, str, str]:
    """Return the letters before the first digit, all that follows, and that without marks."""
    lead, written = _SPLIT.match(normal).groups()  # type: ignore[union-attr]
    return _NOT_ALNUM.sub("", lead), written, _NOT_ALNUM.sub("", written)


@dataclass(frozen=True, slots=True)
class NumberSet:
    """One item of a list of numbers: a number, a prefix or a range, as bounds.

    TRUE needs text, counter and width inside; UNKNOWN needs the counter inside and either a
    prefix that could be the same (equal, or missing on one side) or the skeleton inside.
    ``near`` is False for an item that has no candidates of the first kind: a prefix that
    begins with a digit. Only prefixes have candidates of the second kind.
    """

    text_low: str
    text_high: str
    counter_low: str
    counter_high: str
    width_low: int
    width_high: int
    prefix: str
    near: bool = True
    skeleton_low: str = HIGHEST_TEXT
    skeleton_high: str = LOWEST_COUNTER

    def truth_of(self, number: Numbering) -> Truth:
        """Return whether the number is surely, surely not or perhaps in this item."""
        if not self.counter_low <= number.counter <= self.counter_high:
            return Truth.FALSE
        if (
            self.text_low <= number.text <= self.text_high
            and self.width_low <= number.width <= self.width_high
        ):
            return Truth.TRUE
        if self.near and (number.prefix in {"", self.prefix} or not self.prefix):
            return Truth.UNKNOWN
        if self.skeleton_low <= number.skeleton <= self.skeleton_high:
            return Truth.UNKNOWN
        return Truth.FALSE


def one_number(text: str) -> list[NumberSet]:
    """Return the item that holds just this number."""
    number = parse_numbering(text)
    return [
        NumberSet(
            number.text, number.text, number.counter, number.counter, 0, MAX_WIDTH, number.prefix
        )
    ]


def numbers_with_prefix(text: str) -> list[NumberSet]:
    """Return the item that holds every number that begins with the text."""
    normal = "".join(text.upper().split())
    if not normal:
        raise UnreadableNumber(text)
    letters, written, rest = _split(normal)
    tail = rest.lstrip("0")
    zeros_only = bool(rest) and not tail
    return [
        NumberSet(
            text_low=normal,
            text_high=normal + HIGHEST_TEXT,
            counter_low=LOWEST_COUNTER,
            counter_high=HIGHEST_COUNTER,
            width_low=0,
            width_high=MAX_WIDTH,
            prefix=normal if written else letters,
            near=not normal[0].isdigit(),
            skeleton_low=letters + tail,
            # What lost the zeros of "GWX00" may go on with any digit, but with no letter.
            skeleton_high=letters + tail + ("9" if zeros_only else "") + HIGHEST_TEXT,
        )
    ]


class RangeInverted(ValueError):
    """A range ends before it begins, or its ends are of different kinds."""


def number_range(first: str, last: str) -> list[NumberSet]:
    """Return the items that hold all numbers from ``first`` to ``last``, both included.

    Both ends have the same prefix and count in digits. Ends of different width
    (``SN9`` to ``SN120``) give one item per width.

    Raises:
        UnreadableNumber: if an end is not one number.
        RangeInverted: if it ends before it begins, or the ends cannot be counted between.
    """
    low, high = parse_numbering(first), parse_numbering(last)
    if low.prefix != high.prefix or not low.width or not high.width:
        raise RangeInverted(f"{first} to {last}")
    if high.counter < low.counter or high.width < low.width:
        raise RangeInverted(f"{first} to {last}")
    lead = low.text[: len(low.text) - low.width]
    if low.width != high.width and not low.text[len(lead) :].isdigit():
        raise RangeInverted(f"{first} to {last}")  # 12-001 to 12-1000: which widths lie between?
    items = []
    for width in range(low.width, high.width + 1):
        start = low if width == low.width else parse_numbering(f"{lead}1{'0' * (width - 1)}")
        end = high if width == high.width else parse_numbering(f"{lead}{'9' * width}")
        items.append(
            NumberSet(start.text, end.text, start.counter, end.counter, width, width, low.prefix)
        )
    return items
