"""One import at the desk: how far it is, what was read, agreeing to it, taking it back."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.services.import_files import FINDINGS, REJECTED
from tocsin.services.import_views import (
    ERASED,
    UNREPRESENTED,
    ImportSeen,
    access_set_aside,
    read_import,
)
from tocsin.services.jobs import read_job
from tocsin.services.list_imports import agree_to_import, resume_import, undo_import
from tocsin.services.rights import rights_table
from tocsin.web.desk.answers import file_answer, go, show
from tocsin.web.desk.forms import ReasonForm, refuse
from tocsin.web.desk.view import DeskRequest, desk_page

_REFRESH_S = 3
_LIST_WORDS = {
    REJECTED: "Rows that were set aside",
    FINDINGS: "Values that could not be read",
    ERASED: "Persons who were erased and are still in the list",
    UNREPRESENTED: "Persons whose carer or guardian is not in the list",
}


class _Agreement(forms.Form):
    def __init__(self, *args: Any, asks_reason: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"] = forms.CharField(
            label="Why are most records gone?" if asks_reason else "A word for the audit trail",
            help_text="It stands in the audit trail. Name no patient.",
            max_length=500,
            required=asks_reason,
            widget=forms.Textarea(attrs={"rows": 2}),
        )


@desk_page("read_import", "GET")
def one_import(request: DeskRequest, import_id: int) -> HttpResponse:
    """Show an import: what it waits for, or how far it is, or what became of it."""
    return _show(request, read_import(request.caller, import_id))


@desk_page("agree_to_import", "POST")
def agree(request: DeskRequest, import_id: int) -> HttpResponse:
    """Let an import write what was read."""
    seen = read_import(request.caller, import_id)
    form = _Agreement(request.POST, asks_reason=seen.told.loses_most)
    if form.is_valid():
        try:
            agree_to_import(request.caller, import_id, form.cleaned_data["reason"])
            said = "Agreed. The list is being written; the registry shows it all at once."
            return go("desk:import", said, request, import_id=import_id)
        except TocsinError as error:
            refuse(form, error)
    return _show(request, seen, form)


@desk_page("resume_import", "POST")
def resume(request: DeskRequest, import_id: int) -> HttpResponse:
    """Let an import that was interrupted go on."""
    resume_import(request.caller, import_id)
    said = "The import goes on where it stopped."
    return go("desk:import", said, request, import_id=import_id)


@desk_page("undo_import", "GET", "POST")
def undo(request: DeskRequest, import_id: int) -> HttpResponse:
    """Take back an import that has not ended, with a reason."""
    seen = read_import(request.caller, import_id)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            undo_import(request.caller, import_id, form.cleaned_data["reason"])
            said = "The import is being taken back. The registry stays as it was."
            return go("desk:import", said, request, import_id=import_id)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "imports/undo.html", form=form, seen=seen)


@desk_page("access_set_aside", "GET")
def set_aside(request: DeskRequest, import_id: int, name: str) -> HttpResponse:
    """Return a list that the import has left, as a file."""
    found = access_set_aside(request.caller, import_id, name)
    return file_answer(found, f"import-{import_id}-{found.name}", "text/csv; charset=utf-8")


def _show(request: DeskRequest, seen: ImportSeen, form: forms.Form | None = None) -> HttpResponse:
    told = seen.told
    is_busy = told.job_state in {"queued", "claimed"}
    may_act = bool(rights_table()["agree_to_import"].roles & request.caller.roles)
    if form is None and told.state == "waiting" and may_act:
        form = _Agreement(asks_reason=told.loses_most)
    return show(
        request,
        "imports/import.html",
        form=form,
        seen=seen,
        told=told,
        job=read_job(request.caller, told.job_id) if told.job_id else None,
        lists=[(name, _LIST_WORDS[name]) for name in seen.lists],
        may_act=may_act,
        is_stuck=not told.ended_at and told.job_state in {"failed", "cancelled"},
        refresh_s=_REFRESH_S if is_busy else None,
    )


urlpatterns = [
    path("imports/<int:import_id>/", one_import, name="import"),
    path("imports/<int:import_id>/agree/", agree, name="agree_import"),
    path("imports/<int:import_id>/resume/", resume, name="resume_import"),
    path("imports/<int:import_id>/undo/", undo, name="undo_import"),
    path("imports/<int:import_id>/lists/<str:name>", set_aside, name="set_aside"),
]
