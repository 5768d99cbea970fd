"""Facts that only a holder can see: a platform, `with a clear retainer ring`."""

from tocsin.formats.prose.lexicon import (
    announcements,
    fact_values,
    filler_words,
    known_words,
    phrase_table,
)
from tocsin.formats.prose.phrase import FACT, Phrase, Setting
from tocsin.formats.prose.tokens import WORD, Tokens, text_of

_ARTICLES = frozenset({"a", "an", "the"})
_LONGEST = 5


def read_fact_word(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return a fact that a word of its own tells (iOS)."""
    hit = fact_values().find(tokens, at)
    if hit is None:
        return None
    fact, value = hit.meaning
    said = text_of(setting.text, tokens[at : hit.after])
    return Phrase(FACT, at, hit.after, (fact, value), f"{fact} {value} ({said})")


def read_with(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return what `with a clear retainer ring` says: a quality of the thing named last."""
    if tokens[at].low != "with" or at + 1 >= len(tokens):
        return None
    place = at + 1
    if tokens[place].low not in _ARTICLES:
        return None
    place += 1
    words: list[str] = []
    while place < len(tokens) and tokens[place].kind == WORD and len(words) <= _LONGEST:
        word = tokens[place].low
        if phrase_table("only").find(tokens, place) or (
            word in filler_words() and word not in {"new", "old"}
        ):
            break
        if announcements().find(tokens, place):
            return None
        words.append(word)
        place += 1
    if not 2 <= len(words) <= _LONGEST:
        return None
    if place < len(tokens) and tokens[place].is_value:
        return None
    said = text_of(setting.text, tokens[at:place])
    return Phrase(FACT, at, place, tuple(words), said)


def question_of(fact: str) -> str | None:
    """Return the question that settles a fact of the data file."""
    read = known_words().facts.get(fact)
    return read.ask if read else None


def contrast(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, str, str] | None:
    """Return the thing that two qualities speak of, and both qualities.

    >>> contrast(("clear", "retainer", "ring"), ("updated", "black", "retainer", "ring"))
    ('retainer_ring', 'clear', 'black')
    """
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    if not same or same in {len(one), len(other)}:
        return None
    return "_".join(one[-same:]), one[-same - 1], other[-same - 1]
