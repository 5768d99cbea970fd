"""`tocsin letters`: from files to a folder of letters, and nobody left out silently."""

import csv
import subprocess
from hashlib import sha256
from pathlib import Path
from shutil import which

import pytest

from tests.lib.terminal import type_in
from tocsin.services.samples import notice_texts

DEVICES = "device_id,holder_id,manufacturer,catalogue_no,lot,shipped_on,quantity\n"
HOLDERS = "holder_id,kind,name,address_lines,country,language,clinic_id\n"


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """Write case B's notice and a small list: four persons, a clinic and its clinician."""
    text = next(iter(notice_texts("b").values()))
    (tmp_path / "notice.yaml").write_text(text, "utf-8")
    rows = [f"D{n},H{n},Animas,AC-200-INV,B201575,2010-12-10,9" for n in range(1, 5)]
    (tmp_path / "devices.csv").write_text(DEVICES + "\n".join(rows) + "\n", "utf-8")
    holders = [
        "H1,person,Jane Example,1 Example Street|Testwater ZZ 00068,US,en,C1",
        "H2,person,John Example,2 Example Street|Testwater ZZ 00068,US,eo,C1",
        "H3,person,Jo Example,,US,en,",
        "H4,person,\u4f60\u597d,4 Example Street|Testwater ZZ 00068,US,en,",
        "C1,clinic,Example Clinic,9 Example Street|Testwater ZZ 00068,US,en,",
    ]
    (tmp_path / "holders.csv").write_text(HOLDERS + "\n".join(holders) + "\n", "utf-8")
    return tmp_path


def run(lists: Path, *more: str) -> int:
    command = ["letters", str(lists / "notice.yaml"), "--registry", str(lists / "devices.csv")]
    command += ["--holders", str(lists / "holders.csv"), "--out", str(lists / "out")]
    return type_in([*command, "--date", "2026-12-01", "--processes", "1", *more]).code


def rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return {row["person"]: row for row in csv.DictReader(lines)}


def test_everybody_gets_a_letter_or_stands_among_the_work_items(lists: Path) -> None:
    assert run(lists) == 4
    made, items = rows(lists / "out" / "manifest.csv"), rows(lists / "out" / "work-items.csv")
    assert {person: row["letter"] for person, row in made.items()} == {
        "H1": "patient-affected",
        "C1": "clinician",
    }
    assert {person: row["code"] for person, row in items.items()} == {
        "H2": "no_letter_text",
        "H3": "address_missing",
        "H4": "glyph_missing",
    }
    for row in made.values():
        content = (lists / "out" / row["file"]).read_bytes()
        assert sha256(content).hexdigest() == row["sha256"]
    assert len(list((lists / "out").glob("*.pdf"))) == 2
    if which("pdftotext"):
        letter = lists / "out" / made["H1"]["file"]
        command = ["pdftotext", "-layout", str(letter), "-"]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert "What we have on record for you" in text
        listed = text.partition("on record for you")[2].partition("help line")[0].split()
        assert listed[:5] == ["Product", "Lot", "Number", "B201575", "9"]


def test_one_language_for_all_and_a_folder_that_is_not_empty(lists: Path) -> None:
    assert run(lists, "--language", "en") == 4
    assert "H2" in rows(lists / "out" / "manifest.csv")
    assert run(lists) == 3


def test_a_field_that_no_letter_knows_is_refused(lists: Path) -> None:
    assert run(lists, "--field", "colour=red") == 2
    assert not (lists / "out").exists()
