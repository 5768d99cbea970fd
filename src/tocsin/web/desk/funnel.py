"""The funnel of an action: how many were told, reached, understood and acted, as plot and table."""

from django.http import HttpResponse
from django.urls import path

from tocsin.render.svg import Bar, bars
from tocsin.report.funnel import Stage
from tocsin.services.funnels import FUNNEL_COLUMNS, funnel_rows, read_funnel
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
    text = rows_csv(FUNNEL_COLUMNS, funnel_rows(view))
    return csv_answer(text, f"funnel-of-action-{action_id}.csv")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


urlpatterns = [
    path("actions/<int:action_id>/funnel/", funnel, name="funnel"),
    path("actions/<int:action_id>/funnel.csv", funnel_csv, name="funnel_csv"),
]
