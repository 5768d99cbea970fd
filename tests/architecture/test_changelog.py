"""Changelog fragments: named so that safety comes first and nothing is lost at a release."""

import re

from tests.architecture.sources import ROOT

NAME = re.compile(r"^\d{4}-[a-z0-9-]+\.(safety|added|changed|removed|fixed)\.md$")
FRAGMENTS = [path for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md"]


def test_every_fragment_has_an_issue_a_subject_and_a_category() -> None:
    assert [path.name for path in FRAGMENTS if not NAME.match(path.name)] == []


def test_every_fragment_says_something() -> None:
    assert [path.name for path in FRAGMENTS if not path.read_text(encoding="utf-8").strip()] == []
