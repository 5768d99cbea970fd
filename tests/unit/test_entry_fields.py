"""Entries and parts of a notice as the fields of forms: nothing is lost, faults have a place."""

from pathlib import Path
from random import Random

import pytest

from tests.lib.random_scopes import random_notices
from tocsin.notice.entry_fields import FieldsInvalid, fields_of, read_entry
from tocsin.notice.field_lines import UnreadableLine, read_days, read_numbers, read_software
from tocsin.notice.model import Notice
from tocsin.notice.part_fields import (
    PARTS,
    SINGLE,
    fault_field,
    field_name,
    part_fields,
    read_part,
)
from tocsin.notice.scope import Entry
from tocsin.notice.working import with_head, working_of
from tocsin.services.notices import read_notices
from tocsin.services.samples import CASES, case_notices

OWN = [notice for case in CASES for notice in case_notices(case)]
REAL = read_notices([Path(__file__).parents[1] / "acceptance" / "notices"])


def unreviewed(entry: Entry) -> Entry:
    return entry.model_copy(update={"reviewed": False})


def read_again(entry: Entry) -> Entry:
    return read_entry(fields_of(entry), entry)


@pytest.mark.parametrize("notice", [*OWN, *REAL], ids=lambda notice: notice.notice)
def test_the_fields_of_an_entry_read_back_equal(notice: Notice) -> None:
    for entry in notice.scope:
        assert read_again(entry) == unreviewed(entry)


def test_the_fields_of_invented_entries_read_back_equal() -> None:
    for notice in random_notices(Random(5), 150):
        for entry in notice.scope:
            assert read_again(entry) == unreviewed(entry)


@pytest.mark.corpus
def test_the_fields_of_advisories_read_back_equal(corpus: Path) -> None:
    paths = sorted((corpus / "csaf" / "icsma").glob("*.json"))[:60]
    for notice in read_notices(paths):
        for entry in notice.scope:
            assert read_again(entry) == unreviewed(entry)


@pytest.mark.parametrize("notice", [*OWN, *REAL], ids=lambda notice: notice.notice)
def test_the_parts_of_a_notice_read_back_equal(notice: Notice) -> None:
    draft = working_of(notice)
    for part in PARTS.values():
        rows = part_fields(part, draft.head)
        fields = {
            field_name(part, place if part.is_list else SINGLE, field): row[field.key]
            for place, row in enumerate(rows)
            for field in part.fields
        }
        read = read_part(part, fields, draft.head, len(rows))
        assert with_head(draft, read.changes) == draft


@pytest.mark.parametrize(
    ("line", "bounds"),
    [
        ("2.4A or lower", [{"at_most": "2.4A"}]),
        ("before 3.1", [{"below": "3.1"}]),
        ("1.2 or later and before 3.0", [{"at_least": "1.2", "below": "3.0"}]),
        ("any but 2.1, 2.2", [{"other_than": ["2.1", "2.2"]}]),
        ("fixed in 4.0", [{"fixed_in": "4.0"}]),
        ("<= 2.4A", [{"at_most": "2.4A"}]),
        ("2.1, 2.2 and 2.3", [{"equal": "2.1"}, {"equal": "2.2"}, {"equal": "2.3"}]),
        ("1.0 through 2.0", [{"at_least": "1.0", "at_most": "2.0"}]),
        ("All versions", []),
        ("", []),
    ],
)
def test_versions_are_read_as_people_write_them(line: str, bounds: list[dict[str, str]]) -> None:
    assert read_software(line) == bounds


@pytest.mark.parametrize(
    "line", ["the newest", "2.4A or so", "all versions\n2.0", "1.0 or 7 pumps"]
)
def test_half_of_a_line_is_never_taken(line: str) -> None:
    with pytest.raises(UnreadableLine):
        read_software(line)


def test_lots_and_days_are_read_as_people_write_them() -> None:
    assert read_numbers("A17, A18;A19\nGWX 001 to GWX 206\nbeginning with B20") == {
        "any_of": ["A17", "A18", "A19"],
        "prefixes": ["B20"],
        "ranges": [{"first": "GWX 001", "last": "GWX 206"}],
    }
    assert read_days("2010-11-30 to 2011-01-04\nbefore 2011-02\n2012") == [
        {"from": "2010-11-30", "to": "2011-01-04"},
        {"before": "2011-02"},
        {"from": "2012", "to": "2012"},
    ]
    with pytest.raises(UnreadableLine):
        read_days("from 2010 or later")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("entry", "two words"),
        ("software", "newest"),
        ("lots", "B2 to B1"),
        ("serials", "?"),
        ("shipped_on", "from 2012 to 2011"),
        ("made_on", "last spring"),
        ("countries", "FR, Narnia"),
        ("dis", "123"),
        ("fact-0-any_of", ""),
    ],
)
def test_a_fault_is_told_at_its_field(field: str, text: str) -> None:
    fields = {"entry": "pump", "models": "X2", "country_sense": "only", "countries": "FR"}
    fields |= {"fact-0-name": "ring", "fact-0-any_of": "clear", "sense": "affects"}
    read_entry(fields)
    with pytest.raises(FieldsInvalid) as refused:
        read_entry(fields | {field: text})
    at = "models" if field == "dis" else field
    assert list(refused.value.faults) == [at]
    assert refused.value.faults[at].endswith(".")


def test_an_entry_without_a_product_is_refused() -> None:
    with pytest.raises(FieldsInvalid) as refused:
        read_entry({"entry": "pump", "sense": "affects"})
    assert list(refused.value.faults) == ["models"]


def test_settled_sentences_are_dropped_and_others_kept() -> None:
    entry = Entry.model_validate(
        {"entry": "pump", "affects": {"models": ["X2"]}, "unread": ["one", "two", "three"]}
    )
    sent = fields_of(entry) | {"drop_unread": "0,2", "more_unread": "four"}
    assert read_entry(sent, entry).unread == ("two", "four")


def test_an_empty_row_is_no_row_and_faults_find_theirs() -> None:
    part = PARTS["milestones"]
    fields = {"milestones-1-what": "done", "milestones-1-on": "soon", "milestones-0-state": "done"}
    read = read_part(part, fields, {}, 3)
    assert read.changes == {"milestones": [{"what": "done", "on": "soon"}]}
    assert fault_field(part, read, "milestones.0.on") == "milestones-1-on"
