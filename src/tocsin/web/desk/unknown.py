"""Unknown outcomes at the desk: the list with its evidence, and a signed decision about each."""

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.outreach.channels import Channel
from tocsin.services.dispatches import read_dispatch
from tocsin.services.rights import rights_table
from tocsin.services.unknown_outcomes import Decision, UnknownLine, decide_unknown, list_unknown
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import ReasonForm, refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.step_up import ask_proof, prove
from tocsin.web.desk.view import DeskRequest, desk_page

_COLUMNS: tuple[Column[UnknownLine], ...] = (
    Column("dispatch", "Dispatch", lambda each: each.line.dispatch_id),
    Column("action", "Action", lambda each: each.line.action_id),
    Column("person", "Person", lambda each: each.line.person_id),
    Column("channel", "Channel", lambda each: each.line.channel),
    Column("since", "Since", lambda each: each.since),
    Column("evidence", "Evidence"),
    Column("decide", "Decide"),
)
_WORDS = {
    Decision.ACCEPTED: "It was accepted: I know so from elsewhere",
    Decision.NOT_ACCEPTED: "It was not accepted: let it leave now",
    Decision.SEND_COPY: "Send it as a possible copy; the copy says so",
    Decision.OTHER_WAY: "Choose another way, below",
}


class _DecisionForm(ReasonForm):
    decision = forms.ChoiceField(
        label="What do you decide?",
        widget=forms.RadioSelect,
        choices=[(str(each), words) for each, words in _WORDS.items()],
    )
    channel = forms.ChoiceField(
        label="By which other way?",
        help_text="Only for another way.",
        required=False,
        choices=[
            ("", "none"),
            *((str(c), str(c)) for c in (Channel.LETTER, Channel.TELEPHONE, Channel.CLINIC)),
        ],
    )
    field_order = ("decision", "channel", "reason")


@desk_page("list_unknown", "GET")
def unknown(request: DeskRequest) -> HttpResponse:
    """List the dispatches whose outcome nobody knows."""
    may = bool(rights_table()["decide_unknown"].roles & request.caller.roles)
    listing = Listing(request, list_unknown(request.caller), _COLUMNS)
    return show(request, "sending/unknown.html", listing=listing, may_decide=may)


@desk_page("decide_unknown", "read_dispatch", "GET", "POST")
def decide(request: DeskRequest, dispatch_id: int) -> HttpResponse:
    """Show the evidence once more, and take a signed decision."""
    form = _DecisionForm(request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        channel = Channel(told["channel"]) if told["channel"] else None
        try:
            done = decide_unknown(
                prove(request), dispatch_id, Decision(told["decision"]), told["reason"], channel
            )
            said = f"Dispatch {dispatch_id} is {done.state.replace('_', ' ')} now."
            return go("desk:unknown", said, request)
        except TocsinError as error:
            refuse(form, error)
    return show(
        request,
        "sending/decide.html",
        form=form,
        view=read_dispatch(request.caller, dispatch_id),
        step_up=ask_proof(request),
    )


urlpatterns = [
    path("unknown/", unknown, name="unknown"),
    path("dispatches/<int:dispatch_id>/decide/", decide, name="decide_unknown"),
]
