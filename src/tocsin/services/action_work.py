"""What every service of an action begins and ends with: the action, its state, where it leads."""

from functools import cache
from typing import Any

from tocsin.base.errors import TocsinError
from tocsin.outreach.action_states import ActionState, next_state, state_rules
from tocsin.services.rights import rights_table
from tocsin.services.work import Work
from tocsin.store.models import Action

_IN_ANY_STATE = (
    "open_action",
    "draw_check",
    "keep_check_answer",
    "close_work_item",
    "access_passed_on",
    "close_passed_on",
    "tell_new_holder",
    "keep_answer",
    "enter_answer",
    "access_acknowledgement",
    "climb_ladder",
    "note_conservation",
)
"""Services that tell of an action in the audit trail, whatever its state."""


class ActionUnknown(TocsinError):
    """There is no such action here."""

    code = "action_unknown"


def find_action(action_id: int) -> Action:
    """Return an action of the organisation that we act for.

    Raises:
        ActionUnknown: if there is none.
    """
    return _known(Action.objects.filter(pk=action_id).first(), action_id)


def begin(work: Work, action_id: int) -> Action:
    """Return an action whose state allows the service; others who change it wait for us.

    Raises:
        ActionUnknown: if there is none.
        NotNow: if its state does not allow the service, naming what is allowed.
    """
    action = _known(Action.objects.select_for_update().filter(pk=action_id).first(), action_id)
    next_state(work.service, ActionState(action.state), is_exercise=action.is_exercise)
    return action


def conclude(
    work: Work,
    action: Action,
    event: str,
    *,
    new: dict[str, Any] | None = None,
    reason: str | None = None,
) -> ActionState:
    """Bring an action to the state that the service leads to, leave its event, return the state."""
    was = ActionState(action.state)
    state = next_state(work.service, was, is_exercise=action.is_exercise)
    old: dict[str, Any] = {}
    if state is not was:
        action.state = str(state)
        old, new = {"state": str(was)}, {**(new or {}), "state": str(state)}
    action.save()
    work.record(event, subject_of(action), old=old, new=new, reason=reason)
    return state


def subject_of(action: Action) -> str:
    """Return an action as the audit trail names it."""
    return subject_of_id(action.pk)


def subject_of_id(action_id: int) -> str:
    """Return an action as the audit trail names it, by its id."""
    return f"action:{action_id}"


@cache
def action_events() -> frozenset[str]:
    """Return the events of which the audit trail tells with an action as their subject."""
    names = (*state_rules(), *_IN_ANY_STATE)
    return frozenset(event for name in names for event in rights_table()[name].events)


def action_unknown(action_id: int) -> ActionUnknown:
    """Return the refusal of an action that the organisation does not have."""
    return ActionUnknown(
        f"There is no action {action_id} here. Nothing was changed. `tocsin action list` "
        "shows those that there are."
    )


def _known(found: Action | None, action_id: int) -> Action:
    if found is None:
        raise action_unknown(action_id)
    return found
