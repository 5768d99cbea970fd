"""A registry table in DuckDB -> products and key columns, computed once per distinct value.

Text is read by `identify` in Python, but only once per distinct text, and only for records
whose product some notice may concern and for kinds that some notice constrains.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from tocsin.compute.duck import Duck
from tocsin.identify.day import day_number
from tocsin.identify.manufacturer import find_manufacturer
from tocsin.identify.product import Product
from tocsin.identify.version_key import version_keys
from tocsin.match.engines.relational import key_columns, stem_of
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
RECORDS = "records"

_PLAIN_DI = r"^\(01\)[0-9]{14}(\(|$)"
_UDI_MARKS = {LOT: "(10)", SERIAL: "(21)", "made_on": "(11)", "expires_on": "(17)"}

Keys = tuple[Any, ...]


def column_of(kind: str) -> str:
    """Return the registry column that a kind is read from."""
    return "software_version" if kind == SOFTWARE else kind


def _di_text(registry: ir.Table) -> ir.Value:
    """Return the DI of a plainly bracketed identifier, else the whole text."""
    plain = registry.udi.re_search(_PLAIN_DI)
    return ibis.ifelse(plain, registry.udi.substr(4, 14), registry.udi)


def _with_product_text(duck: Duck) -> ir.Table:
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
    texts = _with_product_text(duck)
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
        "product_texts",
        pa.table(
            {**arrays, "product_no": numbered}, pa.schema([*fields, ("product_no", pa.int32())])
        ),
    )
    return list(numbers)


def create_records(duck: Duck, product_nos: Iterable[int], kinds: Sequence[str]) -> None:
    """Create table ``records`` with the keys of all records of the given products.

    Grain: one row per registry row whose product is among ``product_nos``, or that has no
    product evidence (``product_no`` 0). Columns as `match.engines.relational` wants them.
    """
    duck.add("wanted", pa.table({"wanted_no": pa.array([0, *product_nos], pa.int32())}))
    texts = _with_product_text(duck)
    by_text = duck.relation("product_texts")
    columns = [name for name in by_text.columns if name != "product_no"]
    numbered = texts.inner_join(by_text, columns)
    wanted = duck.relation("wanted")
    narrowed = numbered.semi_join(wanted, numbered.product_no == wanted.wanted_no)
    needed = _needed_columns(kinds, texts.columns)
    duck.create("narrowed", narrowed.select("product_no", *needed, row_no=narrowed["rowid"]))
    relation = duck.relation("narrowed")
    for kind in kinds:
        relation = _with_keys(duck, relation, kind)
    keys = [name for kind in kinds for name in key_columns(kind)]
    duck.create(RECORDS, relation.select("row_no", "product_no", *keys))


def _needed_columns(kinds: Sequence[str], present: Sequence[str]) -> list[str]:
    wanted = [column_of(kind) for kind in kinds]
    if any(kind in _UDI_MARKS for kind in kinds):
        wanted.append("udi")
    return [name for name in dict.fromkeys(wanted) if name in present]


def _with_keys(duck: Duck, relation: ir.Table, kind: str) -> ir.Table:
    """Join the key columns of one kind, read once per distinct text."""
    column, stem = column_of(kind), stem_of(kind)
    names = key_columns(kind)
    texts = {}
    if column in relation.columns:
        texts[f"{stem}_of_column"] = relation[column].fill_null("")
    if kind in _UDI_MARKS and "udi" in relation.columns:
        silent = relation.udi.startswith("(") & ~relation.udi.contains(_UDI_MARKS[kind])
        texts[f"{stem}_of_udi"] = ibis.ifelse(silent, "", relation.udi).fill_null("")
    if not texts:
        return relation.mutate(**{n: ibis.null(kind_type) for n, kind_type in names.items()})
    relation = relation.mutate(**texts)
    read = _READERS.get(kind, _read_fact_keys)
    rows = []
    for found in duck.rows(relation.select(*texts).distinct()):
        by_name = dict(zip(texts, found, strict=True))
        keys = read(kind, by_name.get(f"{stem}_of_column"), by_name.get(f"{stem}_of_udi"))
        if keys is not None:
            rows.append((*found, *keys))
    schema = pa.schema(
        [(name, pa.string()) for name in texts]
        + [(name, _ARROW_TYPES[kind_type]) for name, kind_type in names.items()]
    )
    table = f"keys_{stem}"
    arrays = zip(*rows, strict=True) if rows else ([] for _ in schema)
    duck.add(table, pa.table([pa.array(a, f.type) for a, f in zip(arrays, schema)], schema=schema))
    keyed = duck.relation(table)
    return relation.left_join(keyed, list(texts)).drop(*(f"{name}_right" for name in texts))


def _read_software_keys(_kind: str, text: str | None, _udi: str | None) -> Keys | None:
    version = read_version(text)
    return version_keys(version) if version else None


def _read_number_keys(kind: str, text: str | None, udi_text: str | None) -> Keys | None:
    udi = read_udi(udi_text)
    number = agreed_number(text, getattr(udi, kind) if udi else None)
    return astuple(number) if number else None


def _read_day_keys(kind: str, text: str | None, udi_text: str | None) -> Keys | None:
    udi = read_udi(udi_text)
    days = agreed_days(text, getattr(udi, kind, None) if udi else None)
    return (day_number(days.first), day_number(days.last)) if days else None


def _read_country_keys(_kind: str, text: str | None, _udi: str | None) -> Keys | None:
    code = read_country(text)
    return (code, code) if code else None


def _read_fact_keys(_kind: str, text: str | None, _udi: str | None) -> Keys | None:
    value = read_fact(text)
    return (value, value) if value else None


_READERS: dict[str, Callable[[str, str | None, str | None], Keys | None]] = {
    SOFTWARE: _read_software_keys,
    LOT: _read_number_keys,
    SERIAL: _read_number_keys,
    COUNTRY: _read_country_keys,
    **dict.fromkeys(DAY_COLUMNS, _read_day_keys),
}
_ARROW_TYPES = {"string": pa.string(), "int32": pa.int32(), "int16": pa.int16()}
