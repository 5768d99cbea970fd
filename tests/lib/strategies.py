"""Hypothesis strategies for notices, rows and whole matching problems."""

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from tests.lib.random_records import Row, random_rows
from tests.lib.random_scopes import Wishes, random_notices
from tocsin.notice.model import Notice

seeds = st.integers(0, 2**48)


@dataclass(frozen=True)
class Problem:
    """Notices and the rows to match with them; the seed makes the rows again."""

    notices: list[Notice]
    rows: list[Row]
    seed: int

    def __repr__(self) -> str:
        scopes = "\n".join(
            f"{notice.notice}: {[e.model_dump(exclude_defaults=True) for e in notice.scope]}"
            for notice in self.notices
        )
        return f"Problem with {len(self.rows)} rows of seed {self.seed} and the notices\n{scopes}"


def notices(n: int, wishes: Wishes | None = None) -> st.SearchStrategy[list[Notice]]:
    """Notices, drawn choice by choice, so that a failing example shrinks."""
    return st.randoms(use_true_random=False).map(lambda rng: random_notices(rng, n, wishes))


@st.composite
def problems(draw: st.DrawFn, n_notices: int, n_rows: int, wishes: Wishes | None = None) -> Problem:
    """Notices and rows near their bounds.

    The rows come from one seed: thousands of values are more than Hypothesis can shrink, and
    a difference is reported by its pair anyway.
    """
    drawn = draw(notices(n_notices, wishes))
    seed = draw(seeds)
    return Problem(drawn, random_rows(Random(seed), drawn, n_rows, wishes), seed)
