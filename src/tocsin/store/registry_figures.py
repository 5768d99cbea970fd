"""What a registry holds, counted by product, country, age of the information and kind of holder.

Counting looks at every record, so it is done once per import and kept; answers since then change
a record here and there, and are not worth counting a million anew.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import Substr

from tocsin.registry.record import read_country
from tocsin.store.models import (
    CountryValue,
    Holder,
    ImportedKind,
    ImportState,
    ListImport,
    ProductText,
    RegistryRevision,
)
from tocsin.store.run_rows import records_at
from tocsin.store.shared_cache import keep_counted

KEPT_S = 30 * 24 * 3600
_YEAR = 4
_N_PRODUCTS = 100


@dataclass(frozen=True)
class Share:
    """How many records, or holders, have something: empty where it is not known."""

    name: str
    n: int


@dataclass(frozen=True)
class RegistryFigures:
    """What a registry held at a revision.

    Attributes:
        revision: the last one that an import made; 0 if there was none.
        n_records: its records then.
        products: maker and model or name, the most frequent first; at most a hundred.
        n_products: how many there are.
        countries: codes of two letters, as far as they can be read.
        years: how old the information is: the year of ``evidence_on``.
        holders: holders whose persons are known, by kind.
    """

    revision: int
    n_records: int
    products: tuple[Share, ...]
    n_products: int
    countries: tuple[Share, ...]
    years: tuple[Share, ...]
    holders: tuple[Share, ...]


def figures_of(registry_id: int) -> RegistryFigures:
    """Return what a registry holds as of its last import, counted now or kept from before."""
    revisions = RegistryRevision.objects.filter(
        registry_id=registry_id, origin="import", completed_at__isnull=False
    )
    revision = revisions.order_by("-number").values_list("number", flat=True).first() or 0
    lists = ListImport.objects.filter(
        registry_id=registry_id, kind=ImportedKind.HOLDERS, state=ImportState.COMPLETE
    )
    holders = lists.order_by("-pk").values_list("pk", flat=True).first() or 0
    key = f"registry-figures:{registry_id}:{revision}:{holders}"
    kept = cache.get(key)
    if kept is None:
        found = _count(registry_id, revision)
        keep_counted(key, asdict(found), KEPT_S)
        return found
    return _read(kept)


def _read(kept: Mapping[str, Any]) -> RegistryFigures:
    parts = ("products", "countries", "years", "holders")
    shares = {name: tuple(Share(**share) for share in kept[name]) for name in parts}
    return RegistryFigures(**{**kept, **shares})


def _count(registry_id: int, revision: int) -> RegistryFigures:
    rows = records_at(registry_id, revision).order_by()
    grouped = rows.values_list("product_no", "country_no", Substr("evidence_on", 1, _YEAR))
    by_product: Counter[int] = Counter()
    by_country: Counter[int] = Counter()
    by_year: Counter[str] = Counter()
    for product_no, country_no, year, n in grouped.annotate(n=Count("row_no")):
        by_product[product_no] += n
        by_country[country_no] += n
        by_year[year if year.isdecimal() and len(year) == _YEAR else ""] += n
    kinds = Holder.objects.filter(registry_id=registry_id, person__erased_at=None)
    by_kind = kinds.values_list("person__kind").annotate(n=Count("pk")).order_by()
    products = _products(registry_id, by_product)
    return RegistryFigures(
        revision=revision,
        n_records=by_product.total(),
        products=products[:_N_PRODUCTS],
        n_products=len(products),
        countries=_shares(_countries(registry_id, by_country).items()),
        years=tuple(Share(*pair) for pair in sorted(by_year.items())),
        holders=_shares(by_kind),
    )


def _products(registry_id: int, counts: Counter[int]) -> tuple[Share, ...]:
    columns = ("product_no", "manufacturer", "model", "catalogue_no", "product", "udi")
    names: Counter[str] = Counter()
    for product_no, maker, *own in ProductText.objects.filter(registry_id=registry_id).values_list(
        *columns
    ):
        if counts[product_no]:
            names[product_label(maker, *own)] += counts[product_no]
    return _shares(names.items())


def product_label(maker: str, model: str, catalogue_no: str, product: str, udi: str) -> str:
    """Return maker and the first name that a record has for its product; empty if it has none."""
    own = next((text.strip() for text in (model, catalogue_no, product, udi) if text.strip()), "")
    return f"{maker.strip()} {own}".strip()[:120]


def _countries(registry_id: int, counts: Counter[int]) -> Counter[str]:
    named: Counter[str] = Counter()
    found = CountryValue.objects.filter(registry_id=registry_id)
    for country_no, text in found.values_list("country_no", "country_of_column"):
        if counts[country_no]:
            named[read_country(text) or ""] += counts[country_no]
    return named


def _shares(counts: Iterable[tuple[str, int]]) -> tuple[Share, ...]:
    return tuple(Share(*pair) for pair in sorted(counts, key=lambda pair: (-pair[1], pair[0])))
