"""Kleene's three-valued logic.

The numbers matter: AND is the minimum, OR the maximum, NOT is ``2 - x``. Both engines
and every relational key rely on that, so the values are part of the contract.
"""

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """FALSE < UNKNOWN < TRUE."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return the conjunction; of nothing it is TRUE.

    >>> all_of([Truth.TRUE, Truth.UNKNOWN]).name
    'UNKNOWN'
    """
    return min(truths, default=Truth.TRUE)


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return the disjunction; of nothing it is FALSE.

    >>> any_of([Truth.FALSE, Truth.UNKNOWN]).name
    'UNKNOWN'
    """
    return max(truths, default=Truth.FALSE)


def negate(truth: Truth) -> Truth:
    """Return the negation; the negation of UNKNOWN is UNKNOWN."""
    return Truth(2 - truth)
