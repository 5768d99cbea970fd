"""One device against the public notices: what is asked, what is answered, what clears it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.base.verdict import Verdict
from tocsin.notice.model import Notice
from tocsin.services.device_check import (
    STALE,
    check_device,
    makers_asked_about,
    open_questions,
    product_choices,
)
from tocsin.services.public_notices import MAX_AGE, PublicNotice, ReleasedNotices
from tocsin.services.samples import CASES, case_notices

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
CASE_NOTICES = ReleasedNotices(
    tuple(PublicNotice(case_notices(case)[-1]) for case in CASES), NOW
)  # fmt: skip


def _released(**entry: Any) -> ReleasedNotices:
    notice = Notice.model_validate(
        {
            "notice": "ring-2019",
            "kind": "recall",
            "title": "Ring",
            "issuers": [{"name": "Medtronic", "role": "manufacturer"}],
            "scope": [{"entry": "one", "affects": {"models": ["MMT-1780"]}, **entry}],
            "source": {"document": "test", "checked_on": "2026-11-20"},
        }
    )
    return ReleasedNotices((PublicNotice(notice),), NOW)


ROW = {"manufacturer": "Medtronic", "model": "MMT-1780"}
RING = {"any_of": ["clear"], "values": ["clear", "black"], "ask": "Is the ring clear or black?"}
ASKED = [
    ({"software": {"at_most": "2.4A"}}, "software_version"),
    ({"lots": ["A1"]}, "lot"),
    ({"serials": ["A1"]}, "serial"),
    ({"made_on": {"before": "2019-01"}}, "made_on"),
    ({"countries": {"only": ["US"]}}, "country"),
    ({"facts": {"ring": RING}}, "fact.ring"),
]


@pytest.mark.parametrize(("entry", "column"), ASKED, ids=[column for _, column in ASKED])
def test_only_what_a_notice_asks_about_is_asked(entry: dict[str, Any], column: str) -> None:
    assert [each.column for each in open_questions(ROW, _released(**entry))] == [column]
    assert open_questions({**ROW, "model": "MMT-1884"}, _released(**entry)) == []


@pytest.mark.parametrize(("entry", "column"), ASKED, ids=[column for _, column in ASKED])
def test_i_do_not_know_is_not_asked_again_and_clears_nothing(
    entry: dict[str, Any], column: str
) -> None:
    row = {**ROW, column: ""}
    assert open_questions(row, _released(**entry)) == []
    (answer,) = check_device(row, _released(**entry), NOW)
    assert answer.verdict is Verdict.CANNOT_TELL


def test_what_one_answer_settles_is_not_followed_by_another_question() -> None:
    released = _released(lots=["A1"], facts={"ring": RING})
    row = {**ROW, "lot": "B2"}
    assert open_questions(row, released) == []
    assert check_device(row, released, NOW)[0].verdict is Verdict.NOT_AFFECTED


def test_nobody_is_asked_for_a_serial_number_that_decides_nothing() -> None:
    asked = {
        question.column
        for choice in product_choices(CASE_NOTICES)
        for question in open_questions(
            {"manufacturer": choice.manufacturer, **dict(choice.columns)}, CASE_NOTICES
        )
    }
    assert asked == {"software_version", "lot"}


def test_an_old_list_of_notices_clears_nobody() -> None:
    row = {"manufacturer": "Medtronic", "model": "MMT-1884"}
    at_the_limit = NOW + MAX_AGE
    assert {a.verdict for a in check_device(row, CASE_NOTICES, at_the_limit)} == {
        Verdict.NOT_AFFECTED
    }
    late = check_device(row, CASE_NOTICES, at_the_limit + timedelta(seconds=1))
    assert {(a.verdict, a.reason_code) for a in late} == {(Verdict.CANNOT_TELL, STALE)}


def test_an_old_list_still_warns() -> None:
    row = {"manufacturer": "Medtronic", "model": "722"}
    first, *_ = check_device(row, CASE_NOTICES, NOW + 2 * MAX_AGE)
    assert first.verdict is Verdict.AFFECTED


def test_a_device_that_nobody_named_is_never_cleared() -> None:
    answers = check_device({"manufacturer": "Animas"}, CASE_NOTICES, NOW)
    assert {a.verdict for a in answers} == {Verdict.CANNOT_TELL}


def test_unreviewed_entries_clear_nobody() -> None:
    released = _released(reviewed=False)
    (answer,) = check_device({**ROW, "model": "MMT-1884"}, released, NOW)
    assert answer.verdict is Verdict.CANNOT_TELL


def test_makers_and_products_are_those_of_the_notices() -> None:
    assert makers_asked_about(CASE_NOTICES) == ["Animas", "Medtronic"]
    (cartridge,) = product_choices(CASE_NOTICES, "Animas Corporation")
    assert dict(cartridge.columns) == {"product": "2.0 ml cartridge", "catalogue_no": "AC-200-INV"}
    keys = [each.key for each in product_choices(CASE_NOTICES, "Medtronic")]
    assert len(keys) == len(set(keys))
    assert keys[0] == "product: MiniMed Implantable Pump"
    assert keys.index("model: 523") < keys.index("model: 523K") < keys.index("model: 712")


def test_the_gravest_answer_comes_first() -> None:
    row = {"manufacturer": "Medtronic", "model": "723"}
    verdicts = [a.verdict for a in check_device(row, CASE_NOTICES, NOW)]
    assert verdicts == [Verdict.CANNOT_TELL, Verdict.NOT_AFFECTED, Verdict.NOT_AFFECTED]


def test_without_notices_there_is_no_answer() -> None:
    assert check_device(ROW, replace(CASE_NOTICES, notices=()), NOW) == []
