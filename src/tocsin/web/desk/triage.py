"""Triage by telephone: the questions, one record at a time, answered without a mouse.

Enter in any field saves and goes on to the next record; the key of the skip link goes on without
saving. Name and number of whom to call are shown only when asked for, and each look is recorded.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from tocsin.base.errors import TocsinError
from tocsin.registry.answer import ANSWER_COLUMNS
from tocsin.services.holder_devices import list_held_devices
from tocsin.services.persons import PersonShown, access_person
from tocsin.services.triage import (
    TELLERS,
    DeviceAnswer,
    NewVerdict,
    answer_triage,
    list_answers,
)
from tocsin.services.triage_queue import TriageCase, list_open_questions, read_triage_case
from tocsin.store.roles import Role
from tocsin.web.desk.affected import shown_texts
from tocsin.web.desk.answers import show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page

_LOOKERS = frozenset({Role.OPERATOR, Role.PRIVACY_OFFICER})
_ANSWERS: tuple[Column[Any], ...] = (
    Column("at", "When", lambda line: line.answered_at),
    Column("device", "Device", lambda line: line.device_id),
    Column("what", "What", lambda line: line.column),
    Column("told", "Told"),
    Column("by", "By", lambda line: line.told_by),
    Column("verdict", "Verdict"),
)


class AnswerForm(forms.Form):
    """What was told about a device, by whom, and how."""

    use_required_attribute = False

    value = forms.CharField(label="Answer", max_length=200, required=False)
    told_by = forms.ChoiceField(
        label="Who told it?", choices=[(each, each) for each in TELLERS], initial="patient"
    )
    evidence = forms.CharField(
        label="How was it told?",
        help_text="In words, without names or addresses.",
        initial="By telephone.",
        max_length=2000,
    )

    def __init__(self, *args: Any, question: str = "", values: Any = (), **options: Any) -> None:
        super().__init__(*args, **options)
        if question:
            self.fields["value"].label = question
        if values:
            self.fields["value"] = forms.ChoiceField(
                label=question,
                choices=[*((value, value) for value in values), ("", "nobody knows")],
                widget=forms.RadioSelect,
                required=False,
            )
        self.fields["value"].required = True  # no "(optional)" beside the question


class OwnColumnForm(AnswerForm):
    """The same about any column of the record, to correct it."""

    column = forms.ChoiceField(
        label="What is told?",
        choices=[(name, name.replace("_", " ")) for name in ANSWER_COLUMNS],
    )
    field_order = ("column", "value", "told_by", "evidence")


@desk_page("list_open_questions", "GET")
def triage(request: DeskRequest, action_id: int) -> HttpResponse:
    """List the records that cannot be told, the urgent ones first."""
    page = list_open_questions(request.caller, action_id, _number(request, "after"))
    later = f"?{urlencode({'after': page.later})}" if page.later else ""
    return show(
        request,
        "action/triage.html",
        action_id=action_id,
        page=page,
        later=later,
        is_first="after" not in request.GET,
        may_answer=Role.OPERATOR in request.caller.roles,
    )


@desk_page("read_triage_case", "answer_triage", "access_person", "GET", "POST")
def case(request: DeskRequest, action_id: int, verdict_id: int) -> HttpResponse:
    """Show one record with its question; save the answer and go on to the next."""
    found = read_triage_case(request.caller, action_id, verdict_id)
    asked = found.open_now
    is_saving = request.method == "POST" and "save" in request.POST
    form = AnswerForm(
        request.POST if is_saving else None,
        question=asked.question if asked else "",
        values=asked.values if asked else (),
    )
    if is_saving and asked and _is_complete(form):
        told = _told(found, asked.column, form)
        try:
            verdicts = answer_triage(request.caller, action_id, told)
            return _go_on(request, action_id, found, verdicts)
        except TocsinError as error:
            refuse(form, error, "value")
    persons = _persons(request, action_id, found)
    may_look = bool(_LOOKERS & request.caller.roles) and found.holder is not None
    if (persons or not may_look) and not form.errors:
        form.fields["value"].widget.attrs["autofocus"] = True
    return show(
        request,
        "action/case.html",
        form=form,
        action_id=action_id,
        case=found,
        asked=asked,
        texts=shown_texts(found.texts),
        held=_held(request, action_id, found),
        persons=persons,
        may_look=may_look,
        may_answer=Role.OPERATOR in request.caller.roles,
        last=_number(request, "last"),
        status=None if is_saving else 200,
    )


@desk_page("answer_triage", "read_triage_case", "GET", "POST")
def correct(request: DeskRequest, action_id: int, verdict_id: int) -> HttpResponse:
    """Correct what was told about a record by a further answer; what was told before stays."""
    found = read_triage_case(request.caller, action_id, verdict_id)
    last = found.answers[0] if found.answers else None
    start = {"column": last.column, "value": last.old_value} if last else {}
    form = OwnColumnForm(request.POST or None, initial=start)
    if request.method == "POST" and _is_complete(form):
        told = _told(found, form.cleaned_data["column"], form)
        try:
            verdicts = answer_triage(request.caller, action_id, told)
            messages.success(request, _said(found, verdicts))
            return HttpResponseRedirect(reverse("desk:device", args=[action_id, verdict_id]))
        except TocsinError as error:
            refuse(form, error, "value")
    return show(
        request, "action/correct.html", form=form, action_id=action_id, case=found, last=last
    )


@desk_page("list_answers", "GET")
def answers(request: DeskRequest, action_id: int) -> HttpResponse:
    """List what was told in an action, the last first, and whether it still holds."""
    lines = list(reversed(list_answers(request.caller, action_id)))
    listing = Listing(request, lines, _ANSWERS)
    return show(request, "action/answers.html", action_id=action_id, listing=listing)


def _is_complete(form: AnswerForm) -> bool:
    """Whether a form can be saved; an empty answer says that nobody knows."""
    form.fields["value"].required = False
    return form.is_valid()


def _told(found: TriageCase, column: str, form: AnswerForm) -> DeviceAnswer:
    told: Mapping[str, str] = form.cleaned_data
    return DeviceAnswer(
        found.device_id,
        column,
        told["value"],
        told["told_by"],
        told["evidence"],
        found.registry,
    )


def _go_on(
    request: DeskRequest, action_id: int, found: TriageCase, verdicts: list[NewVerdict]
) -> HttpResponse:
    """Go to the next record; stay where the answer has raised another question."""
    messages.success(request, _said(found, verdicts))
    after = read_triage_case(request.caller, action_id, found.verdict_id)
    old, new = found.open_now, after.open_now
    stays = new is not None and old is not None and new.question != old.question
    there = found.verdict_id if stays else found.next_id
    if there is None:
        messages.success(request, "That was the last record of the list.")
        return HttpResponseRedirect(reverse("desk:triage", args=[action_id]))
    address = reverse("desk:triage_case", args=[action_id, there])
    return HttpResponseRedirect(f"{address}?{urlencode({'last': found.verdict_id})}")


def _said(found: TriageCase, verdicts: list[NewVerdict]) -> str:
    changes = "; ".join(
        f"{each.notice}: {_words(each.was)} became {_words(each.now)}"
        if each.was != each.now
        else f"{each.notice}: still {_words(each.now)}"
        for each in verdicts
    )
    return f"Saved for {found.device_id}. {changes}."


def _words(verdict: str) -> str:
    return verdict.replace("_", " ")


def _persons(request: DeskRequest, action_id: int, found: TriageCase) -> list[PersonShown]:
    """Return whom to call, if that was asked for: the holder, and who is written to instead."""
    if request.method != "POST" or "shown" not in request.POST or found.holder is None:
        return []
    purpose = f"triage of action {action_id}"
    shown = access_person(request.caller, found.holder.person_id, purpose)
    if shown.addressee_id == shown.person_id:
        return [shown]
    return [access_person(request.caller, shown.addressee_id, purpose), shown]


def _held(request: DeskRequest, action_id: int, found: TriageCase) -> list[Any]:
    holder_id = found.texts.get("holder_id", "")
    held = list_held_devices(request.caller, action_id, found.registry, holder_id)
    return [each for each in held if each.device_id != found.device_id]


def _number(request: DeskRequest, name: str) -> int | None:
    asked = request.GET.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


urlpatterns = [
    path("actions/<int:action_id>/triage/", triage, name="triage"),
    path("actions/<int:action_id>/triage/answers/", answers, name="triage_answers"),
    path("actions/<int:action_id>/triage/<int:verdict_id>/", case, name="triage_case"),
    path("actions/<int:action_id>/devices/<int:verdict_id>/correct/", correct, name="correct"),
]
