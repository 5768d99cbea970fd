"""A registry table in DuckDB -> products and key columns, computed once per distinct value.

Text is read by `identify` in Python, but only once per distinct text, and only for records
whose product some notice may concern and for kinds that some notice constrains.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from tocsin.compute.duck import Duck
from tocsin.formats.registry_parquet import KEY_PREFIX, REGISTRY_KEYS
from tocsin.identify.day import day_number
from tocsin.identify.manufacturer import find_manufacturer
from tocsin.identify.numbering import Numbering
from tocsin.identify.product import Product
from tocsin.identify.version_key import version_keys
from tocsin.match.engines.layout import (
    ANY_DAY,
    is_coded,
    key_columns,
    record_columns,
    stem_of,
)
from tocsin.match.engines.relational.relations import RECORDS, values_name
from tocsin.match.rules import COUNTRY, LOT, SERIAL, SOFTWARE
from tocsin.registry.record import (
    agreed_days,
    agreed_number,
    read_country,
    read_fact,
    read_product,
    read_udi,
    read_version,
)
from tocsin.registry.schema import DAY_COLUMNS, PRODUCT_COLUMNS

REGISTRY = "registry"
PRODUCT_TEXTS = "product_texts"

_PLAIN_DI = r"^\(01\)[0-9]{14}(\((10|11|17|21)\)[^()\\]*)*$"
_UDI_MARKS = {
    LOT: ("(10)",),
    SERIAL: ("(21)",),
    "made_on": ("(11)", "(8008)"),
    "expires_on": ("(17)", "(7003)"),
}

Keys = tuple[Any, ...]

# `dataclasses.astuple` would copy every part.
_NUMBER_KEYS = attrgetter(*(part.name for part in fields(Numbering)))


def column_of(kind: str) -> str:
    """Return the registry column that a kind is read from."""
    return "software_version" if kind == SOFTWARE else kind


def _di_text(registry: ir.Table) -> ir.Value:
    """Return the DI of a plainly bracketed identifier, else the whole text."""
    plain = registry.udi.re_search(_PLAIN_DI)
    return ibis.ifelse(plain, registry.udi.substr(4, 14), registry.udi)


def with_product_text(duck: Duck) -> ir.Table:
    """Return the registry with the texts that name a product, in columns ``p_<column>``."""
    registry = duck.relation(REGISTRY, with_rowid=True)
    present = [name for name in PRODUCT_COLUMNS if name in registry.columns]
    texts = {
        f"p_{name}": _di_text(registry) if name == "udi" else registry[name] for name in present
    }
    return registry.select(
        *registry.columns, **{name: text.fill_null("") for name, text in texts.items()}
    )


def number_products(duck: Duck, assumed_manufacturer: str | None = None) -> list[Product]:
    """Create table ``product_texts`` and return the distinct products in order of number.

    ``product_no`` is the place in the list plus 1; 0 is a record without product evidence.
    A missing or unknown manufacturer becomes the assumed one.
    """
    texts = with_product_text(duck)
    columns = [name for name in texts.columns if name.startswith("p_")]
    distinct = duck.arrow(texts.select(columns).distinct()).to_pylist()
    numbers: dict[Product, int] = {}
    numbered = []
    for row in distinct:
        product = read_product({name.removeprefix("p_"): text for name, text in row.items()})
        if assumed_manufacturer and find_manufacturer(product.manufacturer) is None:
            product = product._replace(manufacturer=assumed_manufacturer)
        number = 0
        if product.has_evidence:
            number = numbers.setdefault(product, len(numbers) + 1)
        numbered.append(number)
    arrays = {name: [row[name] for row in distinct] for name in columns}
    fields = [(name, pa.string()) for name in columns]
    duck.add(
        PRODUCT_TEXTS,
        pa.table(
            {**arrays, "product_no": numbered}, pa.schema([*fields, ("product_no", pa.int32())])
        ),
    )
    return list(numbers)


def create_records(duck: Duck, product_nos: Iterable[int], kinds: Sequence[str]) -> None:
    """Create table ``records`` and, per coded kind, table ``values_<kind>``.

    Grain: one row per registry row whose product is among ``product_nos``, or that has no
    product evidence (``product_no`` 0). Columns as `match.engines.layout` wants them.
    """
    duck.add("wanted", pa.table({"wanted_no": pa.array([0, *product_nos], pa.int32())}))
    texts = with_product_text(duck)
    by_text = duck.relation(PRODUCT_TEXTS)
    columns = [name for name in by_text.columns if name != "product_no"]
    numbered = texts.inner_join(by_text, columns)
    wanted = duck.relation("wanted")
    narrowed = numbered.semi_join(wanted, numbered.product_no == wanted.wanted_no)
    texts_by_kind = {kind: texts_of(kind, narrowed) for kind in kinds}
    everything = {name: text for texts in texts_by_kind.values() for name, text in texts.items()}
    narrowed = narrowed.select("product_no", row_no=narrowed["rowid"], **everything)
    duck.create("narrowed", _with_prepared_keys(duck, narrowed, kinds))
    relation = duck.relation("narrowed")
    for kind, texts in texts_by_kind.items():
        join = _with_numbers if is_coded(kind) else _with_days
        relation = join(duck, relation, kind, list(texts))
    duck.create(RECORDS, relation.select(*record_columns(kinds)))


def _with_prepared_keys(duck: Duck, narrowed: ir.Table, kinds: Sequence[str]) -> ir.Table:
    """Join the keys of a prepared registry, where there are any for these kinds."""
    if REGISTRY_KEYS not in duck.table_names():
        return narrowed
    prepared = duck.relation(REGISTRY_KEYS)
    wanted = [f"{KEY_PREFIX}{name}" for kind in kinds for name in key_columns(kind)]
    chosen = [name for name in wanted if name in prepared.columns]
    keys = prepared.select("row", *chosen)
    return narrowed.inner_join(keys, narrowed.row_no == keys.row).drop("row")


def texts_of(kind: str, registry: ir.Table) -> dict[str, ir.Value]:
    """Return the texts that state a record's value: of its column and of its identifier."""
    column, stem = column_of(kind), stem_of(kind)
    texts = {}
    if column in registry.columns:
        texts[f"{stem}_of_column"] = registry[column].fill_null("")
    if kind in _UDI_MARKS and "udi" in registry.columns:
        silent = registry.udi.startswith("(")
        for mark in _UDI_MARKS[kind]:
            silent &= ~registry.udi.contains(mark)
        texts[f"{stem}_of_udi"] = ibis.ifelse(silent, "", registry.udi).fill_null("")
    return texts


def _with_numbers(duck: Duck, relation: ir.Table, kind: str, texts: Sequence[str]) -> ir.Table:
    """Create the values of a coded kind and join their numbers.

    Grain of the table: one row per distinct text and product.
    """
    number, keys = f"{stem_of(kind)}_no", list(key_columns(kind))
    values = duck.relation("narrowed").select("product_no", *texts).distinct()
    values = values.left_join(_read_keys(duck, kind, texts), texts)
    values = values.mutate(**{number: (ibis.row_number() + 1).cast("int32")})
    duck.create(values_name(kind), values.select(number, "product_no", *texts, *keys))
    numbered = duck.relation(values_name(kind)).select(number, "product_no", *texts)
    return relation.inner_join(numbered, ["product_no", *texts])


def _with_days(duck: Duck, relation: ir.Table, kind: str, texts: Sequence[str]) -> ir.Table:
    """Join the first and the last day that a record's text can mean; any day without one."""
    ends = dict(zip(key_columns(kind), ANY_DAY, strict=True))
    if not texts:
        return relation.mutate(**{name: ibis.literal(day, "int32") for name, day in ends.items()})
    joined = relation.left_join(_read_keys(duck, kind, texts), texts)
    joined = joined.mutate(**{name: joined[name].fill_null(day) for name, day in ends.items()})
    return joined.drop(*(f"{name}_right" for name in texts))


def _read_keys(duck: Duck, kind: str, texts: Sequence[str]) -> ir.Table:
    """Return the keys of one kind by text, read once per distinct text that can be read."""
    stem, types = stem_of(kind), key_columns(kind)
    prepared = {name: f"{KEY_PREFIX}{name}" for name in types}
    narrowed = duck.relation("narrowed")
    if texts and set(prepared.values()) <= set(narrowed.columns):
        known = narrowed.filter(narrowed[next(iter(prepared.values()))].notnull())
        return known.select(*texts, **prepared).distinct()
    read = READERS.get(kind, read_fact_keys)
    rows = []
    for found in duck.rows(duck.relation("narrowed").select(*texts).distinct()) if texts else ():
        by_name = dict(zip(texts, found, strict=True))
        keys = read(kind, by_name.get(f"{stem}_of_column"), by_name.get(f"{stem}_of_udi"))
        if keys is not None:
            rows.append((*found, *keys))
    columns = dict.fromkeys(texts, pa.string()) | types
    arrays = list(zip(*rows, strict=True)) or [()] * len(columns)
    table = {
        name: pa.array(values, arrow_type)
        for (name, arrow_type), values in zip(columns.items(), arrays, strict=True)
    }
    duck.add(f"keys_{stem}", pa.table(table))
    return duck.relation(f"keys_{stem}")


def _read_software_keys(_kind: str, text: str | None, _udi: str | None) -> Keys | None:
    version = read_version(text)
    return version_keys(version) if version else None


def _read_number_keys(kind: str, text: str | None, udi_text: str | None) -> Keys | None:
    udi = read_udi(udi_text)
    number = agreed_number(text, getattr(udi, kind) if udi else None)
    return _NUMBER_KEYS(number) if number else None


def _read_day_keys(kind: str, text: str | None, udi_text: str | None) -> Keys | None:
    udi = read_udi(udi_text)
    days = agreed_days(text, getattr(udi, kind, None) if udi else None)
    return (day_number(days.first), day_number(days.last)) if days else None


def _read_country_keys(_kind: str, text: str | None, _udi: str | None) -> Keys | None:
    code = read_country(text)
    return (code, code) if code else None


def read_fact_keys(_kind: str, text: str | None, _udi: str | None) -> Keys | None:
    """Return the keys of what a holder saw, or None if nothing."""
    value = read_fact(text)
    return (value, value) if value else None


READERS: dict[str, Callable[[str, str | None, str | None], Keys | None]] = {
    SOFTWARE: _read_software_keys,
    LOT: _read_number_keys,
    SERIAL: _read_number_keys,
    COUNTRY: _read_country_keys,
    **dict.fromkeys(DAY_COLUMNS, _read_day_keys),
}
