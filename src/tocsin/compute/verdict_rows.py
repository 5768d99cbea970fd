"""Verdict rows that no entry decides: records without product evidence, and other products.

Columns as `match.engines.relational.verdicts` gives them; ``entry_no`` is null.
"""

import ibis
import ibis.expr.types as ir

from tocsin.base.truth import Truth

GAP_NO = -1
"""The number in place of a notice's, where a gap is listed once for several notices."""
NO_EVIDENCE_REASON = -1


def gap_rows(gaps: ir.Table, notice_no: int) -> ir.Table:
    """Return the verdicts of records without product evidence, by their ``row_no``."""
    return gaps.select(
        "row_no",
        notice_no=ibis.literal(notice_no, "int32"),
        truth=ibis.literal(int(Truth.UNKNOWN), "int32"),
        entry_no=ibis.null("int32"),
        reason=ibis.literal(NO_EVIDENCE_REASON, "int32"),
        by_exclusion=ibis.literal(value=False),
    )


def with_other_products(decided: ir.Table, records: ir.Table, notices: ir.Table) -> ir.Table:
    """Return the decided pairs and, for all other pairs, that no entry names the product.

    Args:
        decided: verdict rows, gaps among them.
        records: ``row_no`` of every record.
        notices: ``notice_no`` of every notice.
    """
    pairs = records.cross_join(notices)
    gaps = decided.filter(decided.reason == NO_EVIDENCE_REASON)
    pairs = pairs.anti_join(gaps, "row_no").anti_join(decided, ["row_no", "notice_no"])
    others = pairs.select(
        "row_no",
        "notice_no",
        truth=ibis.literal(int(Truth.FALSE), "int32"),
        entry_no=ibis.null("int32"),
        reason=ibis.literal(0, "int32"),
        by_exclusion=ibis.literal(value=False),
    )
    return decided.union(others)
