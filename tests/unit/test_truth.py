"""Kleene's logic, steps on a line, verdicts: the ground of everything."""

from itertools import product

import pytest

from tocsin.base.steps import Step, combine, merge, truth_within
from tocsin.base.truth import Truth, all_of, any_of, negate
from tocsin.base.verdict import Verdict, verdict_of

T, U, F = Truth.TRUE, Truth.UNKNOWN, Truth.FALSE
ALL = (F, U, T)


@pytest.mark.parametrize(
    ("one", "other", "conjunction", "disjunction"),
    [
        (T, T, T, T),
        (T, U, U, T),
        (T, F, F, T),
        (U, U, U, U),
        (U, F, F, U),
        (F, F, F, F),
    ],
)
def test_kleene_tables(one: Truth, other: Truth, conjunction: Truth, disjunction: Truth) -> None:
    for pair in ([one, other], [other, one]):
        assert all_of(pair) is conjunction
        assert any_of(pair) is disjunction


def test_negation() -> None:
    assert [negate(each) for each in ALL] == [T, U, F]


def test_de_morgan_and_distribution() -> None:
    for a, b, c in product(ALL, repeat=3):
        assert negate(all_of([a, b])) is any_of([negate(a), negate(b)])
        assert all_of([a, any_of([b, c])]) is any_of([all_of([a, b]), all_of([a, c])])


def test_of_nothing() -> None:
    assert all_of([]) is T
    assert any_of([]) is F


def test_more_knowledge_never_contradicts() -> None:
    """What is TRUE or FALSE with an UNKNOWN part stays so, whatever the part turns out to be."""
    for a, known in product(ALL, (T, F)):
        for rule in (all_of, any_of):
            before = rule([a, U])
            assert before in {U, rule([a, known])}


def test_verdicts_are_the_words_that_users_read() -> None:
    assert [verdict_of(each) for each in ALL] == ["not_affected", "cannot_tell", "affected"]
    assert {str(each) for each in Verdict} == {"not_affected", "cannot_tell", "affected"}


LINE = [Step(0, 10, F), Step(10, 20, T), Step(20, 30, U), Step(30, 40, F)]


@pytest.mark.parametrize(
    ("low", "high", "truth"),
    [
        (5, 5, F),
        (10, 10, T),
        (19, 19, T),
        (20, 20, U),
        (10, 19, T),
        (9, 10, U),
        (10, 20, U),
        (0, 9, F),
        (5, 35, U),
        (32, 33, F),
    ],
)
def test_truth_within_an_interval(low: int, high: int, truth: Truth) -> None:
    assert truth_within(LINE, low, high) is truth


def test_a_record_between_two_false_steps_is_false() -> None:
    assert truth_within([Step(0, 10, F), Step(10, 20, F)], 5, 15) is F


def test_merging_joins_touching_equals_and_drops_empty_ones() -> None:
    steps = [Step(0, 5, F), Step(5, 5, T), Step(5, 9, F), Step(9, 12, T), Step(13, 14, T)]
    assert merge(steps) == [Step(0, 9, F), Step(9, 12, T), Step(13, 14, T)]


def test_combining_is_pointwise() -> None:
    one = [Step(0, 10, T), Step(10, 30, F)]
    other = [Step(0, 5, U), Step(5, 20, T), Step(20, 30, U)]
    for rule in (all_of, any_of):
        combined = combine([one, other], rule)
        for point in range(30):
            parts = [truth_within(steps, point, point) for steps in (one, other)]
            assert truth_within(combined, point, point) is rule(parts)
