"""What a caller asks: what the answer page would ask this very person, in the same words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tocsin.notice.translation import Words, said_in, words_in
from tocsin.outreach.reply import DeviceOutcome, Doing
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.asked_devices import AskedDevice, AskedFact
from tocsin.services.languages import Catalogue
from tocsin.services.question_words import (
    FIRST_STEPS,
    fact_question,
    hint_key,
    label_key,
    own_key,
    thing_words,
    value_words,
)


@dataclass(frozen=True)
class SpokenLine:
    """One thing that a caller says or asks.

    Attributes:
        text: what is said.
        language: of the text.
        answers: what can be answered, if it is a question with given answers.
        hint: what helps to answer it.
    """

    text: str
    language: str
    answers: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class SpokenQuestions:
    """The questions to one person in the words of a language."""

    form: AnswerForm
    catalogue: Catalogue

    def lines(self) -> Iterator[SpokenLine]:
        """Yield them in the order of the answer page, but whether it was understood first."""
        if self.form.is_for_patient:
            yield self._asked("answer_first_step", "first", FIRST_STEPS)
        for device in self.form.devices:
            yield from self._device(device)
        if self.form.instructions:
            yield self._said("answer_instructions")
        for _, text in self.form.instructions:
            yield self._line(self._words(text), "doing", Doing)
        language = self.form.language.partition("-")[0]
        for line in self.form.lines:
            yield self._line(Words(line.text, language), f"line_{line.means}", line.doings)
        if self.form.offers:
            kinds = [self.catalogue.tell(f"offer_{kind}") for kind in self.form.offers]
            text = self.catalogue.tell("answer_wants", offer=", ".join(kinds))
            yes_no = (self.catalogue.tell("answer_yes"), self.catalogue.tell("answer_no"))
            yield SpokenLine(text, self.catalogue.language, yes_no)
        yield self._said("answer_problem", "answer_problem_hint")
        yield self._said("answer_query")

    def _device(self, device: AskedDevice) -> Iterator[SpokenLine]:
        end = device.serial_end
        told = self.catalogue.tell("answer_device", device=device.product)
        hint = self.catalogue.tell("answer_serial_end", end=end) if end else ""
        yield SpokenLine(told, self.catalogue.language, (), hint)
        yield self._asked("answer_where", "device", DeviceOutcome)
        yield self._said("answer_passed_on_to", "answer_passed_on_hint")
        for asked in device.asked:
            yield self._fact(asked)

    def _fact(self, asked: AskedFact) -> SpokenLine:
        question = fact_question(asked, self.catalogue, self._words)
        on_record = [
            self.catalogue.tell(
                "answer_on_record",
                thing=thing_words(column, self.catalogue, self._words).text,
                value=self._value(column, value),
            )
            for column, value in asked.on_record
        ]
        values = [self._value(asked.column, value) for value in asked.values]
        choices = [" ".join(value for _, value in each.columns) for each in asked.choices]
        not_found = self._text("answer_not_found")
        return SpokenLine(
            question.text,
            question.language,
            (*choices, *values, not_found),
            " ".join((self.catalogue.tell(hint_key(asked.column)), *on_record)),
        )

    def _value(self, column: str, value: str) -> str:
        return value_words(column, value, self.catalogue, self._words).text

    def _words(self, text: str) -> Words:
        return words_in(said_in(self.form.translations, self.catalogue.language), text)

    def _text(self, key: str) -> str:
        is_for_patient = self.form.is_for_patient
        return self.catalogue.tell(own_key(key, self.catalogue, is_for_patient=is_for_patient))

    def _said(self, key: str, hint: str = "") -> SpokenLine:
        told = self._text(hint) if hint else ""
        return SpokenLine(self._text(key), self.catalogue.language, (), told)

    def _asked(self, question: str, key: str, values: Iterable[str]) -> SpokenLine:
        return self._line(Words(self._text(question), self.catalogue.language), key, values)

    def _line(self, question: Words, key: str, values: Iterable[str]) -> SpokenLine:
        answers = tuple(self._text(label_key(key, value)) for value in values)
        return SpokenLine(question.text, question.language, answers)
