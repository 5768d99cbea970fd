"""Effectiveness checks at the desk: drawn, asked one by one, and what they allow one to say."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.report.check_levels import CheckLevel, check_questions, known_levels
from tocsin.services.effectiveness import (
    CHECK_COLUMNS,
    check_rows,
    draw_check,
    keep_check_answer,
    list_checks,
    read_check,
)
from tocsin.services.matching import rows_csv
from tocsin.web.desk.answers import csv_answer, go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.view import DeskRequest, desk_page

_AUDIENCES = ("patient", "clinician", "facility", "distributor")


class _DrawForm(forms.Form):
    level = forms.ChoiceField(label="How many are asked?", widget=forms.RadioSelect)
    share = forms.FloatField(
        label="Part of the list, at level B",
        help_text="Between 0.1 and 1, such as 0.25.",
        required=False,
    )
    audience = forms.ChoiceField(
        label="Whom?",
        required=False,
        choices=[("", "everybody on the list"), *((each, each) for each in _AUDIENCES)],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["level"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (str(level), f"{level}: {row.what}") for level, row in known_levels().items()
        ]


class _AnswerForm(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, words in check_questions().items():
            self.fields[name] = forms.ChoiceField(
                label=words, choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect
            )


@desk_page("list_checks", "GET")
def checks(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show the effectiveness checks of an action."""
    found = list_checks(request.caller, action_id)
    return show(request, "outcome/checks.html", action_id=action_id, checks=found)


@desk_page("draw_check", "GET", "POST")
def draw(request: DeskRequest, action_id: int) -> HttpResponse:
    """Draw a check from the frozen list."""
    form = _DrawForm(request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            made = draw_check(
                request.caller,
                action_id,
                CheckLevel(told["level"]),
                told["share"],
                told["audience"],
            )
            return go("desk:check", "The check was drawn.", request, check_id=made)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "outcome/draw.html", action_id=action_id, form=form)


@desk_page("read_check", "GET")
def check(request: DeskRequest, check_id: int) -> HttpResponse:
    """Show a check: what may be said, and who was drawn."""
    view = read_check(request.caller, check_id)
    inferences = [(each, check_questions().get(each.question, "")) for each in view.inferences]
    return show(request, "outcome/check.html", view=view, inferences=inferences)


@desk_page("read_check", "GET")
def check_csv(request: DeskRequest, check_id: int) -> HttpResponse:
    """Give those who were drawn as CSV, by their ids."""
    view = read_check(request.caller, check_id)
    return csv_answer(rows_csv(CHECK_COLUMNS, check_rows(view)), f"check-{check_id}.csv")


@desk_page("keep_check_answer", "GET", "POST")
def ask(request: DeskRequest, check_id: int, person_id: str) -> HttpResponse:
    """Keep what one person who was drawn has said, and go to the next who is silent."""
    form = _AnswerForm(request.POST or None)
    if form.is_valid():
        answers = {name: form.cleaned_data[name] == "yes" for name in check_questions()}
        try:
            keep_check_answer(request.caller, check_id, person_id, answers)
            return go("desk:check", "The answer was kept.", request, check_id=check_id)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "outcome/ask.html", check_id=check_id, person_id=person_id, form=form)


urlpatterns = [
    path("actions/<int:action_id>/checks/", checks, name="checks"),
    path("actions/<int:action_id>/checks/draw/", draw, name="draw_check"),
    path("checks/<int:check_id>/", check, name="check"),
    path("checks/<int:check_id>.csv", check_csv, name="check_csv"),
    path("checks/<int:check_id>/persons/<str:person_id>/", ask, name="keep_check_answer"),
]
