"""The groups of a run in words: what lists of its verdicts are filtered and ordered by."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from tocsin.base.errors import TocsinError
from tocsin.base.last_used import LastUsed
from tocsin.base.truth import Truth
from tocsin.base.verdict import verdict_of
from tocsin.services.action_work import find_action
from tocsin.store.models import MatchRun
from tocsin.store.run_marks import find_mark, mark_of
from tocsin.store.run_rows import GAP_PLACE, NoMatchYet, find_run
from tocsin.store.verdict_pages import (
    Group,
    Reason,
    groups_of,
    notice_names,
    reasons_of,
    registry_names,
)

_MOST_KEPT = 32

NOT_KNOWN = "unknown"
"""In place of a country, kind or model that nobody told."""
EVERY_NOTICE = "every notice"
FILTERS = ("verdict", "notice", "reason", "registry", "country", "kind", "model")


class ListNotKept(TocsinError):
    """The run was made before lists were kept with runs."""

    code = "list_not_kept"


@dataclass(frozen=True)
class Choice:
    """A value that a filter can have, its words, and how many verdicts of the run have it."""

    value: str
    label: str
    n_records: int


class RunWords:
    """A run's groups with all that tells them in words; `words_of` returns those of a run.

    Attributes:
        run: the run.
        groups: its groups, in the order in which they were kept.
        reasons: its reasons by their ids.
        values: by the id of each group, what it is filtered by: `FILTERS`.
    """

    def __init__(self, run: MatchRun) -> None:
        """Read the groups of a run.

        Raises:
            ListNotKept: if it is of before there were groups.
        """
        self.run = run
        self.groups = groups_of(run)
        if run.n_verdicts and not self.groups:
            raise ListNotKept(
                f"Match {run.number} of action {run.action_id} was made by an earlier version, "
                "which kept no list to filter. Nothing was changed. Match the action again."
            )
        self.reasons = reasons_of(run)
        self._notices, self._registries = notice_names(run), registry_names(run)
        self._by_id = {group.group_id: group for group in self.groups}
        self.values = {group.group_id: self._values(group) for group in self.groups}
        self._ordered: dict[str, Sequence[Group]] = {}

    def group(self, group_id: int) -> Group:
        """Return a group of the run by its id."""
        return self._by_id[group_id]

    def notice_of(self, reason: Reason) -> str:
        """Return the name of the notice that a reason is about."""
        return EVERY_NOTICE if reason.place == GAP_PLACE else self._notices[reason.place]

    def having(self, asked: Mapping[str, str], by: str = "") -> list[Group]:
        """Return the groups that have all values that are asked for, in an order of `ordered`."""
        return [
            group
            for group in (self.ordered(by) if by else self.groups)
            if all(self.values[group.group_id][name] == value for name, value in asked.items())
        ]

    def ordered(self, by: str) -> Sequence[Group]:
        """Return all groups in the order of one of `FILTERS`, or of the verdicts' urgency."""
        if by not in self._ordered:
            self._ordered[by] = sorted(self.groups, key=lambda group: self.order(group, by))
        return self._ordered[by]

    def order(self, group: Group, by: str) -> tuple[Any, ...]:
        """Return the place of a group by one of `FILTERS`; what nobody told comes last."""
        reason = self.reasons[group.reason_id]
        urgency = (-reason.truth, reason.place, reason.reason_id, group.group_id)
        if by not in FILTERS or by == "verdict":
            return urgency
        value = reason.sentence if by == "reason" else self.values[group.group_id][by]
        return (value == NOT_KNOWN, value, *urgency)

    @cached_property
    def choices(self) -> Mapping[str, Sequence[Choice]]:
        """Return what each filter can be set to, with how many verdicts have it."""
        counted: dict[str, Counter[str]] = {name: Counter() for name in FILTERS}
        for group in self.groups:
            for name, value in self.values[group.group_id].items():
                counted[name][value] += group.n_records
        return {
            name: sorted(
                (Choice(value, self._label(name, value), n) for value, n in found.items()),
                key=lambda choice: choice.label,
            )
            for name, found in counted.items()
        }

    def _values(self, group: Group) -> dict[str, str]:
        reason = self.reasons[group.reason_id]
        return {
            "verdict": _verdict_of(reason.truth),
            "notice": self.notice_of(reason),
            "reason": str(group.reason_id),
            "registry": self._registries[group.registry_id],
            "country": group.country or NOT_KNOWN,
            "kind": group.kind or NOT_KNOWN,
            "model": group.model or NOT_KNOWN,
        }

    def _label(self, name: str, value: str) -> str:
        if name == "reason":
            return self.reasons[int(value)].sentence
        return value.replace("_", " ") if name == "verdict" else value


@cache
def _verdict_of(truth: int) -> str:
    return str(verdict_of(Truth(truth)))


_KEPT: LastUsed[RunWords] = LastUsed(_MOST_KEPT)


def words_of(run: MatchRun) -> RunWords:
    """Return a run's groups in words; a run never changes, so they are read once.

    Raises:
        ListNotKept: if the run is of before there were groups.
    """
    return _KEPT.get(mark_of(run).stamp, lambda: RunWords(run))


def find_words(action_id: int, number: int | None = None) -> RunWords:
    """Return the groups of a run of an action in words; of the last without a number.

    Raises:
        ActionUnknown, NoMatchYet, ListNotKept: if there is none, or it is of before.
    """
    mark = find_mark(action_id, number)
    kept = _KEPT.find(mark.stamp) if mark else None
    return kept or words_of(find_run_of(action_id, mark.number if mark else number))


def find_run_of(action_id: int, number: int | None = None) -> MatchRun:
    """Return a run of an action; the last without a number.

    Raises:
        ActionUnknown, NoMatchYet: if there is none.
    """
    try:
        return find_run(action_id, number)
    except NoMatchYet:
        find_action(action_id)
        raise
