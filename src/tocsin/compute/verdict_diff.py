"""Two revisions matched in one database -> what changes for each record."""

import ibis
import ibis.expr.types as ir

from tocsin.base.truth import Truth
from tocsin.compute.verdict_table import VERDICTS, Matched, registry_counts
from tocsin.match.figures import Change, Count

FALSE = int(Truth.FALSE)


def changes_relation(matched: Matched, old: int, new: int, *, told_differently: bool) -> ir.Table:
    """Return ``row_no, change, was, now`` of every record that either revision concerns.

    Args:
        matched: a match of both revisions.
        old: place of the old revision among the matched notices.
        new: place of the new one.
        told_differently: whether instructions changed, so that who stays in scope must be
            contacted again.
    """
    verdicts = matched.duck.relation(VERDICTS)
    verdicts = verdicts.filter(verdicts.truth != FALSE)
    before = verdicts.filter(verdicts.notice_no == old).select(row_no="row_no", was="truth")
    after = verdicts.filter(verdicts.notice_no == new).select(after_no="row_no", now="truth")
    both = before.outer_join(after, before.row_no == after.after_no)
    paired = both.select(
        row_no=ibis.coalesce(both.row_no, both.after_no),
        was=both.was.fill_null(FALSE),
        now=both.now.fill_null(FALSE),
    )
    again = (paired.was != paired.now) | ibis.literal(told_differently)
    change = ibis.cases(
        ((paired.was == FALSE) & (paired.now != FALSE), str(Change.NEWLY_IN)),
        ((paired.was != FALSE) & (paired.now == FALSE), str(Change.NEWLY_OUT)),
        (again & (paired.now != FALSE), str(Change.CONTACT_AGAIN)),
        else_=str(Change.UNCHANGED),
    )
    return paired.mutate(change=change)


def count_changes(
    matched: Matched, old: int, new: int, *, told_differently: bool
) -> dict[Change, Count]:
    """Return records, quantity and holders of each change; holders may occur under several."""
    changes = changes_relation(matched, old, new, told_differently=told_differently)
    counted = registry_counts(matched, changes, ["change"])
    found = {Change(name): Count(**count) for name, count in counted}
    return {change: found.get(change, Count()) for change in Change}
