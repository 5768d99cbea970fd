"""Truth as a step function over an ordered line of keys.

A constraint such as "2.4A or lower" becomes a list of half-open steps
``low <= key < high`` that cover the line from its lowest to its highest key without a
gap. Records carry a closed key interval: a point when their value is precise.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from tocsin.base.truth import Truth

K = TypeVar("K", int, str)


class Step(NamedTuple, Generic[K]):
    """The truth of all keys with ``low <= key < high``."""

    low: K
    high: K
    truth: Truth


def merge(steps: Iterable[Step[K]]) -> list[Step[K]]:
    """Return the same function with touching steps of equal truth joined, empty ones gone."""
    merged: list[Step[K]] = []
    for step in steps:
        if not step.low < step.high:
            continue
        if merged and merged[-1].truth == step.truth and merged[-1].high == step.low:
            merged[-1] = Step(merged[-1].low, step.high, step.truth)
        else:
            merged.append(step)
    return merged


def combine(
    functions: Sequence[Sequence[Step[K]]], rule: Callable[[Iterable[Truth]], Truth]
) -> list[Step[K]]:
    """Return the pointwise combination of step functions that cover the same line."""
    cuts: list[K] = sorted({step.low for steps in functions for step in steps})
    ends: list[K] = cuts[1:]
    ends.append(functions[0][-1].high)
    positions = [0] * len(functions)
    combined: list[Step[K]] = []
    for low, high in zip(cuts, ends, strict=True):
        truths = []
        for index, steps in enumerate(functions):
            while steps[positions[index]].high <= low:
                positions[index] += 1
            truths.append(steps[positions[index]].truth)
        combined.append(Step(low, high, rule(truths)))
    return merge(combined)


def truth_within(steps: Iterable[Step[K]], low: K, high: K) -> Truth:
    """Return the truth for a record whose key lies somewhere in ``low..high`` (closed).

    TRUE or FALSE only if every key of the interval agrees, else UNKNOWN.
    """
    touched = [step for step in steps if step.low <= high and low < step.high]
    if all(step.truth is Truth.FALSE for step in touched):
        return Truth.FALSE
    if len(touched) == 1 and touched[0].low <= low and high < touched[0].high:
        return touched[0].truth
    return Truth.UNKNOWN
