"""Actions: opened, filled with notices and registries, listed, shown with their history."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.base.errors import UsageError
from tocsin.outreach.action_states import ActionState, allowed_services
from tocsin.services.action_work import begin, conclude, find_action, subject_of
from tocsin.services.list_imports import find_registry
from tocsin.services.rights import rights_table
from tocsin.services.work import Work, service
from tocsin.store.models import (
    Action,
    ActionNotice,
    ActionRegistry,
    AuditRow,
    MatchRun,
    Notice,
    Registry,
)
from tocsin.store.notice_rows import find_notice, newest_revision
from tocsin.store.tenancy import current_organisation

MOST_TITLE = 300


@dataclass(frozen=True)
class ActionLine:
    """An action in a list."""

    action_id: int
    title: str
    state: str
    is_exercise: bool
    opened_at: datetime


@dataclass(frozen=True)
class ActionView:
    """An action as it stands.

    Attributes:
        notices: name, newest revision and its state, of each notice.
        registries: name and current revision of each registry.
        last_run: number of its last match; None if there was none.
        is_stale: whether a notice or registry has a newer revision than the last match saw.
        allowed: the services that its state allows now.
    """

    line: ActionLine
    notices: tuple[tuple[str, int, str], ...]
    registries: tuple[tuple[str, int], ...]
    last_run: int | None
    is_stale: bool
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class HistoryLine:
    """Something that happened to an action, as the audit trail tells it."""

    at: datetime
    actor: str
    event: str
    old: dict[str, Any]
    new: dict[str, Any]
    reason: str | None


@service
def open_action(
    work: Work,
    title: str,
    notices: Sequence[str],
    registries: Sequence[str],
    *,
    is_exercise: bool = False,
) -> int:
    """Open an action as a draft and return its id. Right: author. Leaves action_opened.

    Args:
        work: the call.
        title: what people call it.
        notices: names of kept notices, at least one: several that speak of one event.
        registries: names of registries in which it looks, at least one.
        is_exercise: whether it is only tried; then nothing of it ever leaves the house.

    Raises:
        NoticeUnknown, RegistryUnknown: if one of them is not here.
        UsageError: if the title is empty or too long, or nothing is named.
    """
    title = title.strip()
    if not title or len(title) > MOST_TITLE or not title.isprintable():
        raise UsageError(f"An action's title has 1 to {MOST_TITLE} printable characters.")
    if not notices or not registries:
        raise UsageError("An action needs at least one notice and one registry.")
    found = {row.pk: row for row in map(find_notice, notices)}
    lists = {row.pk: row for row in map(find_registry, registries)}
    action = Action.objects.create(title=title, is_exercise=is_exercise, opened_at=work.now)
    for notice in found.values():
        _add_notice(work, action, notice)
    for registry in lists.values():
        _add_registry(work, action, registry)
    new = {"notices": list(found), "registries": list(lists), "is_exercise": is_exercise}
    work.record("action_opened", subject_of(action), new=new)
    return action.pk


@service
def add_notice_to_action(work: Work, action_id: int, name: str) -> None:
    """Let an action answer one more notice. Right: author. States: all but the ended ones.

    Leaves action_notice_added. The action must be matched, and its scope released, again.

    Raises:
        NotNow: if the action's state does not allow it.
        NoticeUnknown: if the notice is not kept.
    """
    action, notice = begin(work, action_id), find_notice(name)
    if action.notices.filter(notice=notice).exists():
        work.leave_unchanged()
        return
    _add_notice(work, action, notice)
    conclude(work, action, "action_notice_added", new={"notice": notice.pk})


@service
def add_registry_to_action(work: Work, action_id: int, name: str) -> None:
    """Let an action look in one more registry. Right: author. States: all but the ended ones.

    Leaves action_registry_added. The action must be matched, and its scope released, again.

    Raises:
        NotNow: if the action's state does not allow it.
        RegistryUnknown: if there is no such registry.
    """
    action, registry = begin(work, action_id), find_registry(name)
    if action.registries.filter(registry=registry).exists():
        work.leave_unchanged()
        return
    _add_registry(work, action, registry)
    conclude(work, action, "action_registry_added", new={"registry": registry.pk})


@service
def list_actions(work: Work) -> list[ActionLine]:  # noqa: ARG001 - asks for rights only
    """Return all actions, the last first.

    Right: everybody of the organisation but administrators.
    """
    return [_line(action) for action in Action.objects.order_by("-pk")]


@service
def read_action(work: Work, action_id: int) -> ActionView:  # noqa: ARG001 - asks for rights only
    """Return an action as it stands. Right: everybody of the organisation but administrators.

    Raises:
        ActionUnknown: if there is none.
    """
    action = find_action(action_id)
    links = action.notices.select_related("notice").order_by("pk")
    newest = [(link.notice.name, newest_revision(link.notice)) for link in links]
    lists = action.registries.select_related("registry").order_by("pk")
    last = action.runs.order_by("-number").first()
    return ActionView(
        _line(action),
        tuple((name, row.number, row.state) for name, row in newest),
        tuple((link.registry.name, link.registry.revision) for link in lists),
        last.number if last else None,
        last is not None and is_stale(last),
        tuple(allowed_services(ActionState(action.state), is_exercise=action.is_exercise)),
    )


@service
def read_history(work: Work, action_id: int) -> list[HistoryLine]:  # noqa: ARG001 - its rights
    """Return what happened to an action, first things first, as the audit trail tells it.

    Right: everybody of the organisation but administrators.

    Raises:
        ActionUnknown: if there is none.
    """
    subject = subject_of(find_action(action_id))
    events = sorted({event for right in rights_table().values() for event in right.events})
    rows = AuditRow.objects.filter(
        organisation_id=current_organisation(), event__in=events
    ).order_by("seq")
    told = (json.loads(bytes(row.body)) for row in rows.iterator())
    return [
        HistoryLine(
            datetime.fromisoformat(body["at"]),
            body["actor"],
            body["event"],
            body["old"],
            body["new"],
            body["reason"],
        )
        for body in told
        if body["subject"] == subject
    ]


def is_stale(run: MatchRun) -> bool:
    """Whether an action's notices or registries are no longer those that a run has judged."""
    action = run.action
    links = action.notices.select_related("notice")
    notices = {newest_revision(link.notice).pk for link in links}
    judged = set(run.notices.values_list("revision_id", flat=True))
    lists = {(row.registry_id, row.registry.revision) for row in action.registries.all()}
    return notices != judged or lists != set(run.registries.values_list("registry_id", "revision"))


def _line(action: Action) -> ActionLine:
    return ActionLine(action.pk, action.title, action.state, action.is_exercise, action.opened_at)


def _add_notice(work: Work, action: Action, notice: Notice) -> None:
    ActionNotice.objects.create(action=action, notice=notice, added_at=work.now)


def _add_registry(work: Work, action: Action, registry: Registry) -> None:
    ActionRegistry.objects.create(action=action, registry=registry, added_at=work.now)
