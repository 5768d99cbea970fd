"""A clause that speaks of several products, each with constraints of its own, in parts."""

import itertools
from collections.abc import Sequence

from tocsin.formats.prose.lexicon import phrase_table
from tocsin.formats.prose.names import is_filler, is_known_name, is_own_word, runs_of
from tocsin.formats.prose.phrase import (
    ALL,
    CODES,
    DAYS,
    EITHER,
    FACT,
    LOT,
    SERIAL,
    SOFTWARE,
    Setting,
)
from tocsin.formats.prose.readers import BARE_DAY, ClauseReading
from tocsin.formats.prose.tokens import Tokens, text_of
from tocsin.identify.model_number import model_number

_CONSTRAINTS = frozenset({SOFTWARE, LOT, SERIAL, EITHER, DAYS, BARE_DAY, FACT})


def split_products(reading: ClauseReading, setting: Setting) -> list[Tokens]:
    """Return the parts of a clause, one per product where each has its own constraints.

    "X with version 1 and Y with version 2" are two parts; "X and Y with version 1" is one.
    """
    marks = _without_linked(reading.tokens, _marks(reading, setting))
    order = "".join(kind for _, kind in marks)
    groups = _groups(marks)
    if len(groups) < 2 or "p" not in order or "c" not in order:
        return [reading.tokens]
    if order[0] == "p":
        starts = [start for start, kind in groups if kind == "p"]
    else:
        starts = [start for start, kind in groups if kind == "c"]
    if len(starts) < 2:
        return [reading.tokens]
    cuts = [0, *starts[1:], len(reading.tokens)]
    return [reading.tokens[a:b] for a, b in itertools.pairwise(cuts)]


def _without_linked(tokens: Tokens, marks: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Leave out a product that no joint parts from the constraint before it.

    "Spectrum v6.x model 35700" names one product twice.
    """
    kept: list[tuple[int, str]] = []
    for place, kind in marks:
        linked = kind == "p" and bool(kept) and kept[0][1] == "p" and kept[-1][1] == "c"
        if not (linked and not _joint_before(tokens, place)):
            kept.append((place, kind))
    return kept


def _joint_before(tokens: Tokens, at: int) -> bool:
    while at > 0 and is_filler(tokens[at - 1]) and tokens[at - 1].low.isalpha():
        at -= 1
        if phrase_table("and_").find(tokens, at) or phrase_table("or_").find(tokens, at):
            return True
    return at > 0 and tokens[at - 1].low in {",", ";", "/", "&", "+"}


def _groups(marks: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return where each run of products or of constraints begins."""
    groups: list[tuple[int, str]] = []
    for place, kind in marks:
        if not groups or groups[-1][1] != kind:
            groups.append((place, kind))
    return groups


def _marks(reading: ClauseReading, setting: Setting) -> list[tuple[int, str]]:
    """Return the places of products (p) and constraints (c), refinements left out."""
    found: list[tuple[int, str]] = []
    named: list[str] = []
    for phrase in reading.phrases:
        if phrase.kind in _CONSTRAINTS or (phrase.kind == ALL and phrase.value != "units"):
            found.append((phrase.first, "c"))
        elif phrase.kind == CODES:
            codes = [model_number(code.upper()).squeezed for code in phrase.value]
            refines = bool(named) and all(
                any(c.startswith(n) and c != n for n in named) for c in codes
            )
            named += codes
            if not refines:
                found.append((phrase.first, "p"))
    runs = runs_of(reading.tokens, reading.left)
    found += [(run[0], "p") for run in runs if _is_name(reading.tokens, run, setting)]
    return sorted(found)


def _is_name(tokens: Tokens, run: Sequence[int], setting: Setting) -> bool:
    telling = [place for place in run if not is_filler(tokens[place])]
    if telling and all(is_own_word(tokens[place], setting) for place in telling):
        return any(tokens[place].low in setting.own_words for place in telling)
    return is_known_name(text_of(setting.text, tokens[run[0] : run[-1] + 1]), setting)
