"""The committed page of counts says what the program reads today."""

import json
import re
from pathlib import Path

import pytest

from scripts.count_version_expressions import LISTS, OUTCOMES, PAGE, count_outcomes, render_page


def _totals() -> list[int]:
    """Return how many expressions each table of the page counts."""
    return [
        int(n) for n in re.findall(r"\*\*all\*\*.*\| (\d+) \|$", PAGE.read_text(), re.MULTILINE)
    ]


def test_the_rows_of_the_page_add_up() -> None:
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(OUTCOMES) + 2 and cells[-1].isdigit():
            assert sum(int(cell or 0) for cell in cells[1:-1]) == int(cells[-1]), line
    assert len(_totals()) == len(LISTS)


@pytest.mark.corpus
def test_the_page_is_what_the_program_reads(corpus: Path) -> None:
    listed = {name: json.loads((corpus / "csaf" / name).read_text("utf-8")) for name in LISTS}
    for each in listed.values():
        counts = count_outcomes(each)
        assert sum(counter.total() for counter in counts.values()) == len(each)
        assert {outcome for counter in counts.values() for outcome in counter} <= set(OUTCOMES)
    if [len(each) for each in listed.values()] != _totals():
        pytest.skip("the lists here are not those of the page: run the script to count them")
    assert PAGE.read_text("utf-8") == render_page(corpus)
