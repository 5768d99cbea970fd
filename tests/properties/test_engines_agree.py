"""The fast engine says what the slow and obvious one says: verdict, entry and reason code.

Short mode (`make test`): Hypothesis draws notices; some thousands of pairs. Long mode
(`make test-long`): seeded batches up to 10 million pairs in all, over as many runs as that
takes; `.tocsin-long/engines_agree.json` remembers how far it is. Pairs that other code has
passed do not count: the file names the sources that it speaks of.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.lib.engines import ask_reference, ask_relational, count_pairs, find_differences
from tests.lib.random_records import Row, random_rows
from tests.lib.random_scopes import random_notices
from tests.lib.strategies import Problem, problems, seeds
from tocsin.notice.model import Notice

ROOT = Path(__file__).parents[2]
PROGRESS = ROOT / ".tocsin-long" / "engines_agree.json"
SOURCES = ("base", "identify", "registry", "notice", "match", "compute")
WANTED_PAIRS = 10_000_000
# To shrink a whole problem takes minutes; a difference is reported by its pair.
QUICK: dict[str, Any] = {
    "deadline": None,
    "phases": (Phase.explicit, Phase.reuse, Phase.generate),
    "suppress_health_check": [HealthCheck.too_slow],
}
NOTICES_PER_BATCH, ROWS_PER_BATCH = 12, 1500


def differences(
    notices: list[Notice], rows: list[Row], *, keep_all: bool, as_if_reviewed: bool = False
) -> list[str]:
    expected = ask_reference(notices, rows, as_if_reviewed=as_if_reviewed)
    found = ask_relational(notices, rows, keep_all=keep_all, as_if_reviewed=as_if_reviewed)
    return find_differences(expected, found, all_kept=keep_all)


def explain(lines: list[str], notices: list[Notice], rows: list[Row]) -> str:
    """Return the first difference with the notices and the row that it is about."""
    device = lines[0].split("'")[1]
    row = next(row for row in rows if row["device_id"] == device)
    stated = {name: value for name, value in row.items() if value}
    scopes = [(n.notice, [e.model_dump(exclude_defaults=True) for e in n.scope]) for n in notices]
    return f"{len(lines)} differences; first {lines[0]}\nrow {stated}\nscopes {scopes}"


@pytest.mark.parametrize("keep_all", [True, False], ids=["all kept", "only concerned"])
@settings(max_examples=6, **QUICK)
@given(problem=problems(n_notices=5, n_rows=120))
def test_engines_agree(keep_all: bool, problem: Problem) -> None:
    lines = differences(problem.notices, problem.rows, keep_all=keep_all)
    assert not lines, explain(lines, problem.notices, problem.rows)


@settings(max_examples=4, **QUICK)
@given(problem=problems(n_notices=5, n_rows=120))
def test_engines_agree_on_drafts_taken_as_reviewed(problem: Problem) -> None:
    lines = differences(problem.notices, problem.rows, keep_all=True, as_if_reviewed=True)
    assert not lines, explain(lines, problem.notices, problem.rows)


@settings(max_examples=4, **QUICK)
@given(problem=problems(n_notices=1, n_rows=120))
def test_engines_agree_on_a_single_notice(problem: Problem) -> None:
    """Then a record without product evidence is listed under that notice."""
    lines = differences(problem.notices, problem.rows, keep_all=True)
    assert not lines, explain(lines, problem.notices, problem.rows)


@pytest.mark.parametrize("keep_all", [True, False], ids=["all kept", "only concerned"])
@settings(max_examples=2, **QUICK)
@given(seed=seeds)
def test_engines_agree_on_many_notices_about_the_same_products(keep_all: bool, seed: int) -> None:
    """More entries per product than fit into one word of the fast engine."""
    rng = Random(seed)
    notices = random_notices(rng, 30)
    rows = random_rows(rng, notices, 60)
    lines = differences(notices, rows, keep_all=keep_all)
    assert not lines, explain(lines, notices, rows)


@settings(max_examples=3, **QUICK)
@given(problem=problems(n_notices=3, n_rows=60))
def test_engines_agree_when_columns_are_absent(problem: Problem) -> None:
    """A registry need not have every column; an absent one is an empty one."""
    absent = {"udi", "software_version", "lot", "made_on", "country", "fact.ring"}
    rows = [
        {name: value for name, value in row.items() if name not in absent} for row in problem.rows
    ]
    lines = differences(problem.notices, rows, keep_all=True)
    assert not lines, explain(lines, problem.notices, rows)


# --- long mode -----------------------------------------------------------------------


@dataclass
class Progress:
    """How far the long mode is, for one state of the sources.

    ``next_seed`` goes on from state to state, so that no seed is run twice; ``earlier`` lists
    what other states have passed.
    """

    sources: str = ""
    pairs: int = 0
    batches: int = 0
    first_seed: int = 0
    next_seed: int = 0
    seconds: float = 0.0
    earlier: list[dict[str, object]] = field(default_factory=list)


def digest_of_sources() -> str:
    digest = hashlib.sha256()
    for room in SOURCES:
        for path in sorted((ROOT / "src" / "tocsin" / room).rglob("*")):
            if path.suffix in {".py", ".yaml"}:
                digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def read_progress(path: Path, sources: str) -> Progress:
    """Return the progress for these sources, which may be to begin again."""
    if not path.is_file():
        return Progress(sources)
    read = Progress(**json.loads(path.read_text(encoding="utf-8")))
    if read.sources == sources:
        return read
    passed = {name: value for name, value in asdict(read).items() if name != "earlier"}
    earlier = [*read.earlier, passed] if read.pairs else read.earlier
    return Progress(sources, 0, 0, read.next_seed, read.next_seed, 0.0, earlier)


def write_progress(path: Path, progress: Progress) -> None:
    """Write the file whole or not at all: a run may be stopped at any time."""
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(progress), indent=1) + "\n", encoding="utf-8")
    partial.replace(path)


def run_batch(seed: int) -> int:
    """Match one batch with both engines and return how many pairs agreed."""
    rng = Random(seed)
    notices = random_notices(rng, NOTICES_PER_BATCH)
    rows = random_rows(rng, notices, ROWS_PER_BATCH)
    lines = differences(notices, rows, keep_all=seed % 2 == 0, as_if_reviewed=seed % 5 == 0)
    assert not lines, f"seed {seed}: {explain(lines, notices, rows)}"
    return count_pairs(notices, rows)


@pytest.mark.long
def test_engines_agree_on_ten_million_pairs(
    record_property: Callable[[str, object], None],
) -> None:
    """Goes on where the last run stopped; stops after TOCSIN_LONG_SECONDS (1200)."""
    started = time.monotonic()
    budget_s = float(os.environ.get("TOCSIN_LONG_SECONDS", "1200"))
    progress = read_progress(PROGRESS, digest_of_sources())
    seconds_before = progress.seconds
    while progress.pairs < WANTED_PAIRS and time.monotonic() - started < budget_s:
        progress.pairs += run_batch(progress.next_seed)
        progress.next_seed += 1
        progress.batches += 1
        progress.seconds = round(seconds_before + time.monotonic() - started, 1)
        write_progress(PROGRESS, progress)
    record_property("pairs that agree so far", progress.pairs)


def test_progress_is_kept_for_the_same_sources_and_begins_again_for_others(tmp_path: Path) -> None:
    path = tmp_path / "long" / "progress.json"
    fresh = read_progress(path, "one")
    assert (fresh.pairs, fresh.next_seed) == (0, 0)
    write_progress(path, Progress("one", 500, 2, 0, 2, 1.5))
    assert read_progress(path, "one").pairs == 500
    other = read_progress(path, "two")
    assert (other.pairs, other.first_seed, other.next_seed) == (0, 2, 2)
    assert [passed["pairs"] for passed in other.earlier] == [500]
