"""Software versions of devices and their *partial* order.

Not every pair of versions can be compared: a letter against a number at the same place
(2.6A and 2.6.1), versions of different lines (U61 and L81) or different words (SP, HF)
are incomparable, and an incomparable pair is UNKNOWN, never a guess.
Source: `docs/adr/0002-partial-version-order-and-its-keys.md`.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Literal

from tocsin.base.truth import Truth

MAX_TOKENS = 12
MAX_DIGITS = 14

Operator = Literal["<=", "<", ">=", ">", "="]
TokenKind = Literal["number", "letter", "word"]


class UnreadableVersion(ValueError):
    """A text is not surely a software version."""


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a version: a number, a single letter or a word."""

    kind: TokenKind
    text: str
    number: int = 0

    @property
    def is_zero(self) -> bool:
        """Whether this is the number 0, which counts like nothing at the end."""
        return self.kind == "number" and self.number == 0


@dataclass(frozen=True, slots=True)
class Version:
    """A version as tokens.

    Attributes:
        text: what was written, trimmed.
        line: the letters that lead it (``L`` of ``L81``); versions of different lines
            are incomparable. Empty for the usual version that begins with a number.
        tokens: the pieces that follow; wildcards are not among them.
        wildcard: ``none``; ``open`` when it ends in wildcards (4.x); ``unclear`` when
            something follows a wildcard (4.x.2).
    """

    text: str
    line: str
    tokens: tuple[Token, ...]
    wildcard: Literal["none", "open", "unclear"] = "none"

    @property
    def is_one_long_number(self) -> bool:
        """Whether it has no points where a version has some: 24A, 600, 2019-03, 20190301.

        It is a build, a date or a version that lost its points.
        """
        first, *rest = self.tokens
        if self.line or self.wildcard != "none" or any(each.kind == "number" for each in rest):
            return False
        letters = sum(len(each.text) for each in rest if each.kind == "letter")
        return first.kind == "number" and len(first.text) + letters >= _MIN_LONG

    @property
    def has_points(self) -> bool:
        """Whether several numbers follow each other."""
        return self.wildcard != "none" or sum(each.kind == "number" for each in self.tokens) > 1


_MIN_LONG = 3
_LEAD = re.compile(
    r"^(?:(?:SOFTWARE|FIRMWARE|SW|FW)\s+)?(?:VERSION|VER\.?|V\.?|REVISION|REV\.?)?\s*"
)
_LINE = re.compile(r"^(?P<line>[A-Z]{1,4})[ .\-]?(?=\d)|^(?P<zeros>0\d*[A-Z])(?=\d{3})")
_PIECE = re.compile(
    r"(?P<wild>(?<=\.)[X*]+(?![A-Z0-9])|^[X*]+$)"
    r"|(?P<number>\d+)"
    r"|(?P<build>-[0-9A-Z]+$)"
    r"|(?P<letters>[A-Z]+)"
    r"|(?P<gap>[.\s_]+)"
)
# A word that stands apart must be one of these: "2.3.6 and below", "8.3.2 on Windows" and
# "882300 Gemini 16 Slice" are real entries of version slots, and no versions.
_LATER_WORDS = frozenset(
    {
        *("BUILD", "CU", "FEATURE", "FIX", "FP", "HF", "HOTFIX", "HOTFIXREV", "HW", "IR", "MR"),
        *("PACK", "PATCH", "QU", "REV", "REVISION", "RU", "SERVICE", "SP", "SR", "TCU", "UPD"),
        "UPDATE",
    }
)
_EARLIER_WORDS = frozenset({"ALPHA", "BETA", "DEV", "PRE", "PREVIEW", "RC"})
_KNOWN_WORDS = _LATER_WORDS | _EARLIER_WORDS
_PROSE = frozenset({"AND", "OR", "TO"})


@lru_cache(maxsize=65536)
def parse_version(text: str) -> Version:
    """Return the version that a text states.

    Raises:
        UnreadableVersion: if any part of the text is not surely part of a version.

    >>> [t.text for t in parse_version("V2.6A").tokens]
    ['2', '6', 'A']
    """
    trimmed = " ".join(text.split())
    body = _LEAD.sub("", trimmed.upper(), count=1)
    if len(body) == 1 and body.isascii() and body.isalpha() and body != "X":
        return Version(trimmed, "letter", (Token("letter", body),))
    line = ""
    if led := _LINE.match(body):
        line = led.group("line") or led.group("zeros")
        body = body[led.end() :]
    if not body or not (body[0].isdigit() or body in {"X", "*"}):
        raise UnreadableVersion(trimmed)
    tokens, wildcard = _read_tokens(body, trimmed)
    if len(tokens) > MAX_TOKENS or body in {"X", "*"}:
        raise UnreadableVersion(trimmed)
    return Version(trimmed, line, tokens, wildcard)


def _read_tokens(
    body: str, text: str
) -> tuple[tuple[Token, ...], Literal["none", "open", "unclear"]]:
    tokens: list[Token] = []
    wildcard: Literal["none", "open", "unclear"] = "none"
    position = 0
    after_gap = ""
    while position < len(body):
        piece = _PIECE.match(body, position)
        if piece is None:
            raise UnreadableVersion(text)
        position = piece.end()
        found = piece.group()
        if piece["gap"]:
            after_gap = found
            continue
        if piece["wild"]:
            wildcard = "open" if wildcard == "none" else wildcard
        else:
            _check_gap(after_gap, tokens, piece, text)
            token = _token(piece, found, after_gap, text)
            if wildcard == "none":
                _append(tokens, token)
            else:
                wildcard = "unclear"
        after_gap = ""
    if after_gap.strip():
        raise UnreadableVersion(text)
    return tuple(tokens), wildcard


def _check_gap(gap: str, tokens: list[Token], piece: "re.Match[str]", text: str) -> None:
    """Refuse a gap that may hide a part (6..3) or that may part two versions (2.2 2.2.0.1)."""
    after_word = not tokens or tokens[-1].kind == "word"
    if len(gap.replace(" ", "")) > 1 or (" " in gap and piece["number"] and not after_word):
        raise UnreadableVersion(text)


def _append(tokens: list[Token], token: Token) -> None:
    """Append a token; zeros before a word go, unless the word surely follows the release.

    6.0.0 RC1 comes before 6, so that its zeros must not make it an extension of 6.
    """
    follows = token.text in _LATER_WORDS or re.fullmatch(r"[A-Z]|-[0-9]+", token.text)
    if token.kind == "word" and not follows:
        while len(tokens) > 1 and tokens[-1].is_zero:
            tokens.pop()
    tokens.append(token)


def _token(piece: "re.Match[str]", found: str, after_gap: str, text: str) -> Token:
    if piece["number"]:
        if len(found.lstrip("0")) > MAX_DIGITS:
            raise UnreadableVersion(text)
        return Token("number", str(int(found)), int(found))
    if piece["letters"]:
        unknown = after_gap and len(found) > 1 and found not in _KNOWN_WORDS
        if unknown or found in _PROSE or not found.strip("X"):  # 4X: forty-something, or letter X?
            raise UnreadableVersion(text)
        if len(found) == 1 and not after_gap:
            return Token("letter", found)
    return Token("word", found)


class Relation(Enum):
    """How a version stands to a bound."""

    LESS = "less"
    EQUAL = "equal"
    EQUAL_SHORT = "equal when padded with zeros, but less precise than the bound"
    GREATER = "greater"
    EXTENDS = "has more parts than the bound, and all of the bound's parts"
    PREFIX = "less precise than the bound, and below it when padded with zeros"
    INCOMPARABLE = "incomparable"


_T, _U, _F = Truth.TRUE, Truth.UNKNOWN, Truth.FALSE
_RULES: dict[Relation, dict[Operator, Truth]] = {
    Relation.LESS: {"<=": _T, "<": _T, ">=": _F, ">": _F, "=": _F},
    Relation.EQUAL: {"<=": _T, "<": _F, ">=": _T, ">": _F, "=": _T},
    Relation.EQUAL_SHORT: {"<=": _T, "<": _F, ">=": _T, ">": _U, "=": _T},
    Relation.GREATER: {"<=": _F, "<": _F, ">=": _T, ">": _T, "=": _F},
    Relation.EXTENDS: {"<=": _U, "<": _F, ">=": _T, ">": _U, "=": _U},
    Relation.PREFIX: {"<=": _T, "<": _T, ">=": _U, ">": _U, "=": _U},
    Relation.INCOMPARABLE: {"<=": _U, "<": _U, ">=": _U, ">": _U, "=": _U},
}


def truth_of_relation(relation: Relation, operator: Operator) -> Truth:
    """Return whether a version in this relation to a bound satisfies ``operator bound``."""
    return _RULES[relation][operator]


def compare(version: Version, bound: Version) -> Relation:
    """Return how a record's version stands to a notice's bound.

    >>> compare(parse_version("2.10"), parse_version("2.4A")).name
    'GREATER'
    >>> compare(parse_version("2.6.1"), parse_version("2.6A")).name
    'INCOMPARABLE'
    """
    if version.line != bound.line or (version.is_one_long_number and bound.has_points):
        return Relation.INCOMPARABLE
    for index, (ours, theirs) in enumerate(zip(version.tokens, bound.tokens, strict=False)):
        if ours != theirs:
            return _compare_tokens(version, bound, index)
    shared = min(len(version.tokens), len(bound.tokens))
    return _compare_ends(version, bound, version.tokens[shared:], bound.tokens[shared:])


def _compare_tokens(version: Version, bound: Version, index: int) -> Relation:
    ours, theirs = version.tokens[index], bound.tokens[index]
    if "word" in {ours.kind, theirs.kind}:
        return Relation.INCOMPARABLE
    if ours.kind == theirs.kind == "number":
        return Relation.LESS if ours.number < theirs.number else Relation.GREATER
    if ours.kind == theirs.kind:
        return Relation.LESS if ours.text < theirs.text else Relation.GREATER
    if ours.kind == "number" and version.wildcard == "none" and ends_in_zeros(version, index):
        return Relation.PREFIX  # 2.6.0 against 2.6A is 2.6 against 2.6A
    if ours.kind == "letter" and bound.wildcard == "none" and ends_in_zeros(bound, index):
        return Relation.EXTENDS  # 2.6A against 2.6.0 is 2.6A against 2.6
    return Relation.INCOMPARABLE


def ends_in_zeros(version: Version, index: int) -> bool:
    """Whether all tokens from ``index`` on are zeros, so that they say nothing."""
    return all(token.is_zero for token in version.tokens[index:])


def _compare_ends(
    version: Version, bound: Version, our_rest: tuple[Token, ...], their_rest: tuple[Token, ...]
) -> Relation:
    if version.wildcard != "none":
        return _compare_wildcard(version, bound, our_rest, their_rest)
    if their_rest:
        beyond_zeros = next((token for token in their_rest if not token.is_zero), None)
        if beyond_zeros is None:
            return Relation.INCOMPARABLE if bound.wildcard == "unclear" else Relation.EQUAL_SHORT
        return Relation.INCOMPARABLE if beyond_zeros.kind == "word" else Relation.PREFIX
    if bound.wildcard == "unclear":
        return Relation.INCOMPARABLE
    if bound.wildcard == "open":
        numeric = not our_rest or our_rest[0].kind == "number"
        return Relation.EQUAL if numeric else Relation.INCOMPARABLE
    if all(token.is_zero for token in our_rest):
        return Relation.EQUAL
    return Relation.INCOMPARABLE if our_rest[0].kind == "word" else Relation.EXTENDS


def _compare_wildcard(
    version: Version, bound: Version, our_rest: tuple[Token, ...], their_rest: tuple[Token, ...]
) -> Relation:
    """Compare a record that says 4.x: any number may follow its tokens."""
    if bound.wildcard == "unclear":
        return Relation.INCOMPARABLE
    if our_rest:  # the bound has ended inside the record's tokens
        if bound.wildcard == "open":
            return Relation.EQUAL if our_rest[0].kind == "number" else Relation.INCOMPARABLE
        return Relation.INCOMPARABLE if our_rest[0].kind == "word" else Relation.EXTENDS
    if their_rest or version.wildcard == "unclear":
        return Relation.INCOMPARABLE
    return Relation.EQUAL if bound.wildcard == "open" else Relation.EXTENDS


def satisfies(version: Version, operator: Operator, bound: Version) -> Truth:
    """Return whether ``version operator bound`` holds."""
    return truth_of_relation(compare(version, bound), operator)
