"""Who made a device: spellings of manufacturers, and when two names are one firm."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.base.truth import Truth
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.identify.spelling import without_accents

_JOINTS = (r"[()\[\]]", r"[/;|]|\s[-\u2013]\s", r"\bd\W?b\W?a\b\W?|\b(?:and|formerly|by|for)\b")
"""How a text joins several firms, the surest joint first: ``Disetronic (Roche)``."""


class Manufacturer(BaseModel):
    """One manufacturer.

    Attributes:
        id: our stable key.
        names: every spelling that surely means it, legal forms left out.
        short_names: what product names say of the maker only, never of a product line.
        code_prefixes: what the firm writes before its model numbers (``MMT-``).
        code_pattern: a full model number that nobody else uses, as a regular
            expression over upper case text without spaces.
        related: firms it bought, was bought by, or makes or sells for: never surely another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    names: tuple[str, ...]
    short_names: tuple[str, ...] = ()
    code_prefixes: tuple[str, ...] = ()
    code_pattern: str | None = None
    related: tuple[str, ...] = ()


class ManufacturerFile(BaseModel):
    """The data file of manufacturers."""

    model_config = ConfigDict(extra="forbid")

    source: Source
    legal_words: tuple[str, ...]
    manufacturers: tuple[Manufacturer, ...]


@dataclass(frozen=True)
class Manufacturers:
    """All manufacturers that we know, by id and by spelling.

    A spelling may name two firms (``Philips Respironics``); ``related`` holds every pair
    of related firms both ways.
    """

    by_id: dict[str, Manufacturer]
    by_spelling: dict[str, tuple[str, ...]]
    related: frozenset[tuple[str, str]]
    legal_words: frozenset[str]


def load_manufacturers() -> ManufacturerFile:
    """Return the data file of manufacturers as it is written."""
    path = data_folder("tocsin.identify") / "manufacturers.yaml"
    return load_data_file(path, ManufacturerFile)


@cache
def known_manufacturers() -> Manufacturers:
    """Return the manufacturers of the data file."""
    read = load_manufacturers()
    legal = frozenset(word.upper() for word in read.legal_words)
    by_spelling: dict[str, tuple[str, ...]] = {}
    for maker in read.manufacturers:
        for plain in {_plain(spelling, legal) for spelling in (maker.id, *maker.names)}:
            by_spelling[plain] = (*by_spelling.get(plain, ()), maker.id)
    pairs = {(maker.id, other) for maker in read.manufacturers for other in maker.related}
    return Manufacturers(
        by_id={maker.id: maker for maker in read.manufacturers},
        by_spelling=by_spelling,
        related=frozenset(pairs | {(other, one) for one, other in pairs}),
        legal_words=legal,
    )


def _plain(text: str, legal_words: frozenset[str]) -> str:
    folded = without_accents(_without_slash_forms(text.upper()))
    words = re.findall(r"[^\W_]+", folded.replace("'", "").replace("’", ""))
    kept = [word for word in words if word not in legal_words]
    return " ".join(kept or words)


def _without_slash_forms(text: str) -> str:
    """Write legal forms with a slash (A/S) without it, so that it is no joint of two firms."""
    return re.sub(r"\bA/S\b", "AS", text, flags=re.IGNORECASE)


@lru_cache(maxsize=65536)
def plain_manufacturer(text: str) -> str:
    """Return a spelling without case, accents, punctuation and legal form."""
    return _plain(text, known_manufacturers().legal_words)


@lru_cache(maxsize=65536)
def find_manufacturer(text: str | None) -> Manufacturer | None:
    """Return the first manufacturer that a spelling surely names, else None.

    >>> find_manufacturer("MEDTRONIC PUERTO RICO OPERATIONS CO.").id
    'medtronic'
    """
    found = named_manufacturers(text)
    return known_manufacturers().by_id[found[0]] if found else None


@lru_cache(maxsize=65536)
def named_manufacturers(text: str | None) -> tuple[str, ...]:
    """Return the firms that a text names, in order; none if any part of it is unknown.

    >>> named_manufacturers("Disetronic (Roche)")
    ('disetronic', 'roche')
    """
    if not text:
        return ()
    known = known_manufacturers()
    whole = known.by_spelling.get(plain_manufacturer(text))
    if whole:
        return whole
    parts: Iterable[str] = [_without_slash_forms(text)]
    for joint in _JOINTS:
        parts = [piece for part in parts for piece in re.split(joint, part, flags=re.IGNORECASE)]
        plain = [plain_manufacturer(part) for part in parts if plain_manufacturer(part)]
        named = [known.by_spelling.get(part, ()) for part in plain]
        if named and all(named):
            return tuple(dict.fromkeys(found for ids in named for found in ids))
    return ()


def relatives_of(maker_id: str) -> tuple[Manufacturer, ...]:
    """Return a manufacturer and all that it is related to, itself first."""
    known = known_manufacturers()
    others = sorted(other for one, other in known.related if one == maker_id)
    return tuple(known.by_id[found] for found in (maker_id, *others))


@lru_cache(maxsize=65536)
def maker_of_code(code: str) -> Manufacturer | None:
    """Return the manufacturer that alone writes model numbers like this one."""
    normal = "".join(code.upper().split())
    for pattern, maker in _code_patterns():
        if pattern.fullmatch(normal):
            return maker
    return None


@cache
def _code_patterns() -> tuple[tuple[re.Pattern[str], Manufacturer], ...]:
    makers = known_manufacturers().by_id.values()
    return tuple((re.compile(maker.code_pattern), maker) for maker in makers if maker.code_pattern)


@lru_cache(maxsize=65536)
def compare_manufacturers(ours: str | None, theirs: str | None) -> Truth:
    """Return whether two spellings mean the same manufacturer.

    FALSE only if both are known and unrelated; an unknown spelling is UNKNOWN unless it
    is the very same.
    """
    if not ours or not theirs:
        return Truth.UNKNOWN
    if plain_manufacturer(ours) == plain_manufacturer(theirs):
        return Truth.TRUE
    first, second = named_manufacturers(ours), named_manufacturers(theirs)
    if not first or not second:
        return Truth.UNKNOWN
    if set(first) & set(second):
        return Truth.TRUE
    related = known_manufacturers().related
    if any((one, other) in related for one in first for other in second):
        return Truth.UNKNOWN
    return Truth.FALSE
