"""The check page by page: each sends all answers so far, and the server keeps nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.views.decorators.csrf import ensure_csrf_cookie

from tocsin.base.verdict import Verdict
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX
from tocsin.services.device_check import (
    OpenQuestion,
    check_device,
    makers_asked_about,
    open_questions,
    product_choices,
)
from tocsin.services.languages import Catalogue, catalogue_of
from tocsin.services.public_notices import ReleasedNotices, released_notices
from tocsin.services.question_words import Said, thing_words, value_words
from tocsin.web.answer_words import answer_words, contact_lines
from tocsin.web.countries import OTHER, country_names, known_countries
from tocsin.web.errors import busy
from tocsin.web.limits import allows_post
from tocsin.web.pages import check_language, render_page
from tocsin.web.routes import PUBLIC, route
from tocsin.web.stated import (
    COUNTRY_NOW,
    DEVICE,
    DEVICE_COLUMNS,
    MAKER,
    UDI,
    Stated,
    carried,
    device_row,
    read_stated,
    with_answer,
)
from tocsin.web.steps import ANSWER, REVIEW, asked_steps, is_step, next_step, step_before
from tocsin.web.typed import Typed, fact_values, read_typed

CHANGE = "change:"
CALLED_COUNTRY = "called_country"
"""The small form on the answer that shows the numbers of another country."""
_MOST_FIELDS = 60
_DRAWINGS = {
    UDI: "udi",
    DEVICE: "model",
    "software_version": "software",
    "lot": "lot",
    "serial": "serial",
}


@route(PUBLIC, "GET", "POST")
@ensure_csrf_cookie
def check(request: HttpRequest, language: str) -> HttpResponse:
    """Show the first page of the check, or the one that follows from what was posted."""
    check_language(language)
    if request.method != "POST":
        return _show(_Asked(request, language, {}, COUNTRY_NOW))
    if not allows_post(request):
        return busy(request)
    if len(request.POST) > _MOST_FIELDS:
        raise TooManyFieldsSent  # the desk's forms have more, and the server takes them
    posted = request.POST.dict()
    stated = read_stated(posted)
    step, go = posted.get("step", ""), posted.get("go", "")
    if go.startswith(CHANGE):
        wanted = go.removeprefix(CHANGE)
        return _show(_Asked(request, language, stated, wanted if is_step(wanted) else COUNTRY_NOW))
    if step in {REVIEW, ANSWER}:
        return _show(_Asked(request, language, stated, ANSWER))
    if not is_step(step) and step != CALLED_COUNTRY:
        return _show(_Asked(request, language, stated, COUNTRY_NOW))
    return _after_answer(request, language, stated, step)


def _after_answer(request: HttpRequest, language: str, stated: Stated, step: str) -> HttpResponse:
    """Read what one page sent; show it again with its fault, or the next one."""
    released = released_notices()
    posted: Mapping[str, str] = request.POST.dict()
    asked = COUNTRY_NOW if step == CALLED_COUNTRY else step
    if posted.get("go") == "unknown" and asked not in {COUNTRY_NOW, MAKER, DEVICE}:
        typed = Typed({asked: ""})
    else:
        typed = read_typed(asked, posted, stated, released)
    if typed.fault and step != CALLED_COUNTRY:
        return _show(_Asked(request, language, stated, step, typed))
    now = with_answer(stated, asked, typed.answer)
    after = ANSWER if step == CALLED_COUNTRY else next_step(now, released)
    return _show(_Asked(request, language, now, after))


@dataclass(frozen=True)
class _Asked:
    """A page to show: the request, what was told so far, and what was wrong with it."""

    request: HttpRequest
    language: str
    stated: Stated
    step: str
    typed: Typed = Typed()  # noqa: RUF009 - it is frozen

    @property
    def catalogue(self) -> Catalogue:
        return catalogue_of(self.language)

    @property
    def country(self) -> str | None:
        return self.stated.get(COUNTRY_NOW)


def _show(asked: _Asked) -> HttpResponse:
    released = released_notices()
    template, values = _page_of(asked, released)
    fault = None
    if asked.typed.fault:
        places = asked.catalogue.places_of(asked.typed.fault)
        shown = {"value": asked.typed.value} if places else {}
        fault = asked.catalogue.say(asked.typed.fault, **shown)
    return render_page(
        asked.request,
        asked.language,
        f"check/{template}.html",
        country=asked.country,
        step=asked.step,
        carried=list(carried(asked.stated)),
        stated=asked.stated,
        before=step_before(asked.step, asked.stated),
        is_large=asked.request.POST.get("large") == "1",
        fault=fault,
        fault_at=asked.typed.at,
        posted=asked.request.POST if asked.typed.fault else {},
        is_form=True,
        **values,
    )


def _page_of(asked: _Asked, released: ReleasedNotices) -> tuple[str, dict[str, Any]]:
    """Return the template of a page and what only this page shows."""
    step, stated = asked.step, asked.stated
    if step == ANSWER:
        return "answer", _answer_values(asked, released)
    if step == REVIEW:
        return "review", {"rows": _review_rows(asked, released)}
    if step in {COUNTRY_NOW, "country"}:
        return "country", _country_values(asked)
    if step == MAKER:
        return "maker", _maker_values(asked, released)
    if step == DEVICE:
        return "device", _device_values(asked, released)
    if step in DAY_COLUMNS:
        return "day", {"question": f"q_{step}", "parts": _day_parts(stated.get(step, ""))}
    if step.startswith(FACT_PREFIX):
        return "fact", _fact_values(asked, released)
    hint = f"q_{step}_hint"
    return "value", {"question": f"q_{step}", "hint": hint, "drawing": _DRAWINGS.get(step)}


def _country_values(asked: _Asked) -> dict[str, Any]:
    return {
        "question": f"q_{asked.step}",
        "hint": f"q_{asked.step}_hint",
        "countries": country_names(asked.language),
        "chosen": asked.stated.get(asked.step, ""),
        "can_skip": asked.step != COUNTRY_NOW,
    }


def _maker_values(asked: _Asked, released: ReleasedNotices) -> dict[str, Any]:
    makers = makers_asked_about(released)
    told = asked.stated.get(MAKER)
    return {
        "makers": makers,
        "chosen": _chosen(told, told in makers) or asked.request.POST.get("maker"),
        "typed_name": "" if told in makers else told,
    }


def _chosen(told: str | None, is_listed: bool) -> str | None:  # noqa: FBT001
    if told is None:
        return None
    return told if is_listed else (OTHER if told else "unknown")


def _device_values(asked: _Asked, released: ReleasedNotices) -> dict[str, Any]:
    maker = asked.stated.get(MAKER) or None
    choices = product_choices(released, maker)
    told = {key: value for key, value in asked.stated.items() if key in DEVICE_COLUMNS}
    listed = next((each.key for each in choices if dict(each.columns) == told), None)
    has_text = any(told.values())
    chosen = listed or (OTHER if has_text else "unknown" if told else None)
    return {
        "choices": [(each.key, " · ".join(v for _, v in each.columns)) for each in choices],
        "chosen": chosen or asked.request.POST.get("device"),
        "typed": {} if listed else told,
        "drawing": _DRAWINGS[DEVICE],
    }


def _fact_values(asked: _Asked, released: ReleasedNotices) -> dict[str, Any]:
    others = {key: value for key, value in asked.stated.items() if key != asked.step}
    questions = open_questions(device_row(others), released)
    question = next(
        (each for each in questions if each.column == asked.step),
        OpenQuestion(asked.step, asked.step),
    )
    said = _said_of(asked.step, asked.language, released)
    ask = question.fact.ask if question.fact else None
    return {
        "ask": said(ask) if ask else thing_words(asked.step, asked.catalogue, said),
        "options": [
            (value, value_words(asked.step, value, asked.catalogue, said))
            for value in fact_values(question)
        ],
        "chosen": asked.stated.get(asked.step),
    }


def _said_of(column: str, language: str, released: ReleasedNotices) -> Said:
    """Return what gives a text about a fact as the notices that ask for it say it."""
    return partial(released.fact_text_in, column.removeprefix(FACT_PREFIX), language)


def _day_parts(told: str) -> dict[str, str]:
    return dict(zip(("year", "month", "day"), told.split("-"), strict=False)) if told else {}


def _review_rows(
    asked: _Asked, released: ReleasedNotices
) -> list[tuple[SafeString | str, SafeString | str, str]]:
    """Return name, value and page of every answer; an empty value is "I don't know"."""
    catalogue, rows = asked.catalogue, []
    for step in asked_steps(asked.stated):
        keys = [key for key in DEVICE_COLUMNS if key in asked.stated] if step == DEVICE else [step]
        for key in keys:
            said = _said_of(key, asked.language, released)
            shown = _shown(key, asked.stated[key], catalogue)
            value = value_words(key, shown, catalogue, said)
            thing = thing_words(key, catalogue, said)
            rows.append((catalogue.mark(thing), catalogue.mark(value) if shown else "", step))
    return rows


def _shown(key: str, value: str, catalogue: Catalogue) -> str:
    if key in {COUNTRY_NOW, "country"} and value:
        known = known_countries().get(value)
        return known.names[catalogue.language] if known else catalogue.texts["country_other"]
    return value


def _answer_values(asked: _Asked, released: ReleasedNotices) -> dict[str, Any]:
    now = datetime.now(tz=UTC)
    answers = check_device(device_row(asked.stated), released, now)
    shown = [answer_words(answer, asked.catalogue, asked.stated) for answer in answers]
    grave = [each for each in shown if each.verdict != Verdict.NOT_AFFECTED.value]
    others = [each for each in shown if each.verdict == Verdict.NOT_AFFECTED.value]
    # Nothing to compare with is no clearance.
    worst = shown[0].verdict if shown else Verdict.CANNOT_TELL.value
    # Somebody who did not say which device it is hears it once, not once per notice.
    is_gap = bool(answers) and all(each.reason_code == "no_product_evidence" for each in answers)
    lines, is_here = contact_lines([each.public for each in grave], asked.country, now)
    return {
        "worst": worst,
        "title_key": f"title_{worst}",
        "lead_key": f"lead_{worst}" if shown else "lead_no_notices",
        "is_gap": is_gap,
        "grave": [] if is_gap else grave,
        "others": others,
        "other_titles": [each.title for each in others],
        "gap": shown[0] if is_gap else None,
        "lines": lines,
        "is_here": is_here,
        "as_of": released.as_of,
        "clock": f"{released.as_of:%H:%M} UTC",
        "n_notices": len(shown),
        "rows": _review_rows(asked, released),
        "countries": country_names(asked.language),
    }
