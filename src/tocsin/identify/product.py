"""Is this record's product the one that a notice's entry names? Three-valued.

Evidence, strongest first: device identifier (DI); manufacturer with model or catalogue
number; manufacturer with a name. Decided once per distinct product, never per record.
Source: `docs/adr/0006-identity-per-distinct-product.md`.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tocsin.base.truth import Truth
from tocsin.identify.manufacturer import compare_manufacturers
from tocsin.identify.product_name import ProductName, are_near, compare_names, is_end_of
from tocsin.identify.product_scope import ProductScope, names_of_members
from tocsin.identify.product_text import Reading, makers_in_text, read_product_text
from tocsin.identify.udi.di import may_refute

__all__ = ["Product", "ProductScope", "is_product"]

_F, _U, _T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE


class Product(NamedTuple):
    """The product evidence of a device record; a missing part is None.

    ``di_can_refute`` is False for a DI that may be mistyped: it proves, but clears nothing.
    """

    manufacturer: str | None
    product: str | None
    model: str | None
    catalogue_no: str | None
    di: str | None
    di_can_refute: bool = True

    @property
    def has_evidence(self) -> bool:
        """Whether anything names a product; a manufacturer alone does not."""
        return any((self.product, self.model, self.catalogue_no, self.di))


class Opinion(NamedTuple):
    """What one text of a record says about an entry, and how it was read."""

    truth: Truth
    reading: Reading

    @property
    def by_number(self) -> bool:
        """Whether a number speaks; numbers decide before names."""
        return bool(self.reading.numbers)


def is_product(product: Product, scope: ProductScope) -> Truth:
    """Return whether the record's product is one that the entry names."""
    maker = maker_truth(product, scope)
    same_di = product.di is not None and product.di in scope.dis
    if maker is _F and not same_di:
        return _F
    opinions = _opinions(product, scope)
    if same_di or _is_refuted_by_di(product, scope):
        against = _F if same_di else _T
        disputed = any(each.by_number and each.truth is against for each in opinions)
        if disputed or maker is _F:
            return _U
        return _T if same_di else _F
    named = _join(opinions)
    if named is _T and scope.dis_complete and not any(each.by_number for each in opinions):
        named = _U  # the identifiers tell the products apart, the name does not
    return min(maker, named)


def _is_refuted_by_di(product: Product, scope: ProductScope) -> bool:
    """Whether a complete list of DIs surely lacks the record's."""
    return (
        scope.dis_complete
        and product.di is not None
        and product.di_can_refute
        and may_refute(product.di, scope.dis)
    )


def maker_truth(product: Product, scope: ProductScope) -> Truth:
    """Return whether the entry's manufacturer made the record's product."""
    return compare_makers(product.manufacturer, proven_maker(product), scope.maker)


@lru_cache(maxsize=65536)
def compare_makers(stated: str | None, proven: str | None, theirs: str | None) -> Truth:
    """Return whether a record's stated maker, and the one its numbers prove, is an entry's.

    What the numbers prove decides where the stated maker leaves it open; where the two
    disagree, it stays open.
    """
    truth = compare_manufacturers(stated, theirs)
    if truth is _T or proven is None:
        return truth
    shown = compare_manufacturers(proven, theirs)
    if truth is _F:
        return _F if shown is _F else _U
    return _U if compare_manufacturers(stated, proven) is _F else shown


@lru_cache(maxsize=65536)
def proven_maker(product: Product) -> str | None:
    """Return the maker that the record's numbers alone prove, if they agree."""
    texts = (product.model, product.catalogue_no, product.product)
    makers = {maker for text in texts if text for maker in makers_in_text(text)}
    return makers.pop() if len(makers) == 1 else None


def _opinions(product: Product, scope: ProductScope) -> list[Opinion]:
    """Return what each text of the record says that says anything."""
    maker_id = scope.maker_id
    found: list[Opinion] = []
    for text, is_catalogue_no in (
        (product.model, False),
        (product.catalogue_no, True),
        (product.product, False),
    ):
        if not text:
            continue
        reading = read_product_text(text, maker_id)
        truth = text_opinion(reading, scope, is_catalogue_no=is_catalogue_no)
        if truth is not None:
            found.append(Opinion(truth, reading))
    if product.product and product.model and scope.same_name:
        name = read_product_text(product.product, maker_id).name
        model = read_product_text(product.model, maker_id).name
        if scope.same_name.get(name.joined + model.joined) is _T:
            found.append(Opinion(_T, Reading(ProductName(name.words + model.words))))
    return found


def _join(opinions: Sequence[Opinion]) -> Truth:
    """Return what several opinions come to: numbers before names, no contradiction."""
    truths = {each.truth for each in opinions}
    if truths == {_F}:
        return _F
    if not truths or _contradict(opinions):
        return _U
    numbers = [each for each in opinions if each.by_number]
    names = [each for each in opinions if not each.by_number]
    named = any(each.truth is _T for each in names)
    deciding = {each.truth for each in numbers} if numbers else truths
    if deciding >= {_T, _F}:
        return _U
    if _T in deciding:
        return _T
    if deciding == {_U}:
        return _T if named else _U
    refuted = _refines_all(numbers or names)
    return _F if refuted and not (numbers and named) else _U


def _contradict(opinions: Sequence[Opinion]) -> bool:
    """Whether two texts surely mean different members of our families."""
    readings = (each.reading for each in opinions)
    known = [reading.members | reading.perhaps for reading in readings if reading.members]
    return any(one.isdisjoint(other) for one in known for other in known)


def _refines_all(opinions: Sequence[Opinion]) -> bool:
    """Whether every text that leaves it open is only a less precise form of a refuting one."""
    refuting = [each.reading for each in opinions if each.truth is _F]
    open_texts = [each.reading for each in opinions if each.truth is _U]
    return all(any(_refines(one, other) for one in refuting) for other in open_texts)


def _refines(one: Reading, other: Reading) -> bool:
    """Whether a text says all that another says, and more."""
    if one.members and other.members:
        return one.members <= other.members
    if one.numbers and other.numbers:
        return all(
            any(mine.squeezed.startswith(theirs.squeezed) for mine in one.numbers)
            for theirs in other.numbers
        )
    return not (one.numbers or other.numbers) and set(other.name.words) <= set(one.name.words)


def text_opinion(
    reading: Reading, scope: ProductScope, *, is_catalogue_no: bool = False
) -> Truth | None:
    """Return what one text of a record says about an entry, or None if it says nothing."""
    if reading.says_nothing:
        return None
    same = scope.same_name.get(reading.name.joined)
    if same is _T:
        return _T
    if reading.members and scope.possible_members:
        truth: Truth | None = _compare_members(reading, scope)
    elif reading.numbers:
        truth = _compare_numbers(reading, scope, is_catalogue_no=is_catalogue_no)
    else:
        truth = _compare_name(reading, scope)
    if truth is not _T and (same is _U or _in_range(reading, scope)):
        return _U
    return truth


def _in_range(reading: Reading, scope: ProductScope) -> bool:
    numbers = reading.numbers or reading.mentioned
    return any(models.may_hold(number) for models in scope.ranges for number in numbers)


def _compare_members(reading: Reading, scope: ProductScope) -> Truth:
    if reading.certain and reading.members <= scope.members:
        return _U if reading.open and scope.codes else _T
    if not scope.possible_members.isdisjoint(reading.members | reading.perhaps):
        return _U
    if scope.has_unknown_codes:
        truth = _compare_numbers(reading, scope) if reading.numbers else None
        return _U if truth is None else truth
    if reading.certain:
        return _F
    return _compare_with_listed(reading, scope) or _F


def _compare_numbers(
    reading: Reading, scope: ProductScope, *, is_catalogue_no: bool = False
) -> Truth | None:
    """Compare numbers: what is not listed is refuted if it surely is of that kind of list."""
    listed = scope.numbers
    if not listed:
        return _compare_number_with_names(reading, scope, is_catalogue_no=is_catalogue_no)
    truths = {listed.compare(number) for number in reading.numbers}
    if truths == {_T}:
        return _T
    if truths != {_F}:
        return _U
    if scope.possible_members and _shares_name(reading.name, scope.family_names):
        return _U  # "67OG" is a family's name, misspelt
    if reading.is_bare_number and not (is_catalogue_no or scope.only_catalogue):
        return _F
    if reading.whole and any(listed.has_scheme(number.scheme) for number in reading.numbers):
        return _F
    if is_catalogue_no or not reading.has_word:
        return None
    return _compare_name(reading, scope)


def _compare_number_with_names(
    reading: Reading, scope: ProductScope, *, is_catalogue_no: bool
) -> Truth | None:
    """Compare a record that gives only a number with an entry that gives only names."""
    if any(
        is_end_of(name.joined, number.squeezed) or number.squeezed in name.words
        for number in reading.numbers
        for name in scope.listed_names
    ):
        return _U
    if reading.members:
        own = names_of_members(reading.members)
        apart = all(
            compare_names(mine, theirs) is _F for mine in own for theirs in scope.listed_names
        )
        return _F if apart and own and scope.listed_names else None
    if is_catalogue_no:
        return None
    if reading.has_telling_word and not reading.is_rather_number:
        return _compare_with_listed(reading, scope)  # "MRI 3T" is a name, too
    listed = scope.name_numbers
    if not listed or not reading.whole or len(reading.numbers) != 1:
        return None
    number = reading.numbers[0]
    return listed.compare(number) if listed.has_scheme(number.scheme) else None


def _compare_name(reading: Reading, scope: ProductScope) -> Truth | None:
    """Compare a record's name with the entry's names, numbers and families."""
    truths: set[Truth] = set()
    if scope.numbers and any(scope.numbers.compare(number) for number in reading.mentioned):
        truths.add(_U)
    if reading.name.telling:
        named = _compare_with_listed(reading, scope)
        if named is _U or (named is _F and not reading.may_be_number):
            truths.add(named)
        if scope.possible_members and not reading.members:
            if _shares_name(reading.name, scope.family_names):
                truths.add(_U)
            elif not scope.has_unknown_codes and (scope.numbers or not reading.may_be_number):
                truths.add(_F)
    return max(truths, default=None)


def _compare_with_listed(reading: Reading, scope: ProductScope) -> Truth | None:
    if not scope.listed_names:
        return None
    if scope.lists_mere_number and not reading.name.has_number:
        return _U  # "Carescape monitor" may be what is listed as "B450"
    best = max(compare_names(reading.name, name) for name in scope.listed_names)
    return min(best, _U)  # the very same name is found before, by `same_name`


def _shares_name(name: ProductName, others: Iterable[ProductName]) -> bool:
    return any(are_near(name, other) for other in others)
