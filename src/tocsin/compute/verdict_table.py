"""Verdicts of a loaded registry in DuckDB: matched, explained, counted, written.

Table ``verdicts``: one row per record and notice that is affected or cannot be told, on
request also not affected. ``row_no`` is the row id in table ``registry``; ``notice_no`` is the
notice's place, -1 for a gap that is listed once for several notices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict, verdict_of
from tocsin.compute.duck import Duck
from tocsin.compute.keying import REGISTRY, column_of, create_records, number_products
from tocsin.compute.verdict_rows import (
    GAP_NO,
    NO_EVIDENCE_REASON,
    gap_rows,
    with_other_products,
)
from tocsin.formats.whole_file import written_whole
from tocsin.identify.product_index import ProductIndex
from tocsin.match.engines.candidates import make_candidates
from tocsin.match.engines.compiled_scopes import CompiledScopes
from tocsin.match.engines.layout import record_columns
from tocsin.match.engines.relational.relations import RECORDS, named_tables, relation_of
from tocsin.match.engines.relational.verdicts import verdict_steps
from tocsin.match.explain import (
    NO_EVIDENCE_QUESTION,
    NO_EVIDENCE_SENTENCE,
    explain_reason,
    reason_from_number,
    settling_question,
)
from tocsin.match.figures import Count, NoticeFigures
from tocsin.match.rules import ENTRY, GAP, NO_EVIDENCE, PRODUCT, Reasons
from tocsin.match.scopes import fact_names
from tocsin.notice.model import Notice

VERDICTS = "verdicts"
SENTENCES = "sentences"

_TEXT_START = "^[=+\\-@\\t\\r\uff1d\uff0b\uff0d\uff20]"


@dataclass(frozen=True)
class Matched:
    """A database in which table ``verdicts`` stands, and what it was made from."""

    duck: Duck
    notices: Sequence[Notice]
    reasons: Reasons
    kinds: Sequence[str]


def match_loaded(
    duck: Duck,
    notices: Sequence[Notice],
    *,
    as_if_reviewed: bool = False,
    keep_all: bool = False,
    assumed_manufacturer: str | None = None,
) -> Matched:
    """Create table ``verdicts`` from table ``registry``."""
    reasons = Reasons(fact_names(notices))
    scopes = CompiledScopes(notices, reasons, as_if_reviewed=as_if_reviewed)
    products = number_products(duck, assumed_manufacturer)
    tables = make_candidates(scopes, ProductIndex(products), len(products))
    for name, table in named_tables(tables).items():
        duck.add(name, table)
    create_records(duck, tables.product_nos, tables.kinds)
    *words, scored, (_, pairs) = verdict_steps(tables, reasons, keep_false=keep_all)
    for name, step in words:
        duck.create(name, step)  # as tables, so that DuckDB knows how large they are
    subjects = {notice.notice for notice in notices}
    gap_numbers = [GAP_NO] if len(subjects) > 1 else range(len(notices))
    everything = ibis.union(pairs, *map(_gaps, gap_numbers))
    if keep_all:
        duck.create("decided", everything, [scored])
        duck.create(VERDICTS, _with_other_products(duck, len(notices)))
    else:
        duck.create(VERDICTS, everything, [scored])
    matched = Matched(duck, notices, reasons, scopes.kinds)
    _create_sentences(matched)
    return matched


def _gaps(notice_no: int) -> ir.Table:
    """Return the records without product evidence."""
    records = relation_of(RECORDS, record_columns(()))
    return gap_rows(records.filter(records.product_no == 0), notice_no)


def _with_other_products(duck: Duck, n_notices: int) -> ir.Table:
    """Return the decided pairs and, for all other pairs, that no entry names the product."""
    registry = duck.relation(REGISTRY, with_rowid=True).select(row_no="rowid")
    duck.add("notice_numbers", pa.table({"notice_no": pa.array(range(n_notices), pa.int32())}))
    return with_other_products(duck.relation("decided"), registry, duck.relation("notice_numbers"))


def _deciding_value(matched: Matched, joined: ir.Table) -> ir.Value:
    """Return the record's text for the kind that decides, where sentences quote it."""
    branches = []
    for kind in matched.kinds:
        column = column_of(kind)
        if column in joined.columns and kind not in {PRODUCT, ENTRY}:
            index = matched.reasons.index(kind)
            branches.append(((joined.reason >> 4) == index, joined[column]))
    return ibis.cases(*branches, else_=None) if branches else _nothing(joined).cast("string")


def _create_sentences(matched: Matched) -> None:
    """Create table ``sentences``: one row per distinct way to a verdict, with its words."""
    duck = matched.duck
    joined = _verdicts_with_registry(matched)
    ways = [*_WAY, "value"]
    found = duck.rows(
        joined.mutate(value=_deciding_value(matched, joined).fill_null("")).select(ways).distinct()
    )
    rows = [{**dict(zip(ways, way, strict=True)), **_words(matched, way)} for way in found]
    schema = pa.schema(
        [
            ("notice_no", pa.int32()),
            ("truth", pa.int32()),
            ("entry_no", pa.int32()),
            ("reason", pa.int32()),
            ("by_exclusion", pa.bool_()),
            ("value", pa.string()),
            *((name, pa.dictionary(pa.int32(), pa.string())) for name in _WORDS),
        ]
    )
    duck.add(SENTENCES, pa.Table.from_pylist(rows, schema))


_WAY = ("notice_no", "truth", "entry_no", "reason", "by_exclusion")
_WORDS = ("notice_id", "revision", "verdict", "entry", "reason_code", "sentence", "question")


def _words(matched: Matched, way: tuple[Any, ...]) -> dict[str, str]:
    """Return the words of one way to a verdict: the columns `_WAY` and the deciding value."""
    notice_no, truth, entry_no, number, by_exclusion, value = way
    notice = matched.notices[notice_no] if notice_no >= 0 else None
    words = {
        "notice_id": notice.notice if notice else "",
        "revision": str(notice.revision) if notice else "",
        "verdict": str(verdict_of(Truth(truth))),
    }
    if number == NO_EVIDENCE_REASON or notice is None:
        return words | {
            "entry": GAP,
            "reason_code": NO_EVIDENCE,
            "sentence": NO_EVIDENCE_SENTENCE,
            "question": NO_EVIDENCE_QUESTION,
        }
    reason = reason_from_number(
        notice, entry_no, Truth(truth), number, matched.reasons, by_exclusion=by_exclusion
    )
    return words | {
        "entry": reason.entry.entry if reason.entry else "",
        "reason_code": matched.reasons.code(Truth(truth), number, by_exclusion=by_exclusion),
        "sentence": explain_reason(reason, value or None),
        "question": settling_question(reason),
    }


def _verdicts_with_registry(matched: Matched) -> ir.Table:
    registry = matched.duck.relation(REGISTRY, with_rowid=True)
    verdicts = matched.duck.relation(VERDICTS)
    return verdicts.inner_join(registry, verdicts.row_no == registry["rowid"])


def _worded(matched: Matched) -> ir.Table:
    """Return verdicts with their registry rows and words."""
    joined = _verdicts_with_registry(matched)
    joined = joined.mutate(value=_deciding_value(matched, joined).fill_null(""))
    sentences = matched.duck.relation(SENTENCES)
    same = [joined.entry_no.identical_to(sentences.entry_no)]
    same += [joined[name] == sentences[name] for name in (*_WAY, "value") if name != "entry_no"]
    return joined.inner_join(sentences, same)


def output_relation(matched: Matched, *, with_question: bool = False) -> ir.Table:
    """Return the output rows in registry order, as `tocsin schema output` describes them."""
    worded = _worded(matched)
    first = {name: worded[column] for name, column in _FIRST_COLUMNS.items()}
    if with_question:
        first["question"] = worded.question
    columns = matched.duck.relation(REGISTRY).columns
    rest = {name: worded[name] for name in columns if name not in first}
    rows = worded.select("row_no", "notice_no", **first, **rest)
    return rows.order_by("row_no", "notice_no").drop("row_no", "notice_no")


_FIRST_COLUMNS = {
    "device_id": "device_id",
    "notice_id": "notice_id",
    "revision": "revision",
    "verdict": "verdict",
    "entry": "entry",
    "reason_code": "reason_code",
    "reason": "sentence",
}


def guarded(table: ir.Table) -> ir.Table:
    """Return a table whose text cannot start a formula when a spreadsheet opens it."""
    return table.mutate(
        **{
            name: ibis.ifelse(table[name].re_search(_TEXT_START), "'" + table[name], table[name])
            for name, kind in table.schema().items()
            if kind.is_string()
        }
    )


def write_table(duck: Duck, table: ir.Table, path: Path) -> None:
    """Write a relation as CSV, JSON lines or Parquet, whole or not at all."""
    kind = path.suffix.lower()
    options = {
        ".csv": "FORMAT csv, HEADER",
        ".json": "FORMAT json, ARRAY true",
        ".parquet": "FORMAT parquet",
    }[kind]
    sql = duck.sql_of(guarded(table) if kind == ".csv" else table)
    with written_whole(path) as partial:
        duck.connection.execute(f"COPY ({sql}) TO '{_sql_text(partial)}' ({options})")


def _sql_text(path: Path) -> str:
    return str(path).replace("'", "''")


def registry_counts(
    matched: Matched, rows: ir.Table, by: Sequence[str]
) -> list[tuple[Any, dict[str, int]]]:
    """Return records, quantity and holders of a relation with ``row_no``, by some columns.

    An empty quantity is unknown: it is counted apart, not as one. Each item is the value of
    the grouping columns (a tuple if there are several) and the counts.
    """
    registry = matched.duck.relation(REGISTRY, with_rowid=True)
    joined = rows.inner_join(registry, rows.row_no == registry["rowid"])
    quantity = _quantity(joined)
    counted = joined.group_by(*by).aggregate(
        records=joined.count(),
        quantity=quantity.sum().fill_null(0).cast("int64"),
        holders=_holder(joined).nunique(),
        quantity_unknown=quantity.isnull().cast("int64").sum().fill_null(0).cast("int64"),
    )
    names = list(Count.model_fields)
    split = len(by)
    return [
        (row[0] if split == 1 else row[:split], dict(zip(names, row[split:], strict=True)))
        for row in matched.duck.rows(counted.select(*by, *names))
    ]


def _quantity(table: ir.Table) -> ir.IntegerValue:
    if "quantity" not in table.columns:
        return _nothing(table)
    read = table.quantity.try_cast("int64")
    return ibis.ifelse(read >= 0, read, None)


def _holder(table: ir.Table) -> ir.StringValue:
    return table.holder_id if "holder_id" in table.columns else _nothing(table).cast("string")


def _nothing(table: ir.Table) -> ir.IntegerColumn:
    """Return a column of nulls: what a registry says that has not the column."""
    return table.row_no.nullif(table.row_no)


def holder_verdicts(matched: Matched, notice_no: int) -> ir.Table:
    """Return ``holder, clinic, truth``: the most urgent verdict per holder and clinic."""
    joined = _verdicts_with_registry(matched)
    clinic = joined.clinic_id if "clinic_id" in joined.columns else _nothing(joined).cast("string")
    concerned = joined.filter(
        (joined.notice_no == notice_no) & (joined.truth > 0) & _holder(joined).notnull()
    )
    return (
        concerned.select("truth", holder=_holder(concerned), clinic=clinic)
        .group_by("holder", "clinic")
        .agg(truth=lambda t: t.truth.max())
    )


def count_verdicts(matched: Matched) -> list[NoticeFigures]:
    """Return the figures of each notice; every holder counts once, under the most urgent."""
    duck = matched.duck
    registry = duck.relation(REGISTRY, with_rowid=True).select(row_no="rowid")
    everything = registry.mutate(all_of_it=ibis.literal(1))
    verdicts = duck.relation(VERDICTS)
    concerned = verdicts.filter(verdicts.truth > 0)
    by_key = dict(registry_counts(matched, concerned, ["notice_no", "truth"]))
    nobody = Count().model_dump()
    totals = dict(registry_counts(matched, everything, ["all_of_it"])).get(1, nobody)
    gaps = by_key.get((GAP_NO, int(Truth.UNKNOWN)), nobody)
    figures = []
    for notice_no, notice in enumerate(matched.notices):
        urgent = (
            holder_verdicts(matched, notice_no)
            .group_by("holder")
            .agg(truth=lambda t: t.truth.max())
        )
        holders = dict(duck.rows(urgent.group_by("truth").agg(n=lambda t: t.count())))
        found = {
            truth: by_key.get((notice_no, int(truth)), nobody) | {"holders": holders.get(truth, 0)}
            for truth in (Truth.TRUE, Truth.UNKNOWN)
        }
        told = [*found.values(), gaps | {"holders": 0}]
        rest = {name: total - sum(part[name] for part in told) for name, total in totals.items()}
        figures.append(
            NoticeFigures(
                notice=notice.notice,
                revision=notice.revision,
                records=totals["records"],
                verdicts={
                    Verdict.AFFECTED: Count(**found[Truth.TRUE]),
                    Verdict.NOT_AFFECTED: Count(**rest),
                    Verdict.CANNOT_TELL: Count(**found[Truth.UNKNOWN]),
                },
            )
        )
    return figures


def count_questions(matched: Matched, notice_no: int) -> list[tuple[str, int]]:
    """Return the questions that would settle a notice's open records, the commonest first."""
    worded = _worded(matched)
    open_ = worded.filter((worded.notice_no == notice_no) & (worded.truth == int(Truth.UNKNOWN)))
    counted = open_.group_by("question").aggregate(n=open_.count())
    found = [(str(question), int(n)) for question, n in matched.duck.rows(counted)]
    return sorted(found, key=lambda item: (-item[1], item[0]))


def count_gaps(matched: Matched) -> int:
    """Return how many records were listed once as a gap for several notices."""
    verdicts = matched.duck.relation(VERDICTS)
    gaps = verdicts.filter(verdicts.notice_no == GAP_NO)
    return int(matched.duck.rows(gaps.aggregate(n=gaps.count()))[0][0])
