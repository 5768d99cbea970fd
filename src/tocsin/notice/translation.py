"""What a notice tells the public, in other languages: part of the revision that people sign.

A translation names the very English text that it was made from. Where that text changes, the old
translation fits nothing any more, and the notice is refused until somebody has settled it: nobody
reads the translation of another text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from tocsin.notice.language_codes import LANGUAGE_CODES
from tocsin.notice.scope import ScopePart, Text

if TYPE_CHECKING:
    from tocsin.notice.model import Notice

ENGLISH = "en"
"""The language of a notice's own texts."""
_SHOWN = 80
_FACT, _QUESTION, _ANSWER = "name of a fact", "question about", "answer about"
_ASKED = (_FACT, _QUESTION, _ANSWER)
_YES_NO = frozenset({"yes", "no"})
"""Answers that the pages have in their own words: no notice translates them."""


def is_language(code: str) -> bool:
    """Whether a notice can be translated into what a code names."""
    return code in LANGUAGE_CODES and code != ENGLISH


def _check_language(code: str) -> str:
    if code not in LANGUAGE_CODES:
        raise ValueError(
            f"{code!r} is no code of a language; write the two letters of ISO 639-1, such as `fr`"
        )
    if code == ENGLISH:
        raise ValueError("the notice's own texts are the English ones; `en` needs no translation")
    return code


class Translation(ScopePart):
    """Some texts of a notice in one language, made and looked through by the same people.

    Attributes:
        language: two letters of ISO 639-1, not English.
        prepared_by: whether a person or a machine made it.
        translator: who; a person must be named.
        reviewed_by: the person who has compared it with the English; None if nobody has.
        reviewed_on: when.
        texts: the English text -> the same in the language.
    """

    language: Annotated[str, AfterValidator(_check_language)]
    prepared_by: Literal["person", "machine"]
    translator: Text | None = None
    reviewed_by: Text | None = None
    reviewed_on: date | None = None
    texts: Annotated[dict[Text, Text], Field(min_length=1)]

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if self.prepared_by == "person" and self.translator is None:
            raise ValueError("a person has prepared it: name them under `translator`")
        if self.reviewed_on and not self.reviewed_by:
            raise ValueError("it says when it was reviewed, but not by whom (`reviewed_by`)")
        return self

    @property
    def is_machine(self) -> bool:
        """Whether a machine made it and no person has looked at it."""
        return self.prepared_by == "machine" and self.reviewed_by is None


@dataclass(frozen=True)
class Words:
    """A text, the language that it is in, and whether only a machine answers for it."""

    text: str
    language: str
    is_machine: bool = False


def said_in(translations: Iterable[Translation], language: str) -> dict[str, Words]:
    """Return what translations say in a language, by the English text."""
    return {
        english: Words(text, language, told.is_machine)
        for told in translations
        if told.language == language
        for english, text in told.texts.items()
    }


def words_in(said: Mapping[str, Words], text: str) -> Words:
    """Return an English text as translations say it; in English where none does."""
    return said.get(text) or Words(text, ENGLISH)


def public_texts(notice: "Notice") -> dict[str, str]:
    """Return the texts that public pages show: the text -> where it stands in the notice."""
    found: dict[str, str] = {}
    for place, text in _places(notice):
        found.setdefault(text, place)
    return found


def _places(notice: "Notice") -> Iterator[tuple[str, str]]:
    yield "title", notice.title
    if hazard := notice.hazard:
        yield "hazard", hazard.what
        yield from (("harm", harm) for harm in hazard.harms)
        if hazard.alarm:
            yield "alarm", hazard.alarm
    for name, told in (("precaution", notice.precautions), ("instruction", notice.instructions)):
        for audience, texts in told.items():
            yield from ((f"{name}, {audience}", text) for text in texts)
    for remedy in notice.remedies:
        if remedy.details:
            yield f"remedy, {remedy.audience}", remedy.details
    for entry in notice.scope:
        for name, fact in entry.facts.items():
            words = fact_words(name)
            yield _FACT, words
            if fact.ask:
                yield f"{_QUESTION} {words}", fact.ask
            answers = (*fact.values, *fact.any_of)
            yield from ((f"{_ANSWER} {words}", text) for text in answers if not is_yes_no(text))


def fact_words(name: str) -> str:
    """Return the English name of a fact, as pages show it.

    >>> fact_words("retainer_ring")
    'retainer ring'
    """
    return name.replace("_", " ")


def is_yes_no(value: str) -> bool:
    """Whether a value of a fact is a mere yes or no."""
    return value.casefold() in _YES_NO


def texts_for(notice: "Notice", audience: str) -> list[str]:
    """Return what an audience reads on the page behind a letter: title, steps, what is asked."""
    return [
        text
        for text, place in public_texts(notice).items()
        if place == "title" or place.startswith(_ASKED) or place.rpartition(", ")[2] == audience
    ]


def outdated(translations: Iterable[Translation], texts: Iterable[str]) -> list[Translation]:
    """Return what was made from texts that there are no more, as translations of these alone."""
    there = set(texts)
    return _only(translations, lambda english: english not in there)


def fitting(translations: Iterable[Translation], texts: Iterable[str]) -> list[Translation]:
    """Return what was made from texts that there are."""
    return _only(translations, set(texts).__contains__)


def _only(
    translations: Iterable[Translation], is_meant: Callable[[str], bool]
) -> list[Translation]:
    found = []
    for told in translations:
        texts = {english: text for english, text in told.texts.items() if is_meant(english)}
        if texts:
            found.append(told.model_copy(update={"texts": texts}))
    return found


def translation_faults(notice: "Notice") -> Iterator[str]:
    """Yield what is wrong with the translations of a notice, each as a phrase."""
    if not notice.translations:
        return
    for told in outdated(notice.translations, public_texts(notice)):
        for english in told.texts:
            yield (
                f"the translation into `{told.language}` of {_quoted(english)} fits no text of the "
                "notice: that text was changed or removed; translate the new one and take this out"
            )
    seen: set[tuple[str, str]] = set()
    for told in notice.translations:
        for english in told.texts:
            if (told.language, english) in seen:
                yield f"{_quoted(english)} is translated twice into `{told.language}`"
            seen.add((told.language, english))


def describe_translations(notice: "Notice") -> Iterator[str]:
    """Yield a sentence per language that a notice names or is translated into, English apart."""
    texts = public_texts(notice)
    translated = [told.language for told in notice.translations]
    for language in dict.fromkeys([*notice.languages, *translated]):
        if language == ENGLISH:
            continue
        said = said_in(notice.translations, language)
        n_machine = sum(each.is_machine for each in said.values())
        missing = [text for text in texts if text not in said]
        yield f"In {language}: {len(said)} of {len(texts)} texts for the public are translated" + (
            f", {n_machine} of them machine-prepared: no person has reviewed these."
            if n_machine
            else "."
        )
        if missing:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            yield f"  Pages show in English: {_quoted(missing[0])}{more}."


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}...")
