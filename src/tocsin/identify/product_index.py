"""Which products may an entry name? Found by key, so that few pairs have to be compared.

The index answers with a *superset* of the products whose identity is not FALSE, and then
asks `is_product` about each. Products are parted by manufacturer; each part keeps its texts
under the numbers, family members and words by which `product.text_opinion` could be other
than FALSE, and the products whose texts may say nothing at all of an entry.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from tocsin.base.truth import Truth
from tocsin.identify.manufacturer import named_manufacturers
from tocsin.identify.model_number import Scheme
from tocsin.identify.name_index import NameIndex
from tocsin.identify.number_index import NumberIndex
from tocsin.identify.product import Product, compare_makers, is_product, proven_maker
from tocsin.identify.product_name import ProductName
from tocsin.identify.product_scope import ProductScope
from tocsin.identify.product_text import Reading, read_product_text, reads_differently
from tocsin.identify.text_ends import Places, ends_of

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
        self._numbers = NumberIndex()
        self._names = NameIndex()
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
