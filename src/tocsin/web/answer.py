"""Answering a letter: the page behind its link or code. Looking answers nothing; only a post does.

Whoever has the letter may answer: there is no log-in. Mail scanners open every link, so GET and
HEAD show, and change nothing. The same answer again is no other answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import override
from django.views.decorators.csrf import ensure_csrf_cookie

from tocsin.notice.translation import ENGLISH, Words, said_in, words_in
from tocsin.outreach.reply import (
    MOST_TEXT,
    DeviceOutcome,
    Doing,
    PersonOutcome,
    Reply,
    ReplyRefused,
)
from tocsin.outreach.reply_lines import Means
from tocsin.services.answer_forms import (
    AnswerForm,
    LinkUnknown,
    answer_caller,
    read_answer_form,
)
from tocsin.services.answers import KeptAnswer, keep_answer
from tocsin.services.asked_devices import AskedDevice
from tocsin.services.public_notices import PublicNotice, released_notices
from tocsin.store.sealed_texts import WordsNotKept
from tocsin.web.answer_asked import DeviceQuestions, ShownFact, field_name, read_device
from tocsin.web.answer_words import contact_lines
from tocsin.web.errors import busy, language_of
from tocsin.web.languages import LANGUAGES, Catalogue, catalogue_of
from tocsin.web.limits import allows_post
from tocsin.web.pages import check_language, joined, render_page
from tocsin.web.routes import PUBLIC, route

_AGAIN = "again"
"""Shows the form once more with what was sent, and keeps nothing."""
_NOT_CARRIED = frozenset({"problem", "query", _AGAIN})
"""What must not be told twice: each opens something of its own."""
_LINE_LABELS = {
    Doing.DONE: "answer_yes",
    Doing.NOT_YET: "answer_doing_not_yet",
    Doing.NOT_UNDERSTOOD: "answer_line_unclear",
}
FIRST_STEPS = ("call", "write", "wait")
"""What somebody might do first who is very unwell; the first is right."""


@dataclass(frozen=True)
class Asked:
    """A question with its answers, as the page shows it.

    Attributes:
        name: of the field, and of its place on the page.
        question: what is asked.
        choices: value, label, and whether it was chosen.
        fault: what is wrong with what was sent; empty if nothing.
    """

    name: str
    question: Words
    choices: tuple[tuple[str, SafeString, bool], ...]
    fault: SafeString | str


@dataclass(frozen=True)
class AskedLine(Asked):
    """A statement of the letter's reply form.

    Attributes:
        text_name: of the field for what is written to it; empty where nothing is.
        text: what was written.
    """

    text_name: str
    text: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with an answer, and where: `question` is named with a link to it."""

    place: str
    fault: SafeString | str
    question: Words | None


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
    if posted.get(_AGAIN):
        return _show(request, language, form, posted, {})
    try:
        kept = keep_answer(answer_caller(token, datetime.now(tz=UTC)), token, _read(posted, form))
    except ReplyRefused as error:
        return _show(request, language, form, posted, error.faults)
    except WordsNotKept:
        return _show(request, language, form, posted, {"problem": "words"})
    page = _Page(catalogue_of(language), form, posted, {})
    return _thank(request, page, kept, _asked_next(form, kept, token))


def _form_of(token: str) -> AnswerForm:
    return read_answer_form(answer_caller(token, datetime.now(tz=UTC)), token)


def _read(posted: Mapping[str, str], form: AnswerForm) -> Reply:
    """Return what was sent as an answer; what is missing is found by `check_reply`.

    Raises:
        ReplyRefused: if nobody said for whom the letter is.
    """
    if posted.get("outcome") not in list(PersonOutcome):
        raise ReplyRefused({"outcome": "say whether the letter is for you."})
    devices = {
        device.key: read_device(posted, place, device, outcome)
        for place, device in enumerate(form.devices)
        if (outcome := posted.get(f"device-{place}", "")) in list(DeviceOutcome)
    }
    instructions = {
        key: Doing(doing)
        for key in (*(key for key, _ in form.instructions), *(line.key for line in form.lines))
        if (doing := posted.get(f"do-{key}", "")) in list(Doing)
    }
    return Reply(
        PersonOutcome(posted["outcome"]),
        devices,
        instructions,
        posted.get("first-step") == FIRST_STEPS[0],
        posted.get("problem", ""),
        posted.get("query", ""),
        {"yes": True, "no": False}.get(posted.get("wants", "")),
        posted.get("name", ""),
        posted.get("confirm") == "yes",
        {each.key: posted.get(f"text-{each.key}", "") for each in form.lines if each.has_text},
    )


def _show(
    request: HttpRequest,
    language: str,
    form: AnswerForm,
    posted: Mapping[str, str],
    faults: Mapping[str, str],
) -> HttpResponse:
    page = _Page(catalogue_of(language), form, posted, dict(faults))
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
        questions=[*(each.question for each in looked), *(each.question for each in instructions)],
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


def _thank(
    request: HttpRequest, page: "_Page", kept: KeptAnswer, asked_next: Sequence[str]
) -> HttpResponse:
    """Show what an answer has changed, and the way to what is asked next because of it."""
    catalogue, form, posted = page.catalogue, page.form, page.posted
    worst = {
        key: min((each.now for each in verdicts), key=_ORDER.index)
        for key, verdicts in kept.verdicts.items()
        if verdicts
    }
    outcome = posted["outcome"]
    # No steps where somebody has died, moved or is not known, nor where nothing is affected.
    now = [worst.get(device.key, device.verdict) for device in form.devices]
    is_theirs = outcome in {PersonOutcome.ANSWERS, PersonOutcome.REFUSES}
    is_cleared = bool(now) and set(now) == {_ORDER[-1]}
    return render_page(
        request,
        catalogue.language,
        "answer/done.html",
        country=form.country,
        kept=kept,
        asked_next=asked_next,
        carried=[each for each in posted.items() if each[0] not in _NOT_CARRIED],
        follows=[catalogue.say(page.own(f"answer_follow_{each}")) for each in kept.follows],
        hide_emergency=not form.is_for_patient,
        verdicts=[
            (
                device,
                verdict,
                catalogue.say(page.own(f"title_{verdict}")),
                catalogue.say(page.own(f"lead_{verdict}")),
            )
            for device in form.devices
            if (verdict := worst.get(device.key))
        ],
        todo=[page.words(text) for _, text in form.instructions if is_theirs and not is_cleared],
        lines=contact_lines(_public(form), form.country or None, datetime.now(tz=UTC))[0],
    )


def _asked_next(form: AnswerForm, kept: KeptAnswer, token: str) -> list[str]:
    """Return the fields of what is asked only because of what was told; empty if nothing is."""
    if not kept.verdicts:
        return []
    now = {each.key: each.asked_columns for each in _form_of(token).devices}
    return [
        field_name(column, place)
        for place, device in enumerate(form.devices)
        if device.key in kept.verdicts
        for column in now.get(device.key, ())
        if column not in device.asked_columns
    ]


def _public(form: AnswerForm) -> list[PublicNotice]:
    """Return the letter's notices as the public sees them, so far as it does."""
    released = released_notices()
    return [public for name in form.notices if (public := released.find(name))]


@dataclass(frozen=True)
class ShownDevice:
    """A device as the page shows it.

    Attributes:
        asked: where it is now.
        device: what is known of it.
        place: its place in the form.
        passed_fault: what is wrong with who has it now; empty if nothing.
        facts: what would settle its verdict.
    """

    asked: Asked
    device: AskedDevice
    place: int
    passed_fault: SafeString | str
    facts: tuple[ShownFact, ...]


_ORDER = ("affected", "cannot_tell", "not_affected")


@dataclass(frozen=True)
class _Page:
    """The questions of a letter in the words of a language."""

    catalogue: Catalogue
    form: AnswerForm
    posted: Mapping[str, str]
    faults: dict[str, str]

    def words(self, text: str) -> Words:
        """Return a text of the notices in the page's language, else in English."""
        return words_in(self._said_by_notices, text)

    @cached_property
    def _said_by_notices(self) -> Mapping[str, Words]:
        return said_in(self.form.translations, self.catalogue.language)

    def outcome(self) -> Asked:
        """Return the question for whom the letter is."""
        return self._asked("outcome", "outcome", PersonOutcome, self._said("answer_outcome"))

    def first_step(self) -> Iterator[Asked]:
        """Yield the question that shows whether the most important thing was understood.

        Only patients are asked it: a clinic confirms its letter by the lines of the reply form.
        """
        if self.form.is_for_patient:
            question = self._said("answer_first_step")
            yield self._asked("first-step", "first", FIRST_STEPS, question)

    def lines(self) -> Iterator[AskedLine]:
        """Yield the statements of the letter's reply form."""
        language = self.form.language.partition("-")[0]
        for line in self.form.lines:
            name, at = f"do-{line.key}", f"text-{line.key}"
            said = self.faults.get(f"instructions.{line.key}", "")
            question = Words(line.text, language)
            asked = self._asked(name, f"line_{line.means}", line.doings, question, said)
            fault: SafeString | str = asked.fault
            if f"line_texts.{line.key}" in self.faults:
                too_long = len(self.posted.get(at, "")) > MOST_TEXT
                fault = self.catalogue.say(
                    "answer_fault_long" if too_long else "answer_fault_passed_on"
                )
            text_name = at if line.has_text else ""
            place = name if line.doings else at
            yield AskedLine(
                place, question, asked.choices, fault, text_name, self.posted.get(at, "")
            )

    def devices(self) -> Iterator[ShownDevice]:
        """Yield each device with its questions."""
        questions = DeviceQuestions(self.catalogue, self.words, self.own, self.posted, self.faults)
        for place, device in enumerate(self.form.devices):
            fault = self.faults.get(f"devices.{device.key}.outcome", "")
            question = self._said("answer_where")
            asked = self._asked(f"device-{place}", "device", DeviceOutcome, question, fault)
            passed = self.faults.get(f"devices.{device.key}.passed_on_to", "")
            yield ShownDevice(
                asked,
                device,
                place,
                self.catalogue.say("answer_fault_passed_on") if passed else "",
                tuple(questions.of_device(place, device)),
            )

    def instructions(self) -> Iterator[Asked]:
        """Yield the question about each instruction."""
        for key, text in self.form.instructions:
            fault = self.faults.get(f"instructions.{key}", "")
            yield self._asked(f"do-{key}", "doing", Doing, self.words(text), fault)

    def offer(self) -> SafeString | None:
        """Return the question whether what is offered is wanted; None if nothing is."""
        if not self.form.offers:
            return None
        kinds = [self.catalogue.say(f"offer_{kind}") for kind in self.form.offers]
        return self.catalogue.say("answer_wants", offer=joined(kinds))

    def text_faults(self) -> list[Fault]:
        """Return the faults of texts and of the tick, by the place on the page."""
        found = []
        for name in ("problem", "query", "name"):
            if name in self.faults:
                key = "answer_fault_words" if self.faults[name] == "words" else "answer_fault_long"
                found.append(self._fault(name, key, f"answer_{name}"))
        for place, device in enumerate(self.form.devices):
            if f"devices.{device.key}.passed_on_to" in self.faults:
                key = "answer_fault_passed_on"
                found.append(self._fault(f"passed-on-{place}", key, "answer_passed_on_to"))
        if "is_confirmed" in self.faults:
            found.append(self._fault("confirm", "answer_fault_confirm", ""))
        return found

    def _fault(self, place: str, key: str, question: str) -> Fault:
        asked = self._said(question) if question else None
        return Fault(place, self.catalogue.say(key), asked)

    def _said(self, key: str) -> Words:
        return Words(self.catalogue.say(self.own(key)), self.catalogue.language)

    def own(self, key: str) -> str:
        """Return the name of a text in the words for who reads: a clinic has some of its own."""
        of_clinic = f"clinic_{key}"
        is_theirs = not self.form.is_for_patient and self.catalogue.has(of_clinic)
        return of_clinic if is_theirs else key

    def _asked(
        self, name: str, key: str, values: object, question: Words, fault: str = ""
    ) -> Asked:
        chosen = self.posted.get(name, "")
        is_faulty = bool(fault) or name in self.faults
        return Asked(
            name,
            question,
            tuple(
                (str(each), self._label(key, str(each)), chosen == str(each))
                for each in values  # type: ignore[attr-defined] # an enumeration or a tuple
            ),
            self.catalogue.say("error_choose") if is_faulty else "",
        )

    def _label(self, key: str, value: str) -> SafeString:
        """Return the label of an answer."""
        means = key.removeprefix("line_")
        if means == key:
            return self.catalogue.say(self.own(f"answer_{key}_{value}"))
        if value == Doing.NOT_FOR_ME:
            return self.catalogue.say("answer_line_na" if means == Means.DONE else "answer_no")
        return self.catalogue.say(_LINE_LABELS[Doing(value)])
