"""Pages that everybody may read: the first one, the notices, and the statement on each."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from tocsin.notice.model import Notice
from tocsin.notice.revision import compare_scopes, tells_differently
from tocsin.services.languages import catalogue_of, preferred_language
from tocsin.services.public_csaf import csaf_path
from tocsin.services.public_notices import PublicNotice, released_notices, released_on
from tocsin.web.answer_words import contact_lines, patient_offers, patient_steps
from tocsin.web.pages import SHORT_WHILE, check_language, render_page
from tocsin.web.routes import PUBLIC, route
from tocsin.web.scope_words import scope_rows


@dataclass(frozen=True)
class HistoryLine:
    """One revision of a notice: its day, and the keys of what it changed."""

    revision: int
    day: date
    changes: tuple[str, ...]


@route(PUBLIC, "GET")
def any_language(request: HttpRequest) -> HttpResponse:
    """Lead to the first page in the browser's language."""
    language = preferred_language(request.headers.get("Accept-Language", ""))
    response = HttpResponseRedirect(f"/{language}/")
    response["Vary"] = "Accept-Language"
    return response


@route(PUBLIC, "GET")
def start(request: HttpRequest, language: str) -> HttpResponse:
    """Show what to do if somebody is unwell, and the way to the check."""
    check_language(language)
    return _kept(render_page(request, language, "start.html"))


@route(PUBLIC, "GET")
def unwell(request: HttpRequest, language: str) -> HttpResponse:
    """Show what to do if somebody is unwell, and nothing else."""
    check_language(language)
    return _kept(render_page(request, language, "unwell.html"))


@route(PUBLIC, "GET")
def notices(request: HttpRequest, language: str) -> HttpResponse:
    """List the notices, newest first."""
    check_language(language)
    released = released_notices()
    listed = [
        (public, public.text_in(language, public.notice.title)) for public in released.notices
    ]
    return _kept(
        render_page(
            request,
            language,
            "notices.html",
            listed=listed,
            titles=[title for _, title in listed],
            as_of=released.as_of,
        )
    )


@route(PUBLIC, "GET")
def statement(request: HttpRequest, language: str, notice_id: str) -> HttpResponse:
    """Show what is known, whom it concerns, what to do, and how that changed."""
    check_language(language)
    public = released_notices().find(notice_id)
    if public is None:
        raise Http404
    catalogue, notice = catalogue_of(language), public.notice
    hazard = notice.hazard
    told = (notice.precautions, notice.instructions)
    clinician = [text for each in told for text in each.get("clinician", ())]
    offers = patient_offers(public, catalogue)
    lines, _ = contact_lines([public], None, datetime.now(tz=UTC))
    page = render_page(
        request,
        language,
        "statement.html",
        public=public,
        notice=notice,
        title=public.text_in(language, notice.title),
        issuers=", ".join(issuer.name for issuer in notice.issuers),
        first_day=released_on(public.revisions[0]),
        known=[public.text_in(language, text) for text in _known(notice)],
        harms=[public.text_in(language, harm) for harm in (hazard.harms if hazard else ())],
        rows=scope_rows(public, catalogue),
        todo=patient_steps(public, language),
        offers=offers,
        offered=[each.details for each in offers if each.details],
        clinician=[public.text_in(language, text) for text in clinician],
        lines=lines,
        history=list(reversed(_history(public))),
        csaf=csaf_path(public),
    )
    return _kept(page)


def _known(notice: Notice) -> list[str]:
    told = [notice.hazard.what, notice.hazard.alarm] if notice.hazard else []
    return [text for text in told if text]


def _history(public: PublicNotice) -> list[HistoryLine]:
    first, *others = public.revisions
    lines = [HistoryLine(first.revision, released_on(first), ("history_first",))]
    for old, new in zip(public.revisions, others, strict=False):
        changes = ["history_scope"] if compare_scopes(old, new) else []
        changes += ["history_text"] if tells_differently(old, new) else []
        told = tuple(changes) or ("history_same",)
        lines.append(HistoryLine(new.revision, released_on(new), told))
    return lines


def _kept(response: HttpResponse) -> HttpResponse:
    """Let a page without anything typed be kept for a short while."""
    response["Cache-Control"] = SHORT_WHILE
    return response
