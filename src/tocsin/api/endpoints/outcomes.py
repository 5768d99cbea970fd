"""What an action has reached: the funnel, and effectiveness checks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import Uuid
from tocsin.api.pages import Order
from tocsin.api.replies import done, made
from tocsin.report.funnel import FunnelRow, Stage
from tocsin.services import effectiveness, funnels
from tocsin.services.funnels import FunnelView
from tocsin.services.work import Caller

Audience = Literal["", "patient", "clinician", "facility", "distributor"]
Share = Annotated[float, Field(gt=0, le=1, description="Which part of the list, at level B.")]


@dataclass(frozen=True)
class Amounts:
    """How many have come at least so far: each stage holds only persons of the one before.

    Attributes:
        value: such as a country; empty for all together or where it is unknown.
        in_scope: the action concerns a device of theirs.
        located: at least one usable channel is known.
        told: a dispatch was accepted, posted, spoken or handed over.
        reached: they gave an explicit answer.
        understood: they answered all questions right.
        acted: they did all that applies to them.
    """

    value: str
    in_scope: int
    located: int
    told: int
    reached: int
    understood: int
    acted: int


@dataclass(frozen=True)
class ByDay:
    """How many were told, and have answered, until the end of a day."""

    day: date
    n_told: int
    n_answered: int


@dataclass(frozen=True)
class FunnelShown:
    """How far the people of an action have come.

    Attributes:
        splits: country, audience and channel, each with the largest first.
        outcomes: what people's newest answers say became of them.
    """

    title: str
    whole: Amounts
    splits: dict[str, list[Amounts]]
    days: list[ByDay]
    outcomes: dict[str, int]


@dataclass(frozen=True)
class CheckLine:
    """An effectiveness check.

    Attributes:
        n_listed: how many stand on the list that it was drawn from.
    """

    check_id: int
    level: str
    drawn_at: datetime
    n_listed: int


def keep_check_answer(
    caller: Caller,
    check_id: int,
    person_id: Annotated[Uuid, Field(description="Who was asked.")],
    received: Annotated[bool, Field(description="They have received our notice.")],
    understood: Annotated[bool, Field(description="They can say in their own words what it asks.")],
    followed: Annotated[bool, Field(description="They have done what it asks.")],
    depth: Annotated[bool, Field(description="It has reached who has or uses the device.")],
) -> None:
    """Keep what somebody who was drawn has said."""
    answers = {
        "received": received,
        "understood": understood,
        "followed": followed,
        "depth": depth,
    }
    effectiveness.keep_check_answer(caller, check_id, person_id, answers)


def _amounts(row: FunnelRow) -> Amounts:
    named = {stage.name.lower(): n for stage, n in zip(Stage, row.amounts, strict=True)}
    return Amounts(row.value, **named)


def _funnel(view: FunnelView) -> FunnelShown:
    return FunnelShown(
        view.title,
        _amounts(view.whole),
        {split: [_amounts(row) for row in rows] for split, rows in view.splits.items()},
        [ByDay(*each) for each in view.days],
        view.outcomes,
    )


def _checks(found: Sequence[tuple[int, str, datetime, int]]) -> list[CheckLine]:
    return [CheckLine(*each) for each in found]


ENDPOINTS = (
    Endpoint(
        "GET",
        "/actions/{action_id}/funnel",
        funnels.read_funnel,
        "Show how many were told, reached, understood and acted",
        shape=_funnel,
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/checks",
        effectiveness.list_checks,
        "List the effectiveness checks of an action, the last first",
        shape=_checks,
        order=Order(lambda line: (line.check_id,), is_descending=True),
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/checks",
        effectiveness.draw_check,
        "Draw an effectiveness check from the frozen list of the last release",
        shape=made,
        status=201,
        types={"share": Share | None, "audience": Audience},
    ),
    Endpoint(
        "GET",
        "/checks/{check_id}",
        effectiveness.read_check,
        "Show a check: who was drawn, and what may be said of everybody on the list",
    ),
    Endpoint(
        "POST",
        "/checks/{check_id}/answers",
        keep_check_answer,
        "Keep what somebody who was drawn has said",
        shape=done,
    ),
)
