"""The words of notices from the data files, ready to be found among tokens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tocsin.base.provenance import Source
from tocsin.formats.prose.tokens import LINE, Tokens, read_tokens
from tocsin.identify.data_file import data_folder, load_data_file

Phrases = tuple[str, ...]


class FactWords(BaseModel):
    """A fact that a word of its own tells: its values, and the words of each."""

    model_config = ConfigDict(extra="forbid")

    ask: str
    values: dict[str, Phrases]


class Words(BaseModel):
    """The data file of words; what each list is for stands in the file itself."""

    model_config = ConfigDict(extra="forbid")

    source: Source
    announce: dict[str, Phrases]
    loosely_shipped: Phrases
    all_of: Phrases = Field(alias="all")
    and_: Phrases = Field(alias="and")
    or_: Phrases = Field(alias="or")
    to: Phrases
    from_: Phrases = Field(alias="from")
    months: dict[int, Phrases]
    day_bounds: dict[str, Phrases]
    on_: Phrases = Field(alias="on")
    present: Phrases
    vague_day: Phrases
    version_words: dict[str, str]
    remedy: Phrases
    not_affected_after: Phrases
    not_affected_before: Phrases
    except_: Phrases = Field(alias="except")
    affected: Phrases
    used_with: Phrases
    withheld: Phrases
    outside: Phrases
    only: Phrases
    prefix: Phrases
    open_from: Phrases
    open_to: Phrases
    units: Phrases
    about: Phrases
    facts: dict[str, FactWords]
    fillers: Phrases
    vague: Phrases
    others: Phrases
    history: Phrases
    instructing: Phrases
    regardless: Phrases
    limiting: Phrases
    document: Phrases
    calling: Phrases
    abbreviations: Phrases


class CountryWords(BaseModel):
    """The data file of countries."""

    model_config = ConfigDict(extra="forbid")

    source: Source
    countries: dict[str, Phrases]
    regions: Phrases


@dataclass(frozen=True)
class Hit:
    """A phrase found among tokens: what it stands for, and the place after it."""

    meaning: Any
    after: int


class PhraseTable:
    """Phrases by their words, the longest found first."""

    def __init__(self, phrases: Mapping[str, Any]) -> None:
        """Take phrases and what each stands for."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], Any]]] = {}
        for phrase, meaning in phrases.items():
            words = tuple(token.low for token in read_tokens(phrase))
            if words:
                self._by_first.setdefault(words[0], []).append((words, meaning))
        for found in self._by_first.values():
            found.sort(key=lambda pair: -len(pair[0]))

    def find(self, tokens: Tokens, at: int) -> Hit | None:
        """Return the longest phrase that begins at a place, line ends within it allowed."""
        if at >= len(tokens):
            return None
        for words, meaning in self._by_first.get(tokens[at].low, ()):
            after = _after_words(tokens, at, words)
            if after is not None:
                return Hit(meaning, after)
        return None

    def holds(self, tokens: Tokens) -> bool:
        """Whether a phrase stands anywhere among tokens."""
        return any(self.find(tokens, at) for at in range(len(tokens)))


def _after_words(tokens: Tokens, at: int, words: tuple[str, ...]) -> int | None:
    place = at
    for index, word in enumerate(words):
        while index and place < len(tokens) and tokens[place].kind == LINE:
            place += 1
        if place >= len(tokens) or tokens[place].low != word:
            return None
        place += 1
        if place < len(tokens) and tokens[place].low == "." and index + 1 < len(words):
            place += 1
    return place


def _table(*phrases: Iterable[str]) -> PhraseTable:
    return PhraseTable({phrase: phrase for group in phrases for phrase in group})


@cache
def known_words() -> Words:
    """Return the words of the data file."""
    return load_data_file(data_folder("tocsin.formats.prose") / "words.yaml", Words)


@cache
def phrase_table(name: str) -> PhraseTable:
    """Return one list of the data file by its name, each phrase standing for itself."""
    return _table(getattr(known_words(), name))


@cache
def announcements() -> PhraseTable:
    """Return what announces a value, standing for the value's kind."""
    kinds = known_words().announce
    return PhraseTable({phrase: kind for kind, phrases in kinds.items() for phrase in phrases})


@cache
def day_bounds() -> PhraseTable:
    """Return how bounds on a date are said, standing for the bound."""
    kinds = known_words().day_bounds
    return PhraseTable({phrase: kind for kind, phrases in kinds.items() for phrase in phrases})


@cache
def version_words() -> PhraseTable:
    """Return other languages' words in a version phrase, standing for the English ones."""
    return PhraseTable(known_words().version_words)


@cache
def country_names() -> PhraseTable:
    """Return countries, standing for their codes, and regions, standing for nothing."""
    read = load_data_file(data_folder("tocsin.formats.prose") / "countries.yaml", CountryWords)
    named = dict.fromkeys(read.regions, "")
    return PhraseTable(
        named | {name: code for code, names in read.countries.items() for name in names}
    )


@cache
def fact_values() -> PhraseTable:
    """Return the words that tell a fact, standing for the fact and its value."""
    return PhraseTable(
        {
            phrase: (fact, value)
            for fact, read in known_words().facts.items()
            for value, phrases in read.values.items()
            for phrase in phrases
        }
    )


@cache
def filler_words() -> frozenset[str]:
    """Return the single words that limit nothing."""
    read = known_words()
    groups = (read.fillers, read.and_, read.or_, read.all_of, read.affected)
    return frozenset(word for group in groups for phrase in group for word in phrase.split())


@cache
def month_of(word: str) -> int | None:
    """Return the month that a word names, else None."""
    low = word.lower().rstrip(".")
    for month, names in known_words().months.items():
        if low in names:
            return month
    return None
