"""What is asked of a device on the answer page, as it is shown; `answer_posted` reads it.

Without JavaScript: a choice with a text field below it, a text, the parts of a day, or a country;
each with "I cannot find it", which asks us to call.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from tocsin.notice.translation import Words
from tocsin.registry.schema import DAY_COLUMNS
from tocsin.services.asked_devices import MODEL, AskedDevice, AskedFact
from tocsin.services.languages import Catalogue
from tocsin.services.question_words import fact_question, hint_key, thing_words, value_words
from tocsin.web.countries import OTHER, country_names
from tocsin.web.typed import UNKNOWN

Posted = Mapping[str, str]
Choice = tuple[str, Words, bool]
_SHORT = {"software_version": "version"}
_DRAWINGS = {"software_version": "software", "lot": "lot", "serial": "serial", MODEL: "model"}
_FAULTS = {
    "software_version": "answer_error_version",
    "udi": "error_udi",
    **dict.fromkeys(DAY_COLUMNS, "error_day"),
}
DAY_PARTS = ("day", "month", "year")
"""The text fields of a day."""
TYPED = {"model": "device_other_model", "product": "device_other_name", "udi": "row_udi"}
"""By column: the label of what can be typed where no choice fits."""


@dataclass(frozen=True)
class ShownFact:
    """A question about a device, as the page shows it.

    Attributes:
        kind: ``choose``, ``text``, ``day`` or ``country``.
        name: of the field, and of its place on the page.
        question: what is asked.
        hint, more: where to look; `more` may be empty.
        drawing: which one shows where to look; empty for none.
        on_record: what our list says, with its name, but does not settle it.
        choices: value, label, and whether it was chosen.
        are_names: whether the choices are names of products, which nobody translates.
        ends: the same of what is no such choice: another one, not found.
        texts: name, label and value of each text field.
        is_not_found: whether it was looked for in vain.
        fault: what is wrong with what was sent; empty if nothing.
    """

    kind: str
    name: str
    question: Words
    hint: SafeString | str
    more: SafeString | str
    drawing: str
    on_record: tuple[SafeString, ...]
    choices: tuple[Choice, ...]
    are_names: bool
    ends: tuple[Choice, ...]
    texts: tuple[tuple[str, SafeString | str, str], ...]
    is_not_found: bool
    fault: SafeString | str


def field_name(column: str, place: int) -> str:
    """Return the name of the field that asks for a column of the device at a place."""
    return f"{_SHORT.get(column, column)}-{place}"


@dataclass(frozen=True)
class DeviceQuestions:
    """The questions about devices in the words of a language.

    Attributes:
        catalogue: of the page's language.
        words: gives a text of the notices in it.
        own: gives the name of a text in the words for who reads.
        posted: what was sent.
        faults: what is wrong with it, by the fields of `Reply`.
    """

    catalogue: Catalogue
    words: Callable[[str], Words]
    own: Callable[[str], str]
    posted: Posted
    faults: Mapping[str, str]

    def of_device(self, place: int, device: AskedDevice) -> Iterator[ShownFact]:
        """Yield what would settle the verdict of a device."""
        for asked in device.asked:
            yield self._shown(place, device, asked)

    def _shown(self, place: int, device: AskedDevice, asked: AskedFact) -> ShownFact:
        name, column = field_name(asked.column, place), asked.column
        kind = _kind_of(asked)
        return ShownFact(
            kind,
            name,
            fact_question(asked, self.catalogue, self.words),
            self.catalogue.say(hint_key(column)),
            self.catalogue.say(self.own("answer_lot_several")) if column == "lot" else "",
            _DRAWINGS.get(column, ""),
            tuple(self._on_record(*each) for each in asked.on_record),
            tuple(self._choices(kind, name, asked)),
            asked.column == MODEL,
            tuple(self._ends(kind, name, asked)),
            tuple(self._texts(kind, name, asked)),
            self.posted.get(f"{name}-none") == "yes",
            self._fault(device, asked, name),
        )

    def _said(self, text: str) -> Words:
        return Words(text, self.catalogue.language)

    def _on_record(self, column: str, value: str) -> SafeString:
        thing = thing_words(column, self.catalogue, self.words)
        shown = value_words(column, value, self.catalogue, self.words)
        mark = self.catalogue.mark
        return self.catalogue.say("answer_on_record", thing=mark(thing), value=mark(shown))

    def _choices(self, kind: str, name: str, asked: AskedFact) -> Iterator[Choice]:
        chosen = self.posted.get(name, "")
        if kind == "country":
            for code, text in country_names(self.catalogue.language):
                yield code, self._said(text), code == chosen
            yield OTHER, self._text("country_other"), chosen == OTHER
            return
        for choice in asked.choices:
            named = self._said(" ".join(value for _, value in choice.columns))
            yield choice.key, named, choice.key == chosen
        for value in asked.values:
            label = value_words(asked.column, value, self.catalogue, self.words)
            yield value, label, value == chosen

    def _ends(self, kind: str, name: str, asked: AskedFact) -> Iterator[Choice]:
        chosen = self.posted.get(name, "")
        if kind == "choose" and asked.column == MODEL:
            yield OTHER, self._text("device_other"), chosen == OTHER
        if kind == "choose":
            yield UNKNOWN, self._text("answer_not_found"), chosen == UNKNOWN

    def _texts(
        self, kind: str, name: str, asked: AskedFact
    ) -> Iterator[tuple[str, SafeString | str, str]]:
        if asked.column == MODEL:
            known = {column for column, _ in asked.on_record}
            for column, label in TYPED.items():
                if column != "product" or column not in known:
                    at = f"{name}-{column}"
                    yield at, self.catalogue.say(label), self.posted.get(at, "")
        elif kind == "day":
            for part in DAY_PARTS:
                at = f"{name}-{part}"
                yield at, self.catalogue.say(part), self.posted.get(at, "")
        elif kind == "text":
            yield name, "", self.posted.get(name, "")

    def _fault(self, device: AskedDevice, asked: AskedFact, name: str) -> SafeString | str:
        for column in asked.fills:
            if f"devices.{device.key}.{column}" in self.faults:
                key = _FAULTS.get(column, "answer_error_lot")
                value = self.posted.get(f"{name}-{column}", self.posted.get(name, ""))
                shown = {"value": value} if self.catalogue.places_of(key) else {}
                return self.catalogue.say(key, **shown)
        return ""

    def _text(self, key: str) -> Words:
        return self._said(self.catalogue.texts[self.own(key)])


def _kind_of(asked: AskedFact) -> str:
    if asked.column == "country":
        return "country"
    if asked.column in DAY_COLUMNS:
        return "day"
    return "choose" if asked.choices or asked.values else "text"
