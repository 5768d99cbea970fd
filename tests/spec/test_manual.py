"""The reference page says what the tables say."""

import re
from pathlib import Path

from tests.spec.manual import render_manual
from tests.spec.tables import all_rows

PAGE = Path(__file__).parents[2] / "docs/reference/matching-rules.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_manual(), (
        "run `python scripts/generate_reference.py`"
    )


def test_every_row_has_a_line_with_as_many_cells_as_its_head() -> None:
    tables = re.findall(r"(?:^\|.*\n)+", render_manual(), re.MULTILINE)
    assert sum(len(table.splitlines()) - 2 for table in tables) == len(all_rows())
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1, table
