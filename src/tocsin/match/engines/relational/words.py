"""Each value of a coded kind judged once, for all candidates of its product: its word."""

import ibis
import ibis.expr.types as ir

from tocsin.base.truth import Truth
from tocsin.match.engines.candidates import CandidateTables
from tocsin.match.engines.demands import NUMBER_KINDS
from tocsin.match.engines.layout import MISSING_BIT, key_columns, stem_of, value_columns
from tocsin.match.engines.relational.relations import (
    CANDIDATES,
    OPENINGS,
    pieces_name,
    relation_of,
    values_name,
    word_of,
)


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
    words = opened.select(number, "block", **{word_of(kind): opened[f"{stem}_free"] + added})
    return words.filter(words[word_of(kind)] != 0)


def _step_rules(pair: ir.Table, stem: str) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Return whether a value may lie in a step, and whether it surely fulfils the demand."""
    low, high = pair[f"{stem}_low"], pair[f"{stem}_high"]
    start, end = pair.low_bound, pair.high_bound
    inside = (low >= start) & (high < end)
    return (low < end) & (high >= start), inside & (pair.truth == int(Truth.TRUE))


def _number_rules(pair: ir.Table, stem: str) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Return whether a number may be in an item, and whether it surely is."""
    text, prefix, bound = pair[f"{stem}_text"], pair[f"{stem}_prefix"], pair.prefix_bound
    counted = pair[f"{stem}_counter"].between(pair.counter_low, pair.counter_high)
    inside = _holds(pair, text, pair[f"{stem}_width"])
    part = _holds(pair, pair[f"{stem}_stem"], pair[f"{stem}_stem_width"]) | (
        text == pair.stem_bound
    )
    alike = pair.near & ((prefix == "") | (prefix == bound) | (bound == ""))
    alike |= pair[f"{stem}_skeleton"].between(pair.skeleton_low, pair.skeleton_high)
    return part | (counted & (inside | alike)), counted & inside


def _holds(pair: ir.Table, text: ir.Value, width: ir.Value) -> ir.BooleanValue:
    return text.between(pair.text_low, pair.text_high) & width.between(
        pair.width_low, pair.width_high
    )
