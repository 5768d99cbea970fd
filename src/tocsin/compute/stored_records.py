"""A registry that a database keeps, as the relations that the fast engine reads.

The engine's ``records`` and ``values_<kind>`` become temporary views of the main tables, or
temporary tables where keys have to be read first: of facts, and of everything when the stored
keys were made by other code.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import ibis.expr.types as ir
import pyarrow as pa

from tocsin.compute.keying import READERS, read_fact_keys
from tocsin.compute.registry_keys import key_stamp
from tocsin.compute.row_database import RowDatabase, in_batches
from tocsin.compute.stored_keys import facts_of, rekeyed
from tocsin.identify.manufacturer import find_manufacturer
from tocsin.identify.product import Product
from tocsin.match.engines.layout import ANY_DAY, is_coded, key_columns, stem_of
from tocsin.match.engines.relational.relations import RECORDS, relation_of, values_name
from tocsin.match.engines.stored_layout import (
    DAYS,
    DICTIONARIES,
    FACTS,
    PRODUCTS,
    RECORD_COLUMNS,
    Dictionary,
    dictionary_of,
    number_column,
)
from tocsin.registry.record import read_product
from tocsin.registry.schema import FACT_PREFIX, PRODUCT_COLUMNS

WANTED = "wanted_products"


@dataclass(frozen=True)
class StoredRegistry:
    """One registry in a database, at one of its revisions.

    Attributes:
        registry_id: its key.
        revision: records are matched as they were at this revision.
        stamp: what made the keys of its dictionaries: `key_stamp` of that time.
        tables: what the database calls the tables of `stored_layout`, where it calls them
            otherwise.
    """

    registry_id: int
    revision: int
    stamp: str
    tables: Mapping[str, str] = field(default_factory=dict)

    def records(self) -> ir.Table:
        """Return the rows that hold at the revision, with all their columns."""
        table = relation_of(self.tables.get(RECORDS, RECORDS), RECORD_COLUMNS)
        until = table.until_revision
        return table.filter(
            table.registry_id == self.registry_id,
            table.since_revision <= self.revision,
            until.isnull() | (until > self.revision),
        )

    def dictionary(self, dictionary: Dictionary) -> ir.Table:
        """Return the rows of a dictionary; what reads them must name the columns it wants."""
        name = self.tables.get(dictionary.name, dictionary.name)
        # The column that nobody reads makes Ibis write out names: for all columns it would write
        # an asterisk, and the database's table may have others, in another order.
        table = relation_of(name, {**dictionary.columns, "_unread": pa.bool_()})
        return table.filter(table.registry_id == self.registry_id)

    @property
    def keys_hold(self) -> bool:
        """Whether this very code made the stored keys."""
        return self.stamp == key_stamp()


def read_stored_products(
    database: RowDatabase, stored: StoredRegistry, assumed_manufacturer: str | None = None
) -> dict[Product, list[int]]:
    """Return the distinct products of a registry with their numbers; several may read alike."""
    table = stored.dictionary(DICTIONARIES[PRODUCTS]).select("product_no", *PRODUCT_COLUMNS)
    numbers: dict[Product, list[int]] = {}
    for number, *texts in database.rows(table):
        product = read_product(dict(zip(PRODUCT_COLUMNS, texts, strict=True)))
        if assumed_manufacturer and find_manufacturer(product.manufacturer) is None:
            product = product._replace(manufacturer=assumed_manufacturer)
        numbers.setdefault(product, []).append(number)
    return numbers


def create_engine_relations(
    database: RowDatabase,
    stored: StoredRegistry,
    kinds: Sequence[str],
    product_nos: Iterable[int],
) -> None:
    """Create what the engine reads of a registry: ``records`` and ``values_<kind>``.

    Grain of the records: one row per record of the products; `WANTED` holds their numbers.
    """
    wanted = pa.table({"product_no": pa.array(product_nos, pa.int32())})
    database.add(WANTED, [wanted], [["product_no"]])
    for kind in kinds:
        (_create_values if is_coded(kind) else _create_days)(database, stored, kind)
    records = stored.records()
    records = records.filter(records.product_no.isin(_wanted().product_no))
    records = records.select("row_no", "product_no", *dict.fromkeys(map(number_column, kinds)))
    columns: dict[str, ir.Value] = {}
    for kind in kinds:
        number = number_column(kind)
        if is_coded(kind):
            columns[f"{stem_of(kind)}_no"] = records[number]
            continue
        days = _days_table(kind)
        records = records.inner_join(days, records[number] == days[f"{kind}_day"])
    records = records.select(
        "row_no",
        "product_no",
        **{f"{stem_of(k)}_no": records[number_column(k)] for k in kinds if is_coded(k)},
        **{name: records[name] for k in kinds if not is_coded(k) for name in key_columns(k)},
    )
    database.create_view(RECORDS, records)


def _wanted() -> ir.Table:
    return relation_of(WANTED, {"product_no": pa.int32()})


def _days_table(kind: str) -> ir.Table:
    return relation_of(f"days_{kind}", {f"{kind}_day": pa.int32(), **key_columns(kind)})


def _create_days(database: RowDatabase, stored: StoredRegistry, kind: str) -> None:
    """Create the first and the last day of every text of one kind; any day without one."""
    dictionary = DICTIONARIES[DAYS]
    table = stored.dictionary(dictionary)
    table = table.filter(table.kind == kind)
    if stored.keys_hold:
        rows: Iterable[tuple[int, int | None, int | None]] = database.rows(
            table.select("day_no", "low", "high")
        )
    else:
        rows = (
            (row["day_no"], row["low"], row["high"])
            for batch in rekeyed(DAYS, _batches(database, table, dictionary))
            for row in batch.to_pylist()
        )
    names = list(_days_table(kind).columns)
    filled = [(number, *(ANY_DAY if low is None else (low, high))) for number, low, high in rows]
    arrays = [pa.array(column, pa.int32()) for column in zip(*filled, strict=True)]
    arrays = arrays or [pa.array([], pa.int32())] * len(names)
    database.add(f"days_{kind}", [pa.table(arrays, names)], [names])


def _create_values(database: RowDatabase, stored: StoredRegistry, kind: str) -> None:
    """Create the values of a coded kind of all wanted products."""
    dictionary = dictionary_of(kind)
    table = stored.dictionary(dictionary)
    table = table.filter(table.product_no.isin(_wanted().product_no))
    number, keys = f"{stem_of(kind)}_no", key_columns(kind)
    if kind in READERS and stored.keys_hold:
        columns = [*keys, "product_no"]
        values = table.select(
            **{number: table[dictionary.number]}, **{c: table[c] for c in columns}
        )
        database.create_view(values_name(kind), values)
        return
    batches = _batches(database, table, dictionary)
    read = _fact_values(kind, batches) if kind.startswith(FACT_PREFIX) else rekeyed(kind, batches)
    chosen = {dictionary.number: number, "product_no": "product_no", **{c: c for c in keys}}
    empty = pa.schema([(number, pa.int32()), ("product_no", pa.int32()), *keys.items()])
    tables = (pa.table({name: batch[column] for column, name in chosen.items()}) for batch in read)
    database.add(values_name(kind), _at_least(empty, tables), [["product_no"], [number]])


def _at_least(schema: pa.Schema, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield schema.empty_table()
    yield from tables


def _batches(
    database: RowDatabase, table: ir.Table, dictionary: Dictionary
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a dictionary.

    They are read to the end before anything is written: a connection does one thing at a time.
    """
    columns = dictionary.columns
    batches = [
        pa.record_batch(
            {
                name: pa.array(values, kind)
                for (name, kind), values in zip(
                    columns.items(), zip(*rows, strict=True), strict=True
                )
            }
        )
        for rows in in_batches(database.rows(table.select(*columns)))
    ]
    return iter(batches)


def _fact_values(kind: str, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the numbers of what holders saw with the keys of one fact."""
    dictionary = DICTIONARIES[FACTS]
    for batch in batches:
        read = [
            read_fact_keys(kind, facts_of(text).get(kind), None)
            for text in batch["facts"].to_pylist()
        ]
        low, high = zip(*(keys or (None, None) for keys in read), strict=True)
        names = list(key_columns(kind))
        yield pa.record_batch(
            {
                dictionary.number: batch[dictionary.number],
                "product_no": batch["product_no"],
                names[0]: pa.array(low, pa.string()),
                names[1]: pa.array(high, pa.string()),
            }
        )
