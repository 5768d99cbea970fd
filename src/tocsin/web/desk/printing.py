"""Printed letters at the desk: batches, handed over once, and what the print house reports."""

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.delivery.print_report import MOST_BYTES
from tocsin.outreach.print_report import BatchState
from tocsin.services.print_batches import (
    close_print_batch,
    discard_print_batch,
    list_print_batches,
    make_print_batch,
    read_print_batch,
)
from tocsin.services.print_handover import given_out
from tocsin.services.print_reports import PrintReport, keep_print_report
from tocsin.services.print_work import BatchLetterLine, BatchLine
from tocsin.services.rights import rights_table
from tocsin.services.work import Caller
from tocsin.web.desk.answers import go, lent_file, show
from tocsin.web.desk.forms import ReasonForm, refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.step_up import ask_proof, prove
from tocsin.web.desk.view import DeskRequest, desk_page

_COLUMNS: tuple[Column[BatchLine], ...] = (
    Column("batch", "Batch", lambda line: line.batch_id),
    Column("state", "State", lambda line: line.state),
    Column("made", "Made", lambda line: line.made_at),
    Column("in", "Letters", lambda line: line.n_in, is_number=True),
    Column("ready", "Ready", lambda line: line.n_ready, is_number=True),
    Column("aside", "Set aside", lambda line: line.n_set_aside, is_number=True),
    Column("left", "Not accounted for", lambda line: line.account.n_unaccounted, is_number=True),
)
_LETTERS: tuple[Column[BatchLetterLine], ...] = (
    Column("letter", "Letter", lambda line: line.letter_id),
    Column("dispatch", "Dispatch", lambda line: line.dispatch_id),
    Column("outcome", "What became of it", lambda line: line.outcome),
    Column("pages", "Pages", lambda line: line.n_pages, is_number=True),
)
_MB = MOST_BYTES // 1_000_000
_REFRESH_S = 5


class _ReportForm(forms.Form):
    file = forms.FileField(
        label="Report of the print house",
        help_text=f"CSV with the columns letter_id, outcome (printed, posted, spoiled, returned) "
        f"and date. At most {_MB} MB.",
        error_messages={"required": f"No file arrived. Choose one of at most {_MB} MB."},
        widget=forms.FileInput(attrs={"accept": ".csv"}),
    )


@desk_page("list_print_batches", "make_print_batch", "GET", "POST")
def batches(request: DeskRequest, action_id: int) -> HttpResponse:
    """List the batches of an action, and make one of what waits."""
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            batch_id = make_print_batch(request.caller, action_id)
            said = "A batch is being made: every letter is rendered and validated."
            return go("desk:print_batch", said, request, batch_id=batch_id)
        except TocsinError as error:
            refuse(form, error)
    return show(
        request,
        "printing/batches.html",
        action_id=action_id,
        form=form,
        listing=Listing(request, list_print_batches(request.caller, action_id), _COLUMNS),
        may_make=_may("make_print_batch", request.caller),
    )


@desk_page("read_print_batch", "GET")
def batch(request: DeskRequest, batch_id: int) -> HttpResponse:
    """Show a batch: its letters, what was set aside, what became of each."""
    view = read_print_batch(request.caller, batch_id)
    is_made = view.line.state is BatchState.RENDERING
    n_done = len(view.set_aside) + sum(bool(each.sha256) for each in view.letters)
    return show(
        request,
        "printing/batch.html",
        view=view,
        line=view.line,
        n_done=n_done,
        listing=Listing(request, view.letters, _LETTERS),
        may=_may("hand_over_print_batch", request.caller),
        refresh_s=_REFRESH_S if is_made else None,
    )


@desk_page("hand_over_print_batch", "GET", "POST")
def hand_over(request: DeskRequest, batch_id: int) -> HttpResponse:
    """Say what handing over means, do it once, and give the file out."""
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _file_of(request.caller, batch_id)
        except TocsinError as error:
            refuse(form, error)
    view = read_print_batch(request.caller, batch_id)
    return show(request, "printing/hand_over.html", form=form, line=view.line)


@desk_page("repeat_print_batch", "GET", "POST")
def again(request: DeskRequest, batch_id: int) -> HttpResponse:
    """Give the very same file out once more, with a signature."""
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            return _file_of(prove(request), batch_id, form.cleaned_data["reason"])
        except TocsinError as error:
            refuse(form, error)
    view = read_print_batch(request.caller, batch_id)
    return show(
        request, "printing/again.html", form=form, line=view.line, step_up=ask_proof(request)
    )


@desk_page("keep_print_report", "GET", "POST")
def report(request: DeskRequest, batch_id: int) -> HttpResponse:
    """Take the print house's report, and say what it has changed."""
    form = _ReportForm(request.POST, request.FILES) if request.method == "POST" else _ReportForm()
    kept: PrintReport | None = None
    if form.is_bound and form.is_valid():
        try:
            kept = keep_print_report(request.caller, batch_id, form.cleaned_data["file"].read())
        except TocsinError as error:
            refuse(form, error, "file")
    view = read_print_batch(request.caller, batch_id)
    counts = sorted(kept.counts.items()) if kept else ()
    return show(
        request, "printing/report.html", form=form, line=view.line, kept=kept, counts=counts
    )


@desk_page("discard_print_batch", "GET", "POST")
def discard(request: DeskRequest, batch_id: int) -> HttpResponse:
    """Give up a batch that was not handed over."""
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            discard_print_batch(request.caller, batch_id, form.cleaned_data["reason"])
            said = "The batch is discarded; its letters wait for another one."
            return go("desk:print_batch", said, request, batch_id=batch_id)
        except TocsinError as error:
            refuse(form, error)
    view = read_print_batch(request.caller, batch_id)
    return show(request, "printing/end.html", form=form, line=view.line, is_close=False)


@desk_page("close_print_batch", "GET", "POST")
def close(request: DeskRequest, batch_id: int) -> HttpResponse:
    """Say that nothing more is heard of a batch."""
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            n = close_print_batch(request.caller, batch_id, form.cleaned_data["reason"])
            said = f"The batch is closed; {n} letters are unknown and wait for a decision."
            return go("desk:print_batch", said, request, batch_id=batch_id)
        except TocsinError as error:
            refuse(form, error)
    view = read_print_batch(request.caller, batch_id)
    return show(request, "printing/end.html", form=form, line=view.line, is_close=True)


def _file_of(caller: Caller, batch_id: int, reason: str = "") -> HttpResponse:
    """Return the file of a batch; it has no name on the disk and is gone when it was sent."""
    with given_out(caller, batch_id, reason) as (told, file):
        return lent_file(file, told.name)


def _may(service: str, caller: Caller) -> bool:
    return bool(rights_table()[service].roles & caller.roles)


urlpatterns = [
    path("actions/<int:action_id>/print-batches/", batches, name="print_batches"),
    path("print-batches/<int:batch_id>/", batch, name="print_batch"),
    path("print-batches/<int:batch_id>/hand-over/", hand_over, name="print_hand_over"),
    path("print-batches/<int:batch_id>/again/", again, name="print_again"),
    path("print-batches/<int:batch_id>/report/", report, name="print_report"),
    path("print-batches/<int:batch_id>/discard/", discard, name="print_discard"),
    path("print-batches/<int:batch_id>/close/", close, name="print_close"),
]
