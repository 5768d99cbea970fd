"""Sortable keys for versions, so that any database can compare them.

A key is text over ``0-9a-f``, which every collation sorts alike. Under a common prefix
the order is: end < numbers < letters < words. The partial order of `version.compare`
becomes a list of steps on the key line, one per `Relation`.
Source: `docs/adr/0002-partial-version-order-and-its-keys.md`.
"""

from collections.abc import Iterator
from functools import lru_cache

from tocsin.base.steps import Step, merge
from tocsin.identify.version import (
    MAX_TOKENS,
    Operator,
    Relation,
    Token,
    Version,
    ends_in_zeros,
    truth_of_relation,
)

LOWEST = "0"
HIGHEST = "ff"

_NEXT = "0"  # after a point: no token begins so low
_AFTER_NUMBERS = "2"
_AFTER_LETTERS = "8"
_AFTER_ALL = "f"
_ZERO = "110"

RelationStep = tuple[str, str, Relation]


def token_key(token: Token) -> str:
    """Return the key of one token; keys of tokens are prefix-free."""
    if token.kind == "number":
        return f"1{len(token.text):x}{token.text}"
    code = token.text.encode().hex()
    return f"5{code}" if token.kind == "letter" else f"9{code}00"


def _line_key(line: str) -> str:
    return f"9{line.encode().hex()}00" if line else "1"


_LONG_NUMBERS = _line_key("#")
"""Where versions lie that are one long number: with points they compare with nothing."""


@lru_cache(maxsize=65536)
def version_keys(version: Version) -> tuple[str, str]:
    """Return the lowest and the highest key that the version can stand for.

    Both are equal unless the version contains a wildcard.
    """
    line = _LONG_NUMBERS if version.is_one_long_number else _line_key(version.line)
    key = line + "".join(map(token_key, version.tokens))
    if version.wildcard == "open":
        return key, key + "1f"
    if version.wildcard == "unclear":
        return key, key + "e"
    return key, key


def version_steps(operator: Operator, bound: Version) -> list[Step[str]]:
    """Return the truth of ``version operator bound`` over the whole key line."""
    return merge(
        Step(low, high, truth_of_relation(relation, operator))
        for low, high, relation in relation_steps(bound)
    )


def relation_steps(bound: Version) -> Iterator[RelationStep]:
    """Yield, in key order and without a gap, how each key stands to the bound."""
    lines = [_line_key(bound.line)]
    if not (bound.line or bound.has_points):
        lines.append(_LONG_NUMBERS)
    end = LOWEST
    for line in lines:
        yield end, line, Relation.INCOMPARABLE
        yield from _below(bound, line, 0)
        end = line + _AFTER_ALL
    yield end, HIGHEST, Relation.INCOMPARABLE


def _below(bound: Version, prefix: str, index: int) -> Iterator[RelationStep]:
    """Yield the steps of all keys that begin with the bound's first ``index`` tokens."""
    if index == len(bound.tokens):
        yield from _beyond(bound, prefix)
        return
    token = bound.tokens[index]
    here = prefix + token_key(token)
    end = _relation_of_end(bound, index)
    yield prefix, prefix + _NEXT, end
    if token.kind == "number":
        lower = end if token.is_zero else Relation.LESS  # nothing lies below zero
        yield prefix + _NEXT, here, lower
        yield from _below(bound, here, index + 1)
        yield here + _AFTER_ALL, prefix + _AFTER_NUMBERS, Relation.GREATER
        zeros = bound.wildcard == "none" and ends_in_zeros(bound, index)
        letters = Relation.EXTENDS if zeros else Relation.INCOMPARABLE
        yield prefix + _AFTER_NUMBERS, prefix + _AFTER_LETTERS, letters
        yield prefix + _AFTER_LETTERS, prefix + _AFTER_ALL, Relation.INCOMPARABLE
    elif token.kind == "letter":
        zeros_end = _zeros_after(prefix)
        yield prefix + _NEXT, zeros_end, Relation.PREFIX
        yield zeros_end, prefix + _AFTER_NUMBERS, Relation.INCOMPARABLE
        yield prefix + _AFTER_NUMBERS, here, Relation.LESS
        yield from _below(bound, here, index + 1)
        yield here + _AFTER_ALL, prefix + _AFTER_LETTERS, Relation.GREATER
        yield prefix + _AFTER_LETTERS, prefix + _AFTER_ALL, Relation.INCOMPARABLE
    else:
        yield prefix + _NEXT, here, Relation.INCOMPARABLE
        yield from _below(bound, here, index + 1)
        yield here + _AFTER_ALL, prefix + _AFTER_ALL, Relation.INCOMPARABLE


def _relation_of_end(bound: Version, index: int) -> Relation:
    """Return how a version that ends before token ``index`` stands to the bound."""
    rest = next((token for token in bound.tokens[index:] if not token.is_zero), None)
    if rest is None:
        unclear = bound.wildcard == "unclear"
        return Relation.INCOMPARABLE if unclear else Relation.EQUAL_SHORT
    return Relation.INCOMPARABLE if rest.kind == "word" else Relation.PREFIX


def _beyond(bound: Version, prefix: str) -> Iterator[RelationStep]:
    """Yield the steps of the keys that begin with the whole bound."""
    if bound.wildcard == "unclear":
        yield prefix, prefix + _AFTER_ALL, Relation.INCOMPARABLE
        return
    if bound.wildcard == "open":
        yield prefix, prefix + _AFTER_NUMBERS, Relation.EQUAL
        yield prefix + _AFTER_NUMBERS, prefix + _AFTER_ALL, Relation.INCOMPARABLE
        return
    zeros_end = _zeros_after(prefix)
    yield prefix, zeros_end, Relation.EQUAL
    yield zeros_end, prefix + _AFTER_LETTERS, Relation.EXTENDS
    yield prefix + _AFTER_LETTERS, prefix + _AFTER_ALL, Relation.INCOMPARABLE


def _zeros_after(prefix: str) -> str:
    """Return the first key above ``prefix.0``, ``prefix.0.0`` and so on."""
    return prefix + _ZERO * MAX_TOKENS + _NEXT
