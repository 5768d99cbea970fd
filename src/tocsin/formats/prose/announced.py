"""What follows an announcement: `Lot No.: ...`, `all serial numbers`, `made before ...`."""

from dataclasses import dataclass

from tocsin.formats.prose.day_phrases import read_interval
from tocsin.formats.prose.lexicon import Hit, announcements, known_words, phrase_table
from tocsin.formats.prose.number_lists import read_numbers
from tocsin.formats.prose.phrase import (
    ALL,
    DAYS,
    EITHER,
    LOT,
    SERIAL,
    SOFTWARE,
    TOLD,
    UDI,
    Phrase,
    Setting,
)
from tocsin.formats.prose.product_codes import is_known_code, read_announced_codes
from tocsin.formats.prose.tokens import CODE, LINE, Tokens, text_of
from tocsin.formats.prose.told import read_country
from tocsin.formats.prose.version_phrases import read_software

DAY_KINDS = frozenset({"made_on", "shipped_on", "expires_on", "serviced_on", "implanted_on"})
_NUMBERED = frozenset({LOT, SERIAL})
_DATE_WORDS = frozenset({"date", "dates", "dom", "exp", "expiry", "expiration"})


@dataclass(frozen=True, slots=True)
class Announcement:
    """The kinds that some words announce.

    Attributes:
        kinds: the kinds; several where they are joined (`lot/serial`).
        after: the place after the words.
        heading: whether they stand as a heading (`Distribution dates:`), not in a sentence.
    """

    kinds: frozenset[str]
    after: int
    heading: bool


def find_announcement(tokens: Tokens, at: int) -> Announcement | None:
    """Return what the words at a place announce, joined announcements together."""
    hit = announcements().find(tokens, at)
    if hit is None:
        return None
    kinds = {hit.meaning}
    after = hit.after
    words = [token.low for token in tokens[at:after]]
    while following := _joined(tokens, after, kinds):
        kinds.add(following.meaning)
        words += [token.low for token in tokens[after : following.after]]
        after = following.after
    while called := phrase_table("affected").find(tokens, after):
        after = called.after
    if after < len(tokens) and tokens[after].low == "." and is_abbreviation(words[-1]):
        after += 1
    colon = after < len(tokens) and tokens[after].low in {":", "-"}
    dated = bool(_DATE_WORDS & {part for word in words for part in word.split("-")})
    dated = dated or any("datum" in word or "fecha" in word for word in words)
    heading = colon or (dated and at == 0)
    return Announcement(frozenset(kinds), after, heading)


def is_abbreviation(word: str) -> bool:
    """Whether a full stop behind a word belongs to the word (`No.`, `Chargen-Nr.`)."""
    return word in known_words().abbreviations or word.endswith("-nr")


def _joined(tokens: Tokens, at: int, kinds: set[str]) -> Hit | None:
    """Return an announcement that a joint ties to the one before (`/`, `or`)."""
    place = at
    if place < len(tokens) and tokens[place].low in {"/", "(", "|"}:
        place += 1
    elif (hit := phrase_table("or_").find(tokens, place)) or (
        hit := phrase_table("and_").find(tokens, place)
    ):
        place = hit.after
    hit = announcements().find(tokens, place)
    return hit if hit and (place > at or hit.meaning in kinds) else None


def read_announced(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return what is announced at a place, with its announcement; None if nothing follows."""
    announced = find_announcement(tokens, at)
    if announced is None:
        return None
    kinds = announced.kinds - {"product", "told", "quantity"}
    found: Phrase | None = None
    if len(kinds & _NUMBERED) == 2:
        found = _numbers(tokens, announced, EITHER, setting)
    elif kinds & _NUMBERED:
        found = _numbers(tokens, announced, min(kinds & _NUMBERED), setting)
    elif "model" in kinds:
        found = read_announced_codes(tokens, announced.after, setting)
    elif SOFTWARE in kinds:
        found = read_software(tokens, announced.after, setting)
    elif kinds & DAY_KINDS:
        found = _days(tokens, announced, min(kinds & DAY_KINDS), setting)
    elif "maker" in kinds or (
        announced.kinds <= {"quantity", "told", "country"} and announced.heading
    ):
        found = _rest_of_line(tokens, announced.after, setting)
    if found is None:
        return _nothing(tokens, at, announced, kinds, setting)
    details = dict(found.details) | {"heading": announced.heading}
    return Phrase(found.kind, at, found.after, found.value, found.read_as, found.unread, details)


def _nothing(
    tokens: Tokens, at: int, announced: Announcement, kinds: frozenset[str], setting: Setting
) -> Phrase | None:
    """Return an unreadable phrase where a value follows that its reader does not know."""
    place = announced.after
    while place < len(tokens) and tokens[place].low in {":", "="}:
        place += 1
    if (
        place >= len(tokens)
        or tokens[place].kind != CODE
        or not kinds & (_NUMBERED | DAY_KINDS | {SOFTWARE})
    ):
        return None
    kind = (
        EITHER if len(kinds & _NUMBERED) == 2 else min(kinds & (_NUMBERED | DAY_KINDS | {SOFTWARE}))
    )
    kind = DAYS if kind in DAY_KINDS else kind
    said = text_of(setting.text, tokens[at : place + 1])
    return Phrase(kind, at, place + 1, None, said, unread=said, details={"column": ""})


def _numbers(tokens: Tokens, announced: Announcement, kind: str, setting: Setting) -> Phrase | None:
    place = announced.after
    while place < len(tokens) and (tokens[place].low in {":", "("} or tokens[place].kind == LINE):
        place += 1
    if every := _every(tokens, place):
        said = text_of(setting.text, tokens[announced.after : every])
        return Phrase(ALL, announced.after, every, kind, f"all ({said})")
    market = read_country(tokens, place, setting)
    start = market.after if market else announced.after
    read = read_numbers(
        tokens, start, lambda run, p: _stops(run, p, setting), counted=kind == SERIAL
    )
    if not read:
        return None
    said = text_of(setting.text, tokens[announced.after : read.after])
    return Phrase(kind, announced.after, read.after, read, f"{kind} {said}".replace(" :", ""))


def _every(tokens: Tokens, at: int) -> int | None:
    """Return the place after `all`, `All lots`, if that is the whole value."""
    hit = phrase_table("all_of").find(tokens, at)
    if hit is None:
        return None
    after = hit.after
    while more := (
        announcements().find(tokens, after) or phrase_table("units").find(tokens, after)
    ):
        after = more.after
    return after


def _stops(tokens: Tokens, at: int, setting: Setting) -> bool:
    """Whether something else than a lot or serial number begins at a place."""
    if announcements().find(tokens, at):
        return True
    if at + 1 < len(tokens) and tokens[at].kind == CODE:
        after = at + 1
        if tokens[after].low == ":" and not tokens[after].spaced:
            return True  # a label: the numbers of another product follow
        if phrase_table("units").find(tokens, after):
            return True
    return is_known_code(tokens, at, setting)


def _days(tokens: Tokens, announced: Announcement, column: str, setting: Setting) -> Phrase | None:
    place = announced.after
    while place < len(tokens) and (
        tokens[place].low in {":", ",", "/"} or tokens[place].kind == LINE
    ):
        place += 1
    place = _skip_doer(tokens, place)
    read = read_interval(tokens, place, setting)
    if read is None and (market := read_country(tokens, place, setting)):
        read = read_interval(tokens, market.after, setting)
    if read is None:
        return None
    said = text_of(setting.text, tokens[announced.after : read.after])
    details = {"column": column, "others": read.others}
    return Phrase(
        DAYS, announced.after, read.after, read.interval, f"{column} {said}", read.unread, details
    )


def _skip_doer(tokens: Tokens, at: int) -> int:
    """Skip `by SIGMA` between a participle and its date."""
    if at + 1 < len(tokens) and tokens[at].low == "by" and tokens[at + 1].text[:1].isupper():
        place = at + 1
        while (
            place < len(tokens)
            and tokens[place].kind == "word"
            and tokens[place].text[:1].isupper()
        ):
            place += 1
        return place
    return at


def _rest_of_line(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    after = at
    while after < len(tokens) and tokens[after].kind != LINE and tokens[after].low != ";":
        after += 1
    if after == at:
        return None
    said = text_of(setting.text, tokens[at:after])
    return Phrase(TOLD, at, after, ("said", said), f"beside the scope: {said}")


def _skip_small(tokens: Tokens, at: int) -> int:
    while at < len(tokens) and tokens[at].low in {"the", "its", "their", "der", "dem", "la", "le"}:
        at += 1
    return at


def read_all(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return `all`, with the kind that it is all of: units, lots, serial numbers, versions."""
    if whatever := phrase_table("regardless").find(tokens, at):
        named = find_announcement(tokens, _skip_small(tokens, whatever.after))
        if named is None or not named.kinds & {LOT, SERIAL, SOFTWARE, *DAY_KINDS}:
            return None
        said = text_of(setting.text, tokens[at : named.after])
        return Phrase(ALL, at, named.after, min(named.kinds), said)
    hit = phrase_table("all_of").find(tokens, at)
    if hit is None:
        return None
    place = hit.after
    while place < len(tokens) and tokens[place].low in {"of", "the", "affected", "other"}:
        if tokens[place].low == "other":
            return None
        place += 1
    announced = find_announcement(tokens, place)
    kinds = announced.kinds & {LOT, SERIAL, SOFTWARE, UDI} if announced else frozenset()
    if announced and kinds:
        listed = read_announced(tokens, place, setting)
        if listed is not None and listed.kind != ALL:
            return Phrase(
                listed.kind,
                at,
                listed.after,
                listed.value,
                listed.read_as,
                listed.unread,
                listed.details,
            )
        said = text_of(setting.text, tokens[at : announced.after])
        return Phrase(ALL, at, announced.after, min(kinds), said)
    return Phrase(ALL, at, hit.after, "units", text_of(setting.text, tokens[at : hit.after]))
