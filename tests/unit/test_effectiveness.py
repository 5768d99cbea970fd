"""Effectiveness checks: how many, who, and what may be said afterwards."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.errors import UsageError
from tocsin.report.bounds import least_share, most_bad, share_bounds
from tocsin.report.check_levels import (
    CheckLevel,
    check_questions,
    draw_sample,
    known_levels,
    sample_size,
)
from tocsin.report.check_result import QUESTIONS, Asked, infer


def test_each_level_asks_what_the_rule_says() -> None:
    sizes = {level: sample_size(2600, level) for level in CheckLevel if level is not CheckLevel.B}
    assert sizes == {CheckLevel.A: 2600, CheckLevel.C: 260, CheckLevel.D: 52, CheckLevel.E: 0}
    assert sample_size(2600, CheckLevel.B, 0.3) == 780
    assert sample_size(11, CheckLevel.C) == 2  # rounded up
    assert sample_size(0, CheckLevel.A) == 0
    for wrong in (None, 0.1, 1.0, 0.05, 2.0):
        with pytest.raises(UsageError, match="and below 1"):
            sample_size(2600, CheckLevel.B, wrong)
    with pytest.raises(UsageError, match="no part of its own"):
        sample_size(2600, CheckLevel.D, 0.5)
    assert set(known_levels()) == set(CheckLevel)
    assert tuple(check_questions()) == QUESTIONS


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    share=st.fractions(0, 1),
    seed=st.integers(0, 2**32),
)
def test_samples_are_in_proportion_and_repeatable(
    sizes: list[int], share: Fraction, seed: int
) -> None:
    strata = {f"p{s}-{n}": f"s{s}" for s, size in enumerate(sizes) for n in range(size)}
    n_drawn = int(share * len(strata))
    drawn = draw_sample(strata, n_drawn, np.random.default_rng(seed))
    assert len(drawn) == len(set(drawn)) == n_drawn
    assert set(drawn) <= set(strata)
    shuffled = dict(sorted(strata.items(), key=hash))
    assert draw_sample(shuffled, n_drawn, np.random.default_rng(seed)) == drawn
    counts = Counter(strata[person] for person in drawn)
    if n_drawn >= len(sizes):
        assert all(counts[f"s{s}"] >= 1 for s in range(len(sizes)))
    for place, size in enumerate(sizes):
        exact = n_drawn * size / len(strata)
        assert counts[f"s{place}"] <= exact + len(sizes)


def test_another_seed_draws_others() -> None:
    strata = dict.fromkeys(map(str, range(1000)), "FR patient")
    draws = {tuple(draw_sample(strata, 20, np.random.default_rng(seed))) for seed in range(5)}
    assert len(draws) == 5


@pytest.mark.parametrize(
    ("n_listed", "n_asked", "n_bad", "most"),
    [
        (2600, 260, 5, 101),  # outreach figures: 3.9 % of 2,600
        (5000, 290, 0, 49),  # zero of 290 rules out 1 % of 5,000
        (5000, 289, 0, 50),
        (125, 119, 0, 0),  # zero of 119 of 125 rules out a single miss
        (125, 118, 0, 1),
        (10, 10, 3, 3),
        (10, 0, 0, 10),
    ],
)
def test_how_many_may_have_been_failed(n_listed: int, n_asked: int, n_bad: int, most: int) -> None:
    assert most_bad(n_listed, n_asked, n_bad) == most


def test_bounds_of_a_share_are_exact() -> None:
    assert share_bounds(0, 10) == pytest.approx((0.0, 0.308497), abs=1e-6)
    assert share_bounds(10, 10) == pytest.approx((0.691503, 1.0), abs=1e-6)
    assert share_bounds(5, 10) == pytest.approx((0.187086, 0.812914), abs=1e-6)
    assert least_share(299, 299) > 0.99 > least_share(298, 298)


def test_silence_counts_as_failure() -> None:
    yes, no = dict.fromkeys(QUESTIONS, True), {**dict.fromkeys(QUESTIONS, True), "followed": False}
    found = {each.question: each for each in infer([Asked(yes), Asked(no), Asked(None)], 3)}
    assert (found["received"].n_good, found["followed"].n_good, found["all"].n_good) == (2, 1, 1)
    assert {each.n_silent for each in found.values()} == {1}
    assert found["all"].most_failed == 2
    assert infer([], 10) == []
