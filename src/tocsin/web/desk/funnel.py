"""The funnel of an action: how many were told, reached, understood and acted, as plot and table."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.urls import path

from tocsin.render.svg import Bar, bars
from tocsin.report.funnel import SPLITS, FunnelRow, Stage
from tocsin.services.funnels import FunnelView, read_funnel
from tocsin.services.matching import rows_csv
from tocsin.web.desk.answers import csv_answer, show
from tocsin.web.desk.view import DeskRequest, desk_page

_MEANINGS = {
    Stage.IN_SCOPE: "The action concerns a device of theirs.",
    Stage.LOCATED: "At least one usable channel is known.",
    Stage.TOLD: "A mail was accepted, a letter posted, or somebody spoke with them.",
    Stage.REACHED: "They gave an explicit answer.",
    Stage.UNDERSTOOD: "They answered all questions right.",
    Stage.ACTED: "They did all that applies to them.",
}
_HEADS = tuple(stage.word for stage in Stage)


@desk_page("read_funnel", "GET")
def funnel(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show the funnel, whole and split, and how it grew day by day."""
    view = read_funnel(request.caller, action_id)
    amounts = view.whole.amounts
    drawn = [
        Bar(stage.word, amount, _share(amount, amounts[0]))
        for stage, amount in zip(Stage, amounts, strict=True)
    ]
    return show(
        request,
        "outcome/funnel.html",
        action_id=action_id,
        view=view,
        drawing=bars(f"Funnel of {view.title}", drawn, "people"),
        stages=[
            (stage.word, amount, _share(amount, amounts[0]), _MEANINGS[stage])
            for stage, amount in zip(Stage, amounts, strict=True)
        ],
        heads=_HEADS,
        splits=view.splits.items(),
    )


@desk_page("read_funnel", "GET")
def funnel_csv(request: DeskRequest, action_id: int) -> HttpResponse:
    """Give the funnel as CSV: one row per split and value, then one per day."""
    view = read_funnel(request.caller, action_id)
    columns = ("split", "value", *(stage.name.lower() for stage in Stage))
    return csv_answer(rows_csv(columns, _rows(view)), f"funnel-of-action-{action_id}.csv")


def _rows(view: FunnelView) -> Iterator[dict[str, Any]]:
    yield _row("all", view.whole)
    for split in SPLITS:
        for row in view.splits[split]:
            yield _row(split, row)
    for day, told, reached in view.days:
        yield {"split": "day", "value": day.isoformat(), "told": told, "reached": reached}


def _row(split: str, row: FunnelRow) -> dict[str, Any]:
    named = {stage.name.lower(): n for stage, n in zip(Stage, row.amounts, strict=True)}
    return {"split": split, "value": row.value, **named}


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


urlpatterns = [
    path("actions/<int:action_id>/funnel/", funnel, name="funnel"),
    path("actions/<int:action_id>/funnel.csv", funnel_csv, name="funnel_csv"),
]
