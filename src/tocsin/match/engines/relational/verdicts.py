"""The fast engine: one join, as an Ibis expression that any backend can run.

Relations in, by name (`layout` describes the columns):
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
from tocsin.match.engines.candidates import CandidateTables
from tocsin.match.engines.layout import (
    ALL_BITS,
    ENTRY_BITS,
    NO_REASON,
    TRUTH_BITS,
    is_coded,
    record_columns,
    stem_of,
)
from tocsin.match.engines.relational.relations import OPENINGS, RECORDS, relation_of, word_of
from tocsin.match.engines.relational.scores import scored_pairs
from tocsin.match.engines.relational.words import value_words
from tocsin.match.rules import MAX_ENTRIES, Reasons

SCORED = "scored"
PAIRS = "pairs"

_FALSE, _UNKNOWN, _TRUE = (int(truth) for truth in Truth)

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
        joined = every.select(number, word_of(kind), *in_block)
        if keep_false:
            live = live.left_join(joined, [number, *in_block])
            live = live.mutate(**{word_of(kind): live[word_of(kind)].fill_null(0)})
            live = live.drop(*(name for name in live.columns if name.endswith("_right")))
        else:
            live = live.inner_join(joined, [number, *(in_block if place else [])])
    word = reduce(and_, (live[word_of(kind)] for kind in words), ibis.literal(ALL_BITS, "int64"))
    live = live.mutate(word=word)
    return live if keep_false else live.filter(live.word != 0)


def decided_pairs(
    scored: ir.Table, tables: CandidateTables, *, keep_false: bool, carried: Sequence[str]
) -> ir.Table:
    """Return the deciding entry and reason per record and notice."""
    alone = scored.filter(scored.alone)
    decided = _decoded(alone.mutate(by_exclusion=False, truth=alone.score >> TRUTH_BITS), carried)
    if tables.rivalry:
        decided = decided.union(_decoded(_best_of_rivals(scored, carried), carried))
    return decided if keep_false else decided.filter(decided.truth != _FALSE)


def _best_of_rivals(scored: ir.Table, carried: Sequence[str]) -> ir.Table:
    """Return the score that speaks among the candidates of one notice."""
    rivals = scored.filter(~scored.alone)
    grouped = rivals.group_by("row_no", "notice_no").agg(
        **{name: rivals[name].arbitrary() for name in carried},
        affecting=ibis.ifelse(rivals.excludes, None, rivals.score).max(),
        excluding=ibis.ifelse(rivals.excludes, rivals.score, 0).max(),
    )
    best = grouped.filter(grouped.affecting.notnull())
    affects, excludes = best.affecting >> TRUTH_BITS, best.excluding >> TRUTH_BITS
    by_exclusion = (affects != _FALSE) & (
        (excludes == _TRUE) | ((excludes == _UNKNOWN) & (affects == _TRUE))
    )
    return best.mutate(
        by_exclusion=by_exclusion,
        truth=ibis.least(affects, _TRUE - excludes),
        score=ibis.ifelse(by_exclusion, best.excluding, best.affecting),
    )


def _decoded(best: ir.Table, carried: Sequence[str]) -> ir.Table:
    """Return entry and reason of the score that speaks for each pair."""
    return best.select(
        "row_no",
        "notice_no",
        *carried,
        truth=best.truth.cast("int32"),
        entry_no=(MAX_ENTRIES - ((best.score >> ENTRY_BITS) & MAX_ENTRIES)).cast("int32"),
        reason=(best.score & NO_REASON).cast("int32"),
        by_exclusion=best.by_exclusion,
    )
