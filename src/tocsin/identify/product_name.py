"""Product names: the words that count, and when two names are the same product's."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, zip_longest

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.base.truth import Truth
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.identify.short_form import cut_forms, initials_of
from tocsin.identify.spelling import without_accents, without_lookalikes

_MIN_LETTERS = 3
_MIN_TO_MISSPELL = 4
_MIN_TO_MISSPELL_GENERIC = 6
_MIN_CONSONANTS = 4
_LAST_LATIN = "\u024f"
_MIN_NUMBER_DIGITS = 3
_SIZE = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_VOWELS = str.maketrans("", "", "AEIOUY")


class _WordFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    generic: tuple[tuple[str, ...], ...]
    accessory: tuple[str, ...]
    descriptive: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...]
    units: tuple[str, ...]
    model_words: tuple[str, ...]
    source: Source


@dataclass(frozen=True)
class Words:
    """Words with a role in product texts, upper case and singular.

    Attributes:
        generic: they name no product by themselves.
        beside_number: generic words that leave a number a model number ("pump 722").
        announcing: words before a number ("model", "REF"), part of nothing.
        kinds: sets of words that only name a kind of product.
        units: units of size.
    """

    generic: frozenset[str]
    beside_number: frozenset[str]
    announcing: frozenset[str]
    kinds: frozenset[frozenset[str]]
    units: frozenset[str]


@cache
def known_words() -> Words:
    """Return the words of the data file."""
    read = load_data_file(data_folder("tocsin.identify") / "words.yaml", _WordFile)
    plain = frozenset(map(_plain, chain.from_iterable(read.generic)))
    accessory = frozenset(map(_plain, read.accessory))
    descriptive = frozenset(map(_plain, chain.from_iterable(read.descriptive)))
    announcing = frozenset(word.upper() for word in read.model_words)
    kinds = frozenset(frozenset(map(_plain, kind.split())) for kind in read.kinds)
    units = frozenset(unit.upper() for unit in read.units)
    return Words(
        generic=plain | descriptive,
        beside_number=plain - accessory - descriptive,
        announcing=announcing,
        kinds=kinds,
        units=units,
    )


def _plain(word: str) -> str:
    return singular(without_accents(word.upper()))


def singular(word: str) -> str:
    """Return a word without a plural s; model numbers stay as they are.

    >>> singular("PUMPS"), singular("554CMS")
    ('PUMP', '554CMS')
    """
    if len(word) > 3 and word.endswith("S") and word.isalpha() and not word.endswith("SS"):
        return word[:-1]
    return word


@lru_cache(maxsize=65536)
def spelling_keys(word: str) -> frozenset[str]:
    """Return keys of which a word shares one with its near misspellings.

    They are the word; the word with any one letter left out, if it has enough letters; its
    consonants in lower case, so that PRDGM is PARADIGM; and, if it has a digit, the word with
    letters that look like digits as digits.

    >>> spelling_keys("PARADGIM") & spelling_keys("PARADIGM") == set()
    False
    >>> spelling_keys("35OO") & spelling_keys("3500") == set()
    False
    """
    letters = sum(map(str.isalpha, word))
    keys = {word}
    if letters < len(word):
        keys.add(without_lookalikes(word))
    if letters >= _MIN_TO_MISSPELL:
        keys |= {word[:i] + word[i + 1 :] for i in range(len(word)) if word[i].isalpha()}
    if letters == len(word) and len(consonants := word.translate(_VOWELS)) >= _MIN_CONSONANTS:
        keys.add(consonants.lower())
    return frozenset(keys)


class ProductName:
    """The words of a name after declared normalisation, in order. Equal by its words.

    Attributes:
        words: the words.
        joined: all words in one: equal ones are the same name.
        telling: the words that say more than "insulin pump"; none if they are a mere kind.
        told: the telling words in one.
    """

    __slots__ = ("_initials", "_keys", "joined", "telling", "told", "words")

    def __init__(self, words: Iterable[str]) -> None:
        """Take the words."""
        self.words = tuple(words)
        self.joined = "".join(self.words)
        self.telling = _telling_words(self.words)
        self.told = "".join(self.telling)
        self._keys: frozenset[str] | None = None
        self._initials: frozenset[str] | None = None

    @property
    def numbers(self) -> frozenset[str]:
        """Return the words that look like model numbers: three digits or more."""
        return frozenset(
            word for word in self.telling if sum(map(str.isdigit, word)) >= _MIN_NUMBER_DIGITS
        )

    @property
    def keys(self) -> frozenset[str]:
        """Return the spelling keys of all words, and what they are cut short to.

        All words, because a telling word of another name may be a misspelt generic one.
        """
        if self._keys is None:
            keys = {key for word in self.words for key in spelling_keys(word)}
            keys.update(short for word in self.words for short in cut_forms(word))
            self._keys = frozenset(keys)
        return self._keys

    @property
    def initials(self) -> frozenset[str]:
        """Return the initials of each few words in a row."""
        if self._initials is None:
            self._initials = frozenset(short for short, _ in initials_of(self.words))
        return self._initials

    @property
    def is_a_number(self) -> bool:
        """Return whether all that it tells has a digit: "B450"."""
        return bool(self.telling) and all(map(_has_digit, self.telling))

    @property
    def has_number(self) -> bool:
        """Return whether any word of it has a digit."""
        return _has_digit(self.joined)

    @property
    def is_in_other_script(self) -> bool:
        """Return whether it is not written in Latin letters."""
        return not self.joined.isascii() and any(
            char.isalpha() and char > _LAST_LATIN for char in self.joined
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ProductName) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"ProductName({self.words!r})"


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _telling_words(words: tuple[str, ...]) -> tuple[str, ...]:
    known = known_words()
    named = tuple(word for word in words if not _is_generic(word))
    kept = _without_sizes(named) or named
    if sum(map(len, kept)) < _MIN_LETTERS:
        return ()
    if len(words) > 1 and frozenset(words) in known.kinds:
        return ()
    return kept


def _without_sizes(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words without sizes such as "2.0 ml" or "2ml"."""
    units = known_words().units
    return tuple(
        word
        for word, following in zip_longest(words, words[1:], fillvalue="")
        if word not in units
        and not (following in units and _SIZE.fullmatch(word))
        and not ((size := _SIZE.match(word)) and word[size.end() :] in units)
    )


@lru_cache(maxsize=65536)
def _is_generic(word: str) -> bool:
    """Whether a word is generic, or a long one misspelt or cut short ("insluin", "syst")."""
    known = known_words().generic
    if word in known or word in _generic_keys():
        return True
    return len(word) > _MIN_TO_MISSPELL and not _generic_keys().isdisjoint(spelling_keys(word))


@cache
def _generic_keys() -> frozenset[str]:
    """Return how generic words are misspelt or cut short; not their consonants alone.

    By these, SPIRIT would be a Swedish syringe.
    """
    return frozenset(
        key
        for word in known_words().generic
        for key in (
            *cut_forms(word),
            *(spelling_keys(word) if len(word) >= _MIN_TO_MISSPELL_GENERIC else ()),
        )
        if not key.islower()
    )


def compare_names(ours: ProductName, theirs: ProductName) -> Truth:
    """Return whether two names are one product's.

    FALSE only if both tell a product, neither contains the other, even misspelt, and they
    share no model number ("Alaris PCU 8015", "Alaris 8015 PC unit").
    """
    if ours.joined == theirs.joined:
        return Truth.TRUE
    if not ours.telling or not theirs.telling:
        return Truth.UNKNOWN
    if are_near(ours, theirs):
        return Truth.UNKNOWN
    return Truth.FALSE if ours.numbers.isdisjoint(theirs.numbers) else Truth.UNKNOWN


def are_near(one: ProductName, other: ProductName) -> bool:
    """Whether one of two names contains the other, or they are written in different scripts."""
    if one.is_in_other_script is not other.is_in_other_script:
        return True
    return _contains(one, other) or _contains(other, one)


def _contains(whole: ProductName, part: ProductName) -> bool:
    """Whether a name contains another: word by word, or at an end of its letters."""
    spelt_out = _spelt_out(part, whole)
    if all(word in spelt_out or _has_word(whole, word) for word in part.telling):
        return True
    return is_end_of(whole.told, part.told) or is_end_of(whole.joined, part.joined)


def _has_word(name: ProductName, word: str) -> bool:
    """Whether a word stands in a name, misspelt, cut short or as the initials of others."""
    if not name.keys.isdisjoint(spelling_keys(word)) or word in name.initials:
        return True
    return any(short in name.words for short in cut_forms(word))


def _spelt_out(part: ProductName, whole: ProductName) -> frozenset[str]:
    """Return the words of a name for which another has their initials."""
    if part.initials.isdisjoint(whole.words):
        return frozenset()
    runs = (run for short, run in initials_of(part.words) if short in whole.words)
    return frozenset(word for run in runs for word in run)


def is_end_of(whole: str, part: str) -> bool:
    """Whether a text begins or ends with another, no number cut in two."""
    if len(part) >= len(whole):
        return whole == part
    if whole.startswith(part) and not (part[-1].isdigit() and whole[len(part)].isdigit()):
        return True
    return whole.endswith(part) and not (part[0].isdigit() and whole[-len(part) - 1].isdigit())
