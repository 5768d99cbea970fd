"""openFDA's recall and enforcement records: one alone, a page, a bulk file, lines."""

import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.lib.engines import ask_reference
from tocsin.base.errors import NoticeUnreadable
from tocsin.cli.main import run
from tocsin.formats.openfda_records import MAX_FILES, find_records
from tocsin.notice.model import Notice
from tocsin.services.notices import read_notice, read_notice_file

ENFORCEMENT = {
    "recall_number": "Z-9001-2031",
    "event_id": "99001",
    "product_type": "Devices",
    "recalling_firm": "Example Devices Inc.",
    "product_description": "Example infusion set, REF EX-100",
    "code_info": "Lot numbers: GWX001, GWX002",
    "reason_for_recall": "The tube may leak.",
    "classification": "Class II",
    "center_classification_date": "20310214",
    "recall_initiation_date": "20310203",
    "report_date": "20310221",
    "termination_date": "",
    "distribution_pattern": "Nationwide",
    "product_quantity": "1,200 sets",
    "status": "Ongoing",
}
RECALL = {
    "product_res_number": "Z-9002-2031",
    "res_event_number": "99001",
    "recalling_firm": "Example Devices Inc.",
    "product_description": "Example pump, model EX-200",
    "code_info": "All units with software version 2.4 or lower",
    "event_date_initiated": "2031-02-03",
    "event_date_posted": "2031-02-19",
    "additional_info_contact": "Customer Service\n555-010-0199",
    "k_numbers": ["K000001", "K000002"],
}

Write = Callable[[str, Any], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_json(name: str, tree: Any) -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(tree), "utf-8")
        return path

    return write_json


def test_what_an_enforcement_record_tells(write: Write) -> None:
    notice = read_notice(write("one.json", ENFORCEMENT))
    assert (notice.notice, notice.kind, notice.manufacturer) == (
        "Z-9001-2031",
        "recall",
        "Example Devices Inc.",
    )
    (classified,) = notice.classification.authorities
    assert (classified.body, classified.level, classified.on) == (
        "FDA",
        "Class II",
        date(2031, 2, 14),
    )
    assert notice.issued_on == date(2031, 2, 3)
    assert [step.on for step in notice.milestones] == [
        date(2031, 2, 3),
        date(2031, 2, 14),
        date(2031, 2, 21),
    ]
    assert notice.links[0].notice == "fda-event-99001"
    assert notice.information["distribution_pattern"] == "Nationwide"
    assert notice.information["product_quantity"] == "1,200 sets"


def test_what_a_recall_record_tells(write: Write) -> None:
    notice = read_notice(write("one.json", RECALL))
    assert notice.notice == "Z-9002-2031"
    assert notice.issued_on == date(2031, 2, 3)
    assert notice.contacts[0].phone == "555-010-0199"
    assert notice.information["k_numbers"] == "K000001, K000002"


def verdict(notice: Notice, *, as_if_reviewed: bool, **row: str) -> str:
    rows = [{"device_id": "D1", **row}]
    (found,) = ask_reference([notice], rows, as_if_reviewed=as_if_reviewed).values()
    return found.verdict.value


@pytest.mark.parametrize(
    ("row", "drafted", "reviewed"),
    [
        ({"model": "EX-100", "lot": "GWX001"}, "affected", "affected"),
        ({"model": "EX-100", "lot": "GWX009"}, "cannot_tell", "not_affected"),
        ({"model": "EX-100"}, "cannot_tell", "cannot_tell"),
        ({"model": "EX-555", "lot": "GWX001"}, "cannot_tell", "not_affected"),
    ],
)
def test_a_draft_clears_nobody_before_it_is_reviewed(
    write: Write, row: dict[str, str], drafted: str, reviewed: str
) -> None:
    notice = read_notice(write("one.json", ENFORCEMENT))
    device = {"manufacturer": "Example Devices", **row}
    assert verdict(notice, as_if_reviewed=False, **device) == drafted
    assert verdict(notice, as_if_reviewed=True, **device) == reviewed


def test_a_page_a_list_lines_and_a_zip_hold_the_same_notices(write: Write, tmp_path: Path) -> None:
    records = [ENFORCEMENT, RECALL]
    page = write("page.json", {"meta": {"total": 2}, "results": records})
    lines = tmp_path / "lines.ndjson"
    lines.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    bulk = tmp_path / "bulk.zip"
    with zipfile.ZipFile(bulk, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(page, "device-recall-0001-of-0001.json")
    sources = [page, write("list.json", records), lines, bulk]
    scopes = [[(each.notice, each.scope) for each in read_notice_file(path)] for path in sources]
    assert [name for name, _ in scopes[0]] == ["Z-9001-2031", "Z-9002-2031"]
    assert all(scope == scopes[0] for scope in scopes)


def test_a_record_of_which_nothing_can_be_drafted_holds_back_all(write: Write) -> None:
    record = ENFORCEMENT | {"product_description": "Various", "code_info": "see attachment"}
    notice = read_notice(write("one.json", record))
    assert not any(entry.reviewed for entry in notice.scope)
    assert verdict(notice, as_if_reviewed=False, manufacturer="Roche", model="1") == "cannot_tell"


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        (ENFORCEMENT | {"product_type": "Drugs"}, "not about devices"),
        ({**ENFORCEMENT, "recall_number": "", "event_id": ""}, "neither a recall number"),
        ({"meta": {}, "results": []}, "no recall or enforcement record"),
        ({"results": [{"k_number": "K1"}]}, "no recall or enforcement record"),
        ([ENFORCEMENT, RECALL], "holds 2 notices"),
        ({**ENFORCEMENT, "product_description": " ", "code_info": ""}, "does not describe"),
    ],
)
def test_what_is_no_recall_of_a_device_is_refused(write: Write, tree: Any, sentence: str) -> None:
    with pytest.raises(NoticeUnreadable, match=sentence):
        read_notice(write("one.json", tree))


def test_a_zip_bomb_and_a_broken_zip_are_refused(tmp_path: Path) -> None:
    bomb, many, broken = (tmp_path / f"{name}.zip" for name in ("bomb", "many", "broken"))
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b" " * 50_000_000)
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(MAX_FILES + 1):
            archive.writestr(f"{number}.json", b"{}")
    broken.write_bytes(b"PK\x03\x04 nonsense")
    for path, sentence in ((bomb, "would unpack"), (many, "would unpack"), (broken, "no readable")):
        with pytest.raises(NoticeUnreadable, match=sentence):
            read_notice_file(path)


def test_the_command_matches_a_page(write: Write, tmp_path: Path) -> None:
    page = write("page.json", {"results": [ENFORCEMENT, RECALL]})
    registry = tmp_path / "devices.csv"
    registry.write_text(
        "device_id,manufacturer,model,lot,software_version\n"
        "D1,Example Devices,EX-100,GWX002,\nD2,Example Devices,EX-200,,2.3\n"
    )
    out = tmp_path / "verdicts.csv"
    assert run(["match", str(page), "--registry", str(registry), "--out", str(out)]) == 0
    affected = [line for line in out.read_text().splitlines() if ",affected," in line]
    assert [line.split(",")[0:2] for line in affected] == [
        ["D1", "Z-9001-2031"],
        ["D2", "Z-9002-2031"],
    ]


def test_every_published_record_becomes_a_notice_that_clears_nobody(corpus: Path) -> None:
    notices = read_notice_file(corpus / "openfda" / "device_enforcement.json")
    assert len(notices) == 17
    assert len({notice.notice for notice in notices}) == 17
    for notice in notices:
        assert not any(entry.reviewed for entry in notice.scope)
        assert notice.issued_on
        assert notice.information["product_quantity"]
    documented = json.loads((corpus / "openfda" / "openfda_docs_example_recall.json").read_text())
    assert len(find_records(documented, Path("documented"))) == 2
