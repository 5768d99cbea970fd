"""What both engines take from a notice's scope: its products, its facts and its numbers."""

from collections.abc import Iterable
from functools import lru_cache

from tocsin.identify.numbering import (
    NumberSet,
    number_range,
    numbers_with_prefix,
    one_number,
)
from tocsin.identify.product import ProductScope
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry, Numbers, ProductPart


def product_scope_of(notice: Notice, entry: Entry) -> ProductScope:
    """Return the products of an entry; the notice's manufacturer where it names none."""
    certain = not (entry.unread_texts or entry.product.dis_unread)
    return _product_scope(entry.product, notice.manufacturer_of(entry), certain)


@lru_cache(maxsize=65536)
def _product_scope(
    part: ProductPart,
    manufacturer: str | None,
    certain: bool,  # noqa: FBT001 - a key of the cache
) -> ProductScope:
    """Return the products; a list of identifiers is complete only if all was read."""
    return ProductScope(
        manufacturer=manufacturer,
        family=part.family,
        codes=part.models + part.catalogue,
        names=part.names,
        dis=frozenset(part.dis),
        dis_complete=part.dis_complete and certain,
        only_catalogue=bool(part.catalogue) and not part.models,
    )


def fact_names(notices: Iterable[Notice]) -> list[str]:
    """Return the names of all facts that the notices ask for, sorted."""
    return sorted({name for notice in notices for entry in notice.scope for name in entry.facts})


def number_sets(numbers: Numbers) -> list[NumberSet]:
    """Return the items of a list of lots or serials."""
    items: list[NumberSet] = []
    for text in numbers.any_of:
        items += one_number(text)
    for prefix in numbers.prefixes:
        items += numbers_with_prefix(prefix)
    for part in numbers.ranges:
        items += number_range(part.first, part.last)
    return items
