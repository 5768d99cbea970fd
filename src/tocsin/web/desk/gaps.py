"""Gaps at the desk: what is missing on records, and how many verdicts knowing it would settle."""

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.services.actions import list_actions
from tocsin.services.gap_views import Gap, gaps_csv, list_gaps
from tocsin.web.desk.answers import csv_answer, show
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page

_COLUMNS = [
    Column[Gap]("words", "What is missing", lambda gap: gap.words),
    Column[Gap]("product", "On which product", lambda gap: gap.product.casefold()),
    Column[Gap]("n_records", "Records", lambda gap: gap.n_records, is_number=True),
    Column[Gap]("n_settled", "Verdicts settled", lambda gap: gap.n_settled, is_number=True),
    Column[Gap]("n_perhaps", "Perhaps settled", lambda gap: gap.n_perhaps, is_number=True),
    Column[Gap]("registry", "Registry", lambda gap: gap.registry.casefold()),
    Column[Gap]("notice", "Notice", lambda gap: gap.notice),
]


class _Which(forms.Form):
    action = forms.ChoiceField(label="For which action?")


@desk_page("list_gaps", "GET")
def gaps(request: DeskRequest) -> HttpResponse:
    """Show the gaps of an action's last match, what settles most first."""
    actions = list_actions(request.caller)
    asked = request.GET.get("action", "")
    chosen = next((each for each in actions if str(each.action_id) == asked), None)
    chosen = chosen or (actions[0] if actions and not asked else None)
    filters = _Which({"action": str(chosen.action_id)} if chosen else None)
    filters.fields["action"].choices = [  # type: ignore[attr-defined] # a ChoiceField
        (str(each.action_id), each.title) for each in actions
    ]
    if chosen is None:
        return show(request, "gaps/gaps.html", filters=filters, actions=actions)
    try:
        found = list_gaps(request.caller, chosen.action_id)
    except TocsinError as error:
        return show(
            request, "gaps/gaps.html", filters=filters, actions=actions, problem=error.sentence
        )
    listing = Listing(request, found.gaps, _COLUMNS)
    return show(
        request,
        "gaps/gaps.html",
        filters=filters,
        actions=actions,
        action=chosen,
        found=found,
        listing=listing,
    )


@desk_page("list_gaps", "GET")
def gaps_file(request: DeskRequest, action_id: int) -> HttpResponse:
    """Return the gaps of an action as CSV."""
    found = list_gaps(request.caller, action_id)
    return csv_answer(gaps_csv(found.gaps), f"gaps-action-{action_id}-run-{found.run}.csv")


urlpatterns = [
    path("registries/gaps/", gaps, name="gaps"),
    path("registries/gaps/<int:action_id>.csv", gaps_file, name="gaps_file"),
]
