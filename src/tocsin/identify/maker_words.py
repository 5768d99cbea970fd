"""Product texts in pieces, and what in them only says who made it."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from tocsin.identify.manufacturer import known_manufacturers, relatives_of
from tocsin.identify.product_name import ProductName, known_words, singular
from tocsin.identify.spelling import without_accents, without_lookalikes

_MARKS = re.compile(r"[™®©¿]|\((?:TM|R)\)", re.IGNORECASE)
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_LIST_MARKS = re.compile(r"[/,;&]|\s\+\s|\bAND\b|\bOR\b")
_COUNT = re.compile(r"\(\s*\d{1,3}\s*\)")  # "cartridges (10)"
_GAPS = re.compile(r"[\s()\[\]:\"]+")

Items = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=262144)
def split_text(text: str) -> Items:
    """Return the upper case pieces of a text, one group per item of a list."""
    plain = text.upper()
    if not plain.isascii() or "(" in plain:
        plain = without_accents(_COUNT.sub(" ", _DASHES.sub("-", _MARKS.sub("", plain))))
    announcing = known_words().announcing
    items = []
    for item in _LIST_MARKS.split(plain):
        pieces = (piece.strip("-.#'_") for piece in _GAPS.split(item))
        if kept := tuple(piece for piece in pieces if piece and piece not in announcing):
            items.append(kept)
    return tuple(items)


@dataclass(frozen=True)
class MakerWords:
    """What in a product text only says who made it.

    Attributes:
        single: words to leave out.
        phrases: the same, of several words.
        prefixes: what stands before the maker's model numbers, without a hyphen.
    """

    single: frozenset[str] = frozenset()
    phrases: tuple[tuple[str, ...], ...] = ()
    prefixes: tuple[str, ...] = ()

    def without(self, pieces: tuple[str, ...]) -> tuple[str, ...]:
        """Return the pieces without the maker's names, a prefix joined to its number."""
        for phrase in self.phrases:
            for start in range(len(pieces) - len(phrase) + 1):
                if pieces[start : start + len(phrase)] == phrase:
                    pieces = pieces[:start] + pieces[start + len(phrase) :]
                    break
        kept = [piece for piece in pieces if piece.replace("-", "") not in self.single]
        if self.prefixes:
            for place in range(len(kept) - 1, 0, -1):
                if kept[place - 1] in self.prefixes and kept[place][0].isdigit():
                    kept[place - 1 : place + 1] = [f"{kept[place - 1]}-{kept[place]}"]
        return tuple(piece for piece in kept if piece not in self.prefixes)

    def number_of(self, piece: str) -> str:
        """Return a piece without the maker's prefix, if a number follows it."""
        for stem in self.prefixes:
            rest = piece.removeprefix(stem).lstrip("-")
            if piece.startswith(stem) and without_lookalikes(rest[:1]).isdigit():
                return rest
        return piece

    @property
    def first_words(self) -> frozenset[str]:
        """Return the words with which a name of the maker begins."""
        return self.single | {words[0].replace("-", "") for words in self.phrases}


@cache
def words_of_maker(maker_id: str | None) -> MakerWords:
    """Return the words of a manufacturer and of the firms that it is related to."""
    if maker_id is None or maker_id not in known_manufacturers().by_id:
        return MakerWords()
    makers = relatives_of(maker_id)
    short = [
        tuple(piece for item in split_text(name) for piece in item)
        for maker in makers
        for name in maker.short_names
    ]
    return MakerWords(
        single=frozenset(words[0].replace("-", "") for words in short if len(words) == 1),
        phrases=tuple(sorted((words for words in short if len(words) > 1), key=len, reverse=True)),
        prefixes=tuple(prefix.upper().rstrip("-") for prefix in makers[0].code_prefixes),
    )


@lru_cache(maxsize=65536)
def plain_name(text: str, maker_id: str | None) -> ProductName:
    """Return a name after declared normalisation: case, plural, maker, marks, Model."""
    maker = words_of_maker(maker_id)
    pieces = (piece for item in split_text(text) for piece in maker.without(item))
    return ProductName(singular(piece.replace("-", "")) for piece in pieces)
