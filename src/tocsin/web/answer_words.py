"""An answer in the words of a language: verdict, reason, what to do, whom to call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.utils.safestring import SafeString

from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict
from tocsin.match.rules import NO_EVIDENCE, PRODUCT, How
from tocsin.notice.model import Audience, Contact
from tocsin.notice.opening_hours import is_open
from tocsin.notice.translation import Words
from tocsin.services.device_check import COLUMN_OF_KIND, STALE, Answer
from tocsin.services.languages import Catalogue
from tocsin.services.public_notices import PublicNotice
from tocsin.services.question_words import thing_words, value_words
from tocsin.web.pages import call_link, joined
from tocsin.web.stated import Stated

_PATIENT: tuple[Audience, ...] = ("patient", "public")
_CLEAR_HOWS = {
    How.UNREAD: "reason_unread",
    How.WITHHELD: "reason_withheld",
    How.NO_STATUS: "reason_no_status",
    How.UNREVIEWED: "reason_unreviewed",
}
_OPEN = {Truth.TRUE: "call_open", Truth.FALSE: "call_closed", Truth.UNKNOWN: "call_unknown"}


@dataclass(frozen=True)
class Line:
    """One contact: its number as a link, who it is, and whether somebody answers now."""

    who: str
    phone: SafeString | None
    email: str | None
    hours: str | None
    state: str
    country: str | None


@dataclass(frozen=True)
class AnswerWords:
    """What one notice means for the device, ready to be shown."""

    public: PublicNotice
    verdict: str
    title: Words
    reason: SafeString
    find_out: tuple[SafeString, ...]
    todo: tuple[Words, ...]
    offers: tuple["Offer", ...]

    @property
    def offered(self) -> tuple[Words, ...]:
        """Return what the notice says of the offers."""
        return tuple(each.details for each in self.offers if each.details)


@dataclass(frozen=True)
class Offer:
    """A remedy: its kind in the page's language, and what the notice says of it."""

    kind: SafeString
    details: Words | None
    years: int | None


def answer_words(answer: Answer, catalogue: Catalogue, stated: Stated) -> AnswerWords:
    """Return an answer in the words of a language."""
    return AnswerWords(
        public=answer.public,
        verdict=answer.verdict.value,
        title=answer.public.text_in(catalogue.language, answer.public.notice.title),
        reason=_reason(answer, catalogue, stated),
        find_out=tuple(_find_out(answer, catalogue)),
        todo=patient_steps(answer.public, catalogue.language),
        offers=patient_offers(answer.public, catalogue),
    )


def patient_steps(public: PublicNotice, language: str) -> tuple[Words, ...]:
    """Return what a notice asks patients to do: precautions first."""
    notice = public.notice
    return tuple(
        public.text_in(language, text)
        for told in (notice.precautions, notice.instructions)
        for audience in _PATIENT
        for text in told.get(audience, ())
    )


def patient_offers(public: PublicNotice, catalogue: Catalogue) -> tuple[Offer, ...]:
    """Return the remedies for patients."""
    return tuple(
        Offer(
            catalogue.say(f"offer_{remedy.kind}"),
            public.text_in(catalogue.language, remedy.details) if remedy.details else None,
            remedy.for_years,
        )
        for remedy in public.notice.remedies
        if remedy.audience in _PATIENT and remedy.kind != "none"
    )


def _column(answer: Answer) -> str | None:
    if answer.kind is None:
        return None
    return COLUMN_OF_KIND.get(answer.kind, answer.kind)


def _reason(answer: Answer, catalogue: Catalogue, stated: Stated) -> SafeString:
    if answer.reason_code == STALE:
        return catalogue.say("reason_list_stale")
    if answer.reason_code == NO_EVIDENCE:
        return catalogue.say("reason_no_product_evidence")
    if answer.kind is None or answer.how is None:
        return catalogue.say(f"reason_{answer.reason_code}")
    if answer.how in _CLEAR_HOWS:
        return catalogue.say(_CLEAR_HOWS[answer.how])
    if answer.kind == PRODUCT:
        outside = answer.how is How.OUTSIDE and answer.verdict is Verdict.NOT_AFFECTED
        return catalogue.say("reason_other_product" if outside else "reason_product_unclear")
    column = _column(answer) or ""
    value = stated.get(column, "")
    said = partial(answer.public.text_in, catalogue.language)
    named = [thing_words(column, catalogue, said)]
    named += [value_words(column, value, catalogue, said)] if value else []
    thing = joined([catalogue.mark(each) for each in named], between=" ")
    how = answer.how
    if answer.verdict is Verdict.CANNOT_TELL and (how is How.UNKNOWN or not value):
        how = How.UNKNOWN
    return catalogue.say(f"reason_{how.name.lower()}", thing=thing)


def _find_out(answer: Answer, catalogue: Catalogue) -> Iterable[SafeString]:
    if answer.verdict is not Verdict.CANNOT_TELL:
        return
    column = _column(answer)
    if answer.reason_code == NO_EVIDENCE or answer.kind == PRODUCT:
        yield catalogue.say("find_product")
    elif column and answer.how in {How.UNKNOWN, How.UNCLEAR, How.OUTSIDE}:
        thing = thing_words(column, catalogue, partial(answer.public.text_in, catalogue.language))
        yield catalogue.say("find_value", thing=catalogue.mark(thing))
    yield catalogue.say("find_maker")


def contact_lines(
    notices: Iterable[PublicNotice], country: str | None, now: datetime
) -> tuple[list[Line], bool]:
    """Return whom to call, and whether the numbers are for the country asked.

    Without a country, those of all countries. Contacts without one are for all. Where a country
    has none, those of the others are better than nothing, and the page says whose they are.
    """
    found: dict[Contact, PublicNotice] = {}
    for public in notices:
        for contact in public.notice.contacts:
            if contact.audience in {"all", *_PATIENT}:
                found.setdefault(contact, public)
    here = [each for each in found if country is None or each.country in {None, country}]
    chosen = here or list(found)
    return [_line(each, found[each], now) for each in chosen], bool(here)


def _line(contact: Contact, public: PublicNotice, now: datetime) -> Line:
    return Line(
        who=contact.name or public.notice.manufacturer or public.notice.issuers[0].name,
        phone=call_link(contact.phone) if contact.phone else None,
        email=contact.email,
        hours=contact.hours,
        state=_OPEN[is_open(contact.hours, now)],
        country=contact.country,
    )
