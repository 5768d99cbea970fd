"""The questions of a letter on its answer page: each with its answers, and with what is wrong.

What is asked of a device so that its verdict can be told stands in `answer_asked`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from tocsin.notice.translation import Words, said_in, words_in
from tocsin.outreach.reply import MOST_TEXT, DeviceOutcome, Doing, PersonOutcome
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.asked_devices import AskedDevice
from tocsin.services.languages import Catalogue
from tocsin.services.question_words import FIRST_STEPS, label_key, own_key
from tocsin.web.answer_asked import DeviceQuestions, ShownFact
from tocsin.web.pages import joined


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


@dataclass(frozen=True)
class LetterQuestions:
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
        return own_key(key, self.catalogue, is_for_patient=self.form.is_for_patient)

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
        return self.catalogue.say(self.own(label_key(key, value)))
