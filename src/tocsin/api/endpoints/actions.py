"""Actions: opened, matched, looked at, and their course."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.endpoints.action_replies import (
    ActionShown,
    ChangeShown,
    Match,
    show_action,
    show_changes,
    show_contacts,
    show_figures,
    show_history,
    show_match,
)
from tocsin.api.fields import NoticeName, Number
from tocsin.api.pages import ItemKey, Order, Sought
from tocsin.api.replies import done, made, state
from tocsin.match.figures import Change
from tocsin.services import action_course, action_matching, actions, changed_devices
from tocsin.services.work import Caller
from tocsin.store.change_pages import ChangeKey

__all__ = ["ActionShown", "Match"]


@dataclass(frozen=True)
class Verified:
    """Whether a match, made again, gives the very same verdicts and figures.

    Attributes:
        is_same: true if it does.
    """

    is_same: bool


def _verified(is_same: bool) -> Verified:
    return Verified(is_same)


def read_changes(
    caller: Caller,
    action_id: int,
    new: Annotated[Number | None, Field(description="The newer match; the last without.")] = None,
    old: Annotated[Number | None, Field(description="The older; the one before without.")] = None,
    change: Annotated[Change | None, Field(description="Only this change.")] = None,
    *,
    after: ItemKey | None,
    limit: int,
) -> Sought[ChangeShown]:
    """List what a match changes against an earlier one."""
    key = ChangeKey(str(after[0]), int(after[1]), int(after[2])) if after else None
    sought = changed_devices.SoughtChanges(change, key)
    found = changed_devices.read_changes(caller, action_id, new, old, sought, limit)
    return Sought(show_changes(found.changes), tuple(found.later) if found.later else None)


def _course(name: str, run: object, summary: str) -> Endpoint:
    return Endpoint("POST", f"/actions/{{action_id}}/{name}", run, summary, shape=state)  # type: ignore[arg-type]


ENDPOINTS = (
    Endpoint(
        "GET",
        "/actions",
        actions.list_actions,
        "List the actions, the last first",
        order=Order(lambda line: (line.action_id,), is_descending=True),
    ),
    Endpoint(
        "POST",
        "/actions",
        actions.open_action,
        "Open an action as a draft",
        shape=made,
        status=201,
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}",
        actions.read_action,
        "Show an action as it stands",
        shape=show_action,
        explain="`allowed` names the services that its state allows now.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/history",
        actions.read_history,
        "Tell what happened to an action",
        shape=show_history,
        order=Order(lambda line: (line.place,)),
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/notices",
        actions.add_notice_to_action,
        "Let an action answer one more notice",
        shape=done,
        types={"name": NoticeName},
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/registries",
        actions.add_registry_to_action,
        "Let an action look in one more registry",
        shape=done,
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/matches",
        action_matching.match_action,
        "Match an action now",
        shape=made,
        status=201,
        explain="It answers when the match is done; for millions of records let a worker do it "
        "(`queue_match`). The number is that of the match within the action.",
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/matches/queue",
        action_matching.queue_match,
        "Let a worker match an action",
        shape=made,
        status=202,
        explain="The number is that of the job: `GET /jobs/{job_id}` tells how far it is.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/match",
        action_matching.read_run,
        "Show a match with its figures",
        shape=show_match,
        explain="The last one without a number.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/match/verification",
        action_matching.verify_run,
        "Make a match again and compare",
        shape=_verified,
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/figures/{part}",
        action_matching.read_figures_by,
        "Divide a match's figures",
        shape=show_figures,
        order=Order(lambda line: (line.notice, line.part, line.verdict)),
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/changes",
        read_changes,
        "List what a match changes against an earlier one",
        seeks=ChangeShown,
        explain="The last two if none is named. What stays as it was is left out unless asked for.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/contacts",
        action_matching.list_contacts,
        "List whom a match asks to contact, by ids only",
        shape=show_contacts,
        order=Order(lambda line: (line.urgency, line.person)),
    ),
    _course("start", action_course.start_action, "Let the released letters leave"),
    _course("pause", action_course.pause_action, "Let nothing leave until it is resumed"),
    _course("resume", action_course.resume_action, "Let a paused action go on"),
    _course("complete", action_course.complete_action, "Say that the firm has done its part"),
    _course("terminate", action_course.terminate_action, "Note that the authority agrees"),
    _course("reopen", action_course.reopen_action, "Take an ended action up again"),
)
