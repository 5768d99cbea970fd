"""What a run changes against an earlier one, counted and by the page: no run is ever in memory.

Both runs are walked over in the order of their device ids, by an index, and each verdict looks up
what the other run says of its device and notice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from tocsin.base.truth import Truth
from tocsin.match.figures import Change, Count
from tocsin.match.run_changes import DeviceChange
from tocsin.store.models import MatchRun
from tocsin.store.run_rows import SamePersons
from tocsin.store.tenancy import current_organisation

_NOWHERE = -2
"""In place of a notice's place in a run that does not judge it; -1 stands for every notice."""
_ORDER = "ORDER BY device_id, registry_id, no"
# One run is walked over: ``its`` is what it says, ``theirs`` what the other one says. The plus
# keeps SQLite from the index by truth, in which it would walk the whole run for each verdict. The
# cross join keeps the notices inside the walk, so that it has the order by itself and ends with a
# page; from a plain join SQLite takes the notices first, and sorts all verdicts for each page.
_WALK = """
SELECT v.registry_id, v.device_id, m.no, m.anew, v.truth AS its, v.holder_id, v.quantity,
       COALESCE((SELECT max(+o.truth) FROM store_verdict o
                  WHERE o.run_id = %s AND o.device_id = v.device_id
                    AND o.registry_id = v.registry_id AND (o.place = m.other OR o.place = -1)
                    AND m.other <> -2), 0) AS theirs
  FROM store_verdict v CROSS JOIN ({places}) m
 WHERE v.run_id = %s AND v.organisation_id = %s AND (v.place = m.place OR v.place = -1)
   AND m.place <> -2
"""
_OF_NEWER = """
SELECT registry_id, device_id, no, theirs AS was, its AS now, holder_id, quantity,
       CASE WHEN theirs = 0 THEN 'newly_in'
            WHEN theirs <> its OR anew = 1 THEN 'contact_again' ELSE 'unchanged' END AS change
  FROM ({walk}) w
"""
_OF_OLDER = """
SELECT registry_id, device_id, no, its AS was, 0 AS now, holder_id, quantity,
       'newly_out' AS change
  FROM ({walk}) w WHERE theirs = 0
"""


class ChangeKey(NamedTuple):
    """Where a page of changes ends: behind this device and notice."""

    device_id: str
    registry_id: int
    notice_no: int


@dataclass(frozen=True)
class ComparedRuns:
    """Two runs of an action, and how their notices correspond.

    Attributes:
        before: the older; None: everything in the newer is new.
        after: the newer.
        names: the notices of both, the newer's first.
        places: by notice, its place in the newer and the older run; -2 in one without it.
        told_anew: the notices whose instructions changed.
    """

    before: MatchRun | None
    after: MatchRun
    names: Sequence[str]
    places: Sequence[tuple[int, int]]
    told_anew: frozenset[str]


def compare_notices(
    before: MatchRun | None,
    after: MatchRun,
    notices: tuple[Sequence[str], Sequence[str]],
    told_anew: Iterable[str],
) -> ComparedRuns:
    """Return two runs to compare, from the names of the notices of each by their places."""
    old, new = notices
    names = list(dict.fromkeys([*new, *old]))
    places = [
        tuple(of.index(name) if name in of else _NOWHERE for of in (new, old)) for name in names
    ]
    return ComparedRuns(before, after, names, places, frozenset(told_anew))  # type: ignore[arg-type] # of two


def page_of_changes(
    runs: ComparedRuns,
    persons: SamePersons,
    wanted: Iterable[Change],
    after: ChangeKey | None,
    limit: int,
) -> list[tuple[ChangeKey, DeviceChange]]:
    """Return the next changes, by device, registry and notice.

    Args:
        runs: which.
        persons: who stands for whom.
        wanted: which changes.
        after: where the page before has ended.
        limit: at most so many.
    """
    kinds = sorted(map(str, wanted))
    asked = f"change IN ({', '.join(['%s'] * len(kinds))})"
    values: list[Any] = list(kinds)
    if after is not None:
        # The range begins at the device itself, so that the index can be entered there.
        asked += " AND device_id >= %s AND (device_id, registry_id, no) > (%s, %s, %s)"
        values += [after.device_id, *after]
    cut = f"{_ORDER} LIMIT {int(limit)}"
    pages, all_values = [], []
    for statement, its_values in _parts(runs):  # each is ordered and cut by itself
        page = f"SELECT * FROM (SELECT * FROM ({statement}) x WHERE {asked} {cut}) y"  # noqa: S608 - values stand apart
        pages.append(page)
        all_values += [*its_values, *values]
    found = _rows(f"SELECT * FROM ({' UNION ALL '.join(pages)}) z {cut}", all_values)  # noqa: S608
    return [
        (ChangeKey(device_id, registry_id, no), _change(runs, persons, row))
        for row in found
        for registry_id, device_id, no in (row[:3],)
    ]


def count_changes_of(runs: ComparedRuns, persons: SamePersons) -> dict[str, dict[Change, Count]]:
    """Return records, units and holders of each change, by the notices that concern any record."""
    both = _parts(runs)
    statement = " UNION ALL ".join(one for one, _ in both)
    parts = [value for _, values in both for value in values]
    totals = _rows(
        "SELECT no, change, count(*), COALESCE(sum(quantity), 0), count(*) - count(quantity) "  # noqa: S608
        f"FROM ({statement}) z GROUP BY no, change",
        parts,
    )
    holders = {
        (no, change): n
        for no, change, n in _rows(
            "SELECT no, change, count(*) FROM "  # noqa: S608
            "(SELECT DISTINCT no, change, registry_id, holder_id "
            f"FROM ({statement}) z WHERE holder_id <> '') h GROUP BY no, change",
            parts,
        )
    }
    for key, n_less in _counted_twice(statement, parts, persons).items():
        holders[key] -= n_less
    found: dict[str, dict[Change, Count]] = {}
    for no, change, n_records, quantity, n_unknown in sorted(totals):
        counts = found.setdefault(
            runs.names[no],
            {each: Count(records=0, quantity=0, holders=0, quantity_unknown=0) for each in Change},
        )
        counts[Change(change)] = Count(
            records=n_records,
            quantity=int(quantity),
            holders=holders.get((no, change), 0),
            quantity_unknown=n_unknown,
        )
    return found


def _counted_twice(
    statement: str, parts: Sequence[Any], persons: SamePersons
) -> dict[tuple[int, str], int]:
    """Return by how many the holders of each notice and change are more than the persons."""
    holders = sorted({holder for _, holder in persons.by_holder})
    seen: dict[tuple[int, str], set[tuple[int, str]]] = {}
    for start in range(0, len(holders), 500):
        some = holders[start : start + 500]
        rows = _rows(
            f"SELECT DISTINCT no, change, registry_id, holder_id FROM ({statement}) z "  # noqa: S608
            f"WHERE holder_id IN ({', '.join(['%s'] * len(some))})",
            [*parts, *some],
        )
        for no, change, registry_id, holder_id in rows:
            if (registry_id, holder_id) in persons.by_holder:
                seen.setdefault((no, change), set()).add((registry_id, holder_id))
    return {
        key: len(pairs) - len({persons.key(*pair) for pair in pairs}) for key, pairs in seen.items()
    }


def _parts(runs: ComparedRuns) -> list[tuple[str, list[Any]]]:
    """Return the statements of what the newer run has and of what only the older has had."""
    before = runs.before.pk if runs.before else 0
    walks = [(_OF_NEWER, runs.after.pk, before, 1)]
    if runs.before:
        walks.append((_OF_OLDER, before, runs.after.pk, -1))
    found = []
    for part, own, other, way in walks:
        places = " UNION ALL ".join(
            f"SELECT {place} AS place, {there} AS other, {no} AS no, "
            f"{int(runs.names[no] in runs.told_anew)} AS anew"
            for no, (place, there) in enumerate(pair[::way] for pair in runs.places)
        )
        walk = _WALK.format(places=places)
        found.append((part.format(walk=walk), [other, own, current_organisation()]))
    return found


def _change(runs: ComparedRuns, persons: SamePersons, row: Sequence[Any]) -> DeviceChange:
    registry_id, device_id, no, was, now, holder_id, quantity, change = row
    holder = persons.key(registry_id, holder_id)
    truths = (Truth(was), Truth(now))
    return DeviceChange(
        registry_id, device_id, runs.names[no], *truths, Change(change), holder, quantity
    )


def _rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
