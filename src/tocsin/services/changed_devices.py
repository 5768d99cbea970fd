"""What a match changes against an earlier one: counted, and device by device, by the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.base.errors import UsageError
from tocsin.base.last_used import LastUsed
from tocsin.match.figures import Change, Count
from tocsin.match.run_changes import DeviceChange
from tocsin.notice.revision import tells_differently
from tocsin.services.run_words import find_run_of
from tocsin.services.work import Work, service
from tocsin.store.change_pages import (
    ChangeKey,
    ComparedRuns,
    compare_notices,
    count_changes_of,
    page_of_changes,
)
from tocsin.store.models import MatchRun
from tocsin.store.notice_rows import read_revision
from tocsin.store.run_marks import mark_of
from tocsin.store.run_rows import find_run, revisions_of, same_persons

MOST = 5_000
"""The most changes that one call returns."""
CHANGED = frozenset(Change) - {Change.UNCHANGED}
Counts = Mapping[str, Mapping[Change, Count]]
_COUNTED: LastUsed[Counts] = LastUsed(most=32)


@dataclass(frozen=True)
class RunDiff:
    """What a run changes against an earlier one.

    Attributes:
        old, new: their numbers.
        counts: records, units and holders of each change, by notice.
        n_found: how many devices and notices have a change that was asked for.
        changes: some of them, by device.
        later: behind which the next ones are; None if there are none.
    """

    old: int
    new: int
    counts: Counts
    n_found: int
    changes: Sequence[DeviceChange]
    later: ChangeKey | None


@dataclass(frozen=True)
class SoughtChanges:
    """Which changes are asked for.

    Attributes:
        change: only this one; without, all but what is unchanged.
        after: only those behind it; without, from the first.
    """

    change: Change | None = None
    after: ChangeKey | None = None


@service
def read_changes(
    work: Work,  # noqa: ARG001 - asks for rights only
    action_id: int,
    new: int | None = None,
    old: int | None = None,
    sought: SoughtChanges = SoughtChanges(),
    limit: int = MOST,
) -> RunDiff:
    """Return what a run changes against an earlier one: the last two if none is named.

    Right: everybody of the organisation but administrators.

    Args:
        work: the call.
        action_id: the action.
        new: number of the newer run; the last without.
        old: number of the older run; the one before without.
        sought: which changes, and behind which the page begins.
        limit: the most changes, up to `MOST`.

    Raises:
        ActionUnknown, NoMatchYet: if there is none.
        UsageError: if more changes are asked for.
    """
    if not 1 <= limit <= MOST:
        raise UsageError(f"Ask for 1 to {MOST:,} changes at once.")
    newer = find_run_of(action_id, new)
    older = find_run(action_id, old or newer.number - 1) if newer.number > 1 or old else None
    runs, persons = _compared(older, newer), same_persons()
    groups = tuple(sorted(persons.by_holder.items()))
    key = (mark_of(newer).stamp, mark_of(older).stamp if older else "", groups)
    counts = _COUNTED.get(key, lambda: count_changes_of(runs, persons))
    wanted = CHANGED if sought.change is None else {sought.change}
    found = page_of_changes(runs, persons, wanted, sought.after, limit + 1)
    return RunDiff(
        older.number if older else 0,
        newer.number,
        counts,
        sum(by_change[each].records for by_change in counts.values() for each in wanted),
        [one for _, one in found[:limit]],
        found[limit - 1][0] if len(found) > limit else None,
    )


def _compared(older: MatchRun | None, newer: MatchRun) -> ComparedRuns:
    now = {row.notice.name: row for row in revisions_of(newer)}
    were = {row.notice.name: row for row in revisions_of(older)} if older else {}
    told_anew = [
        name
        for name, row in now.items()
        if name in were
        and were[name].pk != row.pk
        and tells_differently(read_revision(were[name]), read_revision(row))
    ]
    return compare_notices(older, newer, (list(were), list(now)), told_anew)
