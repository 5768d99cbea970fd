"""Actions: the list, opening one, its page, matching it."""

from collections.abc import Hashable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString

from tocsin.base.errors import TocsinError
from tocsin.base.last_used import LastUsed
from tocsin.services.action_matching import queue_match
from tocsin.services.action_overview import Overview, read_overview
from tocsin.services.actions import (
    MOST_TITLE,
    ActionLine,
    add_notice_to_action,
    add_registry_to_action,
    list_actions,
    open_action,
    read_history,
)
from tocsin.services.kept_notices import list_notices
from tocsin.services.list_imports import list_registries
from tocsin.services.sending_stops import read_sending_stop
from tocsin.services.work import Caller
from tocsin.store.roles import Role
from tocsin.web.desk.action_words import doors, part_figures, tell, verdict_figure, ways
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page

SHOWN_EVENTS = 12
_BODIES: LastUsed[SafeString] = LastUsed(most=100)
_COLUMNS: tuple[Column[ActionLine], ...] = (
    Column("action", "Action", lambda line: line.action_id),
    Column("title", "Title", lambda line: line.title.casefold()),
    Column("state", "State", lambda line: line.state),
    Column("opened", "Opened", lambda line: line.opened_at),
)


class _OpenForm(forms.Form):
    title = forms.CharField(
        label="What do people call it?",
        help_text="Such as: MiniMed 508 and Paradigm, software, June 2019.",
        max_length=MOST_TITLE,
    )
    notices = forms.MultipleChoiceField(
        label="Which notices does it answer?",
        help_text="Several notices of one event belong into one action: each person hears once.",
        widget=forms.CheckboxSelectMultiple,
    )
    registries = forms.MultipleChoiceField(
        label="In which registries does it look?", widget=forms.CheckboxSelectMultiple
    )
    is_exercise = forms.BooleanField(
        label="This is an exercise: nothing of it ever leaves the house", required=False
    )

    def __init__(self, caller: Caller, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["notices"].choices = _notices(caller)  # type: ignore[attr-defined]
        self.fields["registries"].choices = _registries(caller)  # type: ignore[attr-defined]


class _AddForm(forms.Form):
    name = forms.ChoiceField(label="Which one?", widget=forms.RadioSelect)


@desk_page("list_actions", "read_sending_stop", "GET")
def actions(request: DeskRequest) -> HttpResponse:
    """List the actions, the last first."""
    listing = Listing(request, list_actions(request.caller), _COLUMNS)
    may_open = Role.AUTHOR in request.caller.roles
    stopped_at = read_sending_stop(request.caller)
    return show(
        request, "action/list.html", listing=listing, may_open=may_open, stopped_at=stopped_at
    )


@desk_page("open_action", "GET", "POST")
def open_page(request: DeskRequest) -> HttpResponse:
    """Open an action about notices, in registries."""
    form = _OpenForm(request.caller, request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            made = open_action(
                request.caller,
                told["title"],
                told["notices"],
                told["registries"],
                is_exercise=told["is_exercise"],
            )
            return go(
                "desk:action", "The action is opened. Match it next.", request, action_id=made
            )
        except TocsinError as error:
            refuse(form, error)
    lacking = [name for name in ("notices", "registries") if not form.fields[name].choices]  # type: ignore[attr-defined]
    return show(request, "action/open.html", form=form, lacking=lacking)


@desk_page("read_overview", "match_action", "GET")
def action(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show an action: its state, what may be done now, its figures, what happened."""
    view = read_overview(request.caller, action_id)
    # How far a job is changes all the time; everything else stays as it is for most visits.
    body = (
        _body(request, view)
        if view.job
        else _BODIES.get(_key(request, view), lambda: _body(request, view))
    )
    return show(
        request,
        "action/action.html",
        line=view.line,
        body=body,
        refresh_s=5 if view.job and view.job.state != "failed" else None,
    )


def _key(request: DeskRequest, view: Overview) -> Hashable:
    """Return all that decides how the page of an action looks while no job goes on."""
    return (
        (view.line, view.stamp, view.is_stale, view.notices, view.registries),
        (request.caller.roles, str(request.caller.now.tzinfo), tuple(view.names.items())),
        tuple((e.at, e.actor, e.event, e.reason, e.new.get("run")) for e in view.events),
    )


def _body(request: DeskRequest, view: Overview) -> SafeString:
    """Return what the page of an action tells."""
    run, roles = view.run, request.caller.roles
    values = {
        "view": view,
        "line": view.line,
        "doors": doors(view, roles),
        "ways": ways(view, roles),
        "figures": [verdict_figure(each) for each in run.summary.notices] if run else [],
        "by_country": list(part_figures(view.by_country, "country")),
        "by_kind": list(part_figures(view.by_kind, "kind of holder")),
        "told": list(tell(view.events, view.names))[:SHOWN_EVENTS],
    }
    return render_to_string("web/desk/action/body.html", values, request)


@desk_page("read_history", "GET")
def history(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show all that happened to an action, the last first."""
    events = list(reversed(read_history(request.caller, action_id)))
    names = read_overview(request.caller, action_id).names
    listing = Listing(request, list(tell(events, names)), (), per_page=100)
    return show(request, "action/history.html", listing=listing, action_id=action_id)


@desk_page("queue_match", "GET", "POST")
def match(request: DeskRequest, action_id: int) -> HttpResponse:
    """Let a worker match an action; its page shows how far it is."""
    view = read_overview(request.caller, action_id)
    if request.method == "POST":
        queue_match(request.caller, action_id)
        said = "The match waits for the worker. You can leave this page: it goes on without you."
        return go("desk:action", said, request, action_id=action_id)
    return show(request, "action/match.html", view=view, line=view.line)


@desk_page("add_notice_to_action", "GET", "POST")
def add_notice(request: DeskRequest, action_id: int) -> HttpResponse:
    """Let an action answer one more notice."""
    form = _AddForm(request.POST or None)
    here = {each.name for each in read_overview(request.caller, action_id).notices}
    return _add(request, action_id, form, "notice", here)


@desk_page("add_registry_to_action", "GET", "POST")
def add_registry(request: DeskRequest, action_id: int) -> HttpResponse:
    """Let an action look in one more registry."""
    form = _AddForm(request.POST or None)
    here = {each.name for each in read_overview(request.caller, action_id).registries}
    return _add(request, action_id, form, "registry", here)


def _add(
    request: DeskRequest, action_id: int, form: _AddForm, what: str, here: set[str]
) -> HttpResponse:
    find, add = {
        "notice": (_notices, add_notice_to_action),
        "registry": (_registries, add_registry_to_action),
    }[what]
    choices = [each for each in find(request.caller) if each[0] not in here]
    form.fields["name"].choices = choices  # type: ignore[attr-defined]
    if form.is_valid():
        try:
            add(request.caller, action_id, form.cleaned_data["name"])
            said = f"The {what} is added. Match the action again."
            return go("desk:action", said, request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    return show(
        request, "action/add.html", form=form, what=what, action_id=action_id, choices=choices
    )


def _notices(caller: Caller) -> list[tuple[str, str]]:
    return [(each.name, each.name) for each in list_notices(caller)]


def _registries(caller: Caller) -> list[tuple[str, str]]:
    return [(each.name, each.name) for each in list_registries(caller)]


urlpatterns = [
    path("actions/", actions, name="actions"),
    path("actions/open/", open_page, name="open_action"),
    path("actions/<int:action_id>/", action, name="action"),
    path("actions/<int:action_id>/history/", history, name="action_history"),
    path("actions/<int:action_id>/match/", match, name="match_action"),
    path("actions/<int:action_id>/add-notice/", add_notice, name="action_add_notice"),
    path("actions/<int:action_id>/add-registry/", add_registry, name="action_add_registry"),
]
