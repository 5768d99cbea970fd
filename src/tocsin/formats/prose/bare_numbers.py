"""Numbers that nothing in their clause announces: what kind they are, if the text tells."""

from collections.abc import Sequence

from tocsin.formats.prose.announced import find_announcement
from tocsin.formats.prose.number_lists import NumberList, read_numbers
from tocsin.formats.prose.phrase import EITHER, LOT, SERIAL, SOFTWARE, Setting
from tocsin.formats.prose.readers import ClauseReading
from tocsin.formats.prose.said import Said, span_of
from tocsin.formats.prose.tokens import CODE, Tokens
from tocsin.formats.prose.version_phrases import read_software

_MIN_DIGITS = 3


def is_enumerator(tokens: Tokens, at: int) -> bool:
    """Whether `2)` or `(2)` only counts the items of a list."""
    closed = at + 1 < len(tokens) and tokens[at + 1].low == ")"
    return closed and tokens[at].low.isdecimal() and len(tokens[at].low) <= 2


def bare_starts(reading: ClauseReading, left: Sequence[int]) -> list[int]:
    """Return where numbers stand that nothing announces."""
    tokens = reading.tokens
    return [
        at
        for at in left
        if tokens[at].kind == CODE and sum(map(str.isdigit, tokens[at].text)) >= _MIN_DIGITS
    ]


def _kind_of_bare(
    reading: ClauseReading,
    at: int,
    read: NumberList,
    said: Said,
    setting: Setting,
    open_kind: str | None,
) -> str | None:
    """Return what numbers are that nothing announces, if the text around them tells."""
    before = at - 1
    while before >= 0 and (
        reading.tokens[before].low in {")", ",", ";"} or is_enumerator(reading.tokens, before)
    ):
        before -= 1
    own = {phrase.kind for phrase in reading.of_kind(LOT, SERIAL, EITHER)}
    if len(own) == 1 and any(phrase.after - 1 == before for phrase in reading.phrases):
        return own.pop()
    if open_kind in {LOT, SERIAL, EITHER} and not own:
        return open_kind
    labelled = at > 0 and reading.tokens[at - 1].low == ":" and bool(said.codes or said.names)
    ranged = (
        bool(read.ranges) and not read.any_of and all(len(first) >= 6 for first, _ in read.ranges)
    )
    if labelled or ranged:
        return LOT if setting.by_lot else EITHER
    return None


def take_bare(
    reading: ClauseReading, at: int, said: Said, setting: Setting, open_kind: str | None
) -> int | None:
    """Take numbers that nothing announces; return the place after them, None if left."""
    if open_kind == SOFTWARE and not said.has_product:
        found = read_software(reading.tokens, at, setting)
        if found is None:
            return None
        said.software += found.value
        return found.after
    read = read_numbers(
        reading.tokens,
        at,
        lambda tokens, place: bool(find_announcement(tokens, place)),
        counted=open_kind == SERIAL,
    )
    if not read or read.remarks:
        return None
    kind = _kind_of_bare(reading, at, read, said, setting, open_kind)
    if kind is None:
        return None
    said.add_numbers(kind, read)
    first, last = reading.tokens[at], reading.tokens[read.after - 1]
    said.spans.append(span_of(setting.text, first.start, last.end, f"{kind} numbers"))
    return read.after
