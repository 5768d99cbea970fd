"""An action's course after its releases: started, paused, resumed, completed, ended, reopened.

Each of these only changes the state. What leaves the house asks for the state running every time
it sends something, so that a pause works at once.
"""

from datetime import datetime

from tocsin.base.errors import TocsinError, UsageError
from tocsin.outreach.action_states import ActionState
from tocsin.services.action_work import begin, conclude
from tocsin.services.actions import is_stale
from tocsin.services.conservation import unsettled_words
from tocsin.services.scope_release import released_scope
from tocsin.services.work import Work, service
from tocsin.store.models import Action, LetterRelease


class NotReady(TocsinError):
    """Something must be done before the action can go there."""

    code = "not_ready"


@service
def start_action(work: Work, action_id: int) -> ActionState:
    """Let the released letters leave; return the state. Right: releaser, operator.

    States: letters_released, reopened. Leaves action_started. The letters are handed to their
    channels by the sender, which looks at the state; in an exercise nothing leaves.

    Raises:
        NotNow: if the action's state does not allow it.
        NotReady: if no letters for the released scope are released.
    """
    action = begin(work, action_id)
    scope = released_scope(action)
    letters = LetterRelease.objects.filter(scope_release=scope, released_at__isnull=False)
    if scope is None or not letters.exists():
        raise NotReady(
            f"Action {action_id} has no released letters for its released scope. Nothing was "
            "changed. Have the letters signed by two people first."
        )
    if action.started_at is None:
        action.started_at = work.now
    return conclude(work, action, "action_started")


@service
def pause_action(work: Work, action_id: int, reason: str) -> ActionState:
    """Let nothing leave the house until the action is resumed. Right: releaser, operator.

    State: running. Leaves action_paused.

    Raises:
        NotNow: if the action's state does not allow it.
        UsageError: if no reason is given.
    """
    action = begin(work, action_id)
    return conclude(work, action, "action_paused", reason=_said(reason))


@service
def resume_action(work: Work, action_id: int, reason: str) -> ActionState:
    """Let a paused action go on. Right: releaser. State: paused. Leaves action_resumed.

    Raises:
        NotNow: if the action's state does not allow it.
        UsageError: if no reason is given.
    """
    action = begin(work, action_id)
    return conclude(work, action, "action_resumed", reason=_said(reason))


@service
def complete_action(work: Work, action_id: int, reason: str) -> ActionState:
    """Say that the firm has done what it set out to do. Right: releaser. State: running.

    Leaves action_completed.

    Raises:
        NotNow: if the action's state does not allow it.
        NotReady: if the newest match is not the released one, or is older than its sources; if a
            dispatch waits or is unknown, or somebody on the list is not told.
        UsageError: if no reason is given.
    """
    action = begin(work, action_id)
    _check_scope_is_newest(action)
    _check_everybody_settled(action, work.now)
    action.completed_at = work.now
    return conclude(work, action, "action_completed", reason=_said(reason))


@service
def terminate_action(work: Work, action_id: int, reason: str) -> ActionState:
    """Note that the authority agrees that the action has ended. Right: releaser.

    State: firm_complete; never in an exercise. Leaves action_terminated.

    Args:
        work: the call.
        action_id: the action.
        reason: the authority's own words or reference, and their date.

    Raises:
        NotNow: if the action's state does not allow it.
        UsageError: if no reason is given.
    """
    action = begin(work, action_id)
    action.terminated_at = work.now
    return conclude(work, action, "action_terminated", reason=_said(reason))


@service
def reopen_action(work: Work, action_id: int, reason: str) -> ActionState:
    """Take an ended action up again. Right: releaser. States: both ended ones.

    Leaves action_reopened.

    Raises:
        NotNow: if the action's state does not allow it.
        UsageError: if no reason is given.
    """
    action = begin(work, action_id)
    action.completed_at = action.terminated_at = None
    return conclude(work, action, "action_reopened", reason=_said(reason))


def _said(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise UsageError("Say why (--reason): it stands in the audit trail. Nothing was changed.")
    return said


def _check_everybody_settled(action: Action, now: datetime) -> None:
    """Check that nothing is queued, unknown or unreachable; in an exercise nothing ever leaves."""
    if action.is_exercise:
        return
    if told := unsettled_words(action, now):
        raise NotReady(
            f"Action {action.pk} cannot be completed yet: {'; '.join(told)}. Nothing was changed. "
            f"`tocsin dispatch status {action.pk}` shows what is left."
        )


def _check_scope_is_newest(action: Action) -> None:
    scope, last = released_scope(action), action.runs.order_by("-number").first()
    if scope is None or last is None or scope.run_id != last.pk or is_stale(last):
        raise NotReady(
            f"Action {action.pk} has a newer match, or a newer notice or registry, than its "
            "released scope. Nothing was changed. Match it again, look at the difference, and "
            "release the scope; then complete it."
        )
