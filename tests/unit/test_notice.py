"""The notice model: what it expands, what it refuses, how it is said and compared."""

from pathlib import Path
from typing import Any

import pytest

from tocsin.base.errors import NoticeInvalid
from tocsin.formats.notice_file import parse_tree, read_notice_tree, write_notice
from tocsin.notice.describe import describe_entry, list_words
from tocsin.notice.model import Notice
from tocsin.notice.revision import compare_scopes, tells_differently

PATH = Path("notice.yaml")


def notice(**changes: Any) -> Notice:
    tree = {
        "notice": "n",
        "kind": "recall",
        "title": "A test",
        "issuers": [{"name": "Medtronic", "role": "manufacturer"}],
        "scope": [{"entry": "one", "affects": {"models": ["MMT-522"]}}],
        "source": {"document": "invented", "checked_on": "2026-11-20"},
    }
    return read_notice_tree(tree | changes, PATH)


def entry(**parts: Any) -> dict[str, Any]:
    return {"entry": "one", "affects": {"models": ["MMT-522"]}} | parts


@pytest.mark.parametrize(
    ("written", "expanded"),
    [
        (["522K/722K"], ("522K", "722K")),
        (
            ["3500-0600-00", "-01", "-249", "4000-0106-00", "-231"],
            (
                "3500-0600-00",
                "3500-0600-01",
                "3500-0600-249",
                "4000-0106-00",
                "4000-0106-231",
            ),
        ),
        ("MMT-508", ("MMT-508",)),
    ],
)
def test_slash_groups_and_suffix_shorthand_are_expanded(written: Any, expanded: Any) -> None:
    product = notice(scope=[entry(affects={"models": written})]).scope[0].product
    assert product.models == expanded


@pytest.mark.parametrize(
    "scope",
    [
        [{"entry": "one"}],
        [entry(excludes={"models": ["MMT-1"]})],
        [entry(affects={})],
        [entry(software={"at_most": "not a version at all"})],
        [entry(shipped_on={"from": "03/04/2011"})],
        [entry(countries={"only": ["Germany"]})],
        [entry(countries={"only": ["US"], "other_than": ["FR"]})],
        [entry(facts={"ring": {"any_of": ["clear"], "values": ["black"]}})],
        [entry(affects={"dis": ["123"]})],
        [entry(), entry()],
        [{"entry": "one", "excludes": {"models": ["MMT-1"]}}],
        [],
    ],
)
def test_what_cannot_hold_is_refused(scope: Any) -> None:
    with pytest.raises(NoticeInvalid):
        notice(scope=scope)


def test_a_version_stays_as_it_is_written() -> None:
    tree = parse_tree("at_most: 2.10\nbelow: 1e3\nequal: 0x1\n", PATH)
    assert tree == {"at_most": "2.10", "below": "1e3", "equal": "0x1"}
    assert parse_tree('{"at_most": 2.10}', PATH) == {"at_most": "2.10"}


def test_a_written_notice_reads_back_equal() -> None:
    rich = notice(
        scope=[
            entry(
                software=[{"at_least": "1.2", "below": "2.10"}, "3.x"],
                lots={"any_of": ["A1"], "ranges": [{"first": "B1", "last": "B9"}]},
                shipped_on={"from": "2011", "before": "2012-02"},
                facts={"ring": {"any_of": ["clear"], "values": ["clear", "black"]}},
            )
        ],
        precautions={"patient": ["Check."]},
    )
    assert read_notice_tree(parse_tree(write_notice(rich), PATH), PATH) == rich


def test_a_scope_is_said_in_words() -> None:
    said = describe_entry(
        notice(
            scope=[entry(software={"at_most": "2.4A"}, shipped_on={"from": "2010", "to": "2011"})]
        ).scope[0]
    )
    assert said == "model MMT-522; software 2.4A or lower; shipped from 2010 to 2011"
    assert list_words([str(n) for n in range(9)]) == "one of 9 (0, 1, 2, ...)"


def test_a_revision_is_compared_entry_by_entry() -> None:
    old = notice(scope=[entry(), {"entry": "two", "affects": {"models": ["MMT-508"]}}])
    new = notice(
        revision=2,
        scope=[
            entry(software={"at_most": "2.4A"}),
            {"entry": "three", "affects": {"models": ["MMT-511"]}},
        ],
    )
    changes = {change.entry: change.change for change in compare_scopes(old, new)}
    assert changes == {"one": "changed", "three": "added", "two": "removed"}
    assert not tells_differently(old, new)
    assert tells_differently(old, notice(precautions={"patient": ["Stop."]}))
