"""Two sets of verdicts -> what changes for each record: one expression, in any database."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from tocsin.base.truth import Truth
from tocsin.match.figures import Change

FALSE = int(Truth.FALSE)


def changed_verdicts(
    before: ir.Table, after: ir.Table, keys: Sequence[str], *, told_differently: bool
) -> ir.Table:
    """Return the keys, ``was``, ``now`` and ``change`` of all that either set concerns.

    Args:
        before: ``truth`` by the keys, one row each; none is "not affected".
        after: the same for the new set.
        keys: the columns by which a record is known in both.
        told_differently: whether instructions changed, so that who stays in scope must be
            contacted again.
    """
    nobody = ibis.literal(FALSE, "int32")
    told = [
        before.select(*keys, was=before.truth.cast("int32"), now=nobody),
        after.select(*keys, was=nobody, now=after.truth.cast("int32")),
    ]
    both = ibis.union(*told)
    paired = both.group_by(*keys).agg(was=both.was.max(), now=both.now.max())
    paired = paired.filter((paired.was != FALSE) | (paired.now != FALSE))
    was, now = paired.was, paired.now
    again = ibis.or_(was != now, ibis.literal(told_differently))
    change = ibis.cases(
        ((was == FALSE) & (now != FALSE), str(Change.NEWLY_IN)),
        ((was != FALSE) & (now == FALSE), str(Change.NEWLY_OUT)),
        (again & (now != FALSE), str(Change.CONTACT_AGAIN)),
        else_=str(Change.UNCHANGED),
    )
    return paired.mutate(change=change)
