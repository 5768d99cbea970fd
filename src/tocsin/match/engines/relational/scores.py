"""One number per record and candidate: how true the entry is, how well it speaks, and why."""

from collections.abc import Sequence
from functools import reduce
from operator import and_

import ibis
import ibis.expr.types as ir

from tocsin.base.truth import Truth
from tocsin.match.engines.candidates import CandidateTables
from tocsin.match.engines.demands import NUMBER_KINDS
from tocsin.match.engines.layout import (
    ANY_DAY,
    MISSING_BIT,
    NO_REASON,
    TRUTH_BITS,
    day_bounds,
    is_coded,
)
from tocsin.match.engines.relational.relations import CANDIDATES, relation_of, word_of
from tocsin.match.rules import How, Reasons


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
    # Most pairs are refuted: they are made of few columns, and only what is left gets the rest.
    ends = [name for kind in days for name in day_bounds(kind)[:2]]
    keys = ["product_no", *in_block]
    pair = live.inner_join(candidates.select("candidate_no", *keys, "maybe_bit", *ends), keys)
    rest = candidates.drop("product_no", "block", "maybe_bit", *ends)
    possible = {kind: _may_overlap(pair, kind) for kind in days}
    if keep_false:
        pair = pair.inner_join(rest, "candidate_no")
        possible |= {kind: (pair[word_of(kind)] & pair.maybe_bit) != 0 for kind in coded}
        outside = _first_reason(
            [(possible[kind], reasons.number(kind, How.OUTSIDE)) for kind in possible]
        )
        alone = pair.rivals == 0
    else:
        pair = pair.filter((pair.word & pair.maybe_bit) != 0, *possible.values())
        pair = pair.inner_join(rest, "candidate_no")
        outside = ibis.literal(NO_REASON, "int32")
        alone = (pair.word & pair.rivals) == 0
    within = {kind: _is_within(pair, kind) for kind in days}
    surely = reduce(
        and_,
        within.values(),
        ((pair.word & pair.surely_bit) != 0) & (pair.open_reason == NO_REASON),
    )
    opened = _first_reason(
        [
            *((within[kind], _open_day(pair, kind, reasons)) for kind in days),
            *(
                ((pair[word_of(kind)] & pair.surely_bit) != 0, _open_value(pair, kind, reasons))
                for kind in coded
            ),
        ],
        pair.open_reason,
    )
    truth_and_reason = ibis.cases(
        (outside != NO_REASON, outside),
        (surely, ibis.literal(int(Truth.TRUE) << TRUTH_BITS, "int64")),
        else_=opened.cast("int64") + (int(Truth.UNKNOWN) << TRUTH_BITS),
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
    return inside & (pair[truth] == int(Truth.TRUE))


def _open_day(pair: ir.Table, kind: str, reasons: Reasons) -> ir.Value:
    return ibis.ifelse(
        pair[f"{kind}_low"] == ANY_DAY[0],
        reasons.number(kind, How.UNKNOWN),
        reasons.number(kind, How.UNCLEAR),
    )


def _open_value(pair: ir.Table, kind: str, reasons: Reasons) -> ir.Value:
    """Return why a value leaves a candidate open: it is missing, or does not decide."""
    number = ibis.ifelse(
        (pair[word_of(kind)] & MISSING_BIT) != 0,
        reasons.number(kind, How.UNKNOWN),
        reasons.number(kind, How.UNCLEAR),
    )
    if kind not in NUMBER_KINDS:
        return number
    unread = pair[f"{kind}_open"]
    return ibis.ifelse(unread == NO_REASON, number, unread)
