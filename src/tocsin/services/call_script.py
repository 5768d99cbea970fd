"""The script of one call: what is said to whom, what is asked, and by which code it ends.

What is said of the device comes from the locked letter, what is asked from the answer page; what
stands around both was signed with the release. A release that was signed before there were such
words is called with those that we ship, and the script says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tocsin.outreach.call_outcomes import CallEnd, call_ends
from tocsin.outreach.call_words import CallWords, CallWordsTable, shipped_call_words
from tocsin.outreach.recipients import base_language
from tocsin.render.letter_spoken import SpokenLetter
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.languages import catalogue_of
from tocsin.services.letter_values import page_language
from tocsin.services.spoken_questions import SpokenLine, SpokenQuestions
from tocsin.store.models import LetterRelease
from tocsin.store.released_plan import released_call_words


@dataclass(frozen=True)
class ScriptPart:
    """One part of a call.

    Attributes:
        part: which.
        title: what the caller does, in English.
        lines: what is said.
    """

    part: str
    title: str
    lines: tuple[SpokenLine, ...]


@dataclass(frozen=True)
class CallScript:
    """All of a call, in its order.

    Attributes:
        version: of the words around letter and questions.
        is_signed: whether that version stands in what was signed with the letters.
        warnings: sentences for the caller about where the words come from.
        parts: what is said and asked.
        ends: the codes.
    """

    version: int
    is_signed: bool
    warnings: tuple[str, ...]
    parts: tuple[ScriptPart, ...]
    ends: tuple[CallEnd, ...]


@dataclass(frozen=True)
class Called:
    """Who is called, and for whom.

    Attributes:
        name: of who is asked for; empty if it is not known.
        organisation: that the caller speaks for.
        phone, hours: where they can call back; empty if nothing says so.
    """

    name: str
    organisation: str
    phone: str
    hours: str


def make_script(
    letter: SpokenLetter,
    form: AnswerForm,
    called: Called,
    signed: CallWordsTable | None,
) -> CallScript:
    """Return the script of a call.

    Args:
        letter: the sentences of the released letter.
        form: what the answer page asks this person.
        called: who is called.
        signed: the words that were signed with the letters; None if there were none.
    """
    table = signed or shipped_call_words()
    language, words = table.in_language(form.language)
    catalogue = catalogue_of(page_language(form.language))
    say = _Sayer(words, language, called)
    emergency = _read(letter.emergency, form.language)
    if not emergency and form.is_for_patient:
        number = catalogue.tell("emergency_local")
        told = catalogue.tell("emergency_line", number=number)
        emergency = (SpokenLine(told, catalogue.language),)
    urgent = _read(letter.urgent, form.language)
    rest = _read(letter.rest, form.language)
    questions = tuple(SpokenQuestions(form, catalogue).lines())
    parts = (
        ScriptPart(
            "open",
            "Open the call: nothing of a device or of health before you speak to them",
            say("greet", "ask_for", "is_it"),
        ),
        ScriptPart(
            "other",
            "Somebody else answers: say nothing more than this",
            (*say("other_private", "other_when"), *say.callback("call_back")),
        ),
        ScriptPart(
            "voicemail",
            "An answering machine: leave this and nothing more",
            (*say("voicemail"), *say.callback("voicemail_back"), *say("voicemail_again")),
        ),
        ScriptPart("them", "It is the right person", say("for_whom", "good_time")),
        ScriptPart(
            "urgent",
            "Say this first, slowly, sentence by sentence",
            (*emergency, *say("first"), *urgent, *say("again")),
        ),
        ScriptPart("rest", "The rest of the letter", (*say("rest"), *rest) if rest else ()),
        ScriptPart("questions", "Ask, and write down the answers", (*say("questions"), *questions)),
        ScriptPart(
            "close",
            "End the call",
            (*say("clear"), *emergency, *say.callback("later"), *say("thanks")),
        ),
    )
    return CallScript(
        table.version,
        signed is not None,
        tuple(_warnings(form.language, language, words, signed)),
        tuple(part for part in parts if part.lines),
        call_ends(),
    )


def signed_words(release: LetterRelease) -> CallWordsTable | None:
    """Return the words that were signed with a release; None if it has none."""
    tree = released_call_words(release)
    return CallWordsTable.model_validate(tree) if tree else None


@dataclass(frozen=True)
class _Sayer:
    words: CallWords
    language: str
    called: Called

    def __call__(self, *keys: str) -> tuple[SpokenLine, ...]:
        return tuple(self._line(key) for key in keys)

    def callback(self, key: str) -> tuple[SpokenLine, ...]:
        """Return where to call back, with when somebody answers there; nothing without a number."""
        if not self.called.phone:
            return ()
        return (self._line(key, self.called.hours),)

    def _line(self, key: str, hint: str = "") -> SpokenLine:
        values = {
            "name": self.called.name or "…",
            "organisation": self.called.organisation,
            "phone": self.called.phone,
        }
        return SpokenLine(getattr(self.words, key).format(**values), self.language, (), hint)


def _warnings(
    of_letter: str, language: str, words: CallWords, signed: CallWordsTable | None
) -> Iterator[str]:
    if base_language(of_letter) != language:
        yield (
            f"The letter is in {of_letter}, in which there are no words for callers: those around "
            "it and the questions are in English."
        )
    if words.prepared_by == "machine":
        yield (
            "A machine prepared the words around the letter and the questions; no native speaker "
            "has reviewed them. If in doubt, say only what stands in the letter."
        )
    if signed is None:
        yield (
            "The letters were signed before words for callers were part of it: those around the "
            "letter are Tocsin's own of today, which nobody here has signed."
        )


def _read(sentences: Iterable[str], language: str) -> tuple[SpokenLine, ...]:
    return tuple(SpokenLine(each, language) for each in sentences)
