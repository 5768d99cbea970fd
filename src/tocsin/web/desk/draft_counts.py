"""What a draft would mean for registries: counts while it is edited, and records that flip."""

from typing import Any

from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.services.kept_notices import list_notice_actions
from tocsin.services.matching import rows_csv
from tocsin.services.scope_counts import TypedEntry, count_draft, list_flips
from tocsin.services.working_drafts import read_draft
from tocsin.web.desk.answers import csv_answer, show
from tocsin.web.desk.count_choice import CountChoice
from tocsin.web.desk.view import DeskRequest, desk_page

WAS = "was"


@desk_page("count_draft", "GET", "POST")
def counts(request: DeskRequest, draft_id: int) -> HttpResponse:
    """Count a draft, with a typed entry if one is sent; a part of a page for HTMX."""
    choice = CountChoice(request)
    values = counted(request, draft_id, choice, typed_entry(request))
    if request.headers.get("HX-Request") == "true":
        return show(request, "notices/counts.html", **values)
    view = read_draft(request.caller, draft_id)
    return show(request, "notices/counts_page.html", view=view, choice=choice, **values)


def typed_entry(request: DeskRequest) -> TypedEntry | None:
    """Return the entry that a form has sent, if it has sent one."""
    if request.method != "POST" or "sense" not in request.POST:
        return None
    return TypedEntry(request.POST.get(WAS) or None, request.POST.dict())


def counted(
    request: DeskRequest, draft_id: int, choice: CountChoice, typed: TypedEntry | None = None
) -> dict[str, Any]:
    """Return what the table of counts shows: counts, or the sentence why there are none."""
    if not choice.registry_ids:
        return {"why_not": "No registry is chosen."}
    try:
        return {"count": count_draft(request.caller, draft_id, choice.registry_ids, typed)}
    except TocsinError as error:
        return {"why_not": error.sentence}


@desk_page("list_flips", "GET")
def flips(request: DeskRequest, draft_id: int) -> HttpResponse:
    """Show the records that a draft judges otherwise than the kept revision."""
    choice = CountChoice(request)
    view = read_draft(request.caller, draft_id)
    found = list_flips(request.caller, draft_id, choice.registry_ids)
    if request.GET.get("as") == "csv" and found is not None:
        names = ["registry", "device_id", "was", "now", "was_entry", "now_entry"]
        rows = ({name: str(getattr(flip, name)) for name in names} for flip in found.lesser)
        return csv_answer(rows_csv(names, rows), f"flips-draft-{draft_id}.csv")
    actions = [] if found is None else list_notice_actions(request.caller, view.name)
    return show(
        request, "notices/flips.html", view=view, flips=found, choice=choice, actions=actions
    )


urlpatterns = [
    path("notices/drafts/<int:draft_id>/counts/", counts, name="draft_counts"),
    path("notices/drafts/<int:draft_id>/flips/", flips, name="draft_flips"),
]
