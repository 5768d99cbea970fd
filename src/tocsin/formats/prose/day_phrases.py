"""Date phrases: from A to B, between A and B, before A, since A, A to present."""

from dataclasses import dataclass, replace

from tocsin.formats.prose.day_forms import WrittenDay, read_day
from tocsin.formats.prose.lexicon import day_bounds, phrase_table
from tocsin.formats.prose.phrase import Setting
from tocsin.formats.prose.tokens import Tokens


@dataclass(frozen=True, slots=True)
class DayReading:
    """An interval of days as read.

    Attributes:
        after: the place after it.
        interval: bounds by the names of a notice file (from, to, before, after); None if
            it could not be read surely.
        unread: why it could not be read, else None.
        others: further days or years of a list (`2019 and 2020`).
    """

    after: int
    interval: dict[str, str] | None = None
    unread: str | None = None
    others: tuple[dict[str, str], ...] = ()


def read_interval(tokens: Tokens, at: int, setting: Setting) -> DayReading | None:
    """Return the interval of days that begins at a place, if one does."""
    place = _skip_on(tokens, at)
    if phrase_table("vague_day").find(tokens, place):
        return _vague(tokens, place, setting)
    if bound := day_bounds().find(tokens, place):
        inner = _skip_on(tokens, bound.after)
        if read := _vague(tokens, inner, setting):
            return read
        day = read_day(tokens, inner, setting.day_order)
        if day is None:
            return _from_to(tokens, place, setting)
        if bound.meaning == "from" and (both := _from_to(tokens, place, setting)):
            return both
        return _bounded(day, bound.meaning)
    return _from_to(tokens, place, setting) or _one_day(tokens, place, setting)


def _skip_on(tokens: Tokens, at: int) -> int:
    while (hit := phrase_table("on_").find(tokens, at)) and not _is_french_the(tokens, at):
        at = hit.after
    while at < len(tokens) and tokens[at].low in {":", "the", "le", "el", "den", "dem"}:
        at += 1
    return at


def _is_french_the(tokens: Tokens, at: int) -> bool:
    """Whether a word of two meanings surely begins a bound (`en` is `in` and `and`)."""
    return day_bounds().find(tokens, at) is not None


def _bounded(day: WrittenDay, bound: str) -> DayReading:
    iso = day.iso
    if iso is None:
        return DayReading(day.after, unread="the date can be read in two ways or lacks its year")
    return DayReading(day.after, {bound: iso})


def _vague(tokens: Tokens, at: int, setting: Setting) -> DayReading | None:
    """Return an unreadable reading where a date is only approximate (mid 2018, Q3 2019)."""
    hit = phrase_table("vague_day").find(tokens, at)
    if hit is None:
        return None
    place = hit.after
    while place < len(tokens) and tokens[place].low in {"of", "-", "der", "de", "del", "von"}:
        place += 1
    day = read_day(tokens, place, setting.day_order)
    return DayReading(day.after, unread="the date is approximate") if day else None


def _from_to(tokens: Tokens, at: int, setting: Setting) -> DayReading | None:
    opened = phrase_table("from_").find(tokens, at)
    place = _skip_on(tokens, opened.after if opened else at)
    first = read_day(tokens, place, setting.day_order) or _bare_day(
        tokens, place, opened is not None
    )
    if first is None:
        return None
    middle = _skip_commas(tokens, first.after)
    joint = phrase_table("to").find(tokens, middle)
    if joint is None and opened:
        joint = phrase_table("and_").find(tokens, middle)
    if joint is None:
        return None
    place = _skip_on(tokens, joint.after)
    if now := phrase_table("present").find(tokens, place):
        iso = first.iso
        interval = {"from": iso} if iso else None
        return DayReading(now.after, interval, None if iso else "the date lacks its year")
    if read := _vague(tokens, place, setting):
        return read
    last = read_day(tokens, place, setting.day_order)
    if last is None:
        return None
    return _interval(first, last)


def _bare_day(tokens: Tokens, at: int, opened: bool) -> WrittenDay | None:  # noqa: FBT001
    """Return a day whose month only the other end tells (between 3 and 28 February 2022)."""
    if not opened or at >= len(tokens) or not tokens[at].low.rstrip(".").isdecimal():
        return None
    day = int(tokens[at].low)
    return WrittenDay(at + 1, None, None, day) if 1 <= day <= 31 else None


def _skip_commas(tokens: Tokens, at: int) -> int:
    while at < len(tokens) and (tokens[at].low == "," or tokens[at].kind == "line"):
        at += 1
    return at


def _interval(first: WrittenDay, last: WrittenDay) -> DayReading:
    if first.month is None and first.day is not None:
        first = replace(first, month=last.month)
    if first.year is None and last.year is not None:
        first = first.with_year(last.year)
    start, end = first.iso, last.iso
    if start is None or end is None:
        why = "a date of the interval can be read in two ways or lacks its year"
        return DayReading(last.after, unread=why)
    if end < start[: len(end)]:
        return DayReading(last.after, unread="the interval ends before it begins")
    return DayReading(last.after, {"from": start, "to": end})


def _one_day(tokens: Tokens, at: int, setting: Setting) -> DayReading | None:
    """Return an interval of one day, month or year; `or earlier` behind it opens it."""
    day = read_day(tokens, at, setting.day_order)
    if day is None:
        return None
    iso = day.iso
    for name, bound in (("open_from", "from"), ("open_to", "to")):
        if hit := phrase_table(name).find(tokens, day.after):
            words = {token.low for token in tokens[day.after : hit.after]}
            if iso and not words & {"after", "before", "prior", "below", "above", "than"}:
                return DayReading(hit.after, {bound: iso})
    if iso is None:
        return DayReading(day.after, unread="the date can be read in two ways or lacks its year")
    after, others = _further(tokens, day.after, len(iso), setting)
    return DayReading(after, {"from": iso, "to": iso}, others=others)


def _further(
    tokens: Tokens, at: int, length: int, setting: Setting
) -> tuple[int, tuple[dict[str, str], ...]]:
    """Return further days of the same precision behind commas and `and`."""
    others: list[dict[str, str]] = []
    after = at
    place = at
    while place < len(tokens):
        joint = phrase_table("and_").find(tokens, place) or phrase_table("or_").find(tokens, place)
        if joint is None and tokens[place].low != ",":
            break
        place = joint.after if joint else place + 1
        day = read_day(tokens, place, setting.day_order)
        if day is None:
            continue
        if day.iso is None or len(day.iso) != length:
            break
        others.append({"from": day.iso, "to": day.iso})
        place = after = day.after
    return after, tuple(others)
