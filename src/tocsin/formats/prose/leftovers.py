"""The words of a clause that no reader took: a product's name, harmless words, or unread text."""

from collections.abc import Sequence

from tocsin.formats.prose.bare_numbers import bare_starts, is_enumerator, take_bare
from tocsin.formats.prose.lexicon import phrase_table
from tocsin.formats.prose.names import (
    describes,
    is_filler,
    is_generic,
    is_known_name,
    is_name_like,
    is_own_word,
    means_head,
    plain_word,
    runs_of,
)
from tocsin.formats.prose.phrase import (
    CODES,
    COUNTRY,
    DAYS,
    EITHER,
    FACT,
    LOT,
    SERIAL,
    SOFTWARE,
    TOLD,
    UDI,
    Setting,
)
from tocsin.formats.prose.readers import BARE_DAY, ClauseReading
from tocsin.formats.prose.said import Said, span_of
from tocsin.formats.prose.tokens import CODE, WORD, Tokens, text_of

_LIMITING = (CODES, SOFTWARE, LOT, SERIAL, EITHER, DAYS, COUNTRY, FACT, UDI, BARE_DAY)
_LIMITS = ("only", "vague", "others", "except_", "all_of")
_TURNING = frozenset(
    {
        "not",
        "no",
        "nor",
        "neither",
        "never",
        "without",
        "unless",
        "nicht",
        "kein",
        "keine",
        "ohne",
        "ne",
        "pas",
        "sans",
        "sin",
        "niet",
        "geen",
        "zonder",
        "inte",
        "ej",
        "utan",
        "if",
        "wenn",
    }
)
_ADDING = frozenset({",", "/", "&", "+", "plus", "alongside", "together", "like", "such"})


def take_left(
    reading: ClauseReading,
    left: Sequence[int],
    said: Said,
    setting: Setting,
    *,
    excludes: bool,
    open_kind: str | None,
) -> None:
    """Take words and numbers as names or lists where they surely are; keep the rest unread."""
    tokens = reading.tokens
    rest = {at for at in left if not is_enumerator(tokens, at)}
    for bare in bare_starts(reading, sorted(rest)):
        if bare in rest and (after := take_bare(reading, bare, said, setting, open_kind)):
            rest -= set(range(bare, after))
    for run in runs_of(tokens, sorted(rest)):
        text = text_of(setting.text, tokens[run[0] : run[-1] + 1])
        if _take_run(tokens, run, text, said, setting, excludes=excludes):
            start, end = tokens[run[0]].start, tokens[run[-1]].end
            said.spans.append(span_of(setting.text, start, end, f"product {text}"))
            rest -= set(run)
        rest -= {at for at in run if is_filler(tokens[at])}
    if rest and excludes and _take_other_things(reading, rest, said, setting):
        rest = set()
    if rest and _is_instruction(reading, rest, said, setting):
        said.codes, said.names, said.head = [], [], False
        rest = set()
    if rest and _is_of_withheld_list(said):
        rest = set()
    if rest:
        _keep_unread(reading, rest, said, setting, excludes=excludes)
    elif not said.has_product and not said.unread and "units" in said.every:
        said.head = True


def _keep_unread(
    reading: ClauseReading, rest: set[int], said: Said, setting: Setting, *, excludes: bool
) -> None:
    whole = text_of(setting.text, reading.tokens)
    if not excludes and _only_narrows(reading, rest):
        said.narrows.append(whole)
    else:
        said.unread.append(whole)
    said.spans += [
        span_of(setting.text, reading.tokens[run[0]].start, reading.tokens[run[-1]].end, "unread")
        for run in _neighbours(sorted(rest))
    ]


def _only_narrows(reading: ClauseReading, rest: set[int]) -> bool:
    """Whether unread words can only limit further what the clause says.

    They stand behind all that was read, are plain words, do not turn anything into its
    opposite, and nothing adds them as a further item.
    """
    tokens = reading.tokens
    limiting = reading.of_kind(*_LIMITING)
    if not limiting or min(rest) < max(phrase.after for phrase in limiting):
        return False
    for at in rest:
        word = tokens[at]
        if word.kind != WORD or word.text[:1].isupper() or word.low in _TURNING | _ADDING:
            return False
        if _is_added(tokens, at):
            return False
    return not any(token.low in _TURNING for token in tokens[min(rest) :])


def _is_added(tokens: Tokens, at: int) -> bool:
    """Whether a joint leads to a word, small words between them apart (`and the ...`)."""
    for place in range(at - 1, -1, -1):
        if tokens[place].low in _ADDING or _is_joint(tokens, place):
            return True
        if tokens[place].kind != WORD or not is_filler(tokens[place]):
            return False
    return False


def _is_joint(tokens: Tokens, at: int) -> bool:
    return at >= 0 and any(phrase_table(name).find(tokens, at) for name in ("and_", "or_"))


def _take_other_things(
    reading: ClauseReading, rest: set[int], said: Said, setting: Setting
) -> bool:
    """Take things of another kind that are not concerned (`the light cables and trolleys`).

    Only a list of plain nouns is taken, none of which may be the product itself.
    """
    tokens = reading.tokens
    if said.has_product or said.has_constraint or said.every or said.unread:
        return False
    if any(tokens[at].kind != WORD for at in rest):
        return False
    runs = runs_of(tokens, sorted(rest))
    for run in runs:
        ends = (tokens[run[0]], tokens[run[-1]])
        words = [tokens[at].low for at in run]
        if len(run) > 3 or any(
            is_generic(plain_word(t.low)) or is_own_word(t, setting) for t in ends
        ):
            return False
        if any(
            word in _TURNING or phrase_table("vague").find(tokens, at)
            for at, word in zip(run, words, strict=True)
        ):
            return False
    between = {t.low for at, t in enumerate(tokens) if at not in rest and at < max(rest)}
    if between & {
        "with",
        "that",
        "which",
        "whose",
        "having",
        "from",
        "in",
        "by",
        "of",
        "mit",
        "avec",
        "con",
        "met",
        "med",
    }:
        return False
    said.information += [
        ("not_affected", text_of(setting.text, tokens[run[0] : run[-1] + 1])) for run in runs
    ]
    said.rest = bool(runs)
    return bool(runs)


def _is_of_withheld_list(said: Said) -> bool:
    """Whether the words only tell where a list is that is not in the text."""
    return bool(said.withheld) and not (said.has_product or said.numbers or said.software)


def _is_instruction(reading: ClauseReading, rest: set[int], said: Said, setting: Setting) -> bool:
    """Whether a clause tells a story or what to do, and nothing of which devices."""
    tokens = reading.tokens
    if said.dis or (said.names and not said.head):
        return False
    if any(code.upper() not in setting.own_codes for code in said.codes):
        return False
    if said.has_constraint or said.every or said.unread or said.narrows:
        return False
    if any(tokens[at].kind == CODE for at in rest):
        return False
    if any(phrase_table(name).holds(tokens) for name in _LIMITS):
        return False
    if any(phrase.value[0] == "remedy" for phrase in reading.of_kind(TOLD)):
        return True
    return phrase_table("instructing").holds(tokens)


def _neighbours(places: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _turns(tokens: Tokens, run: Sequence[int]) -> bool:
    return any(tokens[at].low in _TURNING or tokens[at].kind == CODE for at in run)


def _take_run(
    tokens: Tokens, run: Sequence[int], text: str, said: Said, setting: Setting, *, excludes: bool
) -> bool:
    """Take a run of words as a name, if it surely is one; return whether it was taken."""
    if said.codes and is_known_name(text, setting):
        if not describes(text, said.codes, setting):
            said.names.append(text)
        return True
    own = means_head(tokens, run, setting)
    if said.codes and own:
        return True
    if own or is_known_name(text, setting):
        said.head = said.head or own
        said.names.append(text)
        return True
    worded = any(tokens[place].kind == WORD for place in run)
    if said.codes and len(run) > 1 and is_name_like(tokens, run) and not _turns(tokens, run):
        said.information.append(("name", text))
        return True
    if (
        excludes
        and worded
        and is_name_like(tokens, run)
        and not said.has_constraint
        and not _turns(tokens, run)
    ):
        said.names.append(text)
        return True
    return False
