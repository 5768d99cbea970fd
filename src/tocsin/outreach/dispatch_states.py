"""Where a dispatch stands, and what may bring it elsewhere: one table, `data/dispatch_states.yaml`.

Pure rules. An unknown outcome leads back to the queue by one event only, a person's signed
decision: nothing that runs by itself sends it again.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from tocsin.base.errors import TocsinError
from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.outreach.channels import Channel


class DispatchState(StrEnum):
    """Where a dispatch stands; what each state means is told by `dispatch_meanings`."""

    BEING_MADE = "being_made"
    QUEUED = "queued"
    CLAIMED = "claimed"
    HANDING_OVER = "handing_over"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    ACKNOWLEDGED = "acknowledged"
    PRINTED = "printed"
    POSTED = "posted"
    SPOKEN = "spoken"
    HANDED_OVER = "handed_over"
    CONFIRMED = "confirmed"
    BOUNCED = "bounced"
    RETURNED = "returned"
    REFUSED = "refused"
    UNREACHED = "unreached"
    EXPIRED = "expired"
    SET_ASIDE = "set_aside"
    WITHDRAWN = "withdrawn"


class Standing(StrEnum):
    """What a state means for the action as a whole."""

    WAITING = "waiting"
    DOUBT = "doubt"
    TOLD = "told"
    FAILED = "failed"
    ENDED = "ended"


class DispatchNotNow(TocsinError):
    """The dispatch's state does not allow what was asked for."""

    code = "dispatch_not_now"


class _State(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    standing: Standing
    meaning: str


class DispatchEvent(BaseModel):
    """What brings a dispatch from one state to another.

    Attributes:
        channels: for which channels there is such an event.
        leads: state before -> state after.
        by: who or what causes it, in words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: frozenset[Channel]
    leads: Mapping[DispatchState, DispatchState]
    by: str


EventName = Literal[
    "claim", "give_back", "begin", "not_begun", "refuse_for_now", "refuse", "accept", "lose_sight",
    "make", "cannot_make",
    "repeat", "put_back", "bounce", "decide_accepted", "decide_send", "decide_other_way", "print",
    "spoil", "post", "return", "call", "speak", "give_up", "hand_over", "confirm", "expire",
    "withdraw", "acknowledge",
]  # fmt: skip


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    states: dict[DispatchState, _State]
    events: dict[EventName, DispatchEvent]

    @model_validator(mode="after")
    def _never_repeats_by_itself(self) -> Self:
        if missing := set(DispatchState) - set(self.states):
            raise ValueError(f"nothing says what {', '.join(sorted(missing))} means")
        back = {
            name
            for name, event in self.events.items()
            if self.states[event.leads.get(DispatchState.UNKNOWN, DispatchState.UNKNOWN)].standing
            is Standing.WAITING
        }
        if back != {"decide_send"}:
            raise ValueError(f"an unknown outcome is sent again by {', '.join(sorted(back))}")
        return self


@cache
def _table() -> _Table:
    return load_data_file(data_folder("tocsin.outreach") / "dispatch_states.yaml", _Table)


def dispatch_events() -> Mapping[EventName, DispatchEvent]:
    """Return all events by name."""
    return _table().events


def dispatch_meanings() -> Mapping[DispatchState, str]:
    """Return what each state means, in words."""
    return {state: row.meaning for state, row in _table().states.items()}


def standing_of(state: DispatchState) -> Standing:
    """Return what a state means for the action.

    >>> standing_of(DispatchState.UNKNOWN).value
    'doubt'
    """
    return _table().states[state].standing


def states_with(*standings: Standing) -> tuple[DispatchState, ...]:
    """Return the states of some standings, in order."""
    return tuple(state for state in DispatchState if standing_of(state) in standings)


def sources_of(event: EventName) -> tuple[DispatchState, ...]:
    """Return the states from which an event leads somewhere."""
    return tuple(dispatch_events()[event].leads)


def next_dispatch_state(event: EventName, channel: Channel, state: DispatchState) -> DispatchState:
    """Return the state that an event leads to.

    Raises:
        DispatchNotNow: if it cannot happen to this channel, or in this state.
    """
    rule = dispatch_events()[event]
    found = rule.leads.get(state) if channel in rule.channels else None
    if found is None:
        needed = " or ".join(state.replace("_", " ") for state in rule.leads)
        raise DispatchNotNow(
            f"A dispatch by {channel} that is {state.replace('_', ' ')} cannot "
            f"{event.replace('_', ' ')}: that needs {needed}, by "
            f"{' or '.join(sorted(rule.channels))}. Nothing was changed."
        )
    return found
