"""An action's course: started, paused, resumed, completed, ended, reopened; with a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import URLPattern, path

from tocsin.base.errors import TocsinError
from tocsin.services import action_course
from tocsin.services.action_overview import read_overview
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import ReasonForm, refuse
from tocsin.web.desk.view import DeskRequest, desk_page
from tocsin.web.routes import View


@dataclass(frozen=True)
class Step:
    """A step of an action's course, as its page asks for it.

    Attributes:
        title: of the page, and of its button.
        sentence: what happens if it is done.
        said: what is said when it is done.
        asks: what the reason is asked for with; empty if none is needed.
        is_grave: whether the button warns.
    """

    title: str
    sentence: str
    said: str
    asks: str = "Why?"
    is_grave: bool = False


STEPS = {
    "start_action": Step(
        "Start the action",
        "The released letters begin to leave the house, person by person. In an exercise nothing "
        "leaves.",
        "The action is running: its letters leave.",
        asks="",
    ),
    "pause_action": Step(
        "Pause the action",
        "Nothing more leaves the house until somebody lets the action go on. What has left cannot "
        "be called back.",
        "The action is paused: nothing leaves the house.",
        is_grave=True,
    ),
    "resume_action": Step(
        "Let the action go on",
        "Letters that wait begin to leave again.",
        "The action goes on.",
    ),
    "complete_action": Step(
        "Complete the action",
        "You say that the firm has done what it set out to do. The newest match must be the "
        "released one.",
        "The action is complete. It ends when the authority agrees.",
    ),
    "terminate_action": Step(
        "Terminate the action",
        "You note that the authority agrees that the action has ended. It can be taken up again "
        "with a reason.",
        "The action is terminated.",
        asks="What did the authority say, and when?",
        is_grave=True,
    ),
    "reopen_action": Step(
        "Reopen the action",
        "The ended action is taken up again. Its scope must be released again before letters "
        "leave.",
        "The action is open again.",
    ),
}


class _NoReasonForm(forms.Form):
    """Nothing is asked; the button is the answer."""


def _page(service: str) -> View[...]:
    step = STEPS[service]

    @desk_page(service, "GET", "POST")
    def course(request: DeskRequest, action_id: int) -> HttpResponse:
        """Ask for a step of an action's course, and take it."""
        view = read_overview(request.caller, action_id)
        form: forms.Form = ReasonForm(request.POST or None) if step.asks else _empty(request)
        if step.asks:
            form.fields["reason"].label = step.asks
        if form.is_valid():
            call: Callable[..., Any] = getattr(action_course, service)
            told = [form.cleaned_data["reason"]] if step.asks else []
            try:
                call(request.caller, action_id, *told)
                return go("desk:action", step.said, request, action_id=action_id)
            except TocsinError as error:
                refuse(form, error)
        return show(request, "action/course.html", form=form, step=step, line=view.line)

    return course


def _empty(request: DeskRequest) -> forms.Form:
    return _NoReasonForm(request.POST if request.method == "POST" else None)


urlpatterns: list[URLPattern] = [
    path(
        f"actions/<int:action_id>/{service.partition('_')[0]}/",
        _page(service),
        name=service,
    )
    for service in STEPS
]
