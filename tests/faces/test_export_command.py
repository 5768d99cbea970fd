"""`tocsin notice export` as a user runs it."""

import json
from pathlib import Path

import pytest

from tocsin.cli.main import run
from tocsin.services.exporting import EXPORT_FORMATS, export_notice
from tocsin.services.notices import read_notice

DATA = Path(__file__).parents[2] / "src/tocsin/cases/data"
CASE_A, CASE_B = DATA / "case_a.yaml", DATA / "case_b_revision_3.yaml"


@pytest.mark.parametrize("name", sorted(set(EXPORT_FORMATS) - {"fhir"}))
def test_every_format_of_notices_reads_back_equal(name: str, tmp_path: Path) -> None:
    assert run(["notice", "export", str(CASE_A), "--format", name, "--out", str(tmp_path)]) == 0
    (written,) = tmp_path.iterdir()
    assert written.stem == "medtronic-minimed-508-paradigm-2019"
    assert read_notice(written) == read_notice(CASE_A)


def test_fhir_tells_that_there_is_an_action(tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    assert run(["notice", "export", str(CASE_A), "--format", "fhir", "--out", str(out)]) == 0
    bundle = json.loads(out.read_text("utf-8"))
    told = [entry["resource"] for entry in bundle["entry"]]
    assert {resource["resourceType"] for resource in told} == {"DeviceDefinition"}
    assert all(resource["correctiveAction"]["recall"] for resource in told)


def test_standard_output_is_the_document_and_nothing_else(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run(["notice", "export", str(CASE_A), "-f", "csaf-2.1"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["document"]["csaf_version"] == "2.1"
    assert err == ""
    assert out == export_notice(read_notice(CASE_A), "csaf-2.1")


def test_earlier_revisions_date_the_history(tmp_path: Path) -> None:
    out = tmp_path / "b.json"
    earlier = [
        part for n in (1, 2) for part in ("--earlier", str(DATA / f"case_b_revision_{n}.yaml"))
    ]
    options = ["--namespace", "https://www.example.com", "--tlp", "green"]
    assert (
        run(["notice", "export", str(CASE_B), "-f", "csaf", "-o", str(out), *earlier, *options])
        == 0
    )
    document = json.loads(out.read_text("utf-8"))["document"]
    history = document["tracking"]["revision_history"]
    assert [step["number"] for step in history] == ["1", "2", "3"]
    first = read_notice(DATA / "case_b_revision_1.yaml")
    day = first.approval.on or first.issued_on
    assert day is not None
    assert history[0]["date"].startswith(day.isoformat())
    assert document["distribution"]["tlp"]["label"] == "GREEN"
    assert document["publisher"]["namespace"] == "https://www.example.com"
    assert read_notice(out) == read_notice(CASE_B)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["-f", "word"], 2, "word"),
        (["-f", "csaf", "--tlp", "purple"], 2, "Traffic Light Protocol"),
        (["-f", "csaf", "--namespace", "example"], 2, "no web address"),
        (["-f", "csaf", "--earlier", str(CASE_B)], 3, "is not earlier"),
        (["-f", "csaf", "--out", "/nowhere/at/all.json"], 3, "There is no folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str], code: int, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["notice", "export", str(CASE_A), *arguments]) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err
