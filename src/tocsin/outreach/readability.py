"""How hard a letter is to read: an index suited to its language, held against a bound from data.

Counted are the sentences of paragraphs, lists, steps, callouts and answers; not headings, tables
and contacts. A line that ends without a full stop is a sentence. Syllables are groups of vowels,
less a silent end: close to a dictionary's count on average, not word by word.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.notice.model import Audience
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_blocks import Callout, ListOf, Paragraph, Reply, Steps, texts_of

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿ]+")
_LONG = 6


@dataclass(frozen=True)
class TextCounts:
    """What indexes are made of; all are counts."""

    sentences: int
    words: int
    syllables: int
    letters: int
    long_words: int

    @property
    def words_per_sentence(self) -> float:
        """Return the mean length of a sentence, in words."""
        return self.words / self.sentences

    @property
    def syllables_per_word(self) -> float:
        """Return the mean length of a word, in syllables."""
        return self.syllables / self.words


@dataclass(frozen=True)
class Reading:
    """One index of a text.

    Attributes:
        index: its name.
        value: of the text.
        bound: that it is held against; None: it is only told.
        is_met: whether it is within the bound.
    """

    index: str
    value: float
    bound: float | None
    is_met: bool


def _flesch_kincaid(c: TextCounts) -> float:
    return 0.39 * c.words_per_sentence + 11.8 * c.syllables_per_word - 15.59


def _automated(c: TextCounts) -> float:
    return 4.71 * c.letters / c.words + 0.5 * c.words_per_sentence - 21.43


def _lix(c: TextCounts) -> float:
    return c.words_per_sentence + 100 * c.long_words / c.words


def _kandel_moles(c: TextCounts) -> float:
    return 207 - 1.015 * c.words_per_sentence - 73.6 * c.syllables_per_word


def _amstad(c: TextCounts) -> float:
    return 180 - c.words_per_sentence - 58.5 * c.syllables_per_word


def _douma(c: TextCounts) -> float:
    return 206.84 - 0.93 * c.words_per_sentence - 77 * c.syllables_per_word


def _fernandez_huerta(c: TextCounts) -> float:
    return 206.84 - 60 * c.syllables_per_word - 1.02 * c.words_per_sentence


Index = Literal[
    "flesch_kincaid", "automated", "lix", "kandel_moles", "amstad", "douma", "fernandez_huerta"
]
_INDEXES: Mapping[str, Callable[[TextCounts], float]] = {
    "flesch_kincaid": _flesch_kincaid,
    "automated": _automated,
    "lix": _lix,
    "kandel_moles": _kandel_moles,
    "amstad": _amstad,
    "douma": _douma,
    "fernandez_huerta": _fernandez_huerta,
}


class IndexRule(BaseModel):
    """An index of a language, and the bound for whom it holds.

    Attributes:
        index: which.
        at_most: what a text may have at most.
        at_least: what a text must have at least.
        audiences: for whose letters the bound holds; for others the value is only told.
        source: of formula and bound.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    index: Index
    at_most: float | None = None
    at_least: float | None = None
    audiences: frozenset[Audience]
    source: Source


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    languages: dict[str, tuple[IndexRule, ...]]


@cache
def index_rules() -> Mapping[str, tuple[IndexRule, ...]]:
    """Return the indexes by language."""
    return load_data_file(data_folder("tocsin.outreach") / "readability.yaml", _Table).languages


def read_hardness(text: LetterText) -> list[Reading]:
    """Return the indexes of a text; none if its language has none, or it holds no sentence."""
    language = text.language.partition("-")[0]
    counts = count_text(list(_prose(text)), language)
    if counts.words == 0:
        return []
    return [_reading(rule, counts, text.audience) for rule in index_rules().get(language, ())]


def count_text(lines: Sequence[str], language: str) -> TextCounts:
    """Return the counts of lines of prose.

    >>> count_text(["Stop now. Call us."], "en")
    TextCounts(sentences=2, words=4, syllables=4, letters=13, long_words=0)
    """
    sentences = [part for line in lines for part in split_sentences(line) if _WORD.search(part)]
    words = [word for part in sentences for word in _WORD.findall(part)]
    return TextCounts(
        len(sentences),
        len(words),
        sum(count_syllables(word, language) for word in words),
        sum(len(word) for word in words),
        sum(len(word) > _LONG for word in words),
    )


def split_sentences(line: str) -> list[str]:
    """Return the sentences of a line, whose words are all kept.

    >>> split_sentences("Stop now. Why? Call us!")
    ['Stop now.', 'Why?', 'Call us!']
    """
    return _SENTENCE.split(line)


def count_syllables(word: str, language: str) -> int:
    """Return about how many syllables a word has, at least one.

    >>> [count_syllables(word, "en") for word in ("pump", "use", "insulin", "table", "started")]
    [1, 1, 3, 2, 2]
    """
    low = word.lower()
    n = len(_VOWELS.findall(low))
    if language == "en":
        silent = low.endswith("e") and not low.endswith(("le", "ee", "ye"))
        spoken_ed = low.endswith(("ted", "ded"))
        n -= silent or (low.endswith("ed") and not spoken_ed)
    elif language == "fr":
        n -= low.endswith(("e", "es", "ent")) and len(low) > 3
    return max(n, 1)


def _prose(text: LetterText) -> Iterator[str]:
    for block in text.blocks:
        if isinstance(block, Paragraph | ListOf | Steps | Callout):
            yield from texts_of(block)
        elif isinstance(block, Reply):
            yield from (*block.lines, *block.statements)


def _reading(rule: IndexRule, counts: TextCounts, audience: str) -> Reading:
    value = round(_INDEXES[rule.index](counts), 1)
    if audience not in rule.audiences:
        return Reading(rule.index, value, None, is_met=True)
    if rule.at_most is not None:
        return Reading(rule.index, value, rule.at_most, value <= rule.at_most)
    return Reading(rule.index, value, rule.at_least, value >= (rule.at_least or 0))
