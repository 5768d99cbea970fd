"""Effectiveness checks: how many are asked at each level, what they are asked, and who is drawn.

Pure: the generator is handed in, so that the same seed draws the same people from the same list.
"""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from functools import cache

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.base.errors import UsageError
from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file


class CheckLevel(StrEnum):
    """A level of 21 CFR 7.42(b)(3); what each means stands in `data/check_levels.yaml`."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class Level(BaseModel):
    """The smallest and the largest part of those who were told that a level asks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    least: float = Field(ge=0, le=1)
    most: float = Field(ge=0, le=1)


class _Levels(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    source: Source
    levels: dict[CheckLevel, Level]
    questions: dict[str, str]

    @model_validator(mode="after")
    def _has_every_level(self) -> "_Levels":
        if missing := set(CheckLevel) - set(self.levels):
            raise ValueError(f"level {', '.join(sorted(missing))} is missing")
        return self


@cache
def _table() -> _Levels:
    return load_data_file(data_folder("tocsin.report") / "check_levels.yaml", _Levels)


def known_levels() -> Mapping[CheckLevel, Level]:
    """Return what each level asks."""
    return _table().levels


def check_questions() -> Mapping[str, str]:
    """Return what everybody who was drawn is asked, by the name of the question."""
    return _table().questions


def sample_size(n_told: int, level: CheckLevel, share: float | None = None) -> int:
    """Return how many are asked; parts of a person are rounded up.

    Args:
        n_told: how many were told.
        level: the level.
        share: which part, at a level that leaves it open (B).

    Raises:
        UsageError: if the level does not allow the part, or needs one.

    >>> sample_size(2600, CheckLevel.C), sample_size(10, CheckLevel.D), sample_size(7, CheckLevel.A)
    (260, 1, 7)
    """
    allowed = known_levels()[level]
    if allowed.least == allowed.most:
        if share is not None and not math.isclose(share, allowed.least):
            raise UsageError(
                f"Level {level} asks {allowed.what}; it has no part of its own. Leave out the "
                f"part {share}, or take level B."
            )
        share = allowed.least
    elif share is None or not allowed.least < share < allowed.most:
        raise UsageError(
            f"Level {level} asks {allowed.what}. Say which part, above {allowed.least} and below "
            f"{allowed.most}; {share} was given."
        )
    return math.ceil(Fraction(str(share)) * n_told)


def draw_sample(
    strata: Mapping[str, str], n_drawn: int, generator: np.random.Generator
) -> list[str]:
    """Return who is asked: drawn by chance within each stratum, in proportion to its size.

    No stratum is left out while there are at least as many to draw as strata. The order of the
    mapping changes nothing.

    Args:
        strata: person -> stratum, such as country and audience; everybody on the frozen list.
        n_drawn: how many; at most all.
        generator: a seeded generator; its seed is kept with the check.

    Returns:
        The persons, sorted.
    """
    by_stratum: dict[str, list[str]] = {}
    for person in sorted(strata):
        by_stratum.setdefault(strata[person], []).append(person)
    names = sorted(by_stratum)
    sizes = [len(by_stratum[name]) for name in names]
    drawn: list[str] = []
    for name, n in zip(names, _shares(sizes, min(n_drawn, sum(sizes))), strict=True):
        chosen = generator.choice(len(by_stratum[name]), size=n, replace=False)
        drawn += [by_stratum[name][place] for place in chosen]
    return sorted(drawn)


def _shares(sizes: Sequence[int], n_drawn: int) -> list[int]:
    """Divide a number in proportion to sizes: one each first, then by the largest remainders."""
    whole = sum(sizes)
    first = [1] * len(sizes) if n_drawn >= len(sizes) else [0] * len(sizes)
    exact = [Fraction(n_drawn * size, whole) if whole else Fraction(0) for size in sizes]
    shares = [
        min(size, max(least, math.floor(part)))
        for size, least, part in zip(sizes, first, exact, strict=True)
    ]
    places = range(len(sizes))
    while (left := n_drawn - sum(shares)) != 0:
        if left > 0:
            open_places = [at for at in places if shares[at] < sizes[at]]
            at = max(open_places, key=lambda place: (exact[place] - shares[place], -place))
            shares[at] += 1
        else:
            open_places = [at for at in places if shares[at] > first[at]]
            at = max(open_places, key=lambda place: (shares[place] - exact[place], place))
            shares[at] -= 1
    return shares
