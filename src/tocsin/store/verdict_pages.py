"""Verdicts of a run by the page: whole groups are passed over, only the rows of a page are read.

A page costs the same at any depth and with any filter, because the groups are counted and each has
its rows in the order of an index. Only ordering by device needs a walk over another index.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tocsin.store.models import MatchRun, VerdictGroup, VerdictReason
from tocsin.store.statements import marks, rows_of
from tocsin.store.tenancy import current_organisation

FEW = 1_000
"""So many rows are read and sorted at once; more are found in the index's order."""
_ROWS = """
SELECT id, group_id, row_no, device_id, holder_id, quantity
  FROM store_verdict WHERE organisation_id = %s"""


class Group(NamedTuple):
    """A group of verdicts; ``reason`` is an id of `Reason`."""

    group_id: int
    reason_id: int
    registry_id: int
    country: str
    kind: str
    model: str
    n_records: int


class Reason(NamedTuple):
    """Why verdicts are as they are; see `store.tables.verdict_group`."""

    reason_id: int
    place: int
    truth: int
    entry: str
    reason_code: str
    sentence: str
    question: str
    column: str


class Row(NamedTuple):
    """A verdict as a list shows it."""

    verdict_id: int
    group_id: int
    row_no: int
    device_id: str
    holder_id: str
    quantity: int | None


@dataclass(frozen=True)
class Place:
    """Where a page begins or ends: a verdict and its group; none at all is the beginning."""

    group_id: int
    verdict_id: int


def groups_of(run: MatchRun) -> list[Group]:
    """Return the groups of a run, in the order in which they were kept."""
    columns = ("id", *Group._fields[1:])
    return [Group(*row) for row in run.groups.order_by("id").values_list(*columns)]


def reasons_of(run: MatchRun) -> dict[int, Reason]:
    """Return the reasons of a run by their ids."""
    columns = ("id", *Reason._fields[1:])
    return {row[0]: Reason(*row) for row in run.reasons.order_by("id").values_list(*columns)}


def find_row(run: MatchRun, verdict_id: int) -> tuple[Row, Group, Reason] | None:
    """Return one verdict of a run with its group and reason; None if the run has none such."""
    rows = _rows("run_id = %s AND id = %s AND group_id IS NOT NULL", [run.pk, verdict_id])
    if not rows:
        return None
    of_group = VerdictGroup.objects.filter(pk=rows[0].group_id)
    group = Group(*of_group.values_list("id", *Group._fields[1:]).get())
    of_reason = VerdictReason.objects.filter(pk=group.reason_id)
    reason = Reason(*of_reason.values_list("id", *Reason._fields[1:]).get())
    return rows[0], group, reason


def rows_in_groups(
    groups: Sequence[Group], after: Place | None, n: int, *, backwards: bool = False
) -> list[Row]:
    """Return the next rows in the order of the groups, and of the verdicts in each.

    Args:
        groups: those that are asked for, in the order that is asked for.
        after: where the rows before ended; None at the beginning, or at the end if backwards.
        n: at most so many.
        backwards: whether the rows before that place are asked for, the nearest first.
    """
    ordered = list(reversed(groups)) if backwards else list(groups)
    found: list[Row] = []
    if after is not None:
        at = next((i for i, each in enumerate(ordered) if each.group_id == after.group_id), None)
        if at is None:
            return []
        found += _in_order([ordered[at]], n, backwards=backwards, after=after.verdict_id)
        ordered = ordered[at + 1 :]
    while ordered and len(found) < n:
        whole = _fitting(ordered, n - len(found))
        some = ordered[: max(whole, 1)]
        found += _in_order(some, n - len(found), backwards=backwards)
        ordered = ordered[len(some) :]
    return found


def rows_by_device(
    run: MatchRun,
    groups: Sequence[Group],
    after: int | None,
    n: int,
    *,
    backwards: bool = False,
) -> list[Row]:
    """Return the next rows in the order of their device ids.

    Args:
        run: the run.
        groups: those that are asked for.
        after: the verdict at which the rows before ended.
        n: at most so many.
        backwards: as in `rows_in_groups`.
    """
    if sum(each.n_records for each in groups) <= FEW:
        rows = _rows_of(groups)
        rows.sort(key=lambda row: (row.device_id, row.verdict_id), reverse=backwards)
        places = [row.verdict_id for row in rows]
        return rows[places.index(after) + 1 if after in places else 0 :][:n]
    beyond, way = ("<", "DESC") if backwards else (">", "ASC")
    where = "run_id = %s"
    asked: list[int | str] = [run.pk]
    if sum(each.n_records for each in groups) < run.n_verdicts:
        # Not by the index of groups: the order is that of the index of devices.
        where += f" AND group_id + 0 IN ({marks(groups)})"
        asked += [each.group_id for each in groups]
    last = _device_of(run, after)
    if last is not None:
        # The range begins at the device itself, so that the index can be entered there.
        where += f" AND (device_id, id) {beyond} (%s, %s)"
        asked += last
    order = f"ORDER BY device_id {way}, id {way}"
    # The walk is over the index alone; only the rows of the page are looked at.
    walk = f"SELECT id FROM store_verdict WHERE {where} {order} LIMIT %s"  # noqa: S608 - ours
    return _rows(f"id IN ({walk}) {order}", [*asked, n])


def rows_of_device(run: MatchRun, device_id: str, groups: Iterable[Group]) -> list[Row]:
    """Return the verdicts of one device."""
    wanted = {each.group_id for each in groups}
    rows = _rows("run_id = %s AND device_id = %s ORDER BY id", [run.pk, device_id])
    return [row for row in rows if row.group_id in wanted]


def _fitting(groups: Sequence[Group], n: int) -> int:
    """Return how many groups, from the first, have not more rows than are wanted together."""
    for at, each in enumerate(groups):
        n -= each.n_records
        if n < 0:
            return at
    return len(groups)


def _in_order(
    groups: Sequence[Group], n: int, *, backwards: bool, after: int | None = None
) -> list[Row]:
    """Return at most n rows of some groups, in the order of the groups; of one behind a verdict."""
    if len(groups) == 1:
        where, asked = "group_id = %s", [groups[0].group_id]
        beyond, way = ("<", "DESC") if backwards else (">", "ASC")
        if after is not None:
            where += f" AND id {beyond} %s"
            asked.append(after)
        return _rows(f"{where} ORDER BY id {way} LIMIT %s", [*asked, n])
    place = {each.group_id: at for at, each in enumerate(groups)}
    sign, rows = -1 if backwards else 1, _rows_of(groups)
    return sorted(rows, key=lambda row: (place[row.group_id], sign * row.verdict_id))[:n]


def _device_of(run: MatchRun, verdict_id: int | None) -> tuple[str, int] | None:
    if verdict_id is None:
        return None
    rows = _rows("run_id = %s AND id = %s", [run.pk, verdict_id])
    return (rows[0].device_id, rows[0].verdict_id) if rows else None


def _rows_of(groups: Sequence[Group]) -> list[Row]:
    ids = [each.group_id for each in groups]
    return _rows(f"group_id IN ({marks(ids)})", ids) if ids else []


def _rows(where: str, values: Sequence[Any]) -> list[Row]:
    """Return rows of the organisation, by the rest of a statement, which may order them."""
    found = rows_of(f"{_ROWS} AND {where}", [current_organisation(), *values])
    return [Row(*row) for row in found]


def notice_names(run: MatchRun) -> Mapping[int, str]:
    """Return the names of the notices of a run by their places."""
    return dict(run.notices.values_list("place", "revision__notice__name"))


def registry_names(run: MatchRun) -> Mapping[int, str]:
    """Return the names of the registries of a run by their ids."""
    return dict(run.registries.values_list("registry_id", "registry__name"))
