"""The letters of an action: where each stands, its text beside its source, its way to the lock."""

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path, reverse

from tocsin.base.errors import TocsinError
from tocsin.outreach.letter import LetterText, letter_lines
from tocsin.render.letters.pdf import LetterPdf
from tocsin.services import letter_approval
from tocsin.services.letter_preview import preview_letter
from tocsin.services.letters import (
    LetterLine,
    LetterView,
    list_letter_sources,
    list_letters,
    read_letter,
)
from tocsin.services.rights import rights_table
from tocsin.services.trial_mails import send_test_mail
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.step_up import ask_proof, prove
from tocsin.web.desk.view import DeskRequest, desk_page
from tocsin.web.routes import View

EVERY = "every"
"""Stands in the address of a text for every country."""
_COLUMNS: tuple[Column[LetterLine], ...] = (
    Column("letter", "Letter", lambda line: line.key),
    Column("audience", "Audience", lambda line: line.audience),
    Column("language", "Language", lambda line: line.language),
    Column("country", "Country", lambda line: line.country),
    Column("state", "State", lambda line: list(type(line.state)).index(line.state)),
    Column("source", "Source revision", lambda line: line.source_revision, is_number=True),
)


@dataclass(frozen=True)
class Step:
    """A step on a letter's way, as its page asks for it.

    Attributes:
        title: of the page, and of its button.
        meaning: what it says or signs.
        said: what is said when it is done.
        asks: label of the words that it needs; empty: none.
    """

    title: str
    meaning: str
    said: str
    asks: str = ""


STEPS = {
    "finish_translation": Step(
        "Hand it over for review", "This text is complete.", "The letter waits for its review."
    ),
    "return_letter_version": Step(
        "Give it back", "The text must be written again.", "The letter is a draft again.", "Why?"
    ),
    "review_letter_version": Step(
        "Sign as reviewer",
        "I have compared this text with its source, and gone through its checklists.",
        "Signed as reviewer.",
    ),
    "submit_letter_version": Step(
        "It lies with the authority",
        "This text was sent to the authority.",
        "The letter is submitted.",
        "Which authority?",
    ),
    "agree_letter_version": Step(
        "Sign that the authority agrees",
        "The authority has agreed to this very text.",
        "The authority's agreement is signed.",
        "Reference of its answer",
    ),
    "waive_letter_agreement": Step(
        "Sign that no authority needs to agree",
        "No authority needs to agree to this text.",
        "It is signed why no authority needs to agree.",
        "Why does none need to?",
    ),
    "lock_letter_version": Step(
        "Lock the letter",
        "This text may be sent. It never changes again.",
        "The letter is locked.",
    ),
}


class _StepForm(forms.Form):
    """What was seen, and the words that a step needs."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    words = forms.CharField(max_length=letter_approval.MOST_NAME)
    use_required_attribute = False

    def __init__(self, asks: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks:
            self.fields["words"].label = asks
        else:
            del self.fields["words"]


class _TickForm(forms.Form):
    """The items that somebody has found in the text, or why they do not apply."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    items = forms.MultipleChoiceField(
        label="What the text holds", widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label="If they do not apply here: why",
        required=False,
        max_length=letter_approval.MOST_REASON,
    )
    use_required_attribute = False

    def __init__(self, view: LetterView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = view.line.sha256
        done = {tick.item for tick in view.ticks if tick.is_of_this_text}
        left = [(key, words) for key, words in view.checklist.items() if key not in done]
        choices: Any = self.fields["items"]
        choices.choices = left


@desk_page("list_letters", "GET")
def letters(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show the letters of an action, each with where it stands."""
    lines = list_letters(request.caller, action_id)
    return show(
        request,
        "letters/list.html",
        action_id=action_id,
        sources=list_letter_sources(request.caller, action_id),
        n_locked=sum(line.locked_at is not None for line in lines),
        listing=Listing(request, lines, _COLUMNS),
    )


@desk_page("read_letter", "GET")
def letter(request: DeskRequest, version_id: int) -> HttpResponse:
    """Show a letter's text beside its source and the text agreed to before."""
    view = read_letter(request.caller, version_id)
    ticked = {tick.item: tick for tick in view.ticks if tick.is_of_this_text}
    return show(
        request,
        "letters/letter.html",
        view=view,
        line=view.line,
        action_id=view.action_id,
        write_address=_write_address(view),
        text_lines=letter_lines(view.text),
        against_source=list(compare(view.source, view.text)),
        against_agreed=list(compare(view.last_agreed, view.text)) if view.last_agreed else None,
        items=[(words, ticked.get(key)) for key, words in view.checklist.items()],
        steps=[(name, STEPS[name].title) for name in _possible(request, view)],
        may_tick="tick_letter" in view.allowed and _may(request, "tick_letter"),
    )


@desk_page("preview_letter", "GET")
def letter_pdf(request: DeskRequest, version_id: int) -> HttpResponse:
    """Give the letter as PDF to an invented person, as it would be printed."""
    made = preview_letter(request.caller, version_id)
    return pdf_answer(made, f"letter-{version_id}-preview.pdf")


def pdf_answer(made: LetterPdf, name: str) -> HttpResponse:
    """Return a letter as PDF, to be looked at in the browser."""
    return HttpResponse(
        made.content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


@desk_page("send_test_mail", "read_letter", "GET", "POST")
def test_mail(request: DeskRequest, version_id: int) -> HttpResponse:
    """Send the letter to the user's own address, with invented data, once they have asked."""
    view = read_letter(request.caller, version_id)
    own_address = getattr(request.user, "email", "")
    form = forms.Form(request.POST or None)
    if form.is_valid():
        try:
            send_test_mail(request.caller, version_id)
            said = f"The relay has taken it. Look into your mailbox, {own_address}."
            return go("desk:letter", said, request, version_id=version_id)
        except TocsinError as error:
            refuse(form, error)
    return show(
        request,
        "letters/test_mail.html",
        form=form,
        line=view.line,
        action_id=view.action_id,
        own_address=own_address,
    )


@desk_page("tick_letter", "read_letter", "GET", "POST")
def tick(request: DeskRequest, version_id: int) -> HttpResponse:
    """Take what somebody has found in the text, item by item."""
    view = read_letter(request.caller, version_id)
    form = _TickForm(view, request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            letter_approval.tick_letter(
                request.caller, version_id, said["seen"], said["items"], said["reason"]
            )
            return go("desk:letter", "The checklist is kept.", request, version_id=version_id)
        except TocsinError as error:
            refuse(form, error)
    return show(
        request,
        "letters/tick.html",
        form=form,
        line=view.line,
        action_id=view.action_id,
        text_lines=letter_lines(view.text),
    )


def _step_page(service: str) -> View[...]:
    step, signs = STEPS[service], rights_table()[service].step_up

    @desk_page(service, "read_letter", "GET", "POST")
    def page(request: DeskRequest, version_id: int) -> HttpResponse:
        """Show once more what is said or signed; take it."""
        view = read_letter(request.caller, version_id)
        initial = {"seen": view.line.sha256}
        form = _StepForm(step.asks, request.POST or None, initial=initial)
        if form.is_valid():
            try:
                _take(service, request, version_id, form.cleaned_data, signs=signs)
                return go("desk:letter", step.said, request, version_id=version_id)
            except TocsinError as error:
                refuse(form, error)
        return show(
            request,
            "letters/step.html",
            form=form,
            step=step,
            line=view.line,
            action_id=view.action_id,
            changes=list(compare(view.last_agreed or view.source, view.text)),
            compared_with="the text agreed to before" if view.last_agreed else "the source",
            step_up=ask_proof(request) if signs else None,
        )

    return page


def _take(
    service: str, request: DeskRequest, version_id: int, said: dict[str, Any], *, signs: bool
) -> None:
    call: Callable[..., Any] = getattr(letter_approval, service)
    words = [said["words"]] if "words" in said else []
    if signs:
        call(prove(request), version_id, said["seen"], *words)
    else:
        call(request.caller, version_id, *words)


def compare(before: LetterText | None, after: LetterText) -> Iterator[tuple[str, str]]:
    """Yield the lines of two texts as ``(mark, line)``: added, removed or the same."""
    old, new = letter_lines(before) if before else [], letter_lines(after)
    for line in difflib.ndiff(old, new):
        if line[:1] != "?":
            yield {"+": "added", "-": "removed"}.get(line[:1], "same"), line[2:]


def _write_address(view: LetterView) -> str:
    line = view.line
    place = [view.action_id, line.key, line.language, line.country or EVERY]
    return reverse("desk:write_version", args=place)


def _possible(request: DeskRequest, view: LetterView) -> list[str]:
    return [name for name in view.allowed if name in STEPS and _may(request, name)]


def _may(request: DeskRequest, service: str) -> bool:
    return bool(rights_table()[service].roles & request.caller.roles)


urlpatterns = [
    path("actions/<int:action_id>/letters/", letters, name="letters"),
    path("letters/<int:version_id>/", letter, name="letter"),
    path("letters/<int:version_id>/preview.pdf", letter_pdf, name="letter_pdf"),
    path("letters/<int:version_id>/test-mail/", test_mail, name="test_mail"),
    path("letters/<int:version_id>/checklist/", tick, name="tick_letter"),
    *(
        path(
            f"letters/<int:version_id>/{service.replace('_', '-')}/",
            _step_page(service),
            name=service,
        )
        for service in STEPS
    ),
]
