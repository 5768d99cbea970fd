"""The fast engine: one join, as an Ibis expression that any backend can run.

Relations in, by name (`candidates` describes the columns):
    records: one row per device record: ``row_no``, ``product_no`` (0 without product
        evidence), per coded kind the number of its value, per day kind the first and the
        last day that it can mean (any day, where the record has none).
    values_<kind>: one row per distinct value of a kind and product, with the keys that
        `identify` made of it; null keys where the records have no usable value.
    candidates, openings, pieces_<kind>: what the notices say, see `make_candidates`.
Relation out: one row per record and notice with a verdict other than not affected (all
    of them on request): ``row_no, notice_no, truth, entry_no, reason, by_exclusion``, where
    ``entry_no`` is the entry's place in its notice. No order.

How: each value is judged once, for all candidates of its product, and becomes a word of two
bits per candidate. A record's words are combined with ``&``; only what is not refuted then
is joined with the candidates, and its days are looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import and_

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from tocsin.base.truth import Truth
from tocsin.match.engines.candidates import (
    ALL_BITS,
    ANY_DAY,
    ENTRY_BITS,
    MISSING_BIT,
    NO_REASON,
    TRUTH_BITS,
    CandidateTables,
    day_bounds,
    is_coded,
    key_columns,
    record_columns,
    stem_of,
    value_columns,
)
from tocsin.match.engines.demands import NUMBER_KINDS
from tocsin.match.rules import MAX_ENTRIES, How, Reasons

RECORDS = "records"
CANDIDATES = "candidates"
OPENINGS = "openings"
SCORED = "scored"
PAIRS = "pairs"

_FALSE, _UNKNOWN, _TRUE = (int(truth) for truth in Truth)
_IBIS_TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "int8",
    pa.int16(): "int16",
    pa.int32(): "int32",
    pa.int64(): "int64",
    pa.string(): "string",
}


def values_name(kind: str) -> str:
    """Return the name of the relation of a coded kind's values."""
    return f"values_{stem_of(kind)}"


def pieces_name(kind: str) -> str:
    """Return the name of the relation of a coded kind's pieces."""
    return f"pieces_{stem_of(kind)}"


def named_tables(tables: CandidateTables) -> dict[str, pa.Table]:
    """Return the tables that must stand in the database, beside records and values."""
    pieces = {pieces_name(kind): table for kind, table in tables.pieces.items()}
    return {CANDIDATES: tables.candidates, OPENINGS: tables.openings, **pieces}


def relation_of(name: str, columns: "dict[str, pa.DataType] | pa.Schema") -> ir.Table:
    """Return an unbound relation."""
    # Ibis could read an Arrow schema, but then wants a package that it does not declare.
    pairs = columns.items() if isinstance(columns, dict) else ((f.name, f.type) for f in columns)
    return ibis.table({column: _IBIS_TYPES[kind] for column, kind in pairs}, name=name)


Step = tuple[str, ir.Table]


def verdict_steps(
    tables: CandidateTables,
    reasons: Reasons,
    *,
    keep_false: bool = False,
    carried: Sequence[str] = (),
) -> Iterator[Step]:
    """Yield names and relations, each made from those before it; the last are the verdicts.

    A database may keep each step as a table, or write all of them as one statement.

    Args:
        tables: the candidates; the relations bear the names that the module gives them.
        reasons: the numbering of reasons.
        keep_false: whether to keep pairs that are surely not affected.
        carried: further text columns of the records to hand through.
    """
    words = {}
    for kind in filter(is_coded, tables.kinds):
        name = f"words_{stem_of(kind)}"
        step = value_words(tables, kind)
        words[kind] = ibis.table(step.schema(), name=name)
        yield name, step
    live = live_records(tables, words, keep_false=keep_false, carried=carried)
    scored = scored_pairs(live, tables, reasons, keep_false=keep_false, carried=carried)
    yield SCORED, scored
    scored = ibis.table(scored.schema(), name=SCORED)
    yield PAIRS, decided_pairs(scored, tables, keep_false=keep_false, carried=carried)


def verdict_pairs(
    tables: CandidateTables,
    reasons: Reasons,
    *,
    keep_false: bool = False,
    carried: Sequence[str] = (),
) -> ir.Table:
    """Return the steps of `verdict_steps` as one expression."""
    words = {kind: value_words(tables, kind) for kind in filter(is_coded, tables.kinds)}
    live = live_records(tables, words, keep_false=keep_false, carried=carried)
    scored = scored_pairs(live, tables, reasons, keep_false=keep_false, carried=carried)
    return decided_pairs(scored, tables, keep_false=keep_false, carried=carried)


def decided_pairs(
    scored: ir.Table, tables: CandidateTables, *, keep_false: bool, carried: Sequence[str]
) -> ir.Table:
    """Return the deciding entry and reason per record and notice."""
    alone = scored.filter(scored.alone)
    best = alone.select(
        "row_no", "notice_no", *carried, affecting="score", excluding=ibis.literal(0, "int64")
    )
    if tables.rivalry:
        rivals = scored.filter(~scored.alone)
        grouped = rivals.group_by("row_no", "notice_no").agg(
            **{name: rivals[name].min() for name in carried},
            affecting=ibis.ifelse(rivals.excludes, None, rivals.score).max(),
            excluding=ibis.ifelse(rivals.excludes, rivals.score, 0).max(),
        )
        best = best.union(grouped.filter(grouped.affecting.notnull()))
    decided = _decoded(best, carried)
    return decided if keep_false else decided.filter(decided.truth != _FALSE)


def live_records(
    tables: CandidateTables,
    words: Mapping[str, ir.Table],
    *,
    keep_false: bool,
    carried: Sequence[str],
) -> ir.Table:
    """Return the records with the words of their values, and all of them combined.

    Without ``keep_false`` only records are left that some candidate may concern.
    """
    text_columns = dict.fromkeys(carried, pa.string())
    live = relation_of(RECORDS, record_columns(tables.kinds) | text_columns)
    in_block = [] if tables.one_block else ["block"]
    if keep_false:
        openings = relation_of(OPENINGS, tables.openings.schema)
        live = live.inner_join(openings.select("product_no", *in_block), "product_no")
    for place, (kind, every) in enumerate(words.items()):
        number = f"{stem_of(kind)}_no"
        joined = every.select(number, _word_of(kind), *in_block)
        if keep_false:
            live = live.left_join(joined, [number, *in_block])
            live = live.mutate(**{_word_of(kind): live[_word_of(kind)].fill_null(0)})
            live = live.drop(*(name for name in live.columns if name.endswith("_right")))
        else:
            live = live.inner_join(joined, [number, *(in_block if place else [])])
    word = reduce(and_, (live[_word_of(kind)] for kind in words), ibis.literal(ALL_BITS, "int64"))
    live = live.mutate(word=word)
    return live if keep_false else live.filter(live.word != 0)


def _word_of(kind: str) -> str:
    return f"{stem_of(kind)}_word"


def value_words(tables: CandidateTables, kind: str) -> ir.Table:
    """Return one row per value and block: its word, if it is not zero."""
    stem = stem_of(kind)
    number = f"{stem}_no"
    values = relation_of(values_name(kind), value_columns(kind))
    candidates = relation_of(CANDIDATES, tables.candidates.schema)
    pieces = relation_of(pieces_name(kind), tables.pieces[kind].schema)
    openings = relation_of(OPENINGS, tables.openings.schema)
    missing = next(iter(key_columns(kind)))
    tried = (
        values.filter(values[missing].notnull())
        .inner_join(candidates.select("product_no", "block", "maybe_bit", "entry_no"), "product_no")
        .inner_join(pieces, "entry_no")
    )
    possible, surely = (_number_rules if kind in NUMBER_KINDS else _step_rules)(tried, stem)
    tried = tried.mutate(bits=ibis.ifelse(surely, tried.maybe_bit * 3, tried.maybe_bit))
    tried = tried.filter(possible)
    found = tried.group_by(number, "block").agg(found=tried.bits.bit_or())
    opened = values.inner_join(openings, "product_no").left_join(found, [number, "block"])
    added = ibis.ifelse(
        opened[missing].isnull(), opened[f"{stem}_held"] + MISSING_BIT, opened.found.fill_null(0)
    )
    words = opened.select(number, "block", **{_word_of(kind): opened[f"{stem}_free"] + added})
    return words.filter(words[_word_of(kind)] != 0)


def _step_rules(pair: ir.Table, stem: str) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Return whether a value may lie in a step, and whether it surely fulfils the demand."""
    low, high = pair[f"{stem}_low"], pair[f"{stem}_high"]
    start, end = pair.low_bound, pair.high_bound
    inside = (low >= start) & (high < end)
    return (low < end) & (high >= start), inside & (pair.truth == _TRUE)


def _number_rules(pair: ir.Table, stem: str) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Return whether a number may be in an item, and whether it surely is."""
    text, prefix, bound = pair[f"{stem}_text"], pair[f"{stem}_prefix"], pair.prefix_bound
    counted = pair[f"{stem}_counter"].between(pair.counter_low, pair.counter_high)
    inside = text.between(pair.text_low, pair.text_high) & pair[f"{stem}_width"].between(
        pair.width_low, pair.width_high
    )
    alike = pair.near & ((prefix == "") | (prefix == bound) | (bound == ""))
    alike |= pair[f"{stem}_skeleton"].between(pair.skeleton_low, pair.skeleton_high)
    return counted & (inside | alike), inside & pair.surely


def scored_pairs(
    live: ir.Table,
    tables: CandidateTables,
    reasons: Reasons,
    *,
    keep_false: bool,
    carried: Sequence[str],
) -> ir.Table:
    """Return one number per record and candidate: truth, product truth, entry and reason."""
    coded = [kind for kind in tables.kinds if is_coded(kind)]
    days = [kind for kind in tables.kinds if not is_coded(kind)]
    in_block = [] if tables.one_block or not (coded or keep_false) else ["block"]
    candidates = relation_of(CANDIDATES, tables.candidates.schema)
    pair = live.inner_join(candidates, ["product_no", *in_block])
    possible = {kind: _may_overlap(pair, kind) for kind in days}
    if keep_false:
        possible |= {kind: (pair[_word_of(kind)] & pair.maybe_bit) != 0 for kind in coded}
        outside = _first_reason(
            [(possible[kind], reasons.number(kind, How.OUTSIDE)) for kind in possible]
        )
        alone = pair.rivals == 0
    else:
        pair = pair.filter((pair.word & pair.maybe_bit) != 0, *possible.values())
        outside = ibis.literal(NO_REASON, "int32")
        alone = (pair.word & pair.rivals) == 0
    opened = _first_reason(
        [
            *((_is_within(pair, kind), _open_day(pair, kind, reasons)) for kind in days),
            *(
                ((pair[_word_of(kind)] & pair.surely_bit) != 0, _open_value(pair, kind, reasons))
                for kind in coded
            ),
        ],
        pair.open_reason,
    )
    truth_and_reason = ibis.cases(
        (outside != NO_REASON, outside),
        (opened != NO_REASON, opened.cast("int64") + (_UNKNOWN << TRUTH_BITS)),
        else_=ibis.literal(_TRUE << TRUTH_BITS, "int64"),
    )
    scored = pair.select(
        "row_no", "notice_no", "excludes", *carried, alone=alone, score=truth_and_reason + pair.base
    )
    return scored.filter(~(scored.alone & scored.excludes))  # it excludes what nothing affects


def _first_reason(
    constraints: "Sequence[tuple[ir.Value, ir.Value | int]]", *always: ir.Value
) -> ir.Value:
    """Return the least reason of the constraints that do not hold, or `NO_REASON`."""
    found = [ibis.ifelse(holds, NO_REASON, reason) for holds, reason in constraints]
    everything = [*always, *found] or [ibis.literal(NO_REASON, "int32")]
    return ibis.least(*everything) if len(everything) > 1 else everything[0]


def _may_overlap(pair: ir.Table, kind: str) -> ir.BooleanValue:
    start, end, _ = day_bounds(kind)
    return (pair[f"{kind}_low"] < pair[end]) & (pair[f"{kind}_high"] >= pair[start])


def _is_within(pair: ir.Table, kind: str) -> ir.BooleanValue:
    start, end, truth = day_bounds(kind)
    inside = (pair[f"{kind}_low"] >= pair[start]) & (pair[f"{kind}_high"] < pair[end])
    return inside & (pair[truth] == _TRUE)


def _open_day(pair: ir.Table, kind: str, reasons: Reasons) -> ir.Value:
    return ibis.ifelse(
        pair[f"{kind}_low"] == ANY_DAY[0],
        reasons.number(kind, How.UNKNOWN),
        reasons.number(kind, How.UNCLEAR),
    )


def _open_value(pair: ir.Table, kind: str, reasons: Reasons) -> ir.Value:
    """Return why a value leaves a candidate open: it is missing, or does not decide."""
    number = ibis.ifelse(
        (pair[_word_of(kind)] & MISSING_BIT) != 0,
        reasons.number(kind, How.UNKNOWN),
        reasons.number(kind, How.UNCLEAR),
    )
    if kind not in NUMBER_KINDS:
        return number
    unread = pair[f"{kind}_open"]
    return ibis.ifelse(unread == NO_REASON, number, unread)


def _decoded(best: ir.Table, carried: Sequence[str]) -> ir.Table:
    """Return truth, entry and reason of the affects and excludes scores of each pair."""
    affects, excludes = best.affecting >> TRUTH_BITS, best.excluding >> TRUTH_BITS
    by_exclusion = (affects != _FALSE) & (
        (excludes == _TRUE) | ((excludes == _UNKNOWN) & (affects == _TRUE))
    )
    chosen = best.mutate(
        by_exclusion=by_exclusion,
        truth=ibis.least(affects, _TRUE - excludes),
        score=ibis.ifelse(by_exclusion, best.excluding, best.affecting),
    )
    return chosen.select(
        "row_no",
        "notice_no",
        *carried,
        truth=chosen.truth.cast("int32"),
        entry_no=(MAX_ENTRIES - ((chosen.score >> ENTRY_BITS) & MAX_ENTRIES)).cast("int32"),
        reason=(chosen.score & NO_REASON).cast("int32"),
        by_exclusion=chosen.by_exclusion,
    )
