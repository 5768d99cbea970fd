"""Where a letter's version stands, from draft to locked, and which service leads where.

Pure rules over one table, `data/letter_states.yaml`. Who may call a service stands apart, in the
table of rights of `tocsin.services`. Once locked, a text is never written again: a change is
another version.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.base.errors import TocsinError
from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.outreach.action_states import ActionState, service_words


class LetterState(StrEnum):
    """Where a version of a letter stands; `letter_state_meanings` tells what each means."""

    DRAFT = "draft"
    TRANSLATED = "translated"
    REVIEWED = "reviewed"
    SUBMITTED = "submitted"
    AGREED = "agreed"
    LOCKED = "locked"


class LetterNotNow(TocsinError):
    """The letter's state, or its action's, does not allow what was asked for."""

    code = "letter_not_now"


class LetterRule(BaseModel):
    """When one service is allowed, and where it leads.

    Attributes:
        states: those in which it is allowed.
        to: the state that it leads to; None: it leaves the state as it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    states: tuple[LetterState, ...] = Field(min_length=1)
    to: LetterState | None = None


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    states: dict[LetterState, str]
    action_states: tuple[ActionState, ...]
    services: dict[str, LetterRule]

    @model_validator(mode="after")
    def _explains_every_state(self) -> Self:
        if missing := set(LetterState) - set(self.states):
            raise ValueError(f"nothing says what {', '.join(sorted(missing))} means")
        return self


@cache
def _table() -> _Table:
    return load_data_file(data_folder("tocsin.outreach") / "letter_states.yaml", _Table)


def letter_rules() -> Mapping[str, LetterRule]:
    """Return when each service that changes a version is allowed, by the service's name."""
    return _table().services


def letter_state_meanings() -> Mapping[LetterState, str]:
    """Return what each state means, in words, in the order of a version's life."""
    return _table().states


def letters_may_change_in() -> tuple[ActionState, ...]:
    """Return the states of an action in which its letters may be worked on."""
    return _table().action_states


def allowed_letter_services(state: LetterState) -> list[str]:
    """Return the services that are allowed in a state, in the order of the table."""
    return [name for name, rule in letter_rules().items() if state in rule.states]


def next_letter_state(service: str, state: LetterState) -> LetterState:
    """Return the state that a service leads to.

    Raises:
        LetterNotNow: if it is not allowed in this state, naming what is.
    """
    rule = letter_rules()[service]
    if state in rule.states:
        return rule.to or state
    allowed = ", ".join(map(service_words, allowed_letter_services(state)))
    when = " or ".join(rule.states)
    raise LetterNotNow(
        f"{service_words(service).capitalize()} is not possible with a letter that is {state}. It "
        f"needs the state {when}. Nothing was changed. Possible now: "
        f"{allowed or 'only another version, by write letter version'}."
    )


def check_letters_may_change(state: ActionState) -> None:
    """Check that an action's letters may be worked on.

    Raises:
        LetterNotNow: if the action has ended.
    """
    if state not in letters_may_change_in():
        raise LetterNotNow(
            f"The letters of an action that is {service_words(state)} stay as they are. Nothing "
            "was changed. Reopen the action first."
        )
