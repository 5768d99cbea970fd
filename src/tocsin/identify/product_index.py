"""Which products may an entry name? Found by key, so that few pairs have to be compared.

The index answers with a *superset* of the products whose identity is not FALSE, and then
asks `is_product` about each. Products are parted by manufacturer; each part keeps its texts
under the numbers, family members and words by which `product.text_opinion` could be other
than FALSE, and the products whose texts may say nothing at all of an entry.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from tocsin.base.truth import Truth
from tocsin.identify.manufacturer import named_manufacturers
from tocsin.identify.model_number import ModelNumber, ModelRange, Scheme, model_number
from tocsin.identify.product import Product, compare_makers, is_product, proven_maker
from tocsin.identify.product_name import ProductName, spelling_keys
from tocsin.identify.product_scope import ProductScope
from tocsin.identify.product_text import Reading, read_product_text, reads_differently
from tocsin.identify.short_form import cut_forms

Places = dict[str, list[int]]
Part = tuple[tuple[str, ...], str | None]
"""Products of one manufacturer: the firms that they name, the one that they prove."""
_NOBODY: Part = ((), None)


class ProductIndex:
    """Distinct products, ready to be asked which of them an entry may name."""

    def __init__(self, products: Sequence[Product]) -> None:
        """Take the products; an answer names them by their place. No evidence, no answer."""
        self.products = products
        self._by_di: defaultdict[str, list[int]] = defaultdict(list)
        self._parts: defaultdict[Part, list[int]] = defaultdict(list)
        for place, product in enumerate(products):
            if not product.has_evidence:
                continue
            maker = named_manufacturers(product.manufacturer), proven_maker(product)
            self._parts[maker].append(place)
            if product.di is not None:
                self._by_di[product.di].append(place)
        self._texts: dict[tuple[str | None, frozenset[Part]], _Texts] = {}
        self._texts_for_maker: dict[str | None, list[_Texts]] = {}

    def candidates(self, scope: ProductScope) -> Iterable[int]:
        """Return the places of all products whose identity is not FALSE, and few others."""
        found: set[int] = set()
        for texts in self._texts_for(scope):
            texts.add_candidates(scope, found)
        for di in scope.dis:
            found.update(self._by_di.get(di, ()))
        return found

    def matches(self, scope: ProductScope) -> Iterator[tuple[int, Truth]]:
        """Yield every product whose identity is not FALSE with its truth, in order."""
        for place in sorted(self.candidates(scope)):
            truth = is_product(self.products[place], scope)
            if truth is not Truth.FALSE:
                yield place, truth

    def _texts_for(self, scope: ProductScope) -> "list[_Texts]":
        """Return the texts of all products that are not surely another manufacturer's.

        Products that nobody is known to have made are asked about for every manufacturer:
        they are read once as if nobody had made them, and again only where that differs.
        """
        if scope.maker not in self._texts_for_maker:
            parts = frozenset(part for part in self._parts if _may_be(part, scope.maker))
            known = parts - {_NOBODY}
            found = [self._read_parts(known, scope.maker_id)]
            if _NOBODY in parts:
                found.append(self._read_parts(frozenset({_NOBODY}), None))
                found.append(_Texts(self.products, self._differing(scope.maker_id), scope.maker_id))
            self._texts_for_maker[scope.maker] = [texts for texts in found if texts.n_products]
        return self._texts_for_maker[scope.maker]

    def _read_parts(self, parts: frozenset[Part], maker_id: str | None) -> "_Texts":
        key = (maker_id, parts)
        if key not in self._texts:
            places = [place for part in parts for place in self._parts[part]]
            self._texts[key] = _Texts(self.products, places, maker_id)
        return self._texts[key]

    def _differing(self, maker_id: str | None) -> Iterator[int]:
        """Yield what reads differently once a manufacturer is assumed."""
        if maker_id is not None:
            for place in self._parts[_NOBODY]:
                if any(
                    text and reads_differently(text, maker_id) for text in self.products[place][1:4]
                ):
                    yield place


def _may_be(part: Part, maker: str | None) -> bool:
    named, proven = part
    return compare_makers("/".join(named) or None, proven, maker) is not Truth.FALSE


class _Texts:
    """The texts of some products, read for one manufacturer, under their keys."""

    def __init__(
        self, products: Sequence[Product], places: Iterable[int], maker_id: str | None
    ) -> None:
        self._mute: list[int] = []
        self._named: set[int] = set()
        self._numbered: set[int] = set()
        self._member_named: set[int] = set()
        self._member_numbered: set[int] = set()
        self._by_member: Places = {}
        self._numbers = _Numbers()
        self._names = _Names()
        # Products by how their number is built; first those without a sure model number.
        self._indefinite: dict[Scheme | None, set[int]] = {}
        self._built: dict[Scheme | None, set[int]] = {}
        self._near: dict[tuple[ProductName, ...], set[int]] = {}
        self.n_products = 0
        for place in places:
            self.n_products += 1
            product = products[place]
            texts = (product.product, product.model, product.catalogue_no)
            readings = [read_product_text(text, maker_id) for text in texts if text]
            by_catalogue_no = readings[-1] if product.catalogue_no else None
            self._add_product(place, readings, by_catalogue_no)
            for reading in readings:
                self._add_reading(place, reading)

    def _add_product(
        self, place: int, readings: list[Reading], by_catalogue_no: Reading | None
    ) -> None:
        mute, definite = True, False
        scheme: Scheme | None = None
        for reading in readings:
            if reading.says_nothing:
                continue
            mute = False
            if not reading.numbers:
                if not reading.may_be_number:
                    self._named.add(place)
                    continue
                self._numbered.add(place)
                continue
            self._numbered.add(place)
            definite = definite or (reading.is_bare_number and reading is not by_catalogue_no)
            if reading.whole and len(reading.numbers) == 1:
                scheme = reading.numbers[0].scheme
        if mute:
            self._mute.append(place)
        self._built.setdefault(scheme, set()).add(place)
        if not definite:
            self._indefinite.setdefault(scheme, set()).add(place)

    def _add_reading(self, place: int, reading: Reading) -> None:
        for number in {*reading.numbers, *reading.mentioned}:
            self._numbers.add(number, place)
        for member in reading.members | reading.perhaps:
            self._by_member.setdefault(member, []).append(place)
        if reading.members:
            by_number = reading.is_bare_number
            (self._member_numbered if by_number else self._member_named).add(place)
        self._names.add(reading.name, place)

    def add_candidates(self, scope: ProductScope, found: set[int]) -> None:
        """Add the products with a text that speaks for the entry, or with none against."""
        found.update(self._mute)
        for joined in scope.same_name:
            self._names.add_spelling(joined, found)
        for member in scope.possible_members:
            found.update(self._by_member.get(member, ()))
        if scope.has_unknown_codes and scope.possible_members:
            found |= self._member_named
            if scope.only_catalogue:  # a bare number of another member refutes nothing there
                found |= self._member_numbered
        for number in scope.numbers.numbers:
            self._numbers.add_related(number, found)
        for models in scope.ranges:
            self._numbers.add_within(models, found)
        if scope.listed_names:
            found |= self._near_any(scope.listed_names)
        if scope.lists_mere_number:
            found.update(self._names.without_number)
        if scope.possible_members:
            found |= self._near_any(scope.family_names)
        if scope.numbers:
            self._add_indefinite(scope, found)
        else:
            self._add_unrefuted(scope, found)

    def _near_any(self, names: tuple[ProductName, ...]) -> set[int]:
        if names not in self._near:
            near: set[int] = set()
            for name in names:
                self._names.add_near(name, near)
            self._near[names] = near
        return self._near[names]

    def _add_unrefuted(self, scope: ProductScope, found: set[int]) -> None:
        """Add products with only numbers: an entry without numbers may say nothing of them."""
        for number in scope.name_numbers.numbers:
            self._numbers.add_related(number, found)
        for name in scope.listed_names:
            for text in (*name.words, *ends_of(name.joined)):
                self._numbers.add_equal(text, found)
        found |= self._numbered - self._named
        if not scope.listed_names and not scope.possible_members:
            found |= self._named

    def _add_indefinite(self, scope: ProductScope, found: set[int]) -> None:
        """Add products whose numbers cannot refute, if their names cannot either."""
        names_refute = bool(
            scope.listed_names or (scope.possible_members and not scope.has_unknown_codes)
        )
        by_scheme = self._built if scope.only_catalogue else self._indefinite
        for scheme, places in by_scheme.items():
            if scheme is None or not scope.numbers.has_scheme(scheme):
                found |= places - self._named if names_refute else places


class _Numbers:
    """Model numbers of products: equal, alike, cut short or continued."""

    def __init__(self) -> None:
        self._equal: Places = {}
        self._alike: Places = {}
        self._patterns: list[int] = []

    def add(self, number: ModelNumber, place: int) -> None:
        self._equal.setdefault(number.squeezed, []).append(place)
        if number.is_pattern:
            self._patterns.append(place)
        for skeleton in number.skeletons:
            self._alike.setdefault(skeleton, []).append(place)

    @cached_property
    def _ordered(self) -> list[str]:
        return sorted(self._equal)

    @cached_property
    def _backwards(self) -> list[str]:
        return sorted(text[::-1] for text in self._equal)

    def add_equal(self, squeezed: str, found: set[int]) -> None:
        found.update(self._equal.get(squeezed, ()))

    def add_related(self, number: ModelNumber, found: set[int]) -> None:
        """Add the places of all numbers that `NumberList.compare` may find alike."""
        found.update(self._patterns)
        for skeleton in number.skeletons:
            found.update(self._alike.get(skeleton, ()))
        for stem in number.stems:
            found.update(self._equal.get(stem, ()))
        for longer in _beginning_with(self._ordered, number.squeezed):
            found.update(self._equal[longer])
        for longer in _beginning_with(self._backwards, number.squeezed[::-1]):
            found.update(self._equal[longer[::-1]])

    def add_within(self, models: ModelRange, found: set[int]) -> None:
        """Add the places of all numbers that a model range may hold."""
        for squeezed in _beginning_with(self._ordered, models.letters):
            if models.may_hold(model_number(squeezed)):
                found.update(self._equal[squeezed])


class _Names:
    """Names of products: the same, near misspellings, one within the other."""

    def __init__(self) -> None:
        self._names: dict[ProductName, list[int]] = {}

    def add(self, name: ProductName, place: int) -> None:
        self._names.setdefault(name, []).append(place)

    @cached_property
    def _by_joined(self) -> Places:
        return _grouped((name.joined, places) for name, places in self._names.items())

    @cached_property
    def _by_told(self) -> Places:
        told = ((name.told, places) for name, places in self._names.items() if name.telling)
        return _grouped(told)

    @cached_property
    def _by_word(self) -> Places:
        return _grouped(
            (word, places) for name, places in self._names.items() for word in name.words
        )

    @cached_property
    def _by_rarest(self) -> Places:
        """Return the names by their rarest word: what lies in another has it there."""
        sizes = {word: len(places) for word, places in self._by_word.items()}
        return _grouped(
            (min(name.telling, key=sizes.__getitem__), places)
            for name, places in self._names.items()
            if name.telling
        )

    @cached_property
    def _words_by_key(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._by_word:
            for key in spelling_keys(word):
                found.setdefault(key, []).append(word)
        return found

    @cached_property
    def _by_initials(self) -> Places:
        return _grouped(
            (short, places) for name, places in self._names.items() for short in name.initials
        )

    @cached_property
    def _in_other_script(self) -> list[int]:
        return [
            place
            for name, places in self._names.items()
            if name.is_in_other_script
            for place in places
        ]

    @cached_property
    def without_number(self) -> list[int]:
        """Return the places of all names without a digit."""
        names = self._names.items()
        return [place for name, places in names if not name.has_number for place in places]

    @cached_property
    def _ordered_words(self) -> list[str]:
        return sorted(self._by_word)

    @cached_property
    def _ends(self) -> "list[_Ends]":
        return [_Ends(self._by_told), _Ends(self._by_joined)]

    def add_spelling(self, joined: str, found: set[int]) -> None:
        """Add the places of just these letters as one name, or as two names in a row."""
        found.update(self._by_joined.get(joined, ()))
        for cut in range(1, len(joined)):
            first = self._by_joined.get(joined[:cut])
            if first is not None and (second := self._by_joined.get(joined[cut:])):
                found |= set(first) & set(second)

    def add_near(self, name: ProductName, found: set[int]) -> None:
        """Add the places of all names that are not surely different."""
        if not name.telling:
            for places in self._names.values():
                found.update(places)
            return
        if name.is_in_other_script:
            for other, places in self._names.items():
                if not other.is_in_other_script:
                    found.update(places)
        else:
            found.update(self._in_other_script)
        near = {word: self._near_words(word) for word in name.words}
        for word in min((near[word] for word in name.telling), key=self._count):
            found.update(self._by_word[word])
        for words in near.values():
            for word in words:
                found.update(self._by_rarest.get(word, ()))
        for word in (*name.numbers, *name.initials):
            found.update(self._by_word.get(word, ()))
        for word in name.words:
            found.update(self._by_initials.get(word, ()))
        for ends, text in zip(self._ends, (name.told, name.joined), strict=True):
            ends.add_related(text, found)

    def _near_words(self, word: str) -> set[str]:
        """Return the words that are spelt like this one, cut short or not."""
        words = {other for key in spelling_keys(word) for other in self._words_by_key.get(key, ())}
        words.update(short for short in cut_forms(word) if short in self._by_word)
        words.update(
            longer
            for longer in _beginning_with(self._ordered_words, word)
            if word in cut_forms(longer)
        )
        return words

    def _count(self, words: set[str]) -> int:
        return sum(len(self._by_word[word]) for word in words)


class _Ends:
    """Texts of which one begins or ends with the other."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._ordered = sorted(places)
        self._backwards = sorted(text[::-1] for text in places)

    def add_related(self, text: str, found: set[int]) -> None:
        for end in ends_of(text):
            found.update(self._places.get(end, ()))
        for longer in _beginning_with(self._ordered, text):
            found.update(self._places[longer])
        for longer in _beginning_with(self._backwards, text[::-1]):
            found.update(self._places[longer[::-1]])


def _grouped(pairs: Iterable[tuple[str, list[int]]]) -> Places:
    grouped: Places = {}
    for key, places in pairs:
        grouped.setdefault(key, []).extend(places)
    return grouped


def ends_of(text: str) -> Iterator[str]:
    """Yield every beginning and every end of a text, and the text."""
    for cut in range(1, len(text)):
        yield text[:cut]
        yield text[cut:]
    yield text


def _beginning_with(ordered: list[str], start: str) -> Iterator[str]:
    place = bisect_left(ordered, start)
    while place < len(ordered) and ordered[place].startswith(start):
        yield ordered[place]
        place += 1
