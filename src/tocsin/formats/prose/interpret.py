"""From the phrases of a clause to what it says of a scope."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from tocsin.formats.prose.leftovers import take_left
from tocsin.formats.prose.lexicon import phrase_table
from tocsin.formats.prose.names import is_generic, plain_word
from tocsin.formats.prose.phrase import (
    ALL,
    CODES,
    COUNTRY,
    DAYS,
    EITHER,
    FACT,
    LOT,
    SERIAL,
    SOFTWARE,
    TOLD,
    UDI,
    Phrase,
    Setting,
)
from tocsin.formats.prose.readers import BARE_DAY, WITHHELD, ClauseReading, read_clause
from tocsin.formats.prose.said import APART, HARD, SOFT, DaySaid, Said, spans_of
from tocsin.formats.prose.tokens import WORD, text_of
from tocsin.formats.prose.windows import covers_everything, join_windows
from tocsin.identify.udi.di import is_di
from tocsin.identify.udi.text import UnreadableUdi, parse_udi

_BEING = frozenset({"was", "were", "been", "is", "are", "wurde", "wurden", "été", "werd", "werden"})
_WHO = frozenset({"that", "which", "who", "die", "das", "qui", "que", "wat", "som"})
_LINKING = frozenset(
    {
        "with",
        "have",
        "has",
        "having",
        "which",
        "that",
        "are",
        "were",
        "was",
        "is",
        "bearing",
        "the",
        "mit",
        "avec",
        "con",
        "met",
        "med",
        "who",
    }
)
_LIMITING = frozenset({CODES, SOFTWARE, LOT, SERIAL, EITHER, DAYS, COUNTRY, FACT})


def interpret(
    reading: ClauseReading,
    setting: Setting,
    *,
    excludes: bool = False,
    open_kind: str | None = None,
) -> Said:
    """Return what a clause says.

    ``open_kind`` is the kind of number that the statement before announced.
    """
    said = Said(spans=spans_of(reading.phrases, reading.tokens, setting.text))
    said.history = reading.tokens[0].low == "(" and bool(
        phrase_table("history").find(reading.tokens, 1)
    )
    for phrase in reading.phrases:
        _take(phrase, reading, said, setting)
    _part_alternatives(reading, said, setting, excludes=excludes)
    if covers_everything(said.days) and _says_or(reading):
        said.unread.append(text_of(setting.text, reading.tokens))
    said.days = join_windows(said.days)
    if _pairs_up(reading):
        said.unread.append(text_of(setting.text, reading.tokens))
    if said.every & ({SOFTWARE} if said.software else set()) or said.every & set(said.numbers):
        said.unread.append(text_of(setting.text, reading.tokens))
    left = [at for at in reading.left if not _is_harmless_only(reading, at, said)]
    others = [at for at in left if phrase_table("others").find(reading.tokens, at)]
    denied = excludes or any(
        t.low in {"no", "not", "keine", "aucun", "ningún", "geen", "inga"} for t in reading.tokens
    )
    if (
        others
        and denied
        and len(others) == len(left)
        and not said.has_product
        and not said.has_constraint
    ):
        said.rest, left = True, []
    if said.narrows and not left and all(p.kind in {BARE_DAY, TOLD} for p in reading.phrases):
        said.information += [("date", text) for text in said.narrows]
        said.narrows = []
    take_left(reading, left, said, setting, excludes=excludes, open_kind=open_kind)
    return said


def _take(phrase: Phrase, reading: ClauseReading, said: Said, setting: Setting) -> None:
    whole = text_of(setting.text, reading.tokens)
    if phrase.unread is not None:
        (said.narrows if phrase.kind == DAYS else said.unread).append(whole)
    elif phrase.kind in _TAKERS:
        _TAKERS[phrase.kind](phrase, reading, said, setting)
    elif phrase.kind == ALL:
        said.every.add(phrase.value)
    elif phrase.kind == FACT:
        said.facts.append(phrase.value)
    elif phrase.kind == WITHHELD:
        said.withheld = whole
    elif phrase.kind == TOLD:
        said.information.append(phrase.value)
        said.fixed += phrase.details.get("fixed", ())


def _take_codes(phrase: Phrase, reading: ClauseReading, said: Said, setting: Setting) -> None:
    said.codes += phrase.value
    said.widens += phrase.details.get("unread", ())
    said.information += [
        ("told", text_of(setting.text, reading.tokens[a:b]))
        for a, b in phrase.details.get("told", ())
    ]


def _take_software(phrase: Phrase, reading: ClauseReading, said: Said, setting: Setting) -> None:
    if _may_number_document(phrase, reading):
        said.unread.append(text_of(setting.text, reading.tokens))
        return
    said.software += phrase.value
    if not phrase.value:
        said.every.add(SOFTWARE)


def _take_numbers(phrase: Phrase, reading: ClauseReading, said: Said, setting: Setting) -> None:
    said.add_numbers(phrase.kind, phrase.value)
    _take_remarks(phrase, reading, said, setting)


def _take_days(phrase: Phrase, reading: ClauseReading, said: Said, _setting: Setting) -> None:
    if not phrase.value:
        return
    manner = _manner(phrase, reading)
    said.days += [
        DaySaid(phrase.details["column"], interval, manner, phrase.read_as)
        for interval in (phrase.value, *phrase.details.get("others", ()))
    ]


def _may_number_document(phrase: Phrase, reading: ClauseReading) -> bool:
    """Whether `Version 2` may be the document's: a whole number, no software, no product."""
    words = {token.low for token in reading.tokens[phrase.first : phrase.after]}
    called = any("software" in word or "firmware" in word or "app" in word for word in words)
    if called or reading.of_kind(CODES) or reading.left:
        return False
    return bool(phrase.value) and all(
        part.equal and part.equal.isdecimal() for part in phrase.value
    )


def _take_bare_day(phrase: Phrase, reading: ClauseReading, said: Said, setting: Setting) -> None:
    """Take an interval that goes on from the one before (`and between ...`), or keep it open."""
    whole = text_of(setting.text, reading.tokens)
    before = [each for each in reading.of_kind(DAYS) if each.after <= phrase.first]
    if before and phrase.first - before[-1].after <= 2 and said.days and phrase.value:
        said.days.append(replace(said.days[-1], interval=phrase.value))
    elif before:
        said.unread.append(whole)
    else:
        said.narrows.append(whole)


def _manner(phrase: Phrase, reading: ClauseReading) -> str:
    if phrase.details.get("heading"):
        return APART
    before = reading.tokens[phrase.first - 1].low if phrase.first else ""
    if before in _BEING and (phrase.first < 2 or reading.tokens[phrase.first - 2].low not in _WHO):
        return SOFT  # "the product was distributed ...": a tale, not a limit
    others = reading.of_kind(LOT, SERIAL, EITHER, SOFTWARE)
    return SOFT if before in {",", "("} or others else HARD


def _take_remarks(phrase: Phrase, reading: ClauseReading, said: Said, setting: Setting) -> None:
    """Take what stands in brackets behind a number: harmless words inform, others do not."""
    for first, after in phrase.value.remarks:
        inner = reading.tokens[first:after]
        told = read_clause(inner, setting)
        words = [inner[at] for at in told.left]
        whole = text_of(setting.text, reading.tokens)
        if told.of_kind(*(_LIMITING - {COUNTRY, DAYS})):
            said.unread.append(whole)
        elif any(not is_generic(plain_word(w.low)) for w in words):
            adds = any(phrase_table(n).holds(inner) for n in ("and_", "or_", "others"))
            (said.unread if adds or any(w.kind != WORD for w in words) else said.narrows).append(
                whole
            )
        else:
            said.information.append(("told", text_of(setting.text, inner)))


def _take_country(phrase: Phrase, reading: ClauseReading, said: Said, _setting: Setting) -> None:
    codes = [code for code in phrase.value if code]
    limits = phrase_table("only").holds(reading.tokens)
    numbered = reading.of_kind(LOT, SERIAL, EITHER)
    if phrase.details["outside"] and codes:
        said.information.append(("market", phrase.read_as))
        said.not_in += codes
    elif phrase.details["sold"] and (limits or not numbered) and len(codes) == len(phrase.value):
        said.only_in += codes
        said.only_soft = said.only_soft or not limits
    else:
        said.information.append(("market", phrase.read_as))


def _take_udis(phrase: Phrase, _reading: ClauseReading, said: Said, _setting: Setting) -> None:
    for text in phrase.value:
        try:
            udi = parse_udi(text)
        except UnreadableUdi:
            said.dis_unread.append(text)
            continue
        if udi.di is None or not udi.can_refute or not is_di(udi.di):
            said.dis_unread.append(text)
            continue
        said.dis.append(udi.di)
        for kind, number in ((LOT, udi.lot), (SERIAL, udi.serial)):
            if number:
                said.information.append(("told", f"{kind} {number} in {text}"))


def _is_harmless_only(reading: ClauseReading, at: int, said: Said) -> bool:
    """Whether `only` stands in a clause that limits anyway, so that it adds nothing."""
    if not phrase_table("only").find(reading.tokens, at):
        return False
    return bool(said.codes or said.has_constraint)


def _part_alternatives(
    reading: ClauseReading, said: Said, setting: Setting, *, excludes: bool
) -> None:
    """Keep a clause open whose constraints `or` joins: lots 1 and 2, or made before 2019."""
    limiting = reading.of_kind(*(_LIMITING - {CODES, COUNTRY}), BARE_DAY)
    for one, other in pairwise(limiting):
        if other.kind in {DAYS, BARE_DAY} and one.details.get("column") == (
            other.details.get("column") or one.details.get("column")
        ):
            continue  # two windows of one kind: a day in either is meant
        if _adds(reading, one.after, other.first):
            said.unread.append(text_of(setting.text, reading.tokens))
            if excludes:
                said.software, said.numbers, said.days, said.facts = [], {}, [], []
            return


def _says_or(reading: ClauseReading) -> bool:
    return any(phrase_table("or_").find(reading.tokens, at) for at in _between_days(reading))


def _between_days(reading: ClauseReading) -> list[int]:
    """Return the places between the date phrases of a clause."""
    days = reading.of_kind(DAYS, BARE_DAY)
    return [at for one, other in pairwise(days) for at in range(one.after, other.first)]


def _pairs_up(reading: ClauseReading) -> bool:
    """Whether constraints come in pairs (lot 1 shipped in May, lot 2 in June), not all with all."""
    kinds = [
        phrase.details.get("column", phrase.kind)
        for phrase in reading.of_kind(SOFTWARE, LOT, SERIAL, EITHER, DAYS)
    ]
    runs = [kind for place, kind in enumerate(kinds) if not place or kinds[place - 1] != kind]
    runs = [kind for kind in runs if kind != "expires_on"]
    runs = [kind for place, kind in enumerate(runs) if not place or runs[place - 1] != kind]
    return len(runs) > 3 and len(runs) > len(set(runs)) + 1


def _adds(reading: ClauseReading, start: int, end: int) -> bool:
    """Whether the words between two constraints make them alternatives: `or`, `and those`."""
    tokens = reading.tokens
    for at in range(start, end):
        if phrase_table("or_").find(tokens, at):
            return True
        if (hit := phrase_table("and_").find(tokens, at)) and any(
            token.low.isalpha() and token.low not in _LINKING for token in tokens[hit.after : end]
        ):
            return True
    return False


_TAKERS: dict[str, Callable[[Phrase, ClauseReading, Said, Setting], None]] = {
    CODES: _take_codes,
    SOFTWARE: _take_software,
    LOT: _take_numbers,
    SERIAL: _take_numbers,
    EITHER: _take_numbers,
    DAYS: _take_days,
    COUNTRY: _take_country,
    UDI: _take_udis,
    BARE_DAY: _take_bare_day,
}
"""Who takes a phrase of each kind into what a clause says."""
