"""The script that writes and checks the generated pages."""

from pathlib import Path

import pytest

from scripts import generate_reference
from scripts.generate_reference import FOLDER, MARK, find_failures, make_pages, write_pages

PAGE = f"# A page\n\n{MARK}. Do not edit. -->\n\ntext\n"


def test_what_was_written_is_up_to_date(tmp_path: Path) -> None:
    write_pages({"page.md": PAGE}, tmp_path / "reference")
    assert find_failures({"page.md": PAGE}, tmp_path / "reference") == []


def test_a_missing_a_changed_and_a_stray_page_fail(tmp_path: Path) -> None:
    write_pages({"changed.md": PAGE + "by hand\n", "stray.md": PAGE}, tmp_path)
    (tmp_path / "written.md").write_text("# Written by a person\n")
    failures = find_failures({"changed.md": PAGE, "missing.md": PAGE}, tmp_path)
    assert [failure.split()[0].rpartition("/")[2] for failure in failures] == [
        "changed.md",
        "missing.md",
        "stray.md",
    ]
    assert "by hand" in failures[0]


def test_a_page_without_the_mark_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate_reference, "unmarked", lambda: "# Page\n", raising=False)
    with pytest.raises(ValueError, match="without the line"):
        make_pages({"page.md": "scripts.generate_reference:unmarked"})


def test_the_pages_of_this_checkout_are_up_to_date() -> None:
    assert find_failures(make_pages(), FOLDER) == []
