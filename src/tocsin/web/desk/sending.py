"""Sending at the desk: dispatches of an action, its accounts, the emergency stop."""

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, Standing, dispatch_meanings
from tocsin.services.conservation import read_conservation
from tocsin.services.contact_repairs import RepairLine, close_repair, list_repairs
from tocsin.services.dispatches import (
    DispatchFilter,
    DispatchLine,
    list_dispatches,
    read_dispatch,
    read_sending,
)
from tocsin.services.rights import rights_table
from tocsin.services.sending_stops import end_sending_stop, stop_sending
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import ReasonForm, refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page

_MOST = 5_000
_COLUMNS: tuple[Column[DispatchLine], ...] = (
    Column("dispatch", "Dispatch", lambda line: line.dispatch_id),
    Column("person", "Person", lambda line: line.person_id),
    Column("letter", "Letter", lambda line: line.letter),
    Column("channel", "Channel", lambda line: line.channel),
    Column("purpose", "Purpose", lambda line: line.purpose),
    Column("state", "State", lambda line: line.state),
    Column("since", "Since", lambda line: line.state_at),
    Column("reply", "Last answer"),
)
_REPAIRS: tuple[Column[RepairLine], ...] = (
    Column("task", "Task", lambda line: line.repair_id),
    Column("person", "Person", lambda line: line.person_id),
    Column("channel", "What failed", lambda line: line.channel),
    Column("because", "Why", lambda line: line.because),
    Column("opened", "Since", lambda line: line.opened_at),
    Column("close", "Close"),
)


class _Filter(forms.Form):
    use_required_attribute = False
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "any"), *((str(s), s.replace("_", " ")) for s in DispatchState)],
    )
    channel = forms.ChoiceField(
        label="Channel", required=False, choices=[("", "any"), *((str(c), str(c)) for c in Channel)]
    )


class _OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label="What was found?", help_text="In a few words that name nobody.", max_length=40
    )


@desk_page("read_sending", "list_dispatches", "read_conservation", "GET")
def sending(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show where the sending of an action stands: accounts, figures, every dispatch."""
    caller, roles = request.caller, request.caller.roles
    found = read_sending(caller, action_id)
    filters = _Filter(request.GET or None)
    told = filters.cleaned_data if filters.is_valid() else {}
    wanted = DispatchFilter(state=told.get("state", ""), channel=told.get("channel", ""))
    lines = list_dispatches(caller, action_id, wanted, limit=_MOST)
    meanings = dispatch_meanings()
    return show(
        request,
        "sending/sending.html",
        action_id=action_id,
        found=found,
        accounts=read_conservation(caller, action_id),
        figures=[
            (channel, state.replace("_", " "), n, meanings[state])
            for (channel, state), n in sorted(found.by_state.items())
        ],
        n_unknown=found.count(Standing.DOUBT),
        filters=filters,
        listing=Listing(request, lines, _COLUMNS),
        is_cut=len(lines) == _MOST,
        may_stop=bool(rights_table()["stop_sending"].roles & roles),
        may_end=bool(rights_table()["end_sending_stop"].roles & roles),
    )


@desk_page("read_dispatch", "GET")
def dispatch(request: DeskRequest, dispatch_id: int) -> HttpResponse:
    """Show a dispatch with every try, all evidence and decisions."""
    view = read_dispatch(request.caller, dispatch_id)
    return show(
        request,
        "sending/dispatch.html",
        view=view,
        line=view.line,
        meaning=dispatch_meanings()[view.line.state],
        is_unknown=view.line.state is DispatchState.UNKNOWN,
        may_enter=bool(rights_table()["enter_answer"].roles & request.caller.roles),
    )


@desk_page("stop_sending", "GET", "POST")
def stop(request: DeskRequest) -> HttpResponse:
    """Stop everything that leaves, at once."""
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            stop_sending(request.caller, form.cleaned_data["reason"])
            return go("desk:actions", "Stopped: nothing more leaves the house.", request)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "sending/stop.html", form=form, is_end=False)


@desk_page("end_sending_stop", "GET", "POST")
def end_stop(request: DeskRequest) -> HttpResponse:
    """Let letters leave again."""
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            end_sending_stop(request.caller, form.cleaned_data["reason"])
            return go("desk:actions", "The stop is ended: letters may leave.", request)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "sending/stop.html", form=form, is_end=True)


@desk_page("list_repairs", "GET")
def repairs(request: DeskRequest, action_id: int) -> HttpResponse:
    """List the contacts that somebody must repair."""
    may = bool(rights_table()["close_repair"].roles & request.caller.roles)
    listing = Listing(request, list_repairs(request.caller, action_id), _REPAIRS)
    return show(
        request, "sending/repairs.html", action_id=action_id, listing=listing, may_close=may
    )


@desk_page("close_repair", "GET", "POST")
def repair(request: DeskRequest, action_id: int, repair_id: int) -> HttpResponse:
    """Close a task to repair a contact, with its outcome."""
    form = _OutcomeForm(request.POST or None)
    if form.is_valid():
        try:
            n = close_repair(request.caller, repair_id, form.cleaned_data["outcome"])
            said = f"The task is closed; {n} dispatches were queued."
            return go("desk:repairs", said, request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "sending/repair.html", form=form, action_id=action_id, repair_id=repair_id)


urlpatterns = [
    path("actions/<int:action_id>/sending/", sending, name="sending"),
    path("actions/<int:action_id>/repairs/", repairs, name="repairs"),
    path("actions/<int:action_id>/repairs/<int:repair_id>/", repair, name="repair"),
    path("dispatches/<int:dispatch_id>/", dispatch, name="dispatch"),
    path("sending/stop/", stop, name="stop_sending"),
    path("sending/end-stop/", end_stop, name="end_sending_stop"),
]
