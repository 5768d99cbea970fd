"""Version phrases in prose, handed to the version grammar in its own words."""

from tocsin.formats.prose.lexicon import (
    PhraseTable,
    announcements,
    phrase_table,
    version_words,
)
from tocsin.formats.prose.phrase import SOFTWARE, Phrase, Setting
from tocsin.formats.prose.tokens import LINE, WORD, Tokens, text_of
from tocsin.identify.version_expression import ExpressionReading, parse_version_expression

_LONGEST = 60
_COMPARING = frozenset({"<", ">", "<=", ">=", "=<", "=>", "≤", "≥"})
_UP_TO = PhraseTable(
    dict.fromkeys(("up to", "up to and including", "until", "bis", "tot en met"), "to")
)
_NUMBER_WORDS = frozenset({"number", "numbers", "no", "nos"})
_OPENING = frozenset({":", ",", "is", "are", "=", "of", "the", "v", "any"})


def read_software(
    tokens: Tokens, at: int, setting: Setting, *, called: bool = True
) -> Phrase | None:
    """Return the version phrase whose values begin at a place, after its announcement.

    The longest run of tokens that the version grammar reads surely is the phrase. Where none
    is read, a phrase that holds a number is unreadable, not absent.
    """
    start = at
    while start < len(tokens) and (tokens[start].low in _OPENING or tokens[start].kind == LINE):
        start += 1
    for after in range(_end(tokens, start), start, -1):
        if tokens[after - 1].low in {",", ":", "and", "(", "-"}:
            continue
        reading = _parse(tokens[start:after], called=called)
        if reading is not None:
            return _phrase(tokens, start, after, reading, setting)
    return None


def _end(tokens: Tokens, start: int) -> int:
    end = start
    while end < len(tokens) and end - start < _LONGEST and tokens[end].low not in {"(", ")", ";"}:
        if tokens[end].low == "." or tokens[end].kind == "gap":
            break
        if end > start and _is_other_kind(tokens, end):
            break
        end += 1
    return end


def _is_other_kind(tokens: Tokens, at: int) -> bool:
    hit = announcements().find(tokens, at)
    return hit is not None and hit.meaning != "software"


def _parse(run: Tokens, *, called: bool) -> ExpressionReading | None:
    text = in_grammar_words(run)
    if not text:
        return None
    reading = parse_version_expression(text, ranged=False, called_version=called)
    return reading if reading.unread is None else None


def in_grammar_words(run: Tokens) -> str:
    """Return a phrase as the version grammar writes it: English, "A to B" without "from"."""
    words: list[str] = []
    place = 0
    between = opened = False
    while place < len(run):
        if place == 0 and run[0].low == "between":
            between = True
            place += 1
            continue
        if place == 0 and (start := phrase_table("from_").find(run, 0)):
            opened = True
            place = start.after
            continue
        if between and run[place].low == "and":
            words.append("to")
            place, between = place + 1, False
            continue
        if opened and words and (reach := _UP_TO.find(run, place)):
            words.append("to")
            place = reach.after
            continue
        if run[place].low == "inclusive":
            place += 1
            continue
        if hit := version_words().find(run, place):
            words.append(hit.meaning)
            place = hit.after
            continue
        if run[place].kind == WORD and run[place].low in _NUMBER_WORDS:
            place += 1
            continue
        words.append(run[place].low if run[place].low in {"-", "|"} else run[place].text)
        place += 1
    return " ".join(words).replace(" ,", ",")


def _phrase(
    tokens: Tokens, start: int, after: int, reading: ExpressionReading, setting: Setting
) -> Phrase:
    said = text_of(setting.text, tokens[start:after])
    if reading.all_versions:
        return Phrase(SOFTWARE, start, after, (), "all versions")
    return Phrase(SOFTWARE, start, after, reading.parts, f"software {said}")


def is_comparison(tokens: Tokens, at: int) -> bool:
    """Whether a sign that compares versions stands before a number."""
    return (
        tokens[at].low in _COMPARING
        and at + 1 < len(tokens)
        and tokens[at + 1].kind in {"code", WORD}
    )
