"""Calls at the desk: one after the other, number and script, outcome by the keyboard."""

from django import forms
from django.http import HttpResponse
from django.urls import path
from django.utils.html import format_html

from tocsin.base.errors import TocsinError
from tocsin.outreach.call_outcomes import CallOutcome, call_ends
from tocsin.outreach.channels import Channel
from tocsin.services.dispatches import DispatchLine, read_dispatch
from tocsin.services.hand_deliveries import access_call, list_by_hand, note_call
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page

_COLUMNS: tuple[Column[DispatchLine], ...] = (
    Column("dispatch", "Call", lambda line: line.dispatch_id),
    Column("person", "Person", lambda line: line.person_id),
    Column("letter", "Letter", lambda line: line.letter),
    Column("country", "Country", lambda line: line.country),
    Column("tries", "Called", lambda line: line.n_tries, is_number=True),
    Column("since", "Since", lambda line: line.not_before),
)


_END = '{}<br><span class="quiet">{}</span>'


class _CallForm(forms.Form):
    outcome = forms.ChoiceField(
        label="How did the call end?",
        widget=forms.RadioSelect,
        choices=[
            (str(end.outcome), format_html(_END, end.means, end.follows)) for end in call_ends()
        ],
    )


@desk_page("list_by_hand", "GET")
def calls(request: DeskRequest, action_id: int) -> HttpResponse:
    """List the calls that are to be made now."""
    lines = list_by_hand(request.caller, action_id, Channel.TELEPHONE)
    listing = Listing(request, lines, _COLUMNS)
    return show(request, "sending/calls.html", action_id=action_id, listing=listing)


@desk_page("note_call", "access_call", "GET", "POST")
def call(request: DeskRequest, action_id: int, dispatch_id: int) -> HttpResponse:
    """Show number and script of a call, and note how it ended.

    Then comes the next; after one that was spoken, the page for their answers.
    """
    form = _CallForm(request.POST or None)
    if form.is_valid():
        try:
            outcome = CallOutcome(form.cleaned_data["outcome"])
            state = note_call(request.caller, dispatch_id, outcome)
            said = f"Call {dispatch_id} is {state.replace('_', ' ')} now."
            if outcome is CallOutcome.SPOKEN:
                called = read_dispatch(request.caller, dispatch_id).line.recipient_id
                said += " Enter what they answered; for the next call go back to the calls."
                return go("desk:enter_answer", said, request, recipient_id=called)
            return go("desk:calls", said, request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    sheet = access_call(request.caller, dispatch_id)
    return show(request, "sending/call.html", form=form, action_id=action_id, sheet=sheet)


urlpatterns = [
    path("actions/<int:action_id>/calls/", calls, name="calls"),
    path("actions/<int:action_id>/calls/<int:dispatch_id>/", call, name="call"),
]
