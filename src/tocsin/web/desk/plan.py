"""An action's plan: a line of time, who is late, and moving, reaching and dating milestones."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.formats.calendar_file import write_calendar
from tocsin.outreach.clocks import clock_events, known_clocks
from tocsin.outreach.plan import Milestone, find_milestone, known_chains
from tocsin.render.gantt import GanttRow, MilestoneKind, gantt
from tocsin.services.matching import rows_csv
from tocsin.services.plans import (
    PlanView,
    date_event,
    lay_out_plan,
    reach_milestone,
    read_plan,
    run_clocks,
    shift_milestone,
)
from tocsin.web.desk.answers import csv_answer, go, show
from tocsin.web.desk.forms import DayField, ReasonForm, refuse
from tocsin.web.desk.view import DeskRequest, desk_page

_COLUMNS = ("key", "what", "country", "audience", "by", "due_on", "reached_on", "after")
_COUNTRIES_HINT = "Codes of two letters, with spaces between them, such as BE FR NL SE."


class _ChainForm(forms.Form):
    chain = forms.ChoiceField(label="Which chain of steps?", widget=forms.RadioSelect)
    begins_on = DayField(label="Day of the first step")
    countries = forms.CharField(label="Countries", help_text=_COUNTRIES_HINT, max_length=200)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["chain"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (name, chain.name) for name, chain in known_chains().items()
        ]


class _ClockForm(forms.Form):
    countries = forms.CharField(label="Countries", help_text=_COUNTRIES_HINT, max_length=200)
    clocks = forms.MultipleChoiceField(
        label="Which clocks apply?", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["clocks"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (name, f"{clock.where}: {clock.what}") for name, clock in known_clocks().items()
        ]


class _EventForm(ReasonForm):
    event = forms.ChoiceField(label="What happened, or will?", widget=forms.RadioSelect)
    on = DayField(label="On which day?")
    field_order = ("event", "on", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["event"].choices = list(clock_events().items())  # type: ignore[attr-defined]


class _ShiftForm(ReasonForm):
    to = DayField(label="New day")
    field_order = ("to", "reason")


class _ReachForm(forms.Form):
    on = DayField(label="On which day was it reached?")
    evidence = forms.CharField(
        label="What shows it?", help_text="A reference or a reply. Name no patient.", max_length=300
    )


@desk_page("read_plan", "GET")
def plan(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show the plan: who is late, the line of time, and every milestone."""
    view = read_plan(request.caller, action_id)
    return show(
        request,
        "plan/plan.html",
        action_id=action_id,
        view=view,
        drawing=gantt(f"Plan of {view.title}", list(_rows(view)), view.today),
        rows=[(each, _kind(each, view.today)) for each in view.milestones],
        events=[(clock_events()[name], on) for name, on in view.events.items()],
    )


@desk_page("read_plan", "GET")
def plan_csv(request: DeskRequest, action_id: int) -> HttpResponse:
    """Give the plan as CSV."""
    milestones = read_plan(request.caller, action_id).milestones
    rows = ({name: getattr(each, name) for name in _COLUMNS} for each in milestones)
    return csv_answer(rows_csv(_COLUMNS, rows), f"plan-of-action-{action_id}.csv")


@desk_page("read_plan", "GET")
def plan_ics(request: DeskRequest, action_id: int) -> HttpResponse:
    """Give the plan as a calendar file."""
    view = read_plan(request.caller, action_id)
    written = write_calendar(view.milestones, view.title, action_id, datetime.now(tz=UTC))
    name = f"plan-of-action-{action_id}.ics"
    return HttpResponse(
        written,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@desk_page("lay_out_plan", "GET", "POST")
def lay_out(request: DeskRequest, action_id: int) -> HttpResponse:
    """Add a chain of steps for some countries."""
    form = _ChainForm(request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        countries = told["countries"].replace(",", " ").split()
        try:
            made = lay_out_plan(
                request.caller, action_id, told["chain"], told["begins_on"], countries
            )
            said = f"{len(made)} milestones are in the plan."
            return go("desk:plan", said, request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    return _ask(request, action_id, form, "Add a chain of steps", "Add to the plan")


@desk_page("run_clocks", "GET", "POST")
def clocks(request: DeskRequest, action_id: int) -> HttpResponse:
    """Let clocks of the law run in the plan."""
    form = _ClockForm(request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        countries = told["countries"].replace(",", " ").split()
        try:
            made = run_clocks(request.caller, action_id, countries, told["clocks"])
            said = f"{len(made)} clocks were added."
            return go("desk:plan", said, request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    return _ask(request, action_id, form, "Let clocks of the law run", "Add to the plan")


@desk_page("date_event", "GET", "POST")
def event(request: DeskRequest, action_id: int) -> HttpResponse:
    """Say on which day an event was, or will be."""
    form = _EventForm(request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            moved = date_event(request.caller, action_id, told["event"], told["on"], told["reason"])
            said = f"The day is kept. {len(moved)} clocks follow it."
            return go("desk:plan", said, request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    return _ask(request, action_id, form, "Date an event", "Keep the day")


@desk_page("shift_milestone", "GET", "POST")
def shift(request: DeskRequest, action_id: int, key: str) -> HttpResponse:
    """Move a milestone, and with it all later ones that are not yet reached."""
    milestone = find_milestone(read_plan(request.caller, action_id).milestones, key)
    form = _ShiftForm(request.POST or None, initial={"to": milestone.due_on})
    if form.is_valid():
        told = form.cleaned_data
        try:
            moved = shift_milestone(request.caller, action_id, key, told["to"], told["reason"])
            said = f"{len(moved)} milestones were moved."
            return go("desk:plan", said, request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    lead = (
        f"{_label(milestone)} is due on {milestone.due_on}. Every later milestone of its chain "
        "that is not yet reached moves by as many working days."
    )
    return _ask(request, action_id, form, "Move a milestone", "Move it", lead)


@desk_page("reach_milestone", "GET", "POST")
def reach(request: DeskRequest, action_id: int, key: str) -> HttpResponse:
    """Say that a milestone was reached."""
    milestone = find_milestone(read_plan(request.caller, action_id).milestones, key)
    form = _ReachForm(request.POST or None, initial={"on": request.caller.now.date()})
    if form.is_valid():
        told = form.cleaned_data
        try:
            reach_milestone(request.caller, action_id, key, told["on"], told["evidence"])
            return go("desk:plan", "The milestone is reached.", request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    lead = f"{_label(milestone)}. Once reached, it does not move any more."
    return _ask(request, action_id, form, "Reach a milestone", "It was reached", lead)


def _ask(
    request: DeskRequest,
    action_id: int,
    form: forms.Form,
    title: str,
    button: str,
    lead: str = "",
) -> HttpResponse:
    words: Mapping[str, Any] = {"title": title, "button": button, "lead": lead}
    return show(request, "plan/form.html", action_id=action_id, form=form, **words)


def _rows(view: PlanView) -> Iterator[GanttRow]:
    day = {each.key: each.reached_on or each.due_on for each in view.milestones}
    for each in view.milestones:
        yield GanttRow(
            _label(each),
            each.country or "All countries",
            each.reached_on or each.due_on,
            day.get(each.after),
            _kind(each, view.today),
        )


def _label(milestone: Milestone) -> str:
    who = f" ({milestone.audience})" if milestone.audience else ""
    return f"{milestone.what}{who}, by the {milestone.by}"


def _kind(milestone: Milestone, today: date) -> MilestoneKind:
    if milestone.reached_on is not None:
        return "reached"
    if milestone.due_on is None:
        return "no day"
    return "late" if milestone.due_on < today else "open"


urlpatterns = [
    path("actions/<int:action_id>/plan/", plan, name="plan"),
    path("actions/<int:action_id>/plan.csv", plan_csv, name="plan_csv"),
    path("actions/<int:action_id>/plan.ics", plan_ics, name="plan_ics"),
    path("actions/<int:action_id>/plan/lay-out/", lay_out, name="lay_out_plan"),
    path("actions/<int:action_id>/plan/clocks/", clocks, name="run_clocks"),
    path("actions/<int:action_id>/plan/event/", event, name="date_event"),
    path("actions/<int:action_id>/plan/shift/<path:key>", shift, name="shift_milestone"),
    path("actions/<int:action_id>/plan/reach/<path:key>", reach, name="reach_milestone"),
]
