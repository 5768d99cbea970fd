"""Notices x a registry that a database keeps -> verdicts, decided in that database.

The main tables are only read; candidates, words and verdicts are temporary tables of the given
connection. The verdicts are those of the files' path: the same expression, run elsewhere.
Source: `docs/adr/0017-registries-in-the-database.md`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tocsin.compute.row_database import Row, RowDatabase, temporary_tables
from tocsin.compute.stored_records import (
    StoredRegistry,
    create_engine_relations,
    read_stored_products,
)
from tocsin.compute.verdict_rows import GAP_NO, gap_rows, with_other_products
from tocsin.identify.product_index import ProductIndex
from tocsin.match.engines.candidates import CandidateTables, make_candidates
from tocsin.match.engines.compiled_scopes import CompiledScopes
from tocsin.match.engines.relational.relations import (
    CANDIDATES,
    OPENINGS,
    named_tables,
    relation_of,
)
from tocsin.match.engines.relational.verdicts import PAIRS, SCORED, verdict_steps
from tocsin.match.engines.stored_layout import VERDICT_COLUMNS, VERDICTS
from tocsin.match.rules import Reasons
from tocsin.match.scopes import fact_names
from tocsin.notice.model import Notice

_UNNAMED = "unnamed_products"

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StoredVerdicts:
    """A database in which the temporary table ``verdicts`` stands, and what it was made from.

    Grain of the table: one row per record and notice that is affected or cannot be told; on
    request also not affected. Columns: `VERDICT_COLUMNS`; ``row_no`` is the record's row,
    ``notice_no`` the notice's place, `GAP_NO` for a gap that is listed once for several
    notices, ``reason`` a number of `reasons`.
    """

    database: RowDatabase
    stored: StoredRegistry
    notices: Sequence[Notice]
    reasons: Reasons
    kinds: Sequence[str]

    def relation(self) -> ir.Table:
        """Return the table of verdicts as an Ibis relation."""
        return relation_of(VERDICTS, VERDICT_COLUMNS)

    def rows(self) -> Iterator[Row]:
        """Yield the verdicts: `VERDICT_COLUMNS` in their order, no order of rows."""
        for *rest, by_exclusion in self.database.rows(self.relation()):
            yield (*rest, bool(by_exclusion))


@contextmanager
def match_stored(
    connection: Any,
    stored: StoredRegistry,
    notices: Sequence[Notice],
    *,
    as_if_reviewed: bool = False,
    keep_all: bool = False,
    assumed_manufacturer: str | None = None,
) -> Iterator[StoredVerdicts]:
    """Match notices with a stored registry; the table of verdicts stands until the block ends.

    Args:
        connection: of `sqlite3` or `psycopg`, opened by the caller; its main tables are only
            read.
        stored: which registry, at which revision.
        notices: at least one.
        as_if_reviewed: whether unreviewed entries count as reviewed, to measure a draft.
        keep_all: whether pairs that are not affected are wanted too.
        assumed_manufacturer: who made the devices whose records do not say it.
    """
    reasons = Reasons(fact_names(notices))
    scopes = CompiledScopes(notices, reasons, as_if_reviewed=as_if_reviewed)
    with temporary_tables(connection) as database:
        found = read_stored_products(database, stored, assumed_manufacturer)
        products = [product for product in found if product.has_evidence]
        tables = make_candidates(scopes, ProductIndex(products), len(products))
        tables = _by_stored_number(tables, [found[product] for product in products])
        for name, table in named_tables(tables).items():
            database.add(name, [table], _INDEXES.get(name, [["entry_no"]]))
        create_engine_relations(database, stored, scopes.kinds, tables.product_nos)
        unnamed = [n for product in found if not product.has_evidence for n in found[product]]
        everything = _decided(database, tables, reasons, keep_all=keep_all)
        gaps = _gaps(database, stored, notices, unnamed)
        everything = ibis.union(everything, *gaps) if unnamed else everything
        if keep_all:
            everything = _with_other_products(database, stored, everything, len(notices))
        database.create(VERDICTS, everything)
        yield StoredVerdicts(database, stored, notices, reasons, scopes.kinds)


_INDEXES = {
    CANDIDATES: [["product_no", "candidate_no", "maybe_bit"], ["candidate_no"]],
    OPENINGS: [["product_no"]],
}


def _by_stored_number(tables: CandidateTables, numbers: Sequence[Sequence[int]]) -> CandidateTables:
    """Return the tables with a database's product numbers, repeated where several read alike.

    Args:
        tables: whose ``product_no`` is a product's place plus 1.
        numbers: the numbers of each product, in the order of places.
    """
    n_alike = np.array([0, *map(len, numbers)])
    starts = np.cumsum(n_alike) - n_alike
    flat = np.array([number for alike in numbers for number in alike], np.int64)

    def repeated(table: pa.Table) -> tuple[pa.Table, pa.Array]:
        places: Ints = table["product_no"].to_numpy()
        times = n_alike[places] if len(places) else np.zeros(0, np.int64)
        rows = np.repeat(np.arange(len(places)), times)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
        return table.take(rows), pa.array(flat[starts[places[rows]] + within], pa.int32())

    candidates, candidate_products = repeated(tables.candidates)
    openings, opening_products = repeated(tables.openings)
    candidates = _with(candidates, "product_no", candidate_products)
    own = pa.array(range(candidates.num_rows), pa.int32())
    return replace(
        tables,
        candidates=_with(candidates, "candidate_no", own),
        openings=_with(openings, "product_no", opening_products),
    )


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, values)


def _decided(
    database: RowDatabase, tables: CandidateTables, reasons: Reasons, *, keep_all: bool
) -> ir.Table:
    """Return the verdicts of records whose product some entry may concern."""
    for name, step in verdict_steps(tables, reasons, keep_false=keep_all):
        if name == PAIRS:
            return step
        if name == SCORED and not tables.rivalry:
            database.create_view(name, step)
        else:
            # Words are found by their number; the rest of the index spares a look at the table.
            database.create(name, step, [] if name == SCORED else [step.columns])
    raise AssertionError("the engine's last step is its verdicts")


def _gaps(
    database: RowDatabase,
    stored: StoredRegistry,
    notices: Sequence[Notice],
    unnamed: Sequence[int],
) -> list[ir.Table]:
    """Return the records whose product has one of the numbers, once or for each notice."""
    table = pa.table({"product_no": pa.array(unnamed, pa.int32())})
    database.add(_UNNAMED, [table], [["product_no"]])
    records = stored.records()
    gaps = records.filter(records.product_no.isin(relation_of(_UNNAMED, table.schema).product_no))
    several = len({notice.notice for notice in notices}) > 1
    return [gap_rows(gaps, number) for number in ([GAP_NO] if several else range(len(notices)))]


def _with_other_products(
    database: RowDatabase, stored: StoredRegistry, decided: ir.Table, n_notices: int
) -> ir.Table:
    database.create("decided", decided, [["row_no", "notice_no"]])
    numbers = pa.table({"notice_no": pa.array(range(n_notices), pa.int32())})
    database.add("notice_numbers", [numbers])
    return with_other_products(
        relation_of("decided", VERDICT_COLUMNS),
        stored.records().select("row_no"),
        relation_of("notice_numbers", numbers.schema),
    )
