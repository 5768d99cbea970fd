"""Lists of lots or serial numbers: single ones, ranges, prefixes, open ends, remarks."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tocsin.formats.prose.lexicon import announcements, phrase_table
from tocsin.formats.prose.tokens import CODE, LINE, WORD, Tokens
from tocsin.identify.numbering import (
    RangeInverted,
    UnreadableNumber,
    number_range,
    parse_numbering,
)

_HALVES = re.compile(r"([^\W\d_]*\d+)-([^\W\d_]*\d+)")
_LETTERS = re.compile(r"[A-Z]{1,5}")
_WILDCARD = re.compile(r"\*|\d[xX]{2,}$|(?<=\d)[xX]+$")
_TRAILING = re.compile(r"(.*\D)(\d{1,9})")
_SHORT_RANGE = re.compile(r"[^\W\d_]*(\d{3,})-(\d{1,4})")
_YEAR = re.compile(r"(?:19|20)\d\d-")
_MAX_COUNTED = 1000
_ENUMERATOR = re.compile(r"\d{1,2}")


@dataclass
class NumberList:
    """Lots or serial numbers as read.

    Attributes:
        any_of: single numbers.
        ranges: pairs of first and last.
        prefixes: what all numbers of a group begin with.
        bounds: open ends, as ``from`` or ``to`` and the number.
        unread: text between them that could not be read.
        remarks: text in brackets or behind a slash that tells more about a number.
        after: the place after the list.
        counted: whether they are serial numbers, where `1000-1999` is a range.
    """

    any_of: list[str] = field(default_factory=list)
    ranges: list[tuple[str, str]] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    bounds: list[tuple[str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    remarks: list[tuple[int, int]] = field(default_factory=list)
    after: int = 0
    counted: bool = False

    def __bool__(self) -> bool:
        return bool(self.any_of or self.ranges or self.prefixes or self.bounds or self.unread)


Stop = Callable[[Tokens, int], bool]
"""Whether something else than a list begins at a place."""


def read_numbers(tokens: Tokens, at: int, stop: Stop, *, counted: bool = False) -> NumberList:
    """Return the numbers listed from a place on, up to what surely is no part of the list."""
    read = NumberList(after=at, counted=counted)
    place = at
    while place < len(tokens):
        following = _item(tokens, place, stop, read)
        if following is None:
            break
        read.after = place = following
        place = _skip_joints(tokens, place)
    return read


def _skip_joints(tokens: Tokens, at: int) -> int:
    while at < len(tokens):
        hit = phrase_table("and_").find(tokens, at) or phrase_table("or_").find(tokens, at)
        if hit:
            at = hit.after
        elif tokens[at].low in {",", "|", ";", "/", "*"} or tokens[at].kind == LINE:
            at += 1
        else:
            return at
    return at


def _item(tokens: Tokens, at: int, stop: Stop, read: NumberList) -> int | None:
    """Read one item into the list; return the place after it, None if there is none."""
    at = _skip_opening(tokens, at)
    if at >= len(tokens):
        return None
    if hit := phrase_table("prefix").find(tokens, at):
        return _prefix(tokens, hit.after, read)
    for name, bound in (("open_from", "from"), ("open_to", "to")):
        if hit := phrase_table(name).find(tokens, at):
            number = number_at(tokens, hit.after)
            if number is None:
                return None
            read.bounds.append(_bound(tokens, at, hit.after, bound, number[0]))
            return number[1]
    at = _skip_enumerator(tokens, at)
    if opened := phrase_table("from_").find(tokens, at):
        at = opened.after
    if stop(tokens, at):
        return None
    number = number_at(tokens, at)
    if number is None:
        return None
    return _after_number(tokens, number, read, between=opened is not None)


def _skip_opening(tokens: Tokens, at: int) -> int:
    """Skip what stands before a number: `:`, `range`, `are`, `the following`."""
    fillers = {":", "range", "ranges", "ranging", "are", "is", "the", "following", "numbers", "="}
    fillers |= {"number", "sind", "sont", "son", "zijn", "är", "no", "nos", "nr", "-"}
    while at < len(tokens) and (tokens[at].low in fillers or tokens[at].kind == LINE):
        at += 1
    return at


def _skip_enumerator(tokens: Tokens, at: int) -> int:
    if (
        at + 2 < len(tokens)
        and _ENUMERATOR.fullmatch(tokens[at].low)
        and tokens[at + 1].low == ")"
        and tokens[at + 2].is_value | (tokens[at + 2].kind == WORD)
    ):
        return at + 2
    return at


def number_at(tokens: Tokens, at: int) -> tuple[str, int] | None:
    """Return the number that stands at a place and the place after it; `GWX 001` is one."""
    if at >= len(tokens):
        return None
    token = tokens[at]
    if token.kind == CODE:
        return token.text, at + 1
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if (
        token.kind == WORD
        and _LETTERS.fullmatch(token.text)
        and following is not None
        and following.kind == CODE
        and following.text[0].isdecimal()
        and not announcements().find(tokens, at)
        and not phrase_table("to").find(tokens, at)
        and not phrase_table("or_").find(tokens, at)
    ):
        return f"{token.text} {following.text}", at + 2
    return None


_QUOTES = frozenset({'"', "'", "\u201c", "\u201d", "\u201e"})
_BEFORE_PREFIX = _QUOTES | {
    ":",
    "the",
    "a",
    "an",
    "number",
    "numbers",
    "letter",
    "letters",
    "digit",
    "digits",
}


def _prefix(tokens: Tokens, at: int, read: NumberList) -> int | None:
    """Read prefixes into the list, several joined by `or`; return the place after them."""
    after: int | None = None
    while True:
        while at < len(tokens) and tokens[at].low in _BEFORE_PREFIX:
            at += 1
        is_letters = after is None and at < len(tokens) and tokens[at].kind == WORD
        if at >= len(tokens) or not (tokens[at].kind == CODE or is_letters):
            return after
        read.prefixes.append(tokens[at].text)
        at += 1
        while at < len(tokens) and tokens[at].low in _QUOTES:
            at += 1
        after = at
        joint = phrase_table("or_").find(tokens, at) or phrase_table("and_").find(tokens, at)
        if joint is None and not (at < len(tokens) and tokens[at].low == ","):
            return after
        at = joint.after if joint else at + 1


def _bound(tokens: Tokens, at: int, after: int, bound: str, number: str) -> tuple[str, str]:
    words = {token.low for token in tokens[at:after]}
    inclusive = "including" in words or not words & {
        "above",
        "than",
        "after",
        "below",
        "before",
        "prior",
    }
    return (bound if inclusive else f"beyond {bound}"), number


def _after_number(
    tokens: Tokens, number: tuple[str, int], read: NumberList, *, between: bool
) -> int:
    first, place = number
    joint = phrase_table("to").find(tokens, _skip_lines(tokens, place))
    if joint is None and between:
        joint = phrase_table("and_").find(tokens, place)
    if joint is not None:
        # "SN to SN": the announcement may be said again.
        start = joint.after
        while (again := announcements().find(tokens, start)) and number_at(tokens, start) is None:
            start = again.after
        last = number_at(tokens, start)
        if last is not None:
            _add_range(first, last[0], read)
            return _remark(tokens, last[1], read)
    for name, bound in (("open_from", "from"), ("open_to", "to")):
        hit = phrase_table(name).find(tokens, place)
        if hit and number_at(tokens, hit.after) is None:
            read.bounds.append((bound, first))
            return hit.after
    if place < len(tokens) and tokens[place].low == "*" and not tokens[place].spaced:
        read.unread.append(f"{first}*")  # a footnote, or any ending
        return place + 1
    if _is_cut_short(tokens, place, first, read):
        read.unread.append(first)
        return place
    _add_number(first, read)
    return _remark(tokens, place, read)


def _is_cut_short(tokens: Tokens, after: int, number: str, read: NumberList) -> bool:
    """Whether a number behind a slash leaves out what it shares with the one before."""
    before = after - 2
    if before < 1 or tokens[before].low != "/" or tokens[before].spaced or not read.any_of:
        return False
    return len(number) < len(read.any_of[-1]) and not tokens[after - 1].spaced


def _skip_lines(tokens: Tokens, at: int) -> int:
    while at < len(tokens) and tokens[at].kind == LINE:
        at += 1
    return at


def _add_range(first: str, last: str, read: NumberList) -> None:
    try:
        number_range(first, last)
    except (UnreadableNumber, RangeInverted):
        expanded = _count(first, last)
        read.any_of += expanded
        if not expanded:
            read.unread.append(f"{first} to {last}")
    else:
        read.ranges.append((first, last))


def _is_shorthand(number: str) -> bool:
    """Whether a number may be a range that leaves out digits (1083533-37)."""
    found = _SHORT_RANGE.fullmatch(number)
    if found is None or len(found[2]) >= len(found[1]):
        return False
    return int(found[1][-len(found[2]) :]) < int(found[2])


def _count(first: str, last: str) -> list[str]:
    """Return all numbers of a short range whose prefix holds digits (21A0107 to 21A0112)."""
    low, high = (_TRAILING.fullmatch("".join(text.split())) for text in (first, last))
    if not low or not high or low[1].upper() != high[1].upper() or len(low[2]) != len(high[2]):
        return []
    start, end = int(low[2]), int(high[2])
    if not start <= end < start + _MAX_COUNTED:
        return []
    return [f"{low[1]}{number:0{len(low[2])}d}" for number in range(start, end + 1)]


def _add_number(number: str, read: NumberList) -> None:
    if _WILDCARD.search(number) or _is_shorthand(number):
        read.unread.append(number)
        return
    if number.startswith("-"):
        stem = read.any_of[-1].rpartition("-")[0] if read.any_of else ""
        (read.any_of if stem else read.unread).append(stem + number)
        return
    halves = _HALVES.fullmatch(number)
    if halves and len(halves[1]) == len(halves[2]):
        lettered = not halves[1].isdecimal() and halves[1] != halves[2]
        if not lettered and len(halves[1]) < (4 if read.counted and not _YEAR.match(number) else 6):
            read.unread.append(number)  # a range, or one number with a hyphen
        else:
            _add_range(halves[1], halves[2], read)
        return
    try:
        parse_numbering(number)
    except UnreadableNumber:
        read.unread.append(number)
    else:
        read.any_of.append(number)


def _remark(tokens: Tokens, at: int, read: NumberList) -> int:
    """Skip a bracket behind a number, keeping its place."""
    if at < len(tokens) and tokens[at].low == "(":
        end = closing(tokens, at)
        if end is not None:
            read.remarks.append((at + 1, end))
            return end + 1
    return at


def closing(tokens: Tokens, at: int) -> int | None:
    """Return the place of the bracket that closes the one at a place."""
    depth = 0
    for place in range(at, min(len(tokens), at + 400)):
        depth += (tokens[place].low == "(") - (tokens[place].low == ")")
        if depth == 0:
            return place
    return None


def lies_within(inner: tuple[str, str], ranges: list[tuple[str, str]]) -> bool:
    """Whether a range of numbers lies in one of several others of the same width."""
    low, high = parse_numbering(inner[0]), parse_numbering(inner[1])
    for first, last in ranges:
        start, end = parse_numbering(first), parse_numbering(last)
        alike = {n.prefix for n in (low, high, start, end)} == {low.prefix}
        wide = {n.width for n in (low, high, start, end)} == {low.width}
        if alike and wide and start.counter <= low.counter and high.counter <= end.counter:
            return True
    return False
