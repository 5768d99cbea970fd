"""The order of versions: the keys say what the tokens say, and the laws of a partial order hold."""

from itertools import pairwise, permutations
from random import Random
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lib.random_versions import random_neighbour, random_version, random_version_pair
from tocsin.base.steps import Step, truth_within
from tocsin.base.truth import Truth
from tocsin.identify.version import (
    Operator,
    Relation,
    UnreadableVersion,
    Version,
    compare,
    parse_version,
    satisfies,
)
from tocsin.identify.version_key import HIGHEST, LOWEST, version_keys, version_steps

OPERATORS: tuple[Operator, ...] = get_args(Operator)
MIRRORED = {
    Relation.LESS: {Relation.GREATER},
    Relation.GREATER: {Relation.LESS},
    Relation.EQUAL: {Relation.EQUAL, Relation.EQUAL_SHORT},
    Relation.EQUAL_SHORT: {Relation.EQUAL},
    Relation.PREFIX: {Relation.EXTENDS},
    Relation.EXTENDS: {Relation.PREFIX},
    Relation.INCOMPARABLE: {Relation.INCOMPARABLE},
}

seeds = st.integers(0, 2**48)
each_seed = given(seed=seeds)
many = settings(max_examples=150, deadline=None)


def read(text: str) -> Version | None:
    try:
        return parse_version(text)
    except UnreadableVersion:
        return None


def pairs(seed: int, n: int = 40, *, wild: bool = True) -> list[tuple[Version, Version]]:
    """Return pairs of readable versions; the most of what is drawn is readable."""
    rng = Random(seed)
    drawn = (random_version_pair(rng, wild=wild) for _ in range(n))
    both = ((read(first), read(second)) for first, second in drawn)
    return [(first, second) for first, second in both if first and second]


@many
@each_seed
def test_key_steps_equal_the_token_comparison(seed: int) -> None:
    for version, bound in pairs(seed):
        low, high = version_keys(version)
        for operator in OPERATORS:
            by_tokens = satisfies(version, operator, bound)
            by_keys = truth_within(version_steps(operator, bound), low, high)
            assert by_keys is by_tokens, (version.text, operator, bound.text)


@many
@each_seed
def test_steps_cover_the_whole_line_and_every_key_lies_on_it(seed: int) -> None:
    for version, bound in pairs(seed, 10):
        low, high = version_keys(version)
        assert LOWEST <= low <= high < HIGHEST
        assert set(low + high) <= set("0123456789abcdef")
        for operator in OPERATORS:
            check_steps(version_steps(operator, bound))


def check_steps(steps: list[Step[str]]) -> None:
    assert steps[0].low == LOWEST
    assert steps[-1].high == HIGHEST
    for step, following in pairwise(steps):
        assert step.low < step.high == following.low
        assert step.truth is not following.truth


@many
@each_seed
def test_the_order_is_mirrored(seed: int) -> None:
    """Except that two cases are decided from one side only.

    They are what is beyond zeros and a word, and one long number against one with points.
    """
    for first, second in pairs(seed, wild=False):
        if any(a.is_one_long_number and b.has_points for a, b in permutations((first, second))):
            continue
        there, back = compare(first, second), compare(second, first)
        if {there, back} == {Relation.INCOMPARABLE, Relation.EXTENDS}:
            longer = max(first, second, key=lambda version: len(version.tokens))
            assert any(token.kind == "word" for token in longer.tokens)
        else:
            assert back in MIRRORED[there], (first.text, there, second.text, back)


@many
@each_seed
def test_less_is_transitive(seed: int) -> None:
    """But for one long number against a bound with points, which may have lost its own: a doubt."""
    rng = Random(seed)
    drawn = [random_version(rng, wild=False) for _ in range(4)]
    drawn += [random_neighbour(rng, text, wild=False) for text in drawn for _ in range(2)]
    versions = [version for version in map(read, drawn) if version]
    less = {
        (a, b)
        for a, first in enumerate(versions)
        for b, second in enumerate(versions)
        if satisfies(first, "<", second) is Truth.TRUE
    }
    for a, b in less:
        for c, d in less:
            first, second = versions[a], versions[d]
            if b == c and not (first.is_one_long_number and second.has_points):
                assert (a, d) in less, (first.text, versions[b].text, second.text)


@many
@each_seed
def test_nothing_is_less_than_itself(seed: int) -> None:
    rng = Random(seed)
    for _ in range(20):
        version = read(random_version(rng, wild=False))
        if version is not None:
            assert compare(version, version) is Relation.EQUAL


@many
@each_seed
def test_zeros_at_the_end_of_a_bound_never_contradict_it(seed: int) -> None:
    """They only make it more precise: 3.0.3 is above 3.0.0, but perhaps within 3.0."""
    for version, bound in pairs(seed):
        longer = read(bound.text + ".0")
        if longer is None or longer.tokens[:-1] != bound.tokens:
            continue
        for operator in OPERATORS:
            truths = {satisfies(version, operator, bound), satisfies(version, operator, longer)}
            assert truths != {Truth.TRUE, Truth.FALSE}, (version.text, operator, bound.text)


@many
@each_seed
def test_case_and_a_leading_v_change_nothing(seed: int) -> None:
    for version, bound in pairs(seed):
        text = version.text.lstrip("vV")
        for other in (text.lower(), text.upper(), f" V{text}", f"v {text}", f"Version {text}"):
            again = read(other)
            assert again is not None, other
            assert compare(again, bound) is compare(version, bound), (other, bound.text)


@many
@each_seed
def test_less_precise_never_says_more(seed: int) -> None:
    """A version cut off after any part is decided only as all its completions are."""
    for version, bound in pairs(seed, wild=False):
        if bound.wildcard != "none":
            continue
        for operator in OPERATORS:
            whole = satisfies(version, operator, bound)
            for cut in range(1, len(version.tokens)):
                if any(token.kind != "number" for token in version.tokens[: cut + 1]):
                    break
                shorter = Version("", version.line, version.tokens[:cut])
                truth = satisfies(shorter, operator, bound)
                assert (truth, whole) != (Truth.FALSE, Truth.TRUE), (
                    version.text,
                    operator,
                    bound.text,
                )
