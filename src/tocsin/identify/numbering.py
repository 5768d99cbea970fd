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
_SPOILT = re.compile(r"\d+\.0+|\d+(?:\.\d*)?E\+\d+")
_NOT_ALNUM = re.compile(r"[^0-9A-Z]")
_SUFFIXED = re.compile(r"(?P<stem>[^0-9]*(?P<digits>[0-9]+))[^0-9]{1,2}")
_CONTINUED = re.compile(r"(?P<stem>.*[0-9])(?:[^0-9]{1,2}|[-./_][0-9A-Z]{1,3})")


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
        width: how long the rest was written, if it is all digits, hyphens apart; minus the
            count of its digits if a suffix of one or two letters follows; else 0.
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
    if any(mark in normal for mark in ",;|&") or is_spoilt(normal):
        raise UnreadableNumber(text)
    prefix, written, rest = _split(normal)
    if not rest:
        raise UnreadableNumber(text)
    tail = rest.lstrip("0")
    if rest.isascii() and rest.isdigit():
        return Numbering(normal, prefix, f"{len(tail):02d}{tail}", len(written), prefix + tail)
    suffixed = _SUFFIXED.fullmatch(normal)
    width = -len(suffixed["digits"]) if suffixed else 0
    return Numbering(normal, prefix, "x" + tail, width, prefix + tail)


def is_spoilt(text: str) -> bool:
    """Return whether a text is a number as a spreadsheet spoils it.

    >>> is_spoilt("7.22E+02"), is_spoilt("1207.0"), is_spoilt("1207")
    (True, True, False)
    """
    return _SPOILT.fullmatch(text.upper()) is not None


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
    begins with a digit. Only prefixes have candidates of the second kind. An item with
    ``surely`` False holds only candidates: what is inside is UNKNOWN.
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
    surely: bool = True

    def truth_of(self, number: Numbering) -> Truth:
        """Return whether the number is surely, surely not or perhaps in this item."""
        if not self.counter_low <= number.counter <= self.counter_high:
            return Truth.FALSE
        if (
            self.text_low <= number.text <= self.text_high
            and self.width_low <= number.width <= self.width_high
        ):
            return Truth.TRUE if self.surely else Truth.UNKNOWN
        if self.near and (number.prefix in {"", self.prefix} or not self.prefix):
            return Truth.UNKNOWN
        if self.skeleton_low <= number.skeleton <= self.skeleton_high:
            return Truth.UNKNOWN
        return Truth.FALSE


def one_number(text: str) -> list[NumberSet]:
    """Return the item that holds just this number, and those of its candidates by a suffix.

    >>> one_number("GWX001")[0].truth_of(parse_numbering("GWX001"))
    <Truth.TRUE: 2>
    >>> max(item.truth_of(parse_numbering("GWX001A")) for item in one_number("GWX001"))
    <Truth.UNKNOWN: 1>
    """
    number = parse_numbering(text)
    own, counter = number.text, number.counter
    items = [NumberSet(own, own, counter, counter, -MAX_WIDTH, MAX_WIDTH, number.prefix)]
    if own[-1].isdigit():  # a digit more is another number, anything else may be a part of it
        items += [_candidates(own + "!", own + "/" + HIGHEST_TEXT)]
        items += [_candidates(own + ":", own + HIGHEST_TEXT)]
    else:
        items += [_candidates(own + "!", own + HIGHEST_TEXT)]
    if shorter := _CONTINUED.fullmatch(own):
        items += [_candidates(shorter["stem"], shorter["stem"])]
    return items


def _candidates(
    text_low: str, text_high: str, width_low: int = -MAX_WIDTH, width_high: int = MAX_WIDTH
) -> NumberSet:
    """Return an item whose texts are not surely, and not surely not, the listed number."""
    return NumberSet(
        text_low=text_low,
        text_high=text_high,
        counter_low=LOWEST_COUNTER,
        counter_high=HIGHEST_COUNTER,
        width_low=width_low,
        width_high=width_high,
        prefix="",
        near=False,
        surely=False,
    )


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
            width_low=-MAX_WIDTH,
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
    (``SN9`` to ``SN120``) give two items per width: the numbers, and those with a suffix.

    Raises:
        UnreadableNumber: if an end is not one number.
        RangeInverted: if it ends before it begins, or the ends cannot be counted between.
    """
    low, high = parse_numbering(first), parse_numbering(last)
    if low.prefix != high.prefix or low.width <= 0 or high.width <= 0:
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
        items.append(_candidates(start.text, end.text + HIGHEST_TEXT, -width, -width))
    return items
