"""Clocks of the law: which run for a kind of notice in a country, and when each ends.

Pure rules over `data/clocks.yaml`. Which of them apply to an action is for a person to say.
"""

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.notice.model import Audience, Kind
from tocsin.outreach.working_days import WorkingDays

Unit = Literal["hours", "days", "working_days", "weeks", "months"]


class Clock(BaseModel):
    """Something that must be done within a time of an event.

    Attributes:
        where: a country, or a group of countries.
        audience: who is told by then.
        what: what must be done, in words.
        starts: the event that starts it, one of the table's.
        within: how long, in one unit. Hours are counted as whole days of 24, rounded up, on
            weekdays only: the law that gives them says so (MDCG 2023-3, question 20).
        is_before: whether it must be done that long *before* the event.
        is_theirs: whether somebody else must act, and we wait.
        kinds: the kinds of notice that it can run for.
        source: the name of its source in the table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: str
    audience: Audience
    what: str
    starts: str
    within: dict[Unit, int] = Field(min_length=1, max_length=1)
    is_before: bool = False
    is_theirs: bool = False
    kinds: tuple[Kind, ...]
    source: str


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    sources: dict[str, Source]
    groups: dict[str, tuple[str, ...]]
    events: dict[str, str]
    clocks: dict[str, Clock]

    @model_validator(mode="after")
    def _knows_what_it_names(self) -> Self:
        for key, clock in self.clocks.items():
            if clock.starts not in self.events or clock.source not in self.sources:
                raise ValueError(f"clock {key} names an event or a source that is not there")
        return self


@dataclass(frozen=True)
class RunningClock:
    """A clock in one country: when it ends, and from what that follows.

    Attributes:
        due_on: its last day; None while the day of its event is unknown.
        knows_holidays: whether the country's holidays are known, where working days count.
    """

    key: str
    country: str
    clock: Clock
    due_on: date | None
    knows_holidays: bool


@cache
def _table() -> _Table:
    return load_data_file(data_folder("tocsin.outreach") / "clocks.yaml", _Table)


def clock_events() -> Mapping[str, str]:
    """Return the events that start clocks, with what each is in words."""
    return _table().events


def known_clocks() -> Mapping[str, Clock]:
    """Return all clocks by their names."""
    return _table().clocks


def clock_source(clock: Clock) -> Source:
    """Return where a clock stands written, and when that was last looked up."""
    return _table().sources[clock.source]


def find_clocks(kind: str, country: str, events: Mapping[str, date]) -> Iterator[RunningClock]:
    """Yield the clocks that can run for a kind of notice in a country, in the table's order.

    Args:
        kind: of the notice, such as ``recall``.
        country: ISO 3166 code.
        events: the day of each event that has happened, or is planned, by its name.
    """
    table = _table()
    days = WorkingDays(country)
    for key, clock in table.clocks.items():
        if country not in table.groups.get(clock.where, (clock.where,)) or kind not in clock.kinds:
            continue
        start = events.get(clock.starts)
        due = None if start is None else due_day(clock, start, days)
        yield RunningClock(key, country, clock, due, days.knows_holidays)


def due_day(clock: Clock, start: date, days: WorkingDays) -> date:
    """Return a clock's last day; the day of its event does not count.

    >>> clock = _table().clocks["us-report"]
    >>> due_day(clock, date(2026, 11, 20), WorkingDays("US"))  # over Thanksgiving
    datetime.date(2026, 12, 7)
    """
    ((unit, amount),) = clock.within.items()
    n = -amount if clock.is_before else amount
    if unit == "working_days":
        return days.add(start, n)
    if unit == "hours":
        n_days = -(-amount // 24)
        return WorkingDays("").add(start, -n_days if clock.is_before else n_days)
    if unit == "months":
        return _add_months(start, n)
    return start + timedelta(days=n * (7 if unit == "weeks" else 1))


def _add_months(day: date, n_months: int) -> date:
    """Return the same day of another month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + n_months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
