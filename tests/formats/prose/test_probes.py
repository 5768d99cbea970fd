"""Drafts against probes: the shared real notices, and invented ones in many countries' styles.

A probe is a record and what a careful reader of the text says of it. A draft may leave a
probe open (cannot_tell); it may never answer it wrongly, and unreviewed it clears nobody.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.lib.draft_score import (
    FULLY,
    NoticeScore,
    draft_enforcement_records,
    read_of,
    score_corpus,
    score_notice,
)

FOLDER = Path(__file__).parent
BAR = 0.85


@cache
def invented(name: str) -> list[dict[str, Any]]:
    """Return the invented notices of a file, every scalar as text."""
    return list(yaml.load((FOLDER / name).read_text("utf-8"), yaml.BaseLoader))


def score(notice: dict[str, Any]) -> NoticeScore:
    """Return the score of one invented notice."""
    firm = notice["text"].splitlines()[0].removeprefix("Firm:").strip()
    probes = [({"manufacturer": firm, **unit}, expected) for unit, expected in notice["probes"]]
    return score_notice(notice["id"], notice["text"], probes)


NOTICES = [
    pytest.param(notice, id=notice["id"])
    for name in ("invented_notices.yaml", "held_back_notices.yaml")
    for notice in invented(name)
]


@pytest.mark.parametrize("notice", NOTICES)
def test_no_probe_is_answered_wrongly(notice: dict[str, Any]) -> None:
    found = score(notice)
    assert found.wrong == []
    assert found.cleared_unreviewed == 0


@pytest.mark.parametrize(
    ("name", "bar"), [("invented_notices.yaml", BAR), ("held_back_notices.yaml", BAR)]
)
def test_most_probes_are_as_labelled(name: str, bar: float) -> None:
    scores = [score(notice) for notice in invented(name)]
    right = sum(found.right for found in scores)
    left = [sentence for found in scores for sentence in found.open]
    assert right / (right + len(left)) >= bar, left


def test_identifiers_of_the_invented_notices_differ() -> None:
    ids = [param.id for param in NOTICES]
    assert len(ids) == len(set(ids))


def test_shared_notices_reach_the_bar(corpus: Path) -> None:
    scores = score_corpus(corpus)
    right = sum(found.right for found in scores)
    total = right + sum(len(found.open) for found in scores)
    assert [sentence for found in scores for sentence in found.wrong] == []
    assert sum(found.cleared_unreviewed for found in scores) == 0
    assert right / total >= BAR


def test_enforcement_records_give_an_entry_each(corpus: Path) -> None:
    drafts = draft_enforcement_records(corpus)
    assert all(draft.entries for draft in drafts)
    assert sum(read_of(draft) == FULLY for draft in drafts) >= len(drafts) - 1
