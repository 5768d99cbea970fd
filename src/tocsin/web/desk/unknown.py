"""Unknown outcomes at the desk: the list with its evidence, and a signed decision about each."""

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.outreach.channels import Channel
from tocsin.services.dispatches import read_dispatch
from tocsin.services.rights import rights_table
from tocsin.services.sent_evidence import (
    MOST_BYTES,
    EvidenceTaken,
    take_notifications,
    take_relay_log,
)
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
_MB = MOST_BYTES // 1_000_000
_WORDS = {
    Decision.ACCEPTED: "It was accepted: I know so from elsewhere",
    Decision.NOT_ACCEPTED: "It was not accepted: let it leave now",
    Decision.SEND_COPY: "Send it as a possible copy; the copy says so",
    Decision.OTHER_WAY: "Choose another way, below",
}


_KINDS = {
    "relay_log": ("keep_relay_log", "The relay's log: lines of Postfix"),
    "notifications": ("keep_notifications", "Delivery status notifications: a message or an mbox"),
}


class _EvidenceForm(forms.Form):
    use_required_attribute = False
    kind = forms.ChoiceField(
        label="What is it?",
        widget=forms.RadioSelect,
        choices=[(key, words) for key, (_, words) in _KINDS.items()],
    )
    file = forms.FileField(
        label="The file",
        help_text=f"At most {_MB} MB; larger ones by `tocsin dispatch relay-log` or `bounces`.",
        error_messages={"required": f"No file arrived. Choose one of at most {_MB} MB."},
    )


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
    may_tell = bool(rights_table()["keep_relay_log"].roles & request.caller.roles)
    return show(request, "sending/unknown.html", listing=listing, may_decide=may, may_tell=may_tell)


@desk_page("keep_relay_log", "keep_notifications", "GET", "POST")
def evidence(request: DeskRequest) -> HttpResponse:
    """Take the relay's log or notifications, and say what they have settled."""
    form = (
        _EvidenceForm(request.POST, request.FILES) if request.method == "POST" else _EvidenceForm()
    )
    taken: EvidenceTaken | None = None
    if form.is_bound and form.is_valid():
        take = take_relay_log if form.cleaned_data["kind"] == "relay_log" else take_notifications
        try:
            taken = take(request.caller, form.cleaned_data["file"].read())
        except TocsinError as error:
            refuse(form, error, "file")
    return show(request, "sending/evidence.html", form=form, taken=taken)


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
    path("unknown/evidence/", evidence, name="evidence"),
    path("dispatches/<int:dispatch_id>/decide/", decide, name="decide_unknown"),
]
