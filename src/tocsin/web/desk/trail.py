"""The audit trail at the desk: read page by page, marked as reviewed, verified, taken away."""

import shutil
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.services.auditing import trail_csv, wanted_rows
from tocsin.services.jobs import read_job
from tocsin.services.rights import rights_table
from tocsin.services.trail_review import (
    N_SINCE,
    TrailState,
    export_folder,
    export_own_trail,
    page_trail,
    queue_verification,
    read_trail_state,
    review_trail,
)
from tocsin.store.audit.listing import Wanted
from tocsin.web.desk.answers import csv_answer, go, show
from tocsin.web.desk.forms import DayField, refuse
from tocsin.web.desk.trail_words import row_of, user_names, words_of
from tocsin.web.desk.view import DeskRequest, desk_page

PER_PAGE = 50
MOST_IN_FILE = 10_000
_REFRESH_S = 5


class _Filters(forms.Form):
    who = forms.ChoiceField(label="Who", required=False)
    event = forms.ChoiceField(label="What", required=False)
    action = forms.IntegerField(label="Action number", required=False, min_value=1)
    subject = forms.CharField(
        label="Subject", required=False, max_length=80, help_text="Such as person:4 or registry."
    )
    since = DayField(label="From", required=False)
    until = DayField(label="To, that day too", required=False)

    def __init__(self, data: Any, names: dict[str, str]) -> None:
        super().__init__(data)
        who = sorted(names.items(), key=lambda pair: pair[1].casefold())
        self.fields["who"].choices = [("", "Anybody"), *who]  # type: ignore[attr-defined]
        events = sorted({event for right in rights_table().values() for event in right.events})
        told = [(event, words_of(event)) for event in events]
        self.fields["event"].choices = [("", "Anything"), *told]  # type: ignore[attr-defined]


class _Mark(forms.Form):
    until = forms.IntegerField(label="Reviewed up to row", min_value=1)
    note = forms.CharField(
        label="What you reviewed and found",
        help_text="It stands in the audit trail with your name. Name no patient.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@desk_page("list_trail", "page_trail", "GET")
def trail(request: DeskRequest) -> HttpResponse:
    """Show the rows that the filters ask for, newest first, and how far it is reviewed."""
    return _show_trail(request, None)


@desk_page("review_trail", "POST")
def review(request: DeskRequest) -> HttpResponse:
    """Mark the trail as reviewed up to a row."""
    form = _Mark(request.POST)
    if form.is_valid():
        until = form.cleaned_data["until"]
        try:
            review_trail(request.caller, until, form.cleaned_data["note"])
            return go("desk:trail", f"Marked as reviewed up to row {until}.", request)
        except TocsinError as error:
            refuse(form, error, "until" if error.code == "row_unknown" else None)
    return _show_trail(request, form)


@desk_page("queue_verification", "POST")
def verify(request: DeskRequest) -> HttpResponse:
    """Let the worker verify the whole trail."""
    queue_verification(request.caller)
    return go("desk:trail", "The worker verifies the trail. You can leave this page.", request)


@desk_page("page_trail", "GET")
def trail_file(request: DeskRequest) -> HttpResponse:
    """Return the rows that the filters ask for as CSV, ten thousand at most."""
    names = user_names(request)
    filters = _Filters(request.GET, names)
    wanted = _wanted(filters, _below(request), MOST_IN_FILE) if filters.is_valid() else Wanted()
    page = page_trail(request.caller, wanted)
    return csv_answer(trail_csv(page.lines), "audit-trail.csv")


@desk_page("begin_own_trail_export", "POST")
def export(request: DeskRequest) -> HttpResponse:
    """Return the whole trail, its anchors and the program that checks them, as one file."""
    with TemporaryDirectory(dir=export_folder()) as place:
        folder = Path(place) / "tocsin-audit-trail"
        export_own_trail(request.caller, folder)
        packed = shutil.make_archive(str(folder), "zip", place, folder.name)
        content = Path(packed).read_bytes()
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="tocsin-audit-trail.zip"'},
    )


def _show_trail(request: DeskRequest, form: _Mark | None) -> HttpResponse:
    names = user_names(request)
    filters = _Filters(request.GET or None, names)
    below = _below(request)
    wanted = _wanted(filters, below, PER_PAGE)
    page = page_trail(request.caller, wanted)
    state = read_trail_state(request.caller)
    later = request.GET.copy()
    if page.next_below is not None:
        later["below"] = str(page.next_below)
    return show(
        request,
        "trail/trail.html",
        form=form or _Mark(initial={"until": state.last_row or None}),
        filters=filters,
        rows=[row_of(line, names) for line in page.lines],
        page=page,
        later=f"?{later.urlencode()}" if page.next_below is not None else "",
        is_first=below is None,
        file_query=request.GET.urlencode(),
        state=state,
        marked=row_of(state.mark, names) if state.mark else None,
        verified=row_of(state.verified, names) if state.verified else None,
        faults=state.verified.new.get("faults", []) if state.verified else [],
        anchor_age=_age(state, request.caller.now),
        n_most=N_SINCE,
        job=read_job_line(request, state.job),
        refresh_s=_REFRESH_S if state.job else None,
    )


def read_job_line(request: DeskRequest, job_id: int | None) -> Any:
    """Return how a job stands, or None."""
    return read_job(request.caller, job_id) if job_id else None


def _wanted(filters: _Filters, below: int | None, limit: int) -> Wanted:
    told = filters.cleaned_data if filters.is_bound and filters.is_valid() else {}
    subject = f"action:{told['action']}" if told.get("action") else told.get("subject") or None
    since, until = told.get("since"), told.get("until")
    found = wanted_rows(
        told.get("event") or None,
        subject,
        told.get("who") or None,
        (
            datetime.combine(since, time(), UTC) if since else None,
            datetime.combine(until + timedelta(days=1), time(), UTC) if until else None,
        ),
        limit,
    )
    return Wanted(**{**vars(found), "below": below})


def _below(request: DeskRequest) -> int | None:
    asked = request.GET.get("below", "")
    return int(asked) if asked.isdecimal() and len(asked) < 19 else None


def _age(state: TrailState, now: datetime) -> str:
    """Return how old the last anchor is, in words; empty without one."""
    if not state.anchored_at:
        return ""
    minutes = int((now - datetime.fromisoformat(state.anchored_at)).total_seconds() // 60)
    if minutes < 2:
        return "a minute ago"
    if minutes < 120:
        return f"{minutes} minutes ago"
    return f"{minutes // 60} hours ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"


urlpatterns = [
    path("audit/", trail, name="trail"),
    path("audit/rows.csv", trail_file, name="trail_file"),
    path("audit/review/", review, name="review_trail"),
    path("audit/verify/", verify, name="verify_trail"),
    path("audit/export/", export, name="export_trail"),
]
