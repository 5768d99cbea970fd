"""Who is the same person in two lists: proposed, looked at side by side, decided, undone.

Made for the keyboard: a decision leads to the next pair, the buttons have keys, and the reason is
one of a few that need no typing.
"""

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.registry.same_person import Mark, is_exact
from tocsin.services.person_links import (
    LinkShown,
    access_link,
    confirm_exact_links,
    confirm_link,
    list_links,
    propose_links,
    reject_link,
    undo_link,
)
from tocsin.services.persons import PersonShown
from tocsin.services.rights import rights_table
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import ReasonForm, refuse
from tocsin.web.desk.persons import PRIVATE_WORDS
from tocsin.web.desk.view import DeskRequest, desk_page

PURPOSE = "to decide whether two persons are one"
PER_PAGE = 40
_STATES = ("proposed", "confirmed", "rejected", "undone")
MARK_WORDS = {
    "email": "the same e-mail address",
    "phone": "the same telephone number",
    "name_address": "the same name and postal address",
    "name": "the same name",
    "name_serial": "the same name and the same device",
}
_WHY = {
    "same": "Name and addresses agree as far as both lists tell them",
    "told": "The person, or who looks after them, said so",
    "source": "A source that holds both lists' numbers says so",
    "family": "Two persons of one family or one address",
    "differs": "Name, addresses or device differ",
}


_AGAINST = {"confirm": ("differs", "family"), "reject": ("same",)}
"""Reasons that speak against a decision."""


class _Decision(forms.Form):
    decision = forms.ChoiceField(choices=[("confirm", ""), ("reject", "")])
    why = forms.ChoiceField(
        label="Why?",
        choices=[*_WHY.items(), ("other", "Another reason, written below")],
        help_text="Choose none for the usual reason: that name and addresses agree, for one "
        "person; that they differ, for two.",
        required=False,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Another reason",
        help_text="It stands in the audit trail. Name nobody.",
        required=False,
        max_length=500,
    )

    def clean(self) -> dict[str, str]:
        """Check that there is a reason, and that it is one for this decision."""
        told: dict[str, str] = super().clean() or {}
        if told.get("why") in _AGAINST.get(told.get("decision", ""), ()):
            self.add_error("why", "This reason speaks for the other decision. Choose again.")
        if told.get("why") == "other" and not told.get("reason", "").strip():
            self.add_error("reason", "Write the reason in a few words, without naming anybody.")
        return told

    def said(self) -> str:
        """Return the reason in words."""
        told = self.cleaned_data
        own = str(told["reason"]).strip()
        if told["why"] == "other":
            return own
        usual = "same" if told["decision"] == "confirm" else "differs"
        return _WHY[told["why"] or usual] + (f". {own}" if own else "")


@desk_page("list_links", "GET")
def links(request: DeskRequest) -> HttpResponse:
    """List links of one state, by numbers only, a page at a time."""
    asked = request.GET.get("state", "proposed")
    state = asked if asked in _STATES else "proposed"
    behind = request.GET.get("behind", "")
    start = int(behind) if behind.isdecimal() and len(behind) < 19 else None
    found = list_links(request.caller, state, start, PER_PAGE + 1)
    rows = [
        (link, [MARK_WORDS.get(each, each) for each in link.reasons], _is_exact(link.reasons))
        for link in found[:PER_PAGE]
    ]
    return show(
        request,
        "links/list.html",
        rows=rows,
        state=state,
        states=_STATES,
        later=found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        may_decide=_may(request, "confirm_link"),
        may_propose=_may(request, "propose_links"),
        n_exact=sum(exact for _, _, exact in rows),
        is_first=start is None,
    )


@desk_page("propose_links", "POST")
def propose(request: DeskRequest) -> HttpResponse:
    """Look for persons who may be the same."""
    found = propose_links(request.caller)
    return go("desk:links", f"{len(found)} links are new.", request)


@desk_page("access_link", "confirm_link", "reject_link", "GET", "POST")
def link(request: DeskRequest, link_id: int) -> HttpResponse:
    """Show two persons side by side and take the decision; then comes the next pair."""
    form = _Decision(request.POST or None)
    if form.is_valid():
        decide = confirm_link if form.cleaned_data["decision"] == "confirm" else reject_link
        try:
            decide(request.caller, link_id, form.said())
            return _next(request, link_id, form.cleaned_data["decision"])
        except TocsinError as error:
            refuse(form, error)
    shown = access_link(request.caller, link_id, PURPOSE)
    return show(
        request,
        "links/link.html",
        form=form,
        shown=shown,
        marks=[MARK_WORDS.get(each, each) for each in shown.reasons],
        rows=_side_by_side(shown),
    )


@desk_page("undo_link", "GET", "POST")
def undo(request: DeskRequest, link_id: int) -> HttpResponse:
    """Separate again two persons that were taken for one, with a reason."""
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            undo_link(request.caller, link_id, form.cleaned_data["reason"])
            return go("desk:links", f"Link {link_id} is undone: they are two again.", request)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "links/undo.html", form=form, link_id=link_id)


@desk_page("confirm_exact_links", "GET", "POST")
def confirm_exact(request: DeskRequest) -> HttpResponse:
    """Confirm, after a question, the links that agree in name, address and one thing more."""
    proposed = list_links(request.caller, "proposed", limit=1000)
    exact = [each.pk for each in proposed if _is_exact(each.reasons)]
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            n = confirm_exact_links(request.caller, exact, form.cleaned_data["reason"])
            said = f"{n} links are confirmed. Each can be undone by itself."
            return go("desk:links", said, request)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "links/confirm_exact.html", form=form, exact=exact)


def _next(request: DeskRequest, link_id: int, decision: str) -> HttpResponse:
    """Lead to the next pair that waits, or back to the list when there is none."""
    said = f"Link {link_id} is {'confirmed' if decision == 'confirm' else 'rejected'}."
    waiting = list_links(request.caller, "proposed", link_id, 1)
    waiting = waiting or list_links(request.caller, "proposed", None, 1)
    if not waiting:
        return go("desk:links", f"{said} No other pair waits.", request)
    return go("desk:link", said, request, link_id=waiting[0].pk)


def _side_by_side(shown: LinkShown) -> list[tuple[str, list[str], list[str], bool]]:
    """Return what both persons are, row by row, and whether it is written alike."""
    told = [_facts_of(each) for each in (shown.one, shown.other)]
    return [
        (label, one, told[1][label], one == told[1][label] != [""])
        for label, one in told[0].items()
    ]


def _facts_of(person: PersonShown) -> dict[str, list[str]]:
    """Return what is told of a person, as lines under the same words for everybody."""
    private = {
        label: person.private.get(name, "").split("|") for name, label in PRIVATE_WORDS.items()
    }
    return private | {
        "Kind": [person.kind + (", a minor" if person.is_minor else "")],
        "Country": [person.country],
        "Language": [person.language],
        "In which list, as": [f"{name}: {own}" for name, own in person.holder_ids.items()],
    }


def _is_exact(reasons: list[str]) -> bool:
    return is_exact(Mark(reason) for reason in reasons)


def _may(request: DeskRequest, service: str) -> bool:
    return bool(rights_table()[service].roles & request.caller.roles)


urlpatterns = [
    path("persons/links/", links, name="links"),
    path("persons/links/propose/", propose, name="propose_links"),
    path("persons/links/confirm-exact/", confirm_exact, name="confirm_exact"),
    path("persons/links/<int:link_id>/", link, name="link"),
    path("persons/links/<int:link_id>/undo/", undo, name="undo_link"),
]
