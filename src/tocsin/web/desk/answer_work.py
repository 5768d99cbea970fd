"""What answers ask of us, at the desk: closing an item, and to whom a device was passed on."""

from collections.abc import Callable
from functools import partial

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.services.answer_work import (
    PASSED_ON_OUTCOMES,
    access_passed_on,
    close_passed_on,
    close_work_item,
)
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.private_words import ERASED, show_words
from tocsin.web.desk.view import DeskRequest, desk_page


class _CloseForm(forms.Form):
    outcome = forms.CharField(
        label="What became of it?", help_text="Name no patient.", max_length=300
    )


class _PassedOnForm(forms.Form):
    outcome = forms.ChoiceField(
        label="What became of it?",
        choices=[(each, each.capitalize()) for each in PASSED_ON_OUTCOMES],
        widget=forms.RadioSelect,
    )


@desk_page("access_passed_on", "GET", "POST")
def passed_on(request: DeskRequest, item_id: int) -> HttpResponse:
    """Show to whom a device was passed on, after a purpose was told."""

    def access(purpose: str) -> dict[str, str]:
        return {"passed on to": access_passed_on(request.caller, item_id, purpose) or ERASED}

    return show_words(request, "Passed on to", access)


@desk_page("close_passed_on", "GET", "POST")
def close_passed(request: DeskRequest, action_id: int, item_id: int) -> HttpResponse:
    """Say what became of a device that was passed on."""
    form = _PassedOnForm(request.POST or None)
    return _close(request, action_id, form, partial(close_passed_on, request.caller, item_id))


@desk_page("close_work_item", "GET", "POST")
def close(request: DeskRequest, action_id: int, item_id: int) -> HttpResponse:
    """Say what became of something that an answer asked for."""
    form = _CloseForm(request.POST or None)
    return _close(request, action_id, form, partial(close_work_item, request.caller, item_id))


def _close(
    request: DeskRequest, action_id: int, form: forms.Form, close_item: Callable[[str], None]
) -> HttpResponse:
    if form.is_valid():
        try:
            close_item(form.cleaned_data["outcome"])
            return go("desk:answers", "The item is closed.", request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "outcome/close.html", form=form, action_id=action_id)


urlpatterns = [
    path("actions/<int:action_id>/work/<int:item_id>/close/", close, name="close_work_item"),
    path(
        "actions/<int:action_id>/passed-on/<int:item_id>/close/",
        close_passed,
        name="close_passed_on",
    ),
    path("passed-on/<int:item_id>/", passed_on, name="passed_on"),
]
