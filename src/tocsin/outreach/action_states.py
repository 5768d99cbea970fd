"""When something may be done with an action: its states, and where each service leads.

Pure rules over one table, `data/action_states.yaml`. Who may call a service stands apart, in the
table of rights of `tocsin.services`. An exercise (a mock action) goes the same way, but no
authority ends it.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from tocsin.base.errors import TocsinError
from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file


class ActionState(StrEnum):
    """Where an action stands; what each state means is told by `state_meanings`."""

    DRAFT = "draft"
    SCOPE_RELEASED = "scope_released"
    LETTERS_RELEASED = "letters_released"
    RUNNING = "running"
    PAUSED = "paused"
    FIRM_COMPLETE = "firm_complete"
    AUTHORITY_TERMINATED = "authority_terminated"
    REOPENED = "reopened"


class NotNow(TocsinError):
    """The action's state does not allow what was asked for."""

    code = "not_now"


class StateRule(BaseModel):
    """When one service is allowed.

    Attributes:
        stays: states in which it is allowed, and that it leaves as they are.
        leads: states in which it is allowed, and the state that each becomes.
        in_exercise: whether it is allowed in an exercise too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stays: tuple[ActionState, ...] = ()
    leads: Mapping[ActionState, ActionState] = {}
    in_exercise: bool = True

    @model_validator(mode="after")
    def _names_each_state_once(self) -> Self:
        if twice := set(self.stays) & set(self.leads):
            raise ValueError(f"{', '.join(sorted(twice))} stays and leads elsewhere")
        if not self.stays and not self.leads:
            raise ValueError("a service must be allowed in some state")
        return self

    @property
    def next_states(self) -> dict[ActionState, ActionState]:
        """Return the state that the service leads to, by each state in which it is allowed."""
        found = {state: state for state in self.stays} | dict(self.leads)
        return {state: found[state] for state in ActionState if state in found}


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    states: dict[ActionState, str]
    services: dict[str, StateRule]

    @model_validator(mode="after")
    def _explains_every_state(self) -> Self:
        if missing := set(ActionState) - set(self.states):
            raise ValueError(f"nothing says what {', '.join(sorted(missing))} means")
        return self


@cache
def _table() -> _Table:
    return load_data_file(data_folder("tocsin.outreach") / "action_states.yaml", _Table)


def state_rules() -> Mapping[str, StateRule]:
    """Return when each service that changes an action is allowed, by the service's name."""
    return _table().services


def state_meanings() -> Mapping[ActionState, str]:
    """Return what each state means, in words, in the order of an action's life."""
    return _table().states


def allowed_services(state: ActionState, *, is_exercise: bool = False) -> list[str]:
    """Return the services that are allowed in a state, in the order of the table."""
    return [
        name
        for name, rule in state_rules().items()
        if state in rule.next_states and (rule.in_exercise or not is_exercise)
    ]


def next_state(service: str, state: ActionState, *, is_exercise: bool = False) -> ActionState:
    """Return the state that a service leads to.

    Raises:
        NotNow: if it is not allowed in this state, naming what is allowed now.
    """
    rule = state_rules()[service]
    found = rule.next_states.get(state)
    if found is not None and (rule.in_exercise or not is_exercise):
        return found
    where = "an exercise that is" if is_exercise else "an action that is"
    allowed = ", ".join(map(service_words, allowed_services(state, is_exercise=is_exercise)))
    when = " or ".join(service_words(each) for each in rule.next_states)
    only = "" if is_exercise and not rule.in_exercise else f" It needs the state {when}."
    raise NotNow(
        f"{service_words(service).capitalize()} is not possible with {where} "
        f"{service_words(state)}.{only} Nothing was changed. Possible now: {allowed}."
    )


def service_words(name: str) -> str:
    """Return the name of a service or state as words.

    >>> service_words("release_scope")
    'release scope'
    """
    return name.replace("_", " ")
