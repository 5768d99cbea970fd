"""What an effectiveness check has found: an inference with its bounds, not a bare percentage.

Who was drawn and has not answered counts as one whom the notice has failed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.report.bounds import least_share, most_bad, share_bounds

QUESTIONS = ("received", "understood", "followed", "depth")
"""What everybody who was drawn is asked; the words stand in `data/check_levels.yaml`."""


@dataclass(frozen=True)
class Asked:
    """One person who was drawn.

    Attributes:
        answers: question -> yes or no; None if the person has not answered at all.
    """

    answers: dict[str, bool] | None


@dataclass(frozen=True)
class Inference:
    """What may be said about everybody on the list, for one question, or for all of them.

    Attributes:
        question: one of `QUESTIONS`, or ``all``.
        n_good: how many of those drawn said yes (to every question).
        n_drawn: how many were drawn.
        n_silent: how many of them have not answered; each counts as a no.
        share: n_good / n_drawn.
        low: lower 95 % bound of the share (two-sided, exact).
        high: upper bound.
        least: one-sided lower 95 % bound.
        most_failed: of everybody on the list, how many the notice may have failed at most (95 %).
    """

    question: str
    n_good: int
    n_drawn: int
    n_silent: int
    share: float
    low: float
    high: float
    least: float
    most_failed: int


def infer(asked: Iterable[Asked], n_listed: int) -> list[Inference]:
    """Return what a check says, question by question and for all together; nothing if nobody was.

    >>> people = [Asked(dict.fromkeys(QUESTIONS, True))] * 255 + [Asked(None)] * 5
    >>> infer(people, 2600)[-1].most_failed
    101
    """
    people = list(asked)
    if not people:
        return []
    n_silent = sum(each.answers is None for each in people)
    return [
        _inference(question, wanted, people, n_silent, n_listed)
        for question, wanted in [*((each, (each,)) for each in QUESTIONS), ("all", QUESTIONS)]
    ]


def _inference(
    question: str, wanted: tuple[str, ...], people: list[Asked], n_silent: int, n_listed: int
) -> Inference:
    n = len(people)
    n_good = sum(
        each.answers is not None and all(each.answers.get(name) for name in wanted)
        for each in people
    )
    low, high = share_bounds(n_good, n)
    return Inference(
        question,
        n_good,
        n,
        n_silent,
        n_good / n,
        low,
        high,
        least_share(n_good, n),
        most_bad(n_listed, n, n - n_good),
    )
