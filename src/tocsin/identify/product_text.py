"""What a text says about a product: model numbers, a name, members of a family."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from tocsin.identify.family import Family, families_of_maker, known_families
from tocsin.identify.maker_words import (
    Items,
    MakerWords,
    plain_name,
    split_text,
    words_of_maker,
)
from tocsin.identify.manufacturer import known_manufacturers, maker_of_code
from tocsin.identify.model_number import MIN_LENGTH, ModelNumber, model_number
from tocsin.identify.product_name import ProductName, known_words, singular
from tocsin.identify.spelling import without_lookalikes

_MIN_DIGITS = 2
_MAX_LETTERS = 3
_DIGIT = re.compile(r"\d")
_NUMBER_RUN = re.compile(
    r"[A-Z]*\d[A-Z0-9-]*(?:\s*(?:/|,|&|\band\b|\bor\b)\s*[A-Z]*\d[A-Z0-9-]*)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text says, read as a product of one manufacturer.

    Attributes:
        name: all its words, without the maker and words that only announce a number.
        numbers: the model or catalogue numbers, if the text is nothing else.
        whole: whether the numbers are surely whole: not put together from several
            pieces, no shorthand for the number before, no part of a name ("Infuser 3000").
        members: the family members that it can mean; empty if no family knows it.
        certain: whether it says no more than these members.
        open: whether the members follow from a name that other models may bear too.
        mentioned: the numbers among its words.
        perhaps: further members, should a number in it lack its suffix.
    """

    name: ProductName
    numbers: tuple[ModelNumber, ...] = ()
    whole: bool = True
    members: frozenset[str] = frozenset()
    certain: bool = True
    open: bool = False
    mentioned: tuple[ModelNumber, ...] = ()
    perhaps: frozenset[str] = frozenset()

    @property
    def is_bare_number(self) -> bool:
        """Whether the text surely is a number: in one piece, or known to a family."""
        surely = len(self.name.words) == 1 or (bool(self.members) and self.certain)
        return bool(self.numbers) and self.whole and surely

    @property
    def has_word(self) -> bool:
        """Whether a word of letters stands in it, so that it may be a name as well."""
        return any(word.isalpha() for word in self.name.words)

    @property
    def has_telling_word(self) -> bool:
        """Whether a word of letters that says something stands in it."""
        return any(word.isalpha() for word in self.name.telling)

    @property
    def is_rather_number(self) -> bool:
        """Whether so many digits stand in it that it is a number in pieces ("SP 2545")."""
        return sum(map(str.isdigit, self.name.joined)) >= _MIN_DIGITS

    @property
    def may_be_number(self) -> bool:
        """Whether a model number comes first, or the text is one in pieces ("SP ST 7309 12").

        What else stands in it may be a remark, so that it is no name that could differ.
        """
        words = self.name.words
        first = sum(map(str.isdigit, words[0])) if words else 0
        return first > _MIN_DIGITS or (
            sum(map(str.isdigit, self.name.joined)) > _MIN_DIGITS
            and all(len(word) <= _MAX_LETTERS for word in words if word.isalpha())
        )

    @property
    def says_nothing(self) -> bool:
        """Whether the text names no product: "insulin pump", or the maker alone."""
        return not (self.numbers or self.members or self.name.telling)


@dataclass(frozen=True)
class _Reader:
    """How the products of one manufacturer are read.

    Attributes:
        maker: what only says who made it.
        families: the maker's model families.
        triggers: words without which a text reads as if nobody had made it.
        starts: how the families' numbers begin, two characters each, letters that look like
            digits as digits.
    """

    maker: MakerWords = field(default_factory=MakerWords)
    families: tuple[Family, ...] = ()
    triggers: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()

    def matters_to(self, name: ProductName) -> bool:
        """Whether a text can read otherwise with this manufacturer than with none."""
        words, prefixes = name.words, self.maker.prefixes
        return (
            not self.triggers.isdisjoint(words)
            or without_lookalikes(name.joined[:2]) in self.starts
            or any(without_lookalikes(word[:2]) in self.starts for word in words)
            or (bool(prefixes) and any(word.startswith(prefixes) for word in words))
        )


_PLAIN_READER = _Reader()


@cache
def _reader_for(maker_id: str | None) -> _Reader:
    if maker_id is None or maker_id not in known_manufacturers().by_id:
        return _PLAIN_READER
    maker = words_of_maker(maker_id)
    families = families_of_maker(maker_id)
    names = (name for family in families for name, _ in names_of_family(family.family))
    return _Reader(
        maker,
        families,
        triggers=frozenset(
            {word for name in names for word in name.words}
            | {singular(word) for word in maker.first_words}
        ),
        starts=frozenset(
            without_lookalikes(start) for family in families for start in family.starts
        ),
    )


@lru_cache(maxsize=262144)
def read_product_text(text: str, maker_id: str | None) -> Reading:
    """Return what a text says about a product of the given manufacturer."""
    reader = _reader_for(maker_id)
    if reader is _PLAIN_READER:
        return _read(text, reader)
    plain = read_product_text(text, None)
    return _read(text, reader) if reader.matters_to(plain.name) else plain


def reads_differently(text: str, maker_id: str) -> bool:
    """Whether a text may say something else once a manufacturer is assumed."""
    return _reader_for(maker_id).matters_to(read_product_text(text, None).name)


def _read(text: str, reader: _Reader) -> Reading:
    maker, families = reader.maker, reader.families
    items = split_text(text)
    if reader is not _PLAIN_READER:
        items = tuple(kept for item in items if (kept := maker.without(item)))
    pieces = [piece for item in items for piece in item]
    name = ProductName([singular(piece.replace("-", "")) for piece in pieces])
    if not _DIGIT.search(text):
        found = _read_in_families(name, pieces, families) if families else None
        return found or Reading(name)
    bare = _without_generic(items)
    numbers, whole = _read_numbers(bare, maker)
    whole = whole and sum(map(len, bare)) == len(pieces)
    if families and bare:
        members, certain = _members_of_numbers(numbers, families)
        if members:
            perhaps = _bare_members(numbers, families)
            return Reading(name, numbers, whole or certain, members, certain, perhaps=perhaps)
        spaced = model_number(maker.number_of("-".join(bare[0])))
        if len(bare) == 1 and (members := _members_of_code(spaced, families)):
            return Reading(name, (spaced,), members=members, certain=len(members) == 1)
    codes = [maker.number_of(piece) for piece in pieces]
    mentioned = tuple([model_number(code) for code in codes if _is_number(code)])
    if families and (found := _read_in_families(name, codes, families)):
        return replace(found, mentioned=mentioned, perhaps=_bare_members(mentioned, families))
    return Reading(name, numbers, whole, mentioned=mentioned)


def _without_generic(items: Items) -> Items:
    """Return the pieces without the words that may stand beside a number."""
    passing = known_words().beside_number
    bare = (tuple([piece for piece in item if singular(piece) not in passing]) for item in items)
    return tuple([item for item in bare if item])


def _read_numbers(bare: Items, maker: MakerWords) -> tuple[tuple[ModelNumber, ...], bool]:
    """Return the model numbers that a text consists of, if it does, and whether whole.

    ``bare`` are the pieces of its items without the words that may stand beside a number.
    """
    if len(bare) > 1 and all(len(item) == 1 and _is_number(item[0]) for item in bare):
        numbers = tuple(model_number(maker.number_of(item[0])) for item in bare)
        first = len(numbers[0].squeezed)
        return numbers, all(len(number.squeezed) >= first for number in numbers)
    pieces = [piece for item in bare for piece in item]
    if not pieces or not all(map(_has_digit, pieces[1:])):
        return (), True
    if len(pieces) > 1 and len(pieces[0]) > 4 and not _has_digit(pieces[0]):
        return (), True
    joined = maker.number_of("-".join(pieces))
    if not _is_number(joined):
        return (), True
    return (model_number(joined),), len(pieces) == 1 or sum(map(_has_digit, pieces)) == 1


def _has_digit(piece: str) -> bool:
    return _DIGIT.search(piece) is not None


def _is_number(piece: str) -> bool:
    if len(piece) < MIN_LENGTH or not _has_digit(piece):
        return False
    return piece.isalnum() or sum(map(str.isalnum, piece)) >= MIN_LENGTH


def _members_of_numbers(
    numbers: Iterable[ModelNumber], families: tuple[Family, ...]
) -> tuple[frozenset[str], bool]:
    """Return the family members that numbers can mean together, and whether surely."""
    members: set[str] = set()
    certain = True
    for number in numbers:
        sure = _members_of_code(number, families)
        found = sure or _union(family.members_like_code(number.squeezed) for family in families)
        if not found:
            return frozenset(), True
        members |= found
        certain = certain and len(sure) == 1
    return frozenset(members), certain


def _members_of_code(number: ModelNumber, families: tuple[Family, ...]) -> frozenset[str]:
    return _union(family.members_of_code(number.squeezed) for family in families)


def _bare_members(numbers: Iterable[ModelNumber], families: tuple[Family, ...]) -> frozenset[str]:
    return _union(
        family.members_of_bare_code.get(number.squeezed, frozenset())
        for number in numbers
        for family in families
    )


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset(member for found in sets for member in found)


@dataclass(frozen=True, slots=True)
class _InFamily:
    members: frozenset[str]
    explained: frozenset[str]
    certain: bool
    open: bool


def _read_in_families(
    name: ProductName, codes: list[str], families: Iterable[Family]
) -> Reading | None:
    found = [hit for family in families if (hit := _read_in_family(name, codes, family))]
    found = [hit for hit in found if not any(hit.explained < other.explained for other in found)]
    if not found:
        return None
    return Reading(
        name,
        members=_union(hit.members for hit in found),
        certain=len(found) == 1 and found[0].certain,
        open=any(hit.open for hit in found),
    )


def _read_in_family(name: ProductName, codes: list[str], family: Family) -> _InFamily | None:
    """Return the members of one family that a name means, by numbers in it and by words."""
    by_code: set[str] = set()
    alike: set[str] = set()
    explained: set[str] = set()
    for word, code in zip(name.words, codes, strict=True):
        if not _is_number(code):
            continue
        squeezed = code.replace("-", "")
        if found := family.members_of_code(squeezed):
            by_code |= found
            explained.add(word)
        else:
            alike |= family.members_like_code(squeezed)
    named, name_words = _named_members(frozenset(name.words), family)
    numbered = by_code | alike
    if not numbered and not named:
        return None
    agreed = numbered & named
    members = agreed or (numbered | named)
    explained |= name_words
    left = set(name.words) - explained - family_descriptors(family.family)
    contradictory = bool(numbered and named and not agreed)
    return _InFamily(
        members=frozenset(members),
        explained=frozenset(explained),
        certain=not (left or alike or contradictory),
        open=not numbered and not family.complete,
    )


def _named_members(words: frozenset[str], family: Family) -> tuple[frozenset[str], frozenset[str]]:
    """Return the members meant by the longest of the family's names among the words."""
    best: frozenset[str] = frozenset()
    best_words: frozenset[str] = frozenset()
    for name, members in names_of_family(family.family):
        name_words = frozenset(name.words)
        if len(name_words) > len(best_words) and name_words <= words:
            best, best_words = members, name_words
    return best, best_words


@cache
def family_descriptors(family_id: str) -> frozenset[str]:
    """Return the words that may stand beside a family's names and numbers."""
    family = known_families()[family_id]
    return frozenset(singular(word.upper().replace("-", "")) for word in family.descriptors)


@cache
def names_of_family(family_id: str) -> tuple[tuple[ProductName, frozenset[str]], ...]:
    """Return each of a family's names with the members it means."""
    family = known_families()[family_id]
    names = [(name.name, name.members) for name in family.names]
    names += [(name, (member.model,)) for member in family.members for name in member.names]
    return tuple(
        (plain, frozenset(map(family.key_of, members)) if members else family.member_keys)
        for text, members in names
        if (plain := plain_name(text, family.manufacturer)).telling
    )


def expand_name(text: str) -> Iterator[str]:
    """Yield a name and, if it lists numbers once, the name with each of them alone.

    >>> list(expand_name("Medfusion 3500/4000 pump"))
    ['Medfusion 3500/4000 pump', 'Medfusion 3500 pump', 'Medfusion 4000 pump']
    """
    yield text
    if text.isalpha() or not _DIGIT.search(text):
        return
    runs = list(_NUMBER_RUN.finditer(text))
    if len(runs) == 1:
        run = runs[0]
        for number in re.split(r"\s*(?:/|,|&|\band\b|\bor\b)\s*", run.group(), flags=re.IGNORECASE):
            yield text[: run.start()] + number + text[run.end() :]


@lru_cache(maxsize=65536)
def makers_in_text(text: str) -> frozenset[str]:
    """Return the makers that model numbers in a text prove (``MMT-722``)."""
    pieces = {"".join(text.upper().split())} | {p for item in split_text(text) for p in item}
    return frozenset(maker.id for piece in pieces if (maker := maker_of_code(piece)))
