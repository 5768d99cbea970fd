"""Which products may an entry name? Found by key, so that few pairs have to be compared.

The index answers with a *superset* of the products whose identity is not FALSE, and then
asks `is_product` about each. Per manufacturer it keeps each distinct text once, under the
numbers, family members and words by which `product.text_opinion` could be other than FALSE.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tocsin.base.truth import Truth
from tocsin.identify.model_number import ModelNumber, NumberList
from tocsin.identify.product import Product, compare_makers, is_product, proven_maker
from tocsin.identify.product_name import ProductName, spelling_keys
from tocsin.identify.product_scope import ProductScope
from tocsin.identify.product_text import Reading, read_product_text

_END = "\U0010ffff"

Numbers = set[int]
Keyed = defaultdict[str, set[int]]


class ProductIndex:
    """Distinct products, ready to be asked which of them an entry may name."""

    def __init__(self, products: Sequence[Product]) -> None:
        """Take the products; an answer names them by their place. No evidence, no answer."""
        self.products = products
        self._by_di: defaultdict[str, list[int]] = defaultdict(list)
        self._by_maker: defaultdict[tuple[str | None, str | None], list[int]] = defaultdict(list)
        for place, product in enumerate(products):
            if not product.has_evidence:
                continue
            self._by_maker[product.manufacturer, proven_maker(product)].append(place)
            if product.di is not None:
                self._by_di[product.di].append(place)
        self._texts: dict[tuple[str | None, frozenset[object]], _MakerTexts] = {}
        self._makers: dict[str | None, _MakerTexts] = {}

    def candidates(self, scope: ProductScope) -> Iterable[int]:
        """Return the places of all products whose identity is not FALSE, and few others."""
        found = self._texts_for(scope).candidates(scope)
        for di in scope.dis:
            found.update(self._by_di.get(di, ()))
        return found

    def matches(self, scope: ProductScope) -> Iterator[tuple[int, Truth]]:
        """Yield every product whose identity is not FALSE with its truth, in order."""
        for place in sorted(self.candidates(scope)):
            truth = is_product(self.products[place], scope)
            if truth is not Truth.FALSE:
                yield place, truth

    def _texts_for(self, scope: ProductScope) -> "_MakerTexts":
        """Return the texts of all products that are not surely another manufacturer's."""
        if scope.maker not in self._makers:
            groups = frozenset(
                group
                for group in self._by_maker
                if compare_makers(*group, scope.maker) is not Truth.FALSE
            )
            key = (scope.maker_id, frozenset[object](groups))
            if key not in self._texts:
                places = (place for group in groups for place in self._by_maker[group])
                self._texts[key] = _MakerTexts(self.products, places, scope.maker_id)
            self._makers[scope.maker] = self._texts[key]
        return self._makers[scope.maker]


@dataclass
class _Names:
    """Names by their words, near misspellings and ends; each name stands for products."""

    products: dict[ProductName, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Key every name that tells something."""
        self.by_joined: Keyed = defaultdict(set)
        self.by_told: Keyed = defaultdict(set)
        by_word: Keyed = defaultdict(set)
        for name, places in self.products.items():
            self.by_joined[name.joined] |= places
            if name.telling:
                self.by_told[name.told] |= places
                for word in name.telling:
                    by_word[word] |= places
        self._by_word = by_word
        self._words_by_key: defaultdict[str, list[str]] = defaultdict(list)
        for word in by_word:
            for key in spelling_keys(word):
                self._words_by_key[key].append(word)
        # A name lies within another only if its rarest word does.
        self._by_rarest: Keyed = defaultdict(set)
        for name, places in self.products.items():
            if name.telling:
                rarest = min(name.telling, key=lambda word: len(by_word[word]))
                self._by_rarest[rarest] |= places
        self._told = sorted(self.by_told)
        self._told_backwards = sorted(told[::-1] for told in self.by_told)
        self.all: set[int] = set().union(*self.products.values())

    def near(self, name: ProductName) -> set[int]:
        """Return the products with a name that is not surely different."""
        if not name.telling:
            return self.all
        found: set[int] = set()
        sizes = [self._near_words(word) for word in name.telling]
        rarest = min(sizes, key=lambda words: sum(len(self._by_word[word]) for word in words))
        for word in rarest:
            found |= self._by_word[word]
        for words in sizes:
            for word in words:
                found |= self._by_rarest.get(word, set())
        for end in ends_of(name.told):
            found |= self.by_told.get(end, set())
        for told in _beginning_with(self._told, name.told):
            found |= self.by_told[told]
        for told in _beginning_with(self._told_backwards, name.told[::-1]):
            found |= self.by_told[told[::-1]]
        return found

    def _near_words(self, word: str) -> set[str]:
        return {
            other for key in spelling_keys(word) for other in self._words_by_key.get(key, ())
        }


def ends_of(text: str) -> Iterator[str]:
    """Yield every beginning and every end of a text, and the text."""
    for cut in range(1, len(text)):
        yield text[:cut]
        yield text[cut:]
    yield text


def _beginning_with(ordered: list[str], start: str) -> list[str]:
    return ordered[bisect_left(ordered, start) : bisect_left(ordered, start + _END)]


class _MakerTexts:
    """The texts of the products of one manufacturer (or perhaps of it), under their keys."""

    def __init__(
        self, products: Sequence[Product], places: Iterable[int], maker_id: str | None
    ) -> None:
        self._by_number: Keyed = defaultdict(set)
        self._by_skeleton: Keyed = defaultdict(set)
        self._by_stem: Keyed = defaultdict(set)
        self._by_member: Keyed = defaultdict(set)
        self._numbers: set[int] = set()
        self._named: set[int] = set()
        self._member_named: set[int] = set()
        self._mute: set[int] = set()
        # Products without a whole model number, by how their catalogue number is built.
        self._indefinite: defaultdict[ModelNumber | None, set[int]] = defaultdict(set)
        self._near_names: dict[tuple[ProductName, ...], set[int]] = {}
        names: defaultdict[ProductName, set[int]] = defaultdict(set)
        texts: defaultdict[str, list[int]] = defaultdict(list)
        for place in places:
            product = products[place]
            self._add_product(place, product, maker_id)
            for text in {product.model, product.catalogue_no, product.product}:
                if text:
                    texts[text].append(place)
            if product.product and product.model:
                both = read_product_text(f"{product.product} {product.model}", maker_id)
                names[both.name].add(place)
        for text, where in texts.items():
            self._add_text(read_product_text(text, maker_id), where, names)
        self._names = _Names(dict(names))

    def _add_text(
        self, reading: Reading, where: list[int], names: dict[ProductName, set[int]]
    ) -> None:
        for number in {*reading.numbers, *reading.mentioned}:
            self._by_number[number.squeezed].update(where)
            self._by_skeleton[number.skeleton].update(where)
            for stem in number.stems:
                self._by_stem[stem].update(where)
        for member in reading.members:
            self._by_member[member].update(where)
        if reading.members and len(reading.numbers) != 1:
            self._member_named.update(where)
        names[reading.name].update(where)

    def _add_product(self, place: int, product: Product, maker_id: str | None) -> None:
        readings = {
            text: read_product_text(text, maker_id)
            for text in (product.model, product.catalogue_no, product.product)
            if text
        }
        telling = [reading for reading in readings.values() if not reading.says_nothing]
        if not telling:
            self._mute.add(place)
        if any(not reading.numbers for reading in telling):
            self._named.add(place)
        if any(reading.numbers for reading in telling):
            self._numbers.add(place)
        definite = any(
            reading.numbers and reading.whole and text != product.catalogue_no
            for text, reading in readings.items()
        )
        if not definite:
            catalogue = readings.get(product.catalogue_no or "")
            numbers = catalogue.numbers if catalogue and catalogue.whole else ()
            self._indefinite[numbers[0] if len(numbers) == 1 else None].add(place)

    def candidates(self, scope: ProductScope) -> set[int]:
        """Return the products with a text that speaks for the entry, or with none against."""
        found = set(self._mute)
        for joined in scope.same_name:
            found |= self._names.by_joined.get(joined, set())
        for member in scope.possible_members:
            found |= self._by_member.get(member, set())
        if scope.has_unknown_codes:
            found |= self._member_named
        self._add_related_numbers(scope.numbers, found)
        if scope.listed_names:
            found |= self._near_any(scope.listed_names)
        if scope.possible_members:
            found |= self._near_any(scope.family_names)
        if scope.numbers:
            self._add_indefinite(scope, found)
        else:
            self._add_related_numbers(scope.name_numbers, found)
            self._add_numbers_in_names(scope.listed_names, found)
            silent = scope.listed_names or scope.possible_members
            found |= self._numbers - self._named if silent else self._numbers | self._named
        return found

    def _add_related_numbers(self, listed: NumberList, found: set[int]) -> None:
        for number in listed.numbers:
            found |= self._by_number.get(number.squeezed, set())
            found |= self._by_skeleton.get(number.skeleton, set())
            found |= self._by_stem.get(number.squeezed, set())
            for stem in number.stems:
                found |= self._by_number.get(stem, set())

    def _add_numbers_in_names(self, names: Iterable[ProductName], found: set[int]) -> None:
        for name in names:
            for text in {*name.words, *ends_of(name.joined)}:
                found |= self._by_number.get(text, set())

    def _near_any(self, names: tuple[ProductName, ...]) -> set[int]:
        if names not in self._near_names:
            self._near_names[names] = set().union(*map(self._names.near, names))
        return self._near_names[names]

    def _add_indefinite(self, scope: ProductScope, found: set[int]) -> None:
        """Add products whose numbers cannot refute, if their names cannot either."""
        names_refute = bool(
            scope.listed_names or (scope.possible_members and not scope.has_unknown_codes)
        )
        for number, places in self._indefinite.items():
            if number is None or not scope.numbers.has_scheme_of(number):
                found |= places - self._named if names_refute else places
