"""The plan of an action: milestones, events and clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import Day, Lines, Word
from tocsin.api.replies import done
from tocsin.outreach.plan import Milestone
from tocsin.services import plans
from tocsin.services.plans import PlanView

Country = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["FR"])]
Countries = Annotated[list[Country], Field(min_length=1, max_length=60)]
Dates = Annotated[dict[Word, Day] | None, Field(max_length=200)]


@dataclass(frozen=True)
class PlanStep:
    """A dated step of an action's plan.

    Attributes:
        key: its name in the plan.
        what: what is to be reached, in words.
        country: empty for what all countries share.
        by: whose act it is: the company's, or the authority's.
        audience: who is told by it; empty if nobody is.
        due_on: its day; null while the event that gives it is unknown.
        reached_on: when it was reached.
        after: the step that it follows; empty for none.
    """

    key: str
    what: str
    country: str
    by: str
    audience: str
    due_on: date | None
    reached_on: date | None
    after: str


@dataclass(frozen=True)
class LateStep:
    """A step whose day has passed.

    Attributes:
        n_days: calendar days since.
        holds_up: the steps that wait for it.
    """

    key: str
    n_days: int
    holds_up: list[str]


@dataclass(frozen=True)
class PlanShown:
    """An action's plan, and what is wrong with it today.

    Attributes:
        events: the days of events, by their names.
        late: the oldest first.
        patients_first: countries where patients would be told before their clinicians.
        today: the day that "late" is meant of.
    """

    title: str
    steps: list[PlanStep]
    events: dict[str, date]
    late: list[LateStep]
    patients_first: list[str]
    today: date


def _steps(found: Sequence[Milestone]) -> list[PlanStep]:
    return [PlanStep(**{name: getattr(each, name) for name in _STEP}) for each in found]


def _plan(view: PlanView) -> PlanShown:
    return PlanShown(
        view.title,
        _steps(view.milestones),
        view.events,
        [LateStep(each.milestone.key, each.n_days, list(each.holds_up)) for each in view.late],
        list(view.patients_first),
        view.today,
    )


_STEP = tuple(PlanStep.__dataclass_fields__)

ENDPOINTS = (
    Endpoint(
        "GET", "/actions/{action_id}/plan", plans.read_plan, "Show an action's plan", shape=_plan
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/plan/chains",
        plans.lay_out_plan,
        "Lay out a chain of milestones, country by country",
        shape=_steps,
        types={"begins_on": Day, "countries": Countries, "chain": Word, "dates": Dates},
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/plan/clocks",
        plans.run_clocks,
        "Say which clocks of the law run",
        shape=_steps,
        types={"countries": Countries},
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/plan/events",
        plans.date_event,
        "Say when something happened that a clock starts with",
        types={"on": Day, "event": Word},
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/plan/shifts",
        plans.shift_milestone,
        "Move a milestone, and what follows from it",
        types={"to": Day, "key": Word},
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/plan/reached",
        plans.reach_milestone,
        "Say that a milestone was reached, and what shows it",
        shape=done,
        types={"on": Day, "key": Word, "evidence": Lines},
    ),
)
