"""Files, folders, Bundles and references: which resources are found, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lib.fhir_documents import (
    ANN,
    PUMP,
    PUMP_R5,
    bundle,
    read_devices,
    read_people,
    use_of,
    write_json,
    write_lines,
)
from tocsin.base.errors import RegistryUnreadable

OTHER = {"resourceType": "Device", "id": "other", "modelNumber": "Z"}


@pytest.mark.parametrize("name", ["d.ndjson", "d.jsonl", "D.NDJSON", "d.ndjson.gz", "d.json"])
def test_lines_are_read_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    rows, _ = read_devices(write_lines(tmp_path / name, [PUMP, "", ANN, OTHER]))
    assert set(rows) == {"pump1", "other"}


def test_a_bundle_a_list_and_a_lone_device_are_read(tmp_path: Path) -> None:
    for document in (bundle(PUMP, OTHER), [PUMP, OTHER]):
        path = tmp_path / "b.json"
        path.write_text("\ufeff" + json.dumps(document, indent=2), "utf-8")
        assert set(read_devices(path)[0]) == {"pump1", "other"}
    assert set(read_devices(write_json(tmp_path / "b.json", OTHER))[0]) == {"other"}


def test_a_bundle_within_a_bundle_and_in_a_line_is_read(tmp_path: Path) -> None:
    nested = bundle(bundle(PUMP), OTHER)
    assert set(read_devices(write_json(tmp_path / "b.json", nested))[0]) == {"pump1", "other"}
    assert set(read_devices(write_lines(tmp_path / "b.ndjson", [nested]))[0]) == {"pump1", "other"}


def test_an_indented_document_called_ndjson_is_read(tmp_path: Path) -> None:
    path = tmp_path / "b.ndjson"
    path.write_text(json.dumps(bundle(PUMP, OTHER), indent=2), "utf-8")
    assert set(read_devices(path)[0]) == {"pump1", "other"}


def test_a_folder_joins_its_files(tmp_path: Path) -> None:
    write_lines(tmp_path / "Device.000.ndjson", [PUMP])
    write_lines(tmp_path / "DeviceUseStatement.ndjson.gz", [use_of("Device/pump1", "Patient/bob")])
    write_lines(tmp_path / "Patient.ndjson", [ANN])
    (tmp_path / "readme.txt").write_text("no FHIR")
    write_json(tmp_path / "manifest.json", {"output": []})
    rows, loaded = read_devices(tmp_path)
    assert set(rows) == {"pump1", "pump1@Patient/bob"}
    assert any("manifest.json" in note and "readme.txt" in note for note in loaded.notes)


class TestReferences:
    def test_addresses_within_a_transaction_are_followed(self, tmp_path: Path) -> None:
        device = {**OTHER, "patient": {"reference": "urn:uuid:0b"}}
        del device["id"]
        patient = {"resourceType": "Patient"}
        entries = [
            {"fullUrl": "urn:uuid:0a", "resource": device, "request": {"method": "POST"}},
            {"fullUrl": "urn:uuid:0b", "resource": patient, "request": {"method": "POST"}},
        ]
        path = write_json(
            tmp_path / "b.json",
            {"entry": entries, "type": "transaction", "resourceType": "Bundle"},
        )
        assert read_devices(path)[0]["0a"]["holder_id"] == "Patient/0b"
        assert set(read_people(path)[0]) == {"Patient/0b"}

    @pytest.mark.parametrize(
        "reference",
        [
            "Patient/ann",
            "Patient/ann/_history/3",
            "https://ehr.example/fhir/Patient/ann",
            "https://ehr.example/fhir/Patient/ann/_history/3",
        ],
    )
    def test_relative_absolute_and_versioned_references_mean_the_same(
        self, tmp_path: Path, reference: str
    ) -> None:
        device = {**OTHER, "patient": {"reference": reference}}
        lines, _ = read_devices(write_lines(tmp_path / "d.ndjson", [device, ANN]))
        assert lines["other"]["holder_id"] == "Patient/ann"
        urls = {"other": "https://ehr.example/fhir/Device/other"}
        urls["ann"] = "https://ehr.example/fhir/Patient/ann"
        entries = [{"fullUrl": urls[r["id"]], "resource": r} for r in (device, ANN)]
        document = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        rows, _ = read_devices(write_json(tmp_path / "b.json", document))
        assert rows["other"]["holder_id"] == "Patient/ann"

    def test_the_same_id_on_two_servers_is_two_patients(self, tmp_path: Path) -> None:
        entries = [
            {
                "fullUrl": f"https://{host}.example/{kind}/1",
                "resource": {
                    "resourceType": kind,
                    "id": "1",
                    **({"patient": {"reference": "Patient/1"}} if kind == "Device" else {}),
                },
            }
            for host in ("a", "b")
            for kind in ("Device", "Patient")
        ]
        path = write_json(
            tmp_path / "b.json", {"resourceType": "Bundle", "type": "collection", "entry": entries}
        )
        rows, _ = read_devices(path)
        people, _ = read_people(path)
        assert {row["holder_id"] for row in rows.values()} == set(people)
        assert set(people) == {"https://a.example/Patient/1", "https://b.example/Patient/1"}

    def test_a_reference_by_identifier_finds_the_patient(self, tmp_path: Path) -> None:
        identifier = {"system": "urn:mrn", "value": "77"}
        device = {**OTHER, "patient": {"type": "Patient", "identifier": identifier}}
        patient = {**ANN, "identifier": [identifier]}
        rows, _ = read_devices(write_lines(tmp_path / "d.ndjson", [device, patient]))
        assert rows["other"]["holder_id"] == "Patient/ann"
        twin = {**patient, "id": "eve"}
        rows, _ = read_devices(write_lines(tmp_path / "d.ndjson", [device, patient, twin]))
        assert rows["other"]["holder_id"] == "Patient?identifier=urn:mrn|77"

    def test_a_use_finds_its_device_by_identifier(self, tmp_path: Path) -> None:
        identifier = {"system": "urn:asset", "value": "9"}
        use = use_of("", "Patient/ann", id="u")
        use["device"] = {"type": "Device", "identifier": identifier}
        device = {**OTHER, "identifier": [identifier]}
        rows, _ = read_devices(write_lines(tmp_path / "d.ndjson", [use, device]))
        assert {name: row["holder_id"] for name, row in rows.items()} == {"other": "Patient/ann"}


class TestCopies:
    def test_what_pages_repeat_counts_once(self, tmp_path: Path) -> None:
        write_json(tmp_path / "1.json", bundle(PUMP, ANN))
        write_json(tmp_path / "2.json", bundle(PUMP, ANN, OTHER))
        rows, loaded = read_devices(tmp_path)
        assert set(rows) == {"pump1", "other"}
        assert any("given more than once" in note for note in loaded.notes)
        assert set(read_people(tmp_path)[0]) == {"Patient/ann"}

    def test_a_page_that_is_missing_is_told(self, tmp_path: Path) -> None:
        link = [{"relation": "next", "url": "https://ehr.example/page2"}]
        write_json(tmp_path / "1.json", bundle(PUMP, kind="searchset", link=link))
        assert any("next page" in note for note in read_devices(tmp_path)[1].notes)
        link = [{"relation": "self", "url": "https://ehr.example/page2"}]
        write_json(tmp_path / "2.json", bundle(OTHER, kind="searchset", link=link))
        assert not any("next page" in note for note in read_devices(tmp_path)[1].notes)


class TestSetAside:
    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ('{"resourceType": "Device", "id": "x", "lotNumber": "A", "lotNumber": "B"}', "once"),
            ('{"resourceType": "Device", "id": "x", "a": NaN}', "NaN"),
            ('{"resourceType": "Device", "id": "x"', "no JSON"),
            ('{"resourceType": "Device", "id": "x"} {}', "follows it"),
            ('{"resourceType": "Device", "id": "\\ud800"}', "surrogate"),
            ('{"id": "x"}', "no resourceType"),
            ('["Device"]', "no JSON object"),
            ('{"resourceType": "Device", "a": ' + "[" * 100_000, "deeply"),
        ],
    )
    def test_a_line_that_is_no_resource_is_set_aside(
        self, tmp_path: Path, line: str, why: str
    ) -> None:
        rows, loaded = read_devices(write_lines(tmp_path / "d.ndjson", [PUMP, line, OTHER]))
        assert set(rows) == {"pump1", "other"}
        [broken] = loaded.broken
        assert why in broken.why
        assert str(broken.place) == "d.ndjson, line 2"

    def test_a_line_that_is_not_utf8_is_set_aside(self, tmp_path: Path) -> None:
        path = write_lines(tmp_path / "d.ndjson", [PUMP])
        path.write_bytes(path.read_bytes() + b'{"resourceType":"Device","id":"\xe9"}\n')
        assert "UTF-8" in read_devices(path)[1].broken[0].why

    def test_a_number_stays_as_it_is_written(self, tmp_path: Path) -> None:
        line = (
            '{"resourceType": "Device", "id": "x", "serialNumber": "1", "version": '
            '[{"type": {"text": "software"}, "value": 2.10}], "n": ' + "9" * 20_000 + "}"
        )
        rows, _ = read_devices(write_lines(tmp_path / "d.ndjson", [line]))
        assert rows["x"]["software_version"] == "2.10"


class TestRefused:
    def refused(self, path: Path) -> str:
        with pytest.raises(RegistryUnreadable) as error:
            read_devices(path)
        return error.value.sentence

    @pytest.mark.parametrize(
        "resource",
        [
            {**OTHER, "modelNumber": None, "udi": {"deviceIdentifier": "1"}},
            {"resourceType": "Device", "id": "x", "model": "MX-7"},
            {"resourceType": "Device", "id": "x", "version": "2.1"},
            {"resourceType": "DeviceUseStatement", "whenUsed": {"start": "2019"}},
            {**OTHER, "meta": {"profile": ["http://hl7.org/fhir/STU3/StructureDefinition/Device"]}},
            {
                **OTHER,
                "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/Device|3.0.2"]},
            },
            {"resourceType": "CapabilityStatement", "fhirVersion": "3.0.1"},
        ],
    )
    def test_stu3_is_refused(self, tmp_path: Path, resource: dict[str, Any]) -> None:
        resource = {name: value for name, value in resource.items() if value is not None}
        sentence = self.refused(write_lines(tmp_path / "d.ndjson", [PUMP, resource]))
        assert "STU3" in sentence
        assert "line 2" in sentence

    @pytest.mark.parametrize("resource", [PUMP, PUMP_R5, OTHER])
    def test_r4_r5_and_what_is_common_are_not(self, tmp_path: Path, resource: Any) -> None:
        stray = {**resource, "model": "x", "serialNumber": "1"}
        assert read_devices(write_lines(tmp_path / "d.ndjson", [stray]))[0]

    def test_a_document_that_is_cut_off(self, tmp_path: Path) -> None:
        path = write_json(tmp_path / "b.json", bundle(PUMP, OTHER))
        path.write_text(path.read_text()[:-30])
        assert "not whole" in self.refused(path)

    def test_a_packed_file_that_is_cut_off(self, tmp_path: Path) -> None:
        path = write_lines(tmp_path / "d.ndjson.gz", [PUMP] * 100)
        path.write_bytes(path.read_bytes()[:-20])
        assert "not whole" in self.refused(path)

    def test_a_history(self, tmp_path: Path) -> None:
        path = write_json(tmp_path / "b.json", bundle(PUMP, kind="history"))
        assert "history" in self.refused(path)

    def test_no_device(self, tmp_path: Path) -> None:
        path = write_json(tmp_path / "b.json", bundle(ANN, {"resourceType": "Task"}))
        assert "1 Task" in self.refused(path)

    def test_no_file(self, tmp_path: Path) -> None:
        assert "cannot be opened" in self.refused(tmp_path / "b.json")
        assert "holds no" in self.refused(tmp_path)
