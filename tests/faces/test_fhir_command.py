"""`tocsin match` on FHIR: from a folder of an export to verdicts, contacts and drafts."""

import csv
import json
from pathlib import Path

import pytest
import yaml

from tests.lib.fhir_documents import ANN, PUMP, bundle, use_of, write_json, write_lines
from tocsin.cli.main import run

NOTICE = {
    "notice": "n-1",
    "kind": "recall",
    "title": "Infusor 7 may stop",
    "issuers": [{"name": "Example Pumps", "role": "manufacturer"}],
    "scope": [{"entry": "a", "affects": {"models": ["MX-7"]}, "software": {"at_most": "2.10"}}],
    "remedies": [{"kind": "replacement", "audience": "patient"}],
    "languages": ["nl"],
    "source": {"document": "test", "checked_on": "2026-01-01"},
}
PATIENT = {
    **ANN,
    "telecom": [{"system": "email", "value": "ann@example.org"}],
    "communication": [{"language": {"coding": [{"code": "nl"}]}}],
    "managingOrganization": {"reference": "Organization/o"},
}
CLINIC = {"resourceType": "Organization", "id": "o", "name": "Clinic"}
NEWER = {
    **PUMP,
    "id": "new",
    "udiCarrier": [],
    "version": [{"type": {"text": "software"}, "value": "3"}],
}
LOOSE = {**PUMP, "id": "loose", "version": [{"value": "3"}]}


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "notice.yaml"
    path.write_text(yaml.safe_dump(NOTICE))
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_an_export_is_matched_with_its_own_holders(
    notice: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    write_lines(folder / "Device.ndjson", [PUMP, NEWER, LOOSE])
    write_lines(folder / "Patient.ndjson.gz", [PATIENT])
    write_lines(folder / "Organization.ndjson", [CLINIC])
    write_lines(folder / "DeviceUseStatement.ndjson", [use_of("Device/new", "Patient/ann", id="u")])
    out, drafts = tmp_path / "v.csv", tmp_path / "drafts.json"
    command = ["match", str(notice), "-r", str(folder), "--all", "-o", str(out)]
    assert run([*command, "--fhir", str(drafts)]) == 0
    verdicts = {row["device_id"]: row["verdict"] for row in rows_of(out)}
    assert verdicts == {"pump1": "affected", "new": "not_affected", "loose": "cannot_tell"}
    contacts = rows_of(tmp_path / "v.n-1.contacts.csv")
    assert [(line["holder_id"], line["audience"], line["channel"]) for line in contacts] == [
        ("Organization/o", "facility", "none: repair the contact"),
        ("Patient/ann", "patient", "e-mail"),
    ]
    assert contacts[1]["language_ready"] == "True"
    assert "not surely" in capfd.readouterr().err
    written = json.loads(drafts.read_text())
    kinds = [entry["resource"]["resourceType"] for entry in written["entry"]]
    assert kinds == ["CommunicationRequest", "Flag", "SupplyRequest"]
    letter = written["entry"][0]["resource"]
    assert letter["medium"][0]["coding"][0]["code"] == "EMAILWRIT"
    assert letter["about"] == [{"reference": "Device/pump1"}]


@pytest.mark.parametrize("name", ["bundle.json", "devices.ndjson"])
def test_one_file_is_matched_and_explained(notice: Path, tmp_path: Path, name: str) -> None:
    write = write_lines if name.endswith("ndjson") else write_json
    resources = [PUMP, PATIENT]
    path = write(tmp_path / name, resources if write is write_lines else bundle(*resources))
    out = tmp_path / "v.csv"
    assert run(["match", str(notice), "-r", str(path), "-o", str(out)]) == 0
    assert [row["verdict"] for row in rows_of(out)] == ["affected"]
    assert run(["explain", str(notice), "-r", str(path), "-d", "pump1"]) == 0


def test_what_is_set_aside_is_listed_with_its_place(notice: Path, tmp_path: Path) -> None:
    wrong = {**PUMP, "id": "wrong", "status": "entered-in-error"}
    twice = {**PUMP, "lotNumber": "L8"}
    path = write_lines(tmp_path / "d.ndjson", [PUMP, twice, wrong, "{", NEWER])
    out = tmp_path / "v.csv"
    assert run(["match", str(notice), "-r", str(path), "--all", "-o", str(out)]) == 4
    assert [row["device_id"] for row in rows_of(out)] == ["new"]
    rejected = [(r["line"], r["column"], r["value"]) for r in rows_of(tmp_path / "v.rejected.csv")]
    assert rejected == [
        ("4", "", "d.ndjson"),
        ("3", "Device/wrong", "d.ndjson"),
        ("", "device_id", "pump1"),
        ("", "device_id", "pump1"),
    ]


def test_holders_that_contradict_each_other_are_listed(notice: Path, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "d.ndjson", [PUMP, PATIENT, ANN])
    out = tmp_path / "v.csv"
    assert run(["match", str(notice), "-r", str(path), "-o", str(out)]) == 4
    assert [row["verdict"] for row in rows_of(out)] == ["affected"]
    rejected = rows_of(tmp_path / "v.holders.rejected.csv")
    assert [row["value"] for row in rejected] == ["Patient/ann", "Patient/ann"]


def test_stu3_is_refused_with_a_sentence(
    notice: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_lines(tmp_path / "d.ndjson", [{"resourceType": "Device", "id": "1", "model": "M"}])
    assert run(["match", str(notice), "-r", str(path)]) == 3
    assert "FHIR STU3 or older" in capfd.readouterr().err


def test_drafts_of_a_plain_registry_name_holders_by_identifier(
    notice: Path, tmp_path: Path
) -> None:
    registry = tmp_path / "r.csv"
    registry.write_text(
        "device_id,holder_id,manufacturer,model,software_version\nD1,H1,Example Pumps,MX-7,2\n"
    )
    drafts = tmp_path / "drafts.ndjson"
    command = ["match", str(notice), "-r", str(registry), "-o", str(tmp_path / "v.csv")]
    assert run([*command, "--fhir", str(drafts), "--fhir-release", "R5"]) == 0
    letter = json.loads(drafts.read_text().splitlines()[0])
    assert letter["subject"] == {"type": "Patient", "identifier": {"value": "H1"}}
    assert letter["intent"] == "plan"


def test_a_wrong_name_for_drafts_is_refused_before_anything_is_written(
    notice: Path, tmp_path: Path
) -> None:
    path = write_json(tmp_path / "b.json", bundle(PUMP))
    out = tmp_path / "v.csv"
    command = ["match", str(notice), "-r", str(path), "-o", str(out)]
    assert run([*command, "--fhir", str(tmp_path / "drafts.csv")]) == 3
    assert not out.exists()
