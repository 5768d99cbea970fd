"""Lots and serial numbers: a prefix of letters and a counter.

Compared after dropping spaces and case only. What equals a listed number only after
more is dropped (a lost prefix, a lost zero, a hyphen, a suffix: part A of lot 100 may be
labelled 100A) is a *candidate*: UNKNOWN.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tocsin.base.truth import Truth

MAX_LENGTH = 40

_SPLIT = re.compile(r"^([^0-9]*)(.*)$", re.DOTALL)
_DECIMAL = re.compile(r"\d+\.0+|\d+(?:\.\d*)?E\+\d+")
_NOT_ALNUM = re.compile(r"[^0-9A-Z]")
_SUFFIXED = re.compile(r"(?P<stem>.*[0-9])(?:[^0-9]{1,2}|[-./_][0-9A-Z]{1,3})")


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
        stem: the text without a suffix that may tell a part of a lot; empty without one.
        stem_width: the width of the stem.
    """

    text: str
    prefix: str
    counter: str
    width: int
    skeleton: str
    stem: str = ""
    stem_width: int = 0


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
    Numbering(text='GWX001', prefix='GWX', counter='011', width=3, skeleton='GWX1', ...)
    >>> parse_numbering("GWX001-2").stem
    'GWX001'
    """
    normal = "".join(text.upper().split())
    if not normal or len(normal) > MAX_LENGTH or not normal.isprintable():
        raise UnreadableNumber(text)
    if any(mark in normal for mark in ",;|&") or is_decimal(normal):
        raise UnreadableNumber(text)
    prefix, written, rest = _split(normal)
    if not rest:
        raise UnreadableNumber(text)
    tail = rest.lstrip("0")
    is_counted = rest.isascii() and rest.isdigit()
    stem, stem_width = _stem_of(normal)
    return Numbering(
        text=normal,
        prefix=prefix,
        counter=f"{len(tail):02d}{tail}" if is_counted else "x" + tail,
        width=len(written) if is_counted else 0,
        skeleton=prefix + tail,
        stem=stem,
        stem_width=stem_width,
    )


def _stem_of(normal: str) -> tuple[str, int]:
    """Return a number without its suffix and the stem's width; nothing without a suffix."""
    if found := _SUFFIXED.fullmatch(normal):
        _, written, rest = _split(found["stem"])
        return found["stem"], len(written) if rest.isascii() and rest.isdigit() else 0
    return "", 0


def is_decimal(text: str) -> bool:
    """Return whether a text is a number to calculate with: nobody's lot, serial or model.

    >>> is_decimal("7.22E+02"), is_decimal("1207.0"), is_decimal("1207")
    (True, True, False)
    """
    return _DECIMAL.fullmatch(text.upper()) is not None


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
    begins with a digit. Only prefixes have candidates of the second kind. Whatever the
    counter, a number is a candidate if its stem is inside by text and width, and if it is the
    stem of the listed number.
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
    stem: str = ""

    def truth_of(self, number: Numbering) -> Truth:
        """Return whether the number is surely, surely not or perhaps in this item."""
        is_counted = self.counter_low <= number.counter <= self.counter_high
        if is_counted and self._holds(number.text, number.width):
            return Truth.TRUE
        if self._holds(number.stem, number.stem_width) or number.text == self.stem:
            return Truth.UNKNOWN
        if not is_counted:
            return Truth.FALSE
        if self.near and (number.prefix in {"", self.prefix} or not self.prefix):
            return Truth.UNKNOWN
        if self.skeleton_low <= number.skeleton <= self.skeleton_high:
            return Truth.UNKNOWN
        return Truth.FALSE

    def _holds(self, text: str, width: int) -> bool:
        return (
            self.text_low <= text <= self.text_high and self.width_low <= width <= self.width_high
        )


def one_number(text: str) -> list[NumberSet]:
    """Return the item that holds just this number.

    >>> (item,) = one_number("GWX001")
    >>> [item.truth_of(parse_numbering(text)).name for text in ("GWX001", "GWX001A", "GWX0012")]
    ['TRUE', 'UNKNOWN', 'FALSE']
    """
    number = parse_numbering(text)
    return [
        NumberSet(
            number.text,
            number.text,
            number.counter,
            number.counter,
            width_low=0,
            width_high=MAX_WIDTH,
            prefix=number.prefix,
            stem=number.stem,
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
