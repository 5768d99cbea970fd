"""Two revisions matched in one database -> what changes for each record."""

import ibis.expr.types as ir

from tocsin.compute.verdict_changes import changed_verdicts
from tocsin.compute.verdict_table import VERDICTS, Matched, registry_counts
from tocsin.match.figures import Change, Count


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
    before = verdicts.filter(verdicts.notice_no == old)
    after = verdicts.filter(verdicts.notice_no == new)
    return changed_verdicts(before, after, ["row_no"], told_differently=told_differently)


def count_changes(
    matched: Matched, old: int, new: int, *, told_differently: bool
) -> dict[Change, Count]:
    """Return records, quantity and holders of each change; holders may occur under several."""
    changes = changes_relation(matched, old, new, told_differently=told_differently)
    counted = registry_counts(matched, changes, ["change"])
    found = {Change(name): Count(**count) for name, count in counted}
    return {change: found.get(change, Count()) for change in Change}
