"""The official R4 examples and Synthea's export: nothing is lost, nothing is made up."""

import json
from pathlib import Path

import pytest

from tests.lib.fhir_documents import read_devices, read_people

pytestmark = pytest.mark.corpus


def test_every_example_of_a_device_is_read(corpus: Path) -> None:
    files = sorted((corpus / "fhir" / "r4_examples").glob("Device-*.json"))
    assert files
    for file in files:
        device = json.loads(file.read_text("utf-8"))
        rows, loaded = read_devices(file)
        assert list(rows) == [device["id"]]
        assert loaded.broken == ()


def test_every_example_of_a_person_or_organisation_is_read(corpus: Path) -> None:
    folder = corpus / "fhir" / "r4_examples"
    for kind in ("Patient", "Organization", "Practitioner", "RelatedPerson"):
        files = sorted(folder.glob(f"{kind}-*.json"))
        assert files
        for file in files:
            resource = json.loads(file.read_text("utf-8"))
            rows, _ = read_people(file)
            row = rows[f"{kind}/{resource['id']}"]
            assert row["kind"]
            for point in resource.get("telecom", ()):
                if point.get("system") == "phone" and point.get("use") != "old":
                    assert row["phone"]


def test_the_whole_folder_of_examples_is_read(corpus: Path) -> None:
    rows, loaded = read_devices(corpus / "fhir" / "r4_examples")
    assert rows["example"]["holder_id"] == "Patient/example"
    assert rows["example"]["fhir.use"] == "active"
    assert loaded.broken == ()


def test_synthea_devices_keep_all_that_they_say(corpus: Path) -> None:
    folders = [path for path in (corpus / "fhir" / "synthea_bulk").iterdir() if path.is_dir()]
    assert folders
    for folder in folders:
        lines = [
            json.loads(line)
            for file in folder.glob("Device*.ndjson")
            for line in file.read_text("utf-8").splitlines()
        ]
        rows, loaded = read_devices(folder)
        people, _ = read_people(folder)
        assert loaded.broken == ()
        assert len(rows) == len({line["id"] for line in lines})
        for device in lines:
            row = rows[device["id"]]
            assert row["udi"] == device["udiCarrier"][0]["carrierHRF"]
            assert row["serial"] == device["serialNumber"]
            assert row["holder_id"] == device["patient"]["reference"]
            assert row["holder_id"] in people
            assert "product" not in row, "a term of SNOMED CT names no product"
