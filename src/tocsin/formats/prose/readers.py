"""One clause in phrases: each place is offered to the readers in turn; what none takes is left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tocsin.formats.prose.announced import find_announcement, read_all, read_announced
from tocsin.formats.prose.day_phrases import read_interval
from tocsin.formats.prose.facts import read_fact_word, read_with
from tocsin.formats.prose.lexicon import phrase_table
from tocsin.formats.prose.names import is_filler
from tocsin.formats.prose.phrase import UDI, Phrase, Setting
from tocsin.formats.prose.product_codes import read_known_codes
from tocsin.formats.prose.tokens import CODE, SIGN, Tokens, text_of
from tocsin.formats.prose.told import (
    read_country,
    read_phone,
    read_quantity,
    read_reference,
    read_remedy,
    read_used_with,
)
from tocsin.formats.prose.version_phrases import is_comparison, read_software

Reader = Callable[[Tokens, int, Setting], Phrase | None]

WITHHELD = "withheld"
BARE_DAY = "bare day"


def read_udi(tokens: Tokens, at: int, _setting: Setting) -> Phrase | None:
    """Return the device identifiers at a place: bar code text, or digits that are announced."""
    announced = find_announcement(tokens, at)
    place = at
    if announced:
        if UDI not in announced.kinds:
            return None
        place = announced.after
    found: list[str] = []
    after = place
    while place < len(tokens):
        if tokens[place].kind == UDI or (
            announced
            and tokens[place].kind == CODE
            and tokens[place].low.isdecimal()
            and len(tokens[place].low) >= 8
        ):
            found.append(tokens[place].text)
        elif (
            tokens[place].low in {",", ":", "/", ";", "and", "&", "or", "|", "code", "codes", "-"}
            or tokens[place].kind == "line"
        ):
            place += 1
            continue
        else:
            break
        place += 1
        after = place
    if not found:
        return None
    return Phrase(UDI, at, after, tuple(found), f"device identifier {' '.join(found)}")


def _read_comparison(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    is_version = (
        tokens[at].kind == CODE and tokens[at].low[0] == "v" and tokens[at].low[1:2].isdecimal()
    )
    if not (is_version or is_comparison(tokens, at)):
        return None
    return read_software(tokens, at, setting)


def _read_bare_version(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return `2.4A or lower` without an announcement: only with words that compare."""
    if tokens[at].kind != CODE or "." not in tokens[at].low:
        return None
    found = read_software(tokens, at, setting, called=False)
    if found is None or not found.value or all(part.equal for part in found.value):
        return None
    return found


def _read_withheld(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    hit = phrase_table("withheld").find(tokens, at)
    if hit is None:
        return None
    return Phrase(WITHHELD, at, hit.after, None, text_of(setting.text, tokens[at : hit.after]))


def _read_bare_interval(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return an interval of days that no word says what happened in."""
    if tokens[at].kind == SIGN:
        return None
    read = read_interval(tokens, at, setting)
    if read is None or (at + 1 == read.after and len(tokens[at].low) != 4):
        return None
    said = text_of(setting.text, tokens[at : read.after])
    return Phrase(BARE_DAY, at, read.after, read.interval, said)


_READERS: tuple[Reader, ...] = (
    read_remedy,
    read_reference,
    read_phone,
    read_used_with,
    _read_withheld,
    read_udi,
    read_quantity,
    read_all,
    read_announced,
    _read_comparison,
    read_known_codes,
    read_country,
    read_fact_word,
    read_with,
    _read_bare_version,
    _read_bare_interval,
)


@dataclass(frozen=True, slots=True)
class ClauseReading:
    """The phrases of a clause, and the places of the tokens that none of them holds."""

    tokens: Tokens
    phrases: tuple[Phrase, ...]
    left: tuple[int, ...]

    def of_kind(self, *kinds: str) -> list[Phrase]:
        """Return the phrases of some kinds, in order."""
        return [phrase for phrase in self.phrases if phrase.kind in kinds]


def read_clause(tokens: Tokens, setting: Setting, *, excludes: bool = False) -> ClauseReading:
    """Return what a clause says, place by place.

    In a clause that excludes, what devices were updated to is no remedy, but a limit.
    """
    phrases: list[Phrase] = []
    left: list[int] = []
    at = 0
    while at < len(tokens):
        found = _read_at(tokens, at, setting, _READERS[excludes:])
        if found is not None and found.after > at:
            phrases.append(found)
            at = found.after
            continue
        if not is_filler(tokens[at]) or tokens[at].kind == CODE:
            left.append(at)
        at += 1
    return ClauseReading(tokens, tuple(phrases), tuple(left))


def _read_at(tokens: Tokens, at: int, setting: Setting, readers: Sequence[Reader]) -> Phrase | None:
    if tokens[at].kind in {"line", "gap"}:
        return None
    for reader in readers:
        if found := reader(tokens, at, setting):
            return found
    return None
