"""Pages for what went wrong; each says first what to do if somebody is unwell."""

from django.http import HttpRequest, HttpResponse

from tocsin.notice.translation import ENGLISH
from tocsin.services.languages import LANGUAGES, preferred_language
from tocsin.web.desk import faults
from tocsin.web.desk.frame import PREFIX
from tocsin.web.pages import render_page


def language_of(request: HttpRequest) -> str:
    """Return the language of the address, else the browser's, else English."""
    first = request.path.lstrip("/").partition("/")[0]
    if first in LANGUAGES:
        return first
    return preferred_language(request.headers.get("Accept-Language", ENGLISH))


def _is_desk(request: HttpRequest) -> bool:
    return request.path.startswith(PREFIX)


def _error(request: HttpRequest, what: str, status: int) -> HttpResponse:
    language = language_of(request)
    return render_page(
        request,
        language,
        "error.html",
        status=status,
        title_key=f"{what}_title",
        text_key=f"{what}_text",
    )


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's
    """Say that there is no such page."""
    if _is_desk(request):
        return faults.missing_page(request)
    return _error(request, "missing", 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours."""
    if _is_desk(request):
        return faults.broken_page(request)
    return _error(request, "broken", 500)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's
    """Say that a request was not one of ours: too many fields, a body too large."""
    return _error(request, "expired", 400)


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's
    """Say that a form was open too long, or that the browser keeps no cookies."""
    if _is_desk(request):
        return faults.expired_form(request)
    return _error(request, "expired", 403)


def busy(request: HttpRequest) -> HttpResponse:
    """Say that too many questions came at once."""
    response = _error(request, "busy", 429)
    response["Retry-After"] = "60"
    return response
