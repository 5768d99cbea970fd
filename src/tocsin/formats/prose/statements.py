"""A text in statements: sentences, items of a list, lines that stand for themselves."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tocsin.formats.prose.lexicon import known_words, month_of, phrase_table
from tocsin.formats.prose.tokens import CODE, GAP, LINE, WORD, Token, Tokens

_LONG_LINE = 60
_GOES_ON = frozenset({",", "-", "/", "&", "<", ">", "<=", ">=", "|"})


@dataclass(frozen=True, slots=True)
class Statement:
    """Some neighbouring tokens that say one thing.

    Attributes:
        tokens: its tokens; line ends within it are kept.
        announces: whether it ends in a colon, so that what follows belongs to it.
        listed: whether it is an item of a list (behind a semicolon, on a line of its own).
        block: the number of its paragraph.
    """

    tokens: Tokens
    announces: bool = False
    listed: bool = False
    block: int = 0


def split_statements(tokens: Tokens) -> list[Statement]:
    """Return the statements of a text in order."""
    return list(_statements(tokens))


def _statements(tokens: Tokens) -> Iterator[Statement]:
    run: list[Token] = []
    depth = block = 0
    listed = False
    for at, token in enumerate(tokens):
        depth = max(0, depth + (token.low == "(") - (token.low == ")"))
        if token.kind == GAP:
            depth = 0
        ends = _ends(tokens, at, run, depth)
        if not ends:
            if token.kind != LINE or run:
                run.append(token)
            continue
        if token.low not in {";", ".", "*", "!", "?"} and token.kind not in {LINE, GAP}:
            run.append(token)
        if token.kind in {LINE, GAP} or token.low == "*":
            depth = 0
        if run:
            yield _statement(run, listed=listed or token.low == ";", block=block)
        listed = token.low in {";", "*"} or token.kind in {LINE, GAP}
        run = []
        block += token.kind == GAP
    if run:
        yield _statement(run, listed=listed, block=block)


def _statement(run: Sequence[Token], *, listed: bool, block: int) -> Statement:
    kept = list(run)
    while kept and kept[-1].kind == LINE:
        kept.pop()
    announces = bool(kept) and kept[-1].low == ":"
    return Statement(tuple(kept), announces=announces, listed=listed, block=block)


def _ends(tokens: Tokens, at: int, run: Sequence[Token], depth: int) -> bool:
    token = tokens[at]
    if token.kind == GAP:
        return True
    if token.kind == LINE:
        return bool(run) and not _line_goes_on(tokens, at, run)
    if depth:
        return False
    if token.low in {";", "!", "?"}:
        return True
    if token.low == "*":
        return at == 0 or tokens[at - 1].kind in {LINE, GAP}
    return token.low == "." and _is_full_stop(tokens, at)


def _is_full_stop(tokens: Tokens, at: int) -> bool:
    """Whether a dot ends a sentence: not an abbreviation's, and not a German date's."""
    before = tokens[at - 1].low if at else ""
    is_day = before.isdecimal() and len(before) <= 2
    if is_day and at + 1 < len(tokens) and month_of(tokens[at + 1].low):
        return False
    if before.endswith("-nr"):
        return False
    following = next((t for t in tokens[at + 1 : at + 3] if t.kind not in {LINE, GAP}), None)
    if following is None:
        return True
    if before in known_words().abbreviations and following.low != ";":
        return following.kind == WORD and following.text[:1].isupper() and len(before) > 4
    return following.spaced or tokens[at + 1].kind in {LINE, GAP} or following.low == ";"


def _line_goes_on(tokens: Tokens, at: int, run: Sequence[Token]) -> bool:
    """Whether a line was only wrapped, so that its end is no end of the statement."""
    last = run[-1]
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is None or last.kind in {LINE, GAP}:
        return False
    if last.low in {".", ":", ";"}:
        return last.low == ":" and following.kind == CODE
    joined = (
        last.low in _GOES_ON
        or following.low in {",", ")", "/"}
        or phrase_table("and_").find(tokens, at - 1) is not None
        or phrase_table("or_").find(tokens, at - 1) is not None
    )
    if joined or (following.kind == WORD and following.text[:1].islower()):
        return True
    if following.kind == CODE and last.kind == CODE and _is_list(run):
        return True
    width = last.end - _line_start(run).start
    return width >= _LONG_LINE and following.kind in {WORD, CODE}


def _line_start(run: Sequence[Token]) -> Token:
    start = run[0]
    for before, token in itertools.pairwise(run):
        if before.kind == LINE:
            start = token
    return start


def _is_list(run: Sequence[Token]) -> bool:
    """Whether the line so far ends in a list of bare numbers, one to a line."""
    line = [token for token in run if token.start >= _line_start(run).start]
    return all(token.kind == CODE or token.low == "," for token in line)
