"""Answering a letter: the page behind its link or code. Looking answers nothing; only a post does.

Whoever has the letter may answer: there is no log-in. Mail scanners open every link, so GET and
HEAD show, and change nothing. The same answer again is no other answer.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override
from django.views.decorators.csrf import ensure_csrf_cookie

from tocsin.notice.translation import ENGLISH
from tocsin.outreach.reply import ReplyRefused
from tocsin.services.answer_forms import (
    AnswerForm,
    LinkUnknown,
    answer_caller,
    read_answer_form,
)
from tocsin.services.answers import keep_answer
from tocsin.services.languages import LANGUAGES, catalogue_of
from tocsin.store.sealed_texts import WordsNotKept
from tocsin.web.answer_asked import ShownFact
from tocsin.web.answer_posted import read_reply
from tocsin.web.answer_questions import Asked, Fault, LetterQuestions
from tocsin.web.answer_thanks import AGAIN, thank
from tocsin.web.errors import busy, language_of
from tocsin.web.limits import allows_post
from tocsin.web.pages import check_language, render_page
from tocsin.web.routes import PUBLIC, route


@route(PUBLIC, "GET", "POST")
@ensure_csrf_cookie
def type_code(request: HttpRequest, language: str) -> HttpResponse:
    """Ask for the code of a letter, and go to its page."""
    check_language(language)
    if request.method != "POST":
        return render_page(request, language, "answer/code.html")
    if not allows_post(request):
        return busy(request)
    typed = request.POST.get("code", "")
    code = "".join(each for each in typed.upper() if each.isascii() and each.isalnum())
    try:
        answer_caller(code, datetime.now(tz=UTC))
    except LinkUnknown:
        return render_page(
            request, language, "answer/code.html", status=404, is_wrong=True, typed=typed[:60]
        )
    return HttpResponseRedirect(reverse("answer_letter", args=[language, code]))


@route(PUBLIC, "GET")
def any_language(request: HttpRequest, token: str) -> HttpResponse:
    """Send the link of a letter to the page in the letter's language."""
    try:
        form = _form_of(token)
    except LinkUnknown:
        return HttpResponseRedirect(reverse("answer_letter", args=[language_of(request), token]))
    language = form.language.partition("-")[0]
    wanted = language if language in LANGUAGES else ENGLISH
    return HttpResponseRedirect(reverse("answer_letter", args=[wanted, token]))


@route(PUBLIC, "GET", "POST")
@ensure_csrf_cookie
def answer(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """Show what a letter asks, or keep what was answered."""
    check_language(language)
    if request.method == "POST" and not allows_post(request):
        return busy(request)
    try:
        form = _form_of(token)
    except LinkUnknown:
        return render_page(request, language, "answer/code.html", status=404, is_wrong=True)
    if request.method != "POST":
        return _show(request, language, form, {}, {})
    posted = request.POST.dict()
    if posted.get(AGAIN):
        return _show(request, language, form, posted, {})
    try:
        kept = keep_answer(
            answer_caller(token, datetime.now(tz=UTC)), token, read_reply(posted, form)
        )
    except ReplyRefused as error:
        return _show(request, language, form, posted, error.faults)
    except WordsNotKept:
        return _show(request, language, form, posted, {"problem": "words"})
    page = LetterQuestions(catalogue_of(language), form, posted, {})
    return thank(request, page, kept, _form_of(token) if kept.verdicts else form)


def _form_of(token: str) -> AnswerForm:
    return read_answer_form(answer_caller(token, datetime.now(tz=UTC)), token)


def _show(
    request: HttpRequest,
    language: str,
    form: AnswerForm,
    posted: Mapping[str, str],
    faults: Mapping[str, str],
) -> HttpResponse:
    page = LetterQuestions(catalogue_of(language), form, posted, dict(faults))
    devices, instructions = list(page.devices()), list(page.instructions())
    outcome, first_step = page.outcome(), list(page.first_step())
    lines = list(page.lines())
    looked = [fact for each in devices for fact in each.facts]
    said: list[Asked | ShownFact] = [
        outcome,
        *(each.asked for each in devices),
        *looked,
        *instructions,
        *lines,
        *first_step,
    ]
    summary = [Fault(each.name, each.fault, each.question) for each in said if each.fault]
    summary += page.text_faults()
    return render_page(
        request,
        language,
        "answer/form.html",
        status=400 if faults else 200,
        country=form.country,
        titles=[page.words(text) for text in form.titles],
        form=form,
        answered_day=_day(form.answered_at, language),
        outcome=outcome,
        devices=devices,
        instructions=instructions,
        questions=[
            *(each.question for each in looked),
            *(each.question for each in instructions),
            *(label for each in looked for _, label, _ in each.choices),
        ],
        lines=lines,
        own_words=page.own,
        hide_emergency=not form.is_for_patient,
        first_step=first_step,
        offer=page.offer(),
        posted=posted,
        summary=summary,
        faults={each.place: each.fault for each in page.text_faults()},
    )


def _day(at: datetime | None, language: str) -> str:
    """Return a day as it is written in a language; empty if there is none."""
    if at is None:
        return ""
    with override(language):
        return date_format(at, "DATE_FORMAT")
