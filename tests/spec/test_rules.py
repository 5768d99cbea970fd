"""Every row of the rules' tables, on both engines; and that the tables leave no rule out."""

from functools import cache

import pytest

from tests.lib.engines import Answer, Answers, ask_reference, ask_relational, find_differences
from tests.lib.random_records import Row as Record
from tests.spec.tables import Row, all_rows, read_rules
from tocsin.match.rules import ENTRY, FIRST_KINDS, PRODUCT
from tocsin.notice.model import Notice

ROWS = all_rows()
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def inputs(*, as_if_reviewed: bool) -> tuple[list[Notice], list[Record]]:
    rows = [row for row in ROWS if row.as_if_reviewed is as_if_reviewed]
    columns = dict.fromkeys(name for row in rows for name in row.record)
    records = [{**dict.fromkeys(columns), **row.record} for row in rows]
    return [row.notice() for row in rows], records


@cache
def relational_answers(*, as_if_reviewed: bool) -> Answers:
    """Match all notices with all records at once: every row is then among the answers."""
    notices, records = inputs(as_if_reviewed=as_if_reviewed)
    return ask_relational(notices, records, as_if_reviewed=as_if_reviewed)


def check(row: Row, answer: Answer) -> None:
    assert (answer.verdict, answer.reason_code) == (row.verdict, row.reason), row.why
    if row.entry is not None:
        assert answer.entry == row.entry, row.why


@each_row
def test_reference_engine(row: Row) -> None:
    answers = ask_reference([row.notice()], [row.record], as_if_reviewed=row.as_if_reviewed)
    assert len(answers) == 1
    check(row, next(iter(answers.values())))


@each_row
def test_relational_engine(row: Row) -> None:
    answers = relational_answers(as_if_reviewed=row.as_if_reviewed)
    name = row.record["device_id"]
    gap = answers.get((name, ""))  # listed once for all notices
    check(row, gap or answers[name, row.notice().notice])


@pytest.mark.parametrize("as_if_reviewed", [False, True])
def test_engines_agree_on_every_notice_and_every_record(as_if_reviewed: bool) -> None:
    notices, records = inputs(as_if_reviewed=as_if_reviewed)
    expected = ask_reference(notices, records, as_if_reviewed=as_if_reviewed)
    found = relational_answers(as_if_reviewed=as_if_reviewed)
    assert find_differences(expected, found, all_kept=True) == []


def test_rules_and_parts_are_numbered_in_order() -> None:
    rules = read_rules()
    assert [rule.number for rule in rules] == ["1", "2", "3", "4", "5", "6"]
    for rule in rules:
        numbers = [part.number for part in rule.parts]
        assert numbers == [f"{rule.number}.{place}" for place in range(1, len(numbers) + 1)]


def test_no_row_stands_twice() -> None:
    said = [
        (
            row.name.partition("-")[0],
            str(row.scope),
            str(row.record | {"device_id": ""}),
            row.as_if_reviewed,
        )
        for row in ROWS
    ]
    assert len(set(said)) == len(said)


KINDS = [kind for kind in (*FIRST_KINDS, "fact.ring") if kind != PRODUCT]
EXPECTED = {
    *(f"{kind}_{how}" for kind in KINDS for how in ("unknown", "unclear", "outside")),
    *("software_unread", "software_withheld", "lot_unread", "lot_withheld", "serial_withheld"),
    *(f"{ENTRY}_{how}" for how in ("unread", "withheld", "no_status", "unreviewed")),
    *("in_scope", "other_product", "product_unclear", "no_product_evidence", "excluded"),
    *("exclusion_entry_unreviewed", "exclusion_software_unclear"),
} - {"country_unclear"}  # a country is read or not


def test_every_reason_has_a_row() -> None:
    assert EXPECTED - {row.reason for row in ROWS} == set()


def test_every_verdict_has_rows_in_every_rule() -> None:
    for rule in read_rules():
        verdicts = {row.verdict for part in rule.parts for row in part.rows}
        assert verdicts == {"affected", "not_affected", "cannot_tell"}, rule.title
