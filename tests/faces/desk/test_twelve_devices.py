"""The page's answer is the engine's: twelve devices, typed into a browser without JavaScript."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.lib.desk_walk import GO, choose, press
from tocsin.base.verdict import Verdict
from tocsin.match.engines.reference import match_records
from tocsin.registry.record import read_record
from tocsin.services.public_notices import PublicNotice, ReleasedNotices
from tocsin.services.samples import CASES, case_notices

UNKNOWN = "I don’t know"
OTHER = "Another device"
# What is chosen and typed, page by page; then the row that it says.
DEVICES: list[tuple[dict[str, str], dict[str, str], Verdict]] = [
    ({"maker": "Medtronic", "device": "722"},
     {"manufacturer": "Medtronic", "model": "722"}, Verdict.AFFECTED),
    ({"maker": "Medtronic", "device": "723", "value": "2.4A"},
     {"manufacturer": "Medtronic", "model": "723", "software_version": "2.4A"}, Verdict.AFFECTED),
    ({"maker": "Medtronic", "device": "723", "value": "2.5"},
     {"manufacturer": "Medtronic", "model": "723", "software_version": "2.5"},
     Verdict.NOT_AFFECTED),
    ({"maker": "Medtronic", "device": "723", "value": ""},
     {"manufacturer": "Medtronic", "model": "723"}, Verdict.CANNOT_TELL),
    ({"maker": "Medtronic", "device": "554CM", "value": "2.7A"},
     {"manufacturer": "Medtronic", "model": "554CM", "software_version": "2.7A"},
     Verdict.AFFECTED),
    ({"maker": "Medtronic", "device": "754", "value": "2.7A"},
     {"manufacturer": "Medtronic", "model": "754", "software_version": "2.7A"},
     Verdict.CANNOT_TELL),
    ({"maker": "Medtronic", "model": "MMT-1884"},
     {"manufacturer": "Medtronic", "model": "MMT-1884"}, Verdict.NOT_AFFECTED),
    ({"maker": "Medtronic", "device": "MiniMed Implantable Pump"},
     {"manufacturer": "Medtronic", "product": "MiniMed Implantable Pump"}, Verdict.AFFECTED),
    ({"maker": "Animas", "device": "2.0 ml cartridge · AC-200-INV", "value": "B201581"},
     {"manufacturer": "Animas", "product": "2.0 ml cartridge", "catalogue_no": "AC-200-INV",
      "lot": "B201581"}, Verdict.AFFECTED),
    ({"maker": "Animas", "device": "2.0 ml cartridge · AC-200-INV", "value": "B201575"},
     {"manufacturer": "Animas", "product": "2.0 ml cartridge", "catalogue_no": "AC-200-INV",
      "lot": "B201575"}, Verdict.NOT_AFFECTED),
    ({"maker": "Animas", "device": UNKNOWN}, {"manufacturer": "Animas"}, Verdict.CANNOT_TELL),
    ({"maker": UNKNOWN, "device": "722"}, {"model": "722"}, Verdict.CANNOT_TELL),
]  # fmt: skip
TITLES = {
    "Your device is affected": Verdict.AFFECTED,
    "We cannot tell yet": Verdict.CANNOT_TELL,
    "Your device is not affected by these notices": Verdict.NOT_AFFECTED,
}


def _released() -> ReleasedNotices:
    current = tuple(PublicNotice(case_notices(case)[-1]) for case in CASES)
    return ReleasedNotices(current, datetime.now(tz=UTC))


def _verdict_of_engine(row: dict[str, str]) -> Verdict:
    notices = [public.notice for public in _released().notices]
    record = read_record({"device_id": "asked", **row})
    verdicts = [each.verdict for each in match_records(notices, [record])]
    order = (Verdict.AFFECTED, Verdict.CANNOT_TELL, Verdict.NOT_AFFECTED)
    return min(verdicts, key=order.index)


@pytest.mark.parametrize(("told", "row", "expected"), DEVICES, ids=str)
def test_the_page_answers_as_the_engine_does(
    chromium: Any, demo: str, told: dict[str, str], row: dict[str, str], expected: Verdict
) -> None:
    assert _verdict_of_engine(row) is expected
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo}/en/check")
    page.select_option("#country_code", "US")
    press(page, GO)
    choose(page, told["maker"])
    press(page, GO)
    if "model" in told:
        choose(page, OTHER)
        page.fill("#model", told["model"])
    else:
        choose(page, told["device"])
    press(page, GO)
    while page.locator("#value").count():
        if told.get("value"):
            page.fill("#value", told["value"])
            press(page, GO)
        else:
            press(page, "button[value='unknown']")
    assert page.locator("h1").inner_text() == "Check your answers"
    press(page, GO)
    assert TITLES[page.locator("h1").inner_text()] is expected
    context.close()
