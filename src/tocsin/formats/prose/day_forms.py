"""Days as people write them: June 1, 2008; 1. Juni 2008; 01.06.2008; 6/1/2008; May 2002."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tocsin.formats.prose.lexicon import month_of
from tocsin.formats.prose.tokens import CODE, WORD, Token, Tokens
from tocsin.identify.day import UnreadableDay, parse_days

_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|o)?", re.IGNORECASE)
_ISO = re.compile(r"((?:19|20)\d\d)-(\d{1,2})(?:-(\d{1,2}))?")
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)[./](\d{1,2})[./](\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)")
_DASHED = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/]((?:19|20)\d\d)")
_SHORT_YEAR = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d\d)")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.]((?:19|20)\d\d)")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_WORDY = re.compile(r"(\d{1,2})-([^\W\d_]{3,9})-((?:19|20)\d\d|\d\d)")
_MAX_JOINED = 5


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """A day, month or year as read.

    ``month`` or ``day`` is None where nothing is said of it, ``year`` where it follows from
    the other end of the interval; ``doubtful`` tells that it may be two days.
    """

    after: int
    year: int | None
    month: int | None = None
    day: int | None = None
    doubtful: bool = False

    @property
    def iso(self) -> str | None:
        """Return it as ISO text, None where it is no day or doubtful."""
        if self.year is None or self.doubtful:
            return None
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        try:
            parse_days("-".join(parts))
        except UnreadableDay:
            return None
        return "-".join(parts)

    def with_year(self, year: int | None) -> "WrittenDay":
        """Return the day in a year, where it states none itself."""
        return self if self.year is not None else replace(self, year=year)


def read_day(tokens: Tokens, at: int, order: str | None) -> WrittenDay | None:
    """Return the day, month or year written at a place, if there is one.

    ``order`` is how numeric dates are written, ``mdy`` or ``dmy``, None if nobody knows.
    """
    return _in_words(tokens, at) or _in_digits(tokens, at, order)


def _word(tokens: Tokens, at: int) -> Token | None:
    return tokens[at] if at < len(tokens) else None


def _after_comma(tokens: Tokens, at: int) -> int:
    while at < len(tokens) and (tokens[at].low in {",", "."} or tokens[at].kind == "line"):
        at += 1
    return at


def _year_at(tokens: Tokens, at: int) -> tuple[int | None, int]:
    """Return the year behind an optional comma, and the place after it."""
    place = _after_comma(tokens, at)
    while place < len(tokens) and tokens[place].low in {"de", "del", "of"}:
        place += 1
    token = _word(tokens, place)
    if token and _YEAR.fullmatch(token.low):
        return int(token.low), place + 1
    return None, at


def _in_words(tokens: Tokens, at: int) -> WrittenDay | None:
    token = _word(tokens, at)
    if token is None:
        return None
    if token.kind == WORD and (month := month_of(token.low)):
        return _month_first(tokens, at + 1, month)
    if token.kind == CODE and (joined := _WORDY.fullmatch(token.low)) and month_of(joined[2]):
        year = int(joined[3]) + (2000 if len(joined[3]) == 2 else 0)
        return WrittenDay(at + 1, year, month_of(joined[2]), int(joined[1]))
    if token.kind == CODE and (found := _DAY.fullmatch(token.low)):
        place = at + 1
        while (following := _word(tokens, place)) and following.low in {".", "of", "de", "-"}:
            place += 1
        if (following := _word(tokens, place)) and following.kind == WORD:
            month = month_of(following.low)
            if month and 1 <= int(found[1]) <= 31:
                place = _after_dot(tokens, place + 1)
                stated, after = _year_at(tokens, place)
                return WrittenDay(after, stated, month, int(found[1]))
    return None


def _after_dot(tokens: Tokens, at: int) -> int:
    return at + 1 if at < len(tokens) and tokens[at].low in {".", "-"} else at


def _month_first(tokens: Tokens, at: int, month: int) -> WrittenDay | None:
    place = at + 1 if at < len(tokens) and tokens[at].low == "." else at
    token = _word(tokens, place)
    if token and (found := _DAY.fullmatch(token.low)) and 1 <= int(found[1]) <= 31:
        stated, after = _year_at(tokens, place + 1)
        return WrittenDay(after, stated, month, int(found[1]))
    year, after = _year_at(tokens, place)
    return WrittenDay(after, year, month) if year else None


def _in_digits(tokens: Tokens, at: int, order: str | None) -> WrittenDay | None:
    for length in range(_MAX_JOINED, 0, -2):
        run = tokens[at : at + length]
        if len(run) < length or not _is_joined(run):
            continue
        text = "".join(token.low for token in run)
        if found := _read_digits(text, at + length, order):
            return found
    return None


def _is_joined(run: Tokens) -> bool:
    """Whether codes and slashes follow each other without a space."""
    return all(
        token.kind == CODE if place % 2 == 0 else token.low == "/" and not token.spaced
        for place, token in enumerate(run)
    ) and not any(token.spaced for token in run[1:])


_FORMS: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = (
    (_ISO, (1, 2, 3)),
    (_YEAR_FIRST, (1, 2, 3)),
    (_DOTTED, (3, 2, 1)),
    (_MONTH_YEAR, (2, 1)),
    (_COMPACT, (1, 2, 3)),
)
"""How digits are written, and which group is the year, the month and the day."""


def _read_digits(text: str, after: int, order: str | None) -> WrittenDay | None:
    if found := _DASHED.fullmatch(text):
        return _ordered(int(found[1]), int(found[2]), int(found[3]), after, order)
    if found := _SHORT_YEAR.fullmatch(text):
        year = 2000 + int(found[4])
        if found[2] == ".":
            return _plausible(WrittenDay(after, year, int(found[3]), int(found[1])))
        return _ordered(int(found[1]), int(found[3]), year, after, order)
    for pattern, groups in _FORMS:
        if found := pattern.fullmatch(text):
            parts = [int(found[g]) if found[g] else None for g in groups]
            day = parts[2] if len(parts) > 2 else None
            return _plausible(WrittenDay(after, parts[0], parts[1], day))
    return WrittenDay(after, int(text)) if _YEAR.fullmatch(text) else None


def _plausible(day: WrittenDay) -> WrittenDay | None:
    if not 1 <= (day.month or 1) <= 12 or not 1 <= (day.day or 1) <= 31:
        return None
    return day


def _ordered(
    first: int, second: int, year: int, after: int, order: str | None
) -> WrittenDay | None:
    if first > 12 and second > 12:
        return None
    if first > 12 or (second <= 12 and order == "dmy"):
        return _plausible(WrittenDay(after, year, second, first))
    if second > 12 or order == "mdy" or first == second:
        return _plausible(WrittenDay(after, year, first, second))
    return WrittenDay(after, year, first, second, doubtful=True)


def day_order_of(tokens: Tokens) -> str | None:
    """Return how a text writes numeric dates, if one date shows it and none contradicts."""
    shown = {order for at in range(len(tokens)) for order in _orders_at(tokens, at)}
    return shown.pop() if len(shown) == 1 else None


def _orders_at(tokens: Tokens, at: int) -> Iterator[str]:
    if tokens[at].kind != CODE:
        return
    for length in (_MAX_JOINED, 1):
        run = tokens[at : at + length]
        if len(run) == length and _is_joined(run):
            found = _DASHED.fullmatch("".join(token.low for token in run))
            if found and int(found[1]) > 12 >= int(found[2]):
                yield "dmy"
            if found and int(found[2]) > 12 >= int(found[1]):
                yield "mdy"
