"""Is this letter genuine? The page behind the short address at the foot of every printed letter.

It says the same, after the same work, whether the number or the code is wrong; what was typed is
not kept. It works without a script.
"""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override
from django.views.decorators.csrf import ensure_csrf_cookie

from tocsin.notice.translation import ENGLISH, Words
from tocsin.services.letter_check import (
    IssuedFacts,
    LetterNotIssued,
    letter_caller,
    read_issued_letter,
)
from tocsin.services.public_notices import released_notices
from tocsin.web.answer_words import Line, contact_lines
from tocsin.web.errors import busy, language_of
from tocsin.web.limits import allows_post
from tocsin.web.pages import check_language, render_page
from tocsin.web.routes import PUBLIC, route

_MOST_LINES = 8
_TYPED = ("letter", "code")


@route(PUBLIC, "GET")
def any_language(request: HttpRequest) -> HttpResponse:
    """Send the short address to the page in the visitor's language."""
    return HttpResponseRedirect(reverse("letter_check", args=[language_of(request)]))


@route(PUBLIC, "GET", "POST")
@ensure_csrf_cookie
def check_letter(request: HttpRequest, language: str) -> HttpResponse:
    """Ask for number and code of a letter, and say whether it is ours."""
    check_language(language)
    if request.method != "POST":
        return _ask(request, language)
    if not allows_post(request):
        return busy(request)
    letter_id, code = (request.POST.get(name, "").strip()[:60] for name in _TYPED)
    if not letter_id or not code:
        return _ask(request, language, letter_id, code, is_missing=True)
    now = datetime.now(tz=UTC)
    try:
        facts = read_issued_letter(letter_caller(letter_id, code, now), letter_id, code)
    except LetterNotIssued:
        lines = _lines(None, now)
        return _ask(request, language, letter_id, code, is_unknown=True, lines=lines)
    return _tell(request, language, facts, now)


def _ask(
    request: HttpRequest, language: str, letter_id: str = "", code: str = "", **found: object
) -> HttpResponse:
    status = 404 if "is_unknown" in found else 400 if "is_missing" in found else 200
    return render_page(
        request,
        language,
        "letter/check.html",
        status=status,
        letter=letter_id,
        code=code,
        **found,
    )


def _tell(request: HttpRequest, language: str, facts: IssuedFacts, now: datetime) -> HttpResponse:
    released = released_notices()
    notices = []
    for name, title in facts.notices:
        public = released.find(name)
        shown = public.text_in(language, public.notice.title) if public else Words(title, ENGLISH)
        notices.append((name if public else "", shown))
    with override(language):
        day = date_format(facts.written_on, "DATE_FORMAT")
    return render_page(
        request,
        language,
        "letter/ours.html",
        sender=facts.sender,
        day=day,
        notices=notices,
        titles=[shown for _, shown in notices],
        is_public=any(name for name, _ in notices),
        lines=_lines([name for name, _ in facts.notices], now),
    )


def _lines(names: list[str] | None, now: datetime) -> list[Line]:
    """Return whom to call: of some notices, or of all that are public."""
    found = [
        each for each in released_notices().notices if names is None or each.notice.notice in names
    ]
    return contact_lines(found, None, now)[0][:_MOST_LINES]
