"""The escalation ladder: which channels at first, which next, and when to try again.

Pure rules over `data/escalation.yaml`. What was released with the letters is kept beside them as a
tree (`Ladder.model_dump`); this module reads either.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.outreach.channels import Channel

FIRST = "first"
NEXT = "next"
"""Why a letter is sent that an answer made necessary; no step of a ladder."""


class Urgency(StrEnum):
    """By which ladder people are told, the most urgent first.

    HIGH, NORMAL: as the kind of the notice asks.
    VISITS: the clinic hands the letter over at the next visit, beside the mail or letter; for a
    notice that names it (`Notice.escalation`).
    """

    HIGH = "high"
    VISITS = "visits"
    NORMAL = "normal"


class Step(BaseModel):
    """One step of a ladder.

    Attributes:
        purpose: what its dispatches are for; one dispatch per person, channel and purpose.
        after_days: days after the release.
        channels: in order; empty for a step that only lists who is still open.
        together: whether all of them are used that a person has, or only the first.
        otherwise: what is used, one of them, if a person has none of them.
        beside: what is used as well, all that a person has, whatever else they have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: str = Field(pattern=r"^[a-z_]{1,16}$")
    after_days: int = Field(ge=0)
    channels: tuple[Channel, ...]
    together: bool = False
    otherwise: tuple[Channel, ...] = ()
    beside: tuple[Channel, ...] = ()

    def channels_for(self, usable: Collection[Channel]) -> tuple[Channel, ...]:
        """Return the channels of the step for a person who has some channels."""
        here = tuple(channel for channel in self.channels if channel in usable)
        if not here:
            here = tuple(channel for channel in self.otherwise if channel in usable)[:1]
        beside = (channel for channel in self.beside if channel in usable)
        return tuple(dict.fromkeys((*(here if self.together else here[:1]), *beside)))


class Ladder(BaseModel):
    """All steps, in order, and the channels that are opened after a failure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    failure: tuple[Channel, ...]
    steps: tuple[Step, ...]

    @model_validator(mode="after")
    def _rises(self) -> Self:
        days = [step.after_days for step in self.steps]
        if not self.steps or self.steps[0].purpose != FIRST or days != sorted(days):
            raise ValueError("a ladder begins with the step first, and its days rise")
        if len({step.purpose for step in self.steps}) != len(self.steps):
            raise ValueError("each purpose is one step")
        return self


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    rest_h: float
    urgent_kinds: frozenset[str]
    ladders: Mapping[Urgency, Ladder]


@cache
def _table() -> _Table:
    return load_data_file(data_folder("tocsin.outreach") / "escalation.yaml", _Table)


def shipped_ladder(urgency: Urgency) -> Ladder:
    """Return the ladder that we suggest for an urgency."""
    return _table().ladders[urgency]


def has_rested(told_at: datetime, now: datetime) -> bool:
    """Whether somebody has had time to answer what they were told last.

    >>> noon = datetime(2026, 12, 1, 12)
    >>> has_rested(noon, noon), has_rested(noon, noon.replace(day=2))
    (False, True)
    """
    return now - told_at >= timedelta(hours=_table().rest_h)


def urgency_of(notices: Iterable[tuple[str, str | None]]) -> Urgency:
    """Return the ladder for some notices, by kind and the ladder that each names itself.

    A notice's own word counts before its kind; of several notices the most urgent one counts.

    >>> urgency_of([("discontinuation", None)]).value, urgency_of([("recall", None)]).value
    ('normal', 'high')
    >>> urgency_of([("discontinuation", "visits"), ("shortage", None)]).value
    'visits'
    """
    asked = {_urgency(kind, named) for kind, named in notices}
    return next((each for each in Urgency if each in asked), Urgency.NORMAL)


def _urgency(kind: str, named: str | None) -> Urgency:
    if named is not None:
        return Urgency(named)
    return Urgency.HIGH if kind in _table().urgent_kinds else Urgency.NORMAL


def first_channels(ladder: Ladder, usable: Collection[Channel]) -> tuple[Channel, ...]:
    """Return by which channels somebody is told at first; none if they can be reached by nothing.

    >>> normal = shipped_ladder(Urgency.NORMAL)
    >>> [str(c) for c in first_channels(normal, {Channel.LETTER, Channel.EMAIL})]
    ['e-mail']
    """
    return ladder.steps[0].channels_for(usable)


def next_channel(
    ladder: Ladder, usable: Collection[Channel], tried: Collection[Channel]
) -> Channel | None:
    """Return the channel that a failure opens: the first that was not tried; None if all were.

    >>> normal = shipped_ladder(Urgency.NORMAL)
    >>> next_channel(normal, {Channel.EMAIL, Channel.TELEPHONE}, {Channel.EMAIL}).value
    'telephone'
    """
    left = (channel for channel in ladder.failure if channel in usable and channel not in tried)
    return next(left, None)


def due_steps(ladder: Ladder, n_days: int, done: Collection[str]) -> Sequence[Step]:
    """Return the steps that are due for somebody who has not answered, first things first.

    Args:
        ladder: the one that was released.
        n_days: days since the release.
        done: the purposes for which the person has a dispatch already.

    >>> [s.purpose for s in due_steps(shipped_ladder(Urgency.NORMAL), 14, {"first"})]
    ['reminder', 'registered']
    """
    return [step for step in ladder.steps if step.after_days <= n_days and step.purpose not in done]
