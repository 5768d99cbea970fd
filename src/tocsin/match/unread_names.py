"""Products that a notice names inside text that could not be read.

Such a sentence may widen an entry, so that a record whose model or name stands in it is never
surely another product. Comparing is generous on purpose: a number counts with or without its
maker's prefix and its suffix letters, a name by its words.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from tocsin.base.truth import Truth
from tocsin.identify.manufacturer import known_manufacturers
from tocsin.identify.product import Product, ProductScope, is_product, maker_truth
from tocsin.identify.product_name import ProductName, singular
from tocsin.notice.scope import Entry

_PIECE = re.compile(r"[0-9A-Z]+")
_WITH_SUFFIX = re.compile(r"([0-9A-Z]*\d{2})[A-Z]+")
_LONGEST_RUN = 5
_MIN_LENGTH = 2


def identity_of(product: Product, entry: Entry, scope: ProductScope) -> Truth:
    """Return whether a record's product is an entry's, its unread text considered."""
    truth = is_product(product, scope)
    if truth is Truth.FALSE and may_be_named(product, scope, entry.unread_texts):
        return Truth.UNKNOWN
    return truth


def may_be_named(product: Product, scope: ProductScope, texts: tuple[str, ...]) -> bool:
    """Whether texts of an entry name a product that is not surely another maker's."""
    if not texts or maker_truth(product, scope) is Truth.FALSE:
        return False
    own, (runs, words) = _spellings(product), _read(texts)
    return not own.numbers.isdisjoint(runs) or any(name <= words for name in own.names)


@dataclass(frozen=True)
class _Spellings:
    """How a product can stand in a sentence: its numbers, and its names as words."""

    numbers: frozenset[str]
    names: tuple[frozenset[str], ...]


@lru_cache(maxsize=4096)
def _read(texts: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Return all short runs of neighbouring pieces of the texts, joined, and the words."""
    runs: set[str] = set()
    words: set[str] = set()
    for text in texts:
        pieces = _PIECE.findall(text.upper())
        words |= set(map(singular, pieces))
        for start in range(len(pieces)):
            for end in range(start + 1, start + 1 + _LONGEST_RUN):
                runs |= _with_and_without_suffix("".join(pieces[start:end]))
    return frozenset(runs), frozenset(words)


@lru_cache(maxsize=65536)
def _spellings(product: Product) -> _Spellings:
    numbers: set[str] = set()
    names = []
    for text in (product.model, product.catalogue_no, product.product):
        pieces = _PIECE.findall((text or "").upper())
        telling = ProductName(
            singular(piece) for piece in pieces if piece not in _maker_words()
        ).telling
        if telling and not any(char.isdigit() for char in "".join(pieces)):
            names.append(frozenset(telling))
        numbers |= _numbers_in(pieces)
        if text == product.product:
            numbers |= {each for piece in pieces for each in _numbers_in([piece])}
    return _Spellings(frozenset(numbers), tuple(names))


def _numbers_in(pieces: Sequence[str]) -> set[str]:
    joined = "".join(pieces)
    if len(joined) < _MIN_LENGTH or not any(char.isdigit() for char in joined):
        return set()
    found = _with_and_without_suffix(joined)
    for prefix in _code_prefixes():
        rest = joined.removeprefix(prefix)
        if rest != joined and rest[:1].isdigit():
            found |= _with_and_without_suffix(rest)
    return found


def _with_and_without_suffix(text: str) -> set[str]:
    stem = _WITH_SUFFIX.fullmatch(text)
    return {text, stem[1]} if stem else {text}


@cache
def _code_prefixes() -> frozenset[str]:
    makers = known_manufacturers().by_id.values()
    return frozenset(
        "".join(_PIECE.findall(prefix.upper()))
        for maker in makers
        for prefix in maker.code_prefixes
    )


@cache
def _maker_words() -> frozenset[str]:
    makers = known_manufacturers().by_id.values()
    return frozenset(
        word for maker in makers for name in maker.short_names for word in name.upper().split()
    )


class NamedProducts:
    """Distinct products, ready to be asked which of them a text names."""

    def __init__(self, products: Sequence[Product]) -> None:
        """Take the products; an answer names them by their place."""
        self._products = products

    @cached_property
    def _places(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Return where each number stands, and each name by its longest word."""
        by_number: defaultdict[str, list[int]] = defaultdict(list)
        by_word: defaultdict[str, list[int]] = defaultdict(list)
        for place, product in enumerate(self._products):
            own = _spellings(product)
            for number in own.numbers:
                by_number[number].append(place)
            for name in own.names:
                by_word[max(name, key=len)].append(place)
        return by_number, by_word

    def named(self, scope: ProductScope, texts: tuple[str, ...]) -> list[int]:
        """Return the places of the products that the texts may name, in order."""
        if not texts:
            return []
        by_number, by_word = self._places
        runs, words = _read(texts)
        found = {place for run in runs for place in by_number.get(run, ())}
        found |= {place for word in words for place in by_word.get(word, ())}
        return [
            place for place in sorted(found) if may_be_named(self._products[place], scope, texts)
        ]
