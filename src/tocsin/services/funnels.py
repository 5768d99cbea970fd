"""The funnel of an action from its rows: in scope, located, told, reached, understood, acted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tocsin.outreach.dispatch_states import DispatchState, Standing, states_with
from tocsin.outreach.reply import PersonOutcome
from tocsin.report.funnel import SPLITS, Course, FunnelRow, Stage, by_day, funnel, funnel_by
from tocsin.services.action_work import find_action
from tocsin.services.work import Work, service
from tocsin.store.models import Acknowledgement, Action, Dispatch, Recipient

_REACHED = (str(PersonOutcome.ANSWERS), str(PersonOutcome.REFUSES))


@dataclass(frozen=True)
class FunnelView:
    """How far the people of an action have come.

    Attributes:
        title: the action's.
        whole: everybody on the frozen lists.
        splits: country, audience and channel -> a funnel per value, the largest first.
        days: day, told by then, answered by then.
        outcomes: what people's newest answers say became of them -> how many.
    """

    title: str
    whole: FunnelRow
    splits: dict[str, list[FunnelRow]]
    days: list[tuple[date, int, int]]
    outcomes: dict[str, int]


FUNNEL_COLUMNS = ("split", "value", *(stage.name.lower() for stage in Stage))


def funnel_rows(view: FunnelView) -> Iterator[dict[str, Any]]:
    """Yield a funnel as rows of `FUNNEL_COLUMNS`: one per split and value, then one per day."""
    yield _row("all", view.whole)
    for split in SPLITS:
        for row in view.splits[split]:
            yield _row(split, row)
    for day, told, reached in view.days:
        yield {"split": "day", "value": day.isoformat(), "told": told, "reached": reached}


def _row(split: str, row: FunnelRow) -> dict[str, Any]:
    named = {stage.name.lower(): n for stage, n in zip(Stage, row.amounts, strict=True)}
    return {"split": split, "value": row.value, **named}


@service
def read_funnel(work: Work, action_id: int) -> FunnelView:  # noqa: ARG001 - its rights
    """Return the funnel of an action. Right: author, reviewer, releaser, operator, auditor.

    In scope is everybody on the frozen list of any release; the newest line of a person counts.

    Raises:
        ActionUnknown: if there is no such action.
    """
    action = find_action(action_id)
    courses = list(_courses(action))
    return FunnelView(
        action.title,
        funnel(courses),
        {split: funnel_by(courses, split) for split in SPLITS},
        by_day(courses),
        _outcomes(action),
    )


def _courses(action: Action) -> Iterator[Course]:
    told, located = _told(action), _located(action)
    answers = _answers(action)
    newest: dict[UUID, tuple[str, str]] = {}
    rows = Recipient.objects.filter(release__action=action).order_by("pk")
    for person, country, audience in rows.values_list("person_id", "country", "audience"):
        newest[person] = (country, audience)
    for person, (country, audience) in newest.items():
        channel, told_on = told.get(person, ("", None))
        reached_on, understood, acted = answers.get(person, (None, False, False))
        yield Course(
            country,
            audience,
            channel,
            person in located,
            told_on,
            reached_on,
            understood,
            acted,
        )


def _told(action: Action) -> dict[UUID, tuple[str, date]]:
    """Return by which channel each person was told first, and when."""
    found: dict[UUID, tuple[str, date]] = {}
    rows = Dispatch.objects.filter(action=action, state__in=states_with(Standing.TOLD))
    for person, channel, at in rows.order_by("state_at", "pk").values_list(
        "person_id", "channel", "state_at"
    ):
        found.setdefault(person, (channel, at.date()))
    return found


def _located(action: Action) -> set[UUID]:
    """Return who has at least one channel that has not failed."""
    failed = {*states_with(Standing.FAILED), str(DispatchState.WITHDRAWN)}
    rows = Dispatch.objects.filter(action=action).exclude(state__in=failed)
    return set(rows.values_list("person_id", flat=True).distinct())


def _answers(action: Action) -> dict[UUID, tuple[date, bool, bool]]:
    """Return when each person first answered, and what their newest answer shows.

    Who has another person's letter, or tells of a death, has answered for nobody who was reached.
    """
    found: dict[UUID, tuple[date, bool, bool]] = {}
    rows = Acknowledgement.objects.filter(action=action, outcome__in=_REACHED).order_by("pk")
    columns = ("person_id", "answered_at", "has_understood", "has_acted")
    for person, at, understood, acted in rows.values_list(*columns):
        first = found[person][0] if person in found else at.date()
        found[person] = (first, understood, acted)
    return found


def _outcomes(action: Action) -> dict[str, int]:
    newest: dict[UUID, str] = {}
    rows = Acknowledgement.objects.filter(action=action).order_by("pk")
    newest.update(rows.values_list("person_id", "outcome"))
    return dict(Counter(newest.values()).most_common())
