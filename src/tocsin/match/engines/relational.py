"""The fast engine: one join, as an Ibis expression that any backend can run.

Relations in:
    records: one row per device record. ``row_no`` (int64), ``product_no`` (int32, 0
        without product evidence) and per kind the key columns of `key_columns`; null
        means that the record has no usable value.
    candidates: one row per product x alternative of an entry whose product is not
        surely another, see `candidate_table`.
Relation out: one row per record and notice with a verdict other than not affected (all
    of them on request): ``row_no, notice_no, truth, entry_no, reason, by_exclusion``.
    ``entry_no`` is null when no entry names the product. No order.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from tocsin.base.steps import Step
from tocsin.base.truth import Truth
from tocsin.match.engines.alternatives import (
    NUMBER_KINDS,
    Alternative,
    alternatives_of,
    kinds_used,
)
from tocsin.match.rules import ENTRY, MAX_ENTRIES, PRODUCT, How, Reasons
from tocsin.match.scopes import product_scope_of
from tocsin.match.unread_names import NamedProducts, unread_texts
from tocsin.notice.model import Notice
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX

# The score of a pair, most weighty first: truth, product truth, entry (the first is the
# greatest), reason. The best pair of a record and notice is then simply the greatest.
_ENTRY_BITS = 16
_PRODUCT_BITS = 34
_TRUTH_BITS = 40
_NO_REASON = (1 << _ENTRY_BITS) - 1
_UNKNOWN_SCORE = 1 << _TRUTH_BITS

_IBIS_TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "int8",
    pa.int16(): "int16",
    pa.int32(): "int32",
    pa.int64(): "int64",
    pa.string(): "string",
}
_RECORD_COLUMNS = {"row_no": "int64", "product_no": "int32"}
_CANDIDATE_COLUMNS = {
    "product_no": pa.int32(),
    "notice_no": pa.int32(),
    "excludes": pa.bool_(),
    "alone": pa.bool_(),
    "product_truth": pa.int8(),
    "open_reason": pa.int32(),
    "base": pa.int64(),
}


def stem_of(kind: str) -> str:
    """Return what the columns of a kind begin with.

    The name of a fact comes from a notice: it may hold anything, and databases take names
    that differ by case only for one.
    """
    if kind.startswith(FACT_PREFIX):
        return "fact_" + kind.removeprefix(FACT_PREFIX).encode().hex()
    return kind


def key_columns(kind: str) -> dict[str, str]:
    """Return the columns, with types, that hold the keys of a record for one kind."""
    stem = stem_of(kind)
    if kind in NUMBER_KINDS:
        return {
            f"{stem}_text": "string",
            f"{stem}_prefix": "string",
            f"{stem}_counter": "string",
            f"{stem}_width": "int16",
            f"{stem}_skeleton": "string",
        }
    key = "int32" if kind in DAY_COLUMNS else "string"
    return {f"{stem}_low": key, f"{stem}_high": key}


def _bound_columns(kind: str) -> dict[str, pa.DataType]:
    stem = stem_of(kind)
    if kind in NUMBER_KINDS:
        return {
            f"{stem}_text_low": pa.string(),
            f"{stem}_text_high": pa.string(),
            f"{stem}_counter_low": pa.string(),
            f"{stem}_counter_high": pa.string(),
            f"{stem}_width_low": pa.int16(),
            f"{stem}_width_high": pa.int16(),
            f"{stem}_prefix_bound": pa.string(),
            f"{stem}_near": pa.bool_(),
            f"{stem}_skeleton_low": pa.string(),
            f"{stem}_skeleton_high": pa.string(),
        }
    key = pa.int32() if kind in DAY_COLUMNS else pa.string()
    return {f"{stem}_from": key, f"{stem}_below": key, f"{stem}_truth": pa.int8()}


def _bounds(kind: str, piece: Any) -> tuple[Any, ...]:
    if isinstance(piece, Step):
        return (piece.low, piece.high, int(piece.truth))
    return (
        piece.text_low,
        piece.text_high,
        piece.counter_low,
        piece.counter_high,
        piece.width_low,
        piece.width_high,
        piece.prefix,
        piece.near,
        piece.skeleton_low,
        piece.skeleton_high,
    )


class CompiledScopes:
    """All alternatives of several notices, independent of any registry."""

    def __init__(
        self, notices: Sequence[Notice], reasons: Reasons, *, as_if_reviewed: bool
    ) -> None:
        """Compile the notices' scopes; ``notice_no`` is a notice's place in the list."""
        self.notices = notices
        self.reasons = reasons
        self.rows: list[tuple[int, int, Alternative]] = []
        self._by_entry: list[list[list[Alternative]]] = []
        self.held_back: dict[int, int] = {}
        for notice_no, notice in enumerate(notices):
            per_entry = []
            for ordinal, entry in enumerate(notice.scope):
                reviewed = entry.reviewed or as_if_reviewed
                per_entry.append(alternatives_of(entry, reasons, reviewed=reviewed))
                if entry.affects and not reviewed:
                    self.held_back.setdefault(notice_no, ordinal)
            self._by_entry.append(per_entry)
        everything = [a for per_entry in self._by_entry for entry in per_entry for a in entry]
        self.kinds = kinds_used(everything, reasons)

    def alternatives(self, notice_no: int, ordinal: int) -> list[Alternative]:
        """Return the alternatives of one entry."""
        return self._by_entry[notice_no][ordinal]


def candidate_table(scopes: CompiledScopes, products: Any, n_products: int) -> pa.Table:
    """Return the candidates: each product with the alternatives that may concern it.

    Args:
        scopes: the compiled notices.
        products: has ``matches(product_scope)`` yielding ``(index, truth)`` of every product
            whose identity is not FALSE, and a sequence ``products``; ``product_no`` is
            ``index + 1``.
        n_products: how many products there are.
    """
    columns: dict[str, list[Any]] = {name: [] for name in _CANDIDATE_COLUMNS}
    bounds: dict[str, list[tuple[Any, ...] | None]] = {kind: [] for kind in scopes.kinds}
    per_pair: dict[tuple[int, int], int] = {}
    by_text: NamedProducts | None = None

    def add(
        product_no: int, notice_no: int, base: int, truth: int, excludes: bool, each: Alternative
    ) -> None:
        per_pair[product_no, notice_no] = per_pair.get((product_no, notice_no), 0) + (
            2 if excludes else 1
        )
        for name, value in zip(
            _CANDIDATE_COLUMNS,
            (product_no, notice_no, excludes, False, truth, each.open_reason, base),
            strict=True,
        ):
            columns[name].append(value)
        for kind, pieces in bounds.items():
            piece = each.pieces.get(kind)
            pieces.append(None if piece is None else _bounds(kind, piece))

    for notice_no, notice in enumerate(scopes.notices):
        for ordinal, entry in enumerate(notice.scope):
            place = (MAX_ENTRIES - ordinal) << _ENTRY_BITS
            scope = product_scope_of(notice, entry)
            found = dict(products.matches(scope))
            if texts := unread_texts(entry):
                by_text = by_text or NamedProducts(products.products)
                found = dict.fromkeys(by_text.named(scope, texts), Truth.UNKNOWN) | found
            for index, truth in found.items():
                base = (int(truth) << _PRODUCT_BITS) + place
                for each in scopes.alternatives(notice_no, ordinal):
                    add(index + 1, notice_no, base, int(truth), bool(entry.excludes), each)
        if notice_no in scopes.held_back:
            place = (MAX_ENTRIES - scopes.held_back[notice_no]) << _ENTRY_BITS
            opened = Alternative({}, scopes.reasons.number(ENTRY, How.UNREVIEWED))
            for index in range(n_products):
                add(index + 1, notice_no, place, int(Truth.TRUE), False, opened)
    columns["alone"] = [
        per_pair[pair] == 1
        for pair in zip(columns["product_no"], columns["notice_no"], strict=True)
    ]
    arrays = {name: pa.array(columns[name], kind) for name, kind in _CANDIDATE_COLUMNS.items()}
    for kind, pieces in bounds.items():
        for place, (name, arrow_type) in enumerate(_bound_columns(kind).items()):
            arrays[name] = pa.array(
                [None if piece is None else piece[place] for piece in pieces], arrow_type
            )
    return pa.table(arrays)


def records_relation(name: str, kinds: Iterable[str]) -> ir.Table:
    """Return the unbound records relation for the given kinds."""
    schema = dict(_RECORD_COLUMNS)
    for kind in kinds:
        schema |= key_columns(kind)
    return ibis.table(schema, name=name)


def candidates_relation(name: str, table: pa.Table) -> ir.Table:
    """Return the unbound candidates relation."""
    # Ibis could read an Arrow schema, but then wants a package that it does not declare.
    return ibis.table({f.name: _IBIS_TYPES[f.type] for f in table.schema}, name=name)


def verdict_pairs(
    records: ir.Table,
    candidates: ir.Table,
    reasons: Reasons,
    kinds: Sequence[str],
    *,
    all_alone: bool = False,
    keep_false: bool = False,
) -> ir.Table:
    """Return the deciding entry and reason per record and notice.

    Args:
        records: see the module.
        candidates: see the module.
        reasons: the numbering of reasons.
        kinds: the kinds that the candidates constrain.
        all_alone: whether no product has two candidates for one notice, so that nothing
            has to be grouped.
        keep_false: whether to keep pairs that are surely not affected.
    """
    joined = records.inner_join(candidates, "product_no")
    scored = _scored(joined, reasons, kinds)
    if not keep_false:
        scored = scored.filter(scored.score >= _UNKNOWN_SCORE)
    if all_alone:
        return _decoded(scored.mutate(affects=scored.score, excludes=ibis.literal(0, "int64")))
    grouped = scored.group_by("row_no", "notice_no").agg(
        affects=scored.score.max(where=~scored.excludes_it),
        excludes=scored.score.max(where=scored.excludes_it).fill_null(0),
    )
    grouped = grouped.filter(grouped.affects.notnull())
    decoded = _decoded(grouped)
    return decoded if keep_false else decoded.filter(decoded.truth > 0)


def _scored(joined: ir.Table, reasons: Reasons, kinds: Sequence[str]) -> ir.Table:
    """Return one number per pair: truth, product truth, entry and reason, best is greatest."""
    truths: dict[str, ir.Value] = {"truth_product": joined.product_truth}
    for kind in kinds:
        rule = _number_truth if kind in NUMBER_KINDS else _step_truth
        truths[_truth_name(reasons, kind)] = rule(joined, kind)
    missing = {
        f"missing_{reasons.index(kind)}": joined[next(iter(key_columns(kind)))].isnull()
        for kind in kinds
    }
    judged = joined.select(
        "row_no",
        "notice_no",
        "base",
        "open_reason",
        excludes_it=joined.excludes,
        **truths,
        **missing,
    )
    opened = ibis.ifelse(judged.open_reason.isnull(), int(Truth.TRUE), int(Truth.UNKNOWN))
    worst = judged.mutate(truth=ibis.least(*(judged[name] for name in truths), opened.cast("int8")))
    reason = _first_reason(worst, reasons, kinds)
    return worst.select(
        "row_no",
        "notice_no",
        "excludes_it",
        score=worst.truth.cast("int64") * _UNKNOWN_SCORE + worst.base + reason,
    )


def _truth_name(reasons: Reasons, kind: str) -> str:
    return f"truth_{reasons.index(kind)}"


def _first_reason(worst: ir.Table, reasons: Reasons, kinds: Sequence[str]) -> ir.Value:
    """Return the least reason number among the constraints that are as bad as the whole."""
    false, unknown = int(Truth.FALSE), int(Truth.UNKNOWN)
    found: list[ir.Value] = []
    for kind in (PRODUCT, *kinds):
        if kind == PRODUCT:
            truth = worst.truth_product
            unclear: Any = reasons.number(kind, How.UNCLEAR)
        else:
            truth = worst[_truth_name(reasons, kind)]
            unclear = ibis.ifelse(
                worst[f"missing_{reasons.index(kind)}"],
                reasons.number(kind, How.UNKNOWN),
                reasons.number(kind, How.UNCLEAR),
            )
        number = ibis.ifelse(truth == false, reasons.number(kind, How.OUTSIDE), unclear)
        found.append(ibis.ifelse(truth == worst.truth, number, _NO_REASON))
    found.append(
        ibis.ifelse(worst.truth == unknown, worst.open_reason.fill_null(_NO_REASON), _NO_REASON)
    )
    first = ibis.least(*found) if len(found) > 1 else found[0]
    return ibis.ifelse(worst.truth == int(Truth.TRUE), 0, first).cast("int64")


def _step_truth(pair: ir.Table, kind: str) -> ir.Value:
    stem = stem_of(kind)
    low, high = pair[f"{stem}_low"], pair[f"{stem}_high"]
    start, end = pair[f"{stem}_from"], pair[f"{stem}_below"]
    return ibis.cases(
        (start.isnull(), int(Truth.TRUE)),
        (low.isnull(), int(Truth.UNKNOWN)),
        ((low >= start) & (high < end), pair[f"{stem}_truth"]),
        ((low < end) & (high >= start), int(Truth.UNKNOWN)),
        else_=int(Truth.FALSE),
    ).cast("int8")


def _number_truth(pair: ir.Table, kind: str) -> ir.Value:
    stem = stem_of(kind)
    text, prefix = pair[f"{stem}_text"], pair[f"{stem}_prefix"]
    bound = pair[f"{stem}_prefix_bound"]
    return ibis.cases(
        (pair[f"{stem}_text_low"].isnull(), int(Truth.TRUE)),
        (text.isnull(), int(Truth.UNKNOWN)),
        (
            ~pair[f"{stem}_counter"].between(
                pair[f"{stem}_counter_low"], pair[f"{stem}_counter_high"]
            ),
            int(Truth.FALSE),
        ),
        (
            text.between(pair[f"{stem}_text_low"], pair[f"{stem}_text_high"])
            & pair[f"{stem}_width"].between(pair[f"{stem}_width_low"], pair[f"{stem}_width_high"]),
            int(Truth.TRUE),
        ),
        (
            pair[f"{stem}_near"] & ((prefix == "") | (prefix == bound) | (bound == "")),
            int(Truth.UNKNOWN),
        ),
        (
            pair[f"{stem}_skeleton"].between(
                pair[f"{stem}_skeleton_low"], pair[f"{stem}_skeleton_high"]
            ),
            int(Truth.UNKNOWN),
        ),
        else_=int(Truth.FALSE),
    ).cast("int8")


def _decoded(best: ir.Table) -> ir.Table:
    """Return truth, entry and reason of the affects and excludes scores of each pair."""
    affects, excludes = best.affects >> _TRUTH_BITS, best.excludes >> _TRUTH_BITS
    false, unknown, true = (int(truth) for truth in Truth)
    by_exclusion = (affects != false) & (
        (excludes == true) | ((excludes == unknown) & (affects == true))
    )
    chosen = best.mutate(
        by_exclusion=by_exclusion,
        truth=ibis.least(affects, true - excludes),
        score=ibis.ifelse(by_exclusion, best.excludes, best.affects),
    )
    return chosen.select(
        "row_no",
        "notice_no",
        truth=chosen.truth.cast("int32"),
        entry_no=(MAX_ENTRIES - ((chosen.score >> _ENTRY_BITS) & MAX_ENTRIES)).cast("int32"),
        reason=(chosen.score & _NO_REASON).cast("int32"),
        by_exclusion=chosen.by_exclusion,
    )


def reason_names(reasons: Reasons, numbers: Iterable[tuple[int, int, bool]]) -> Mapping[Any, str]:
    """Return the reason code of each ``(truth, reason, by_exclusion)``."""
    return {key: reasons.code(Truth(key[0]), key[1], by_exclusion=key[2]) for key in numbers}
