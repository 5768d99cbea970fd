"""The words of what a letter's holder is asked: the same on the page and at the telephone."""

from collections.abc import Callable, Mapping

from tocsin.notice.translation import Words, fact_words, is_yes_no
from tocsin.outreach.reply import Doing
from tocsin.outreach.reply_lines import Means
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX
from tocsin.services.asked_devices import MODEL, AskedFact
from tocsin.services.languages import Catalogue

Said = Callable[[str], Words]
"""Gives an English text of a notice in the language that is asked for, or else in English."""
FIRST_STEPS = ("call", "write", "wait")
"""What somebody might do first who is very unwell; the first is right."""
_LINE_LABELS: Mapping[Doing, str] = {
    Doing.DONE: "answer_yes",
    Doing.NOT_YET: "answer_doing_not_yet",
    Doing.NOT_UNDERSTOOD: "answer_line_unclear",
}


def own_key(key: str, catalogue: Catalogue, *, is_for_patient: bool) -> str:
    """Return the name of a text in the words for who answers: a clinic has some of its own."""
    of_clinic = f"clinic_{key}"
    return of_clinic if not is_for_patient and catalogue.has(of_clinic) else key


def label_key(key: str, value: str) -> str:
    """Return the name of the label of an answer.

    Args:
        key: of the kind of question, such as ``device``, ``doing``, or ``line_`` and its meaning.
        value: the answer.

    >>> label_key("device", "have"), label_key("line_done", "not_for_me")
    ('answer_device_have', 'answer_line_na')
    """
    means = key.removeprefix("line_")
    if means == key:
        return f"answer_{key}_{value}"
    if value == Doing.NOT_FOR_ME:
        return "answer_line_na" if means == Means.DONE else "answer_no"
    return _LINE_LABELS[Doing(value)]


def thing_words(column: str, catalogue: Catalogue, said: Said) -> Words:
    """Return the name of what a column holds; a fact has the name that the notice gives it."""
    if column.startswith(FACT_PREFIX):
        return said(fact_words(column.removeprefix(FACT_PREFIX)))
    return Words(catalogue.tell(f"row_{column}"), catalogue.language)


def value_words(column: str, value: str, catalogue: Catalogue, said: Said) -> Words:
    """Return a value of a column; that of a fact is made of words, and no other."""
    if not column.startswith(FACT_PREFIX):
        return Words(value, catalogue.language)
    if is_yes_no(value):
        return Words(catalogue.tell(f"answer_{value.casefold()}"), catalogue.language)
    return said(value)


def fact_question(asked: AskedFact, catalogue: Catalogue, said: Said) -> Words:
    """Return what is asked of a device; a notice's own question in its translation."""
    if asked.ask and asked.column.startswith(FACT_PREFIX):
        return said(asked.ask)
    if asked.column.startswith(FACT_PREFIX):
        return thing_words(asked.column, catalogue, said)
    key = "q_device" if asked.column == MODEL else f"q_{asked.column}"
    return Words(catalogue.tell(key), catalogue.language)


def hint_key(column: str) -> str:
    """Return the name of the text that says where to look."""
    if column.startswith(FACT_PREFIX):
        return "q_fact"
    if column in DAY_COLUMNS:
        return "q_day_hint"
    return "q_device_hint" if column == MODEL else f"q_{column}_hint"
