"""What a Device says becomes the columns of a registry; what it does not surely say stays out."""

from pathlib import Path
from typing import Any

import pytest

from tests.lib.fhir_documents import (
    ANN,
    PUMP,
    PUMP_R5,
    bundle,
    read_devices,
    use_of,
    write_json,
)

TYPE = {"text": "Continuous subcutaneous insulin infusion pump"}


def only(tmp_path: Path, *resources: Any) -> dict[str, str]:
    """Return the one row of some resources."""
    rows, loaded = read_devices(write_json(tmp_path / "b.json", bundle(*resources)))
    assert loaded.broken == ()
    assert len(rows) == 1, list(rows)
    return next(iter(rows.values()))


def test_a_device_of_r4_fills_the_columns_of_a_registry(tmp_path: Path) -> None:
    assert only(tmp_path, PUMP, ANN) == {
        "device_id": "pump1",
        "holder_id": "Patient/ann",
        "manufacturer": "Example Pumps",
        "product": "Infusor 7",
        "model": "MX-7",
        "catalogue_no": "7000-1",
        "udi": "(01)00718175003305(11)190102(10)L7(21)S77",
        "software_version": "2.10",
        "lot": "L7",
        "serial": "S77",
        "quantity": "1",
        "made_on": "2019-01-02",
        "evidence_on": "2026-03-01",
        "evidence_source": "b.json, entry 1",
        "fhir.other_names": "the blue one (patient-reported-name)",
    }


def test_a_device_of_r5_has_its_holder_from_an_association(tmp_path: Path) -> None:
    association = {
        "resourceType": "DeviceAssociation",
        "id": "a",
        "device": {"reference": "Device/pump5"},
        "subject": {"reference": "Patient/ann"},
        "status": {"coding": [{"code": "implanted"}]},
        "period": {"start": "2025-02"},
    }
    row = only(tmp_path, PUMP_R5, ANN, association)
    assert row["product"] == "Infusor 7"
    assert row["software_version"] == "3.1"
    assert row["holder_id"] == "Patient/ann"
    assert row["implanted_on"] == "2025-02"
    assert row["fhir.use"] == "implanted 2025-02"


def test_a_device_usage_of_r5_names_the_user(tmp_path: Path) -> None:
    usage = {
        "resourceType": "DeviceUsage",
        "id": "u",
        "status": "active",
        "patient": {"reference": "Patient/ann"},
        "device": {"reference": {"reference": "Device/pump5"}},
        "dateAsserted": "2026-01-05",
    }
    row = only(tmp_path, PUMP_R5, usage)
    assert (row["holder_id"], row["evidence_on"]) == ("Patient/ann", "2026-01-05")
    assert "implanted_on" not in row


@pytest.mark.parametrize(
    ("names", "product"),
    [
        ([("Infusor 7", "user-friendly-name")], None),
        ([("Infusor 7", "patient-reported-name")], None),
        ([("Example Pumps", "manufacturer-name")], None),
        ([("Infusor 7", "other")], None),
        ([(TYPE["text"], "model-name")], None),
        ([("Infusor 7", "model-name"), ("Infusor 7 Plus", "udi-label-name")], "Infusor 7 Plus"),
        ([("Infusor 7", "model-name"), ("Dosa", "udi-label-name")], "Infusor 7 / Dosa"),
    ],
)
def test_only_names_of_label_and_registration_name_the_product(
    tmp_path: Path, names: list[tuple[str, str]], product: str | None
) -> None:
    """A clerk's name, or the kind of device, would clear every device of another name."""
    written = [{"name": name, "type": kind} for name, kind in names]
    row = only(tmp_path, {"resourceType": "Device", "id": "d", "type": TYPE, "deviceName": written})
    assert row.get("product") == product
    assert row["fhir.kind"] == TYPE["text"]
    shown = f"{row.get('product')} {row.get('fhir.other_names')}"
    assert all(name in shown for name, _ in names if product != "Infusor 7 Plus")


SOFTWARE = {"text": "software"}


@pytest.mark.parametrize(
    ("versions", "software"),
    [
        ([{"type": SOFTWARE, "value": "2.6A"}], "2.6A"),
        ([{"type": SOFTWARE, "value": 2.10}], "2.1"),
        ([{"value": "2.6A"}], None),
        ([{"type": {"text": "firmware"}, "value": "9"}], None),
        ([{"type": {"text": "firmware"}, "value": "9"}, {"type": SOFTWARE, "value": "1"}], "1"),
        ([{"type": SOFTWARE, "value": "1"}, {"type": SOFTWARE, "value": "2"}], None),
        ([{"type": SOFTWARE, "value": "1", "component": {"value": "radio"}}], None),
        ([{"type": {"coding": [{"code": "531976"}]}, "value": "9"}], None),
    ],
)
def test_only_what_is_surely_the_software_is_its_version(
    tmp_path: Path, versions: list[dict[str, Any]], software: str | None
) -> None:
    row = only(tmp_path, {"resourceType": "Device", "id": "d", "version": versions})
    assert row.get("software_version") == software
    if software is None:
        assert all(str(v["value"]) in row["fhir.other_versions"] for v in versions)


@pytest.mark.parametrize(
    ("carriers", "udi", "others"),
    [
        ([{"deviceIdentifier": "00718175003305"}], "00718175003305", None),
        ([{"carrierHRF": "(01)00718175003305(21)7"}], "(01)00718175003305(21)7", None),
        (
            [{"deviceIdentifier": "00718175003305", "carrierHRF": "what is printed"}],
            "00718175003305",
            "what is printed",
        ),
        (
            [{"deviceIdentifier": "00300000000007", "carrierHRF": "(01)00718175003305(21)7"}],
            None,
            "(01)00718175003305(21)7; 00300000000007",
        ),
        (
            [{"deviceIdentifier": "00300000000007"}, {"deviceIdentifier": "00718175003305"}],
            None,
            "00300000000007; 00718175003305",
        ),
        ([{"carrierHRF": "+H123ABC01"}], "+H123ABC01", None),
        (
            [{"deviceIdentifier": "+A123BJC5D6E71G", "carrierHRF": "+A123BJC5D6E71G"}],
            "+A123BJC5D6E71G",
            None,
        ),
        (
            [{"deviceIdentifier": "A123BJC5D6E71", "carrierHRF": "+A123BJC5D6E71G"}],
            "+A123BJC5D6E71G",
            None,
        ),
        (
            [{"deviceIdentifier": "+A123BJC5D6E71", "carrierHRF": "+A123BJC5D6E71/$LOT7Q"}],
            "+A123BJC5D6E71/$LOT7Q",
            None,
        ),
        (
            [{"deviceIdentifier": "no DI", "carrierHRF": "(01)00718175003305(21)7"}],
            None,
            "(01)00718175003305(21)7; no DI",
        ),
        ([{"carrierHRF": "*+A123BJC5D6E71 "}], "*+A123BJC5D6E71 ", None),
    ],
)
def test_a_device_identifier_is_taken_unless_two_of_them_disagree(
    tmp_path: Path, carriers: list[dict[str, str]], udi: str | None, others: str | None
) -> None:
    row = only(tmp_path, {"resourceType": "Device", "id": "d", "udiCarrier": carriers})
    assert (row.get("udi"), row.get("fhir.other_udi")) == (udi, others)


def test_a_value_of_a_wrong_type_is_unknown_and_told(tmp_path: Path) -> None:
    device = {"resourceType": "Device", "id": "d", "lotNumber": {"value": "A"}, "modelNumber": "M"}
    rows, loaded = read_devices(write_json(tmp_path / "b.json", device))
    assert "lot" not in rows["d"]
    assert any("lotNumber" in note for note in loaded.notes)


def test_a_definition_adds_what_all_devices_of_a_kind_share(tmp_path: Path) -> None:
    definition = {
        "resourceType": "DeviceDefinition",
        "id": "k",
        "manufacturer": {"reference": "Organization/maker"},
        "modelNumber": "MX-7",
        "deviceName": [{"name": "Infusor 7", "type": "registered-name"}],
        "udiDeviceIdentifier": [{"deviceIdentifier": "00718175003305"}],
        "version": [{"value": "1.0"}],
    }
    maker = {"resourceType": "Organization", "id": "maker", "name": "Example Pumps"}
    device = {
        "resourceType": "Device",
        "id": "d",
        "modelNumber": "MX-7B",
        "definition": {"reference": {"reference": "DeviceDefinition/k"}},
    }
    row = only(tmp_path, device, definition, maker)
    assert row["manufacturer"] == "Example Pumps"
    assert row["product"] == "Infusor 7"
    assert row["model"] == "MX-7B"
    assert row["udi"] == "00718175003305"
    assert "software_version" not in row


class TestHolders:
    def test_each_person_who_has_or_had_a_device_is_listed(self, tmp_path: Path) -> None:
        ended = use_of("Device/pump1", "Patient/bob", id="1", status="completed")
        ended["timingPeriod"] = {"start": "2019-02-01", "end": "2020-03-04"}
        rows, loaded = read_devices(write_json(tmp_path / "b.json", bundle(PUMP, ended)))
        assert rows["pump1"]["holder_id"] == "Patient/ann"
        assert rows["pump1"]["quantity"] == "1"
        other = rows["pump1@Patient/bob"]
        assert other["holder_id"] == "Patient/bob"
        assert other["fhir.use"] == "completed 2019-02-01/2020-03-04"
        assert "quantity" not in other
        assert any("more than one holder" in note for note in loaded.notes)

    def test_a_statement_that_takes_itself_back_gives_way(self, tmp_path: Path) -> None:
        wrong = use_of("Device/pump1", "Patient/bob", id="1", status="entered-in-error")
        assert only(tmp_path, PUMP, wrong)["holder_id"] == "Patient/ann"

    def test_it_still_counts_where_nothing_else_names_a_holder(self, tmp_path: Path) -> None:
        device = {name: value for name, value in PUMP.items() if name != "patient"}
        wrong = use_of("Device/pump1", "Patient/bob", id="1", status="entered-in-error")
        row = only(tmp_path, device, wrong)
        assert (row["holder_id"], row["fhir.use"]) == ("Patient/bob", "entered-in-error")

    def test_the_owner_holds_what_no_person_has(self, tmp_path: Path) -> None:
        device = {"resourceType": "Device", "id": "d", "owner": {"reference": "Organization/o"}}
        assert only(tmp_path, device)["holder_id"] == "Organization/o"

    def test_a_place_stands_for_the_organisation_that_runs_it(self, tmp_path: Path) -> None:
        device = {"resourceType": "Device", "id": "d", "location": {"reference": "Location/l"}}
        place = {
            "resourceType": "Location",
            "id": "l",
            "managingOrganization": {"reference": "Organization/o"},
        }
        assert only(tmp_path, device, place)["holder_id"] == "Organization/o"
        assert only(tmp_path, device)["holder_id"] == "Location/l"

    def test_the_clinic_is_that_of_the_patient_before_that_of_the_device(
        self, tmp_path: Path
    ) -> None:
        device = {**PUMP, "owner": {"reference": "Organization/shop"}}
        assert only(tmp_path, device, ANN)["clinic_id"] == "Organization/shop"
        role = {
            "resourceType": "PractitionerRole",
            "id": "r",
            "practitioner": {"reference": "Practitioner/p"},
            "organization": {"reference": "Organization/clinic"},
        }
        patient = {**ANN, "generalPractitioner": [{"reference": "PractitionerRole/r"}]}
        row = only(tmp_path, device, patient, role)
        assert row["clinic_id"] == "Organization/clinic"

    def test_a_patient_record_that_was_replaced_leads_to_the_new_one(self, tmp_path: Path) -> None:
        link = [{"type": "replaced-by", "other": {"reference": "Patient/new"}}]
        old = {**ANN, "link": link}
        assert only(tmp_path, PUMP, old)["holder_id"] == "Patient/new"

    def test_records_that_replace_each_other_end(self, tmp_path: Path) -> None:
        def replaced(own: str, by: str) -> dict[str, Any]:
            link = [{"type": "replaced-by", "other": {"reference": f"Patient/{by}"}}]
            return {"resourceType": "Patient", "id": own, "link": link}

        row = only(tmp_path, PUMP, replaced("ann", "eve"), replaced("eve", "ann"))
        assert row["holder_id"] == "Patient/ann"


class TestUsesWithoutDevice:
    def test_a_device_that_is_not_here_has_a_row_without_product(self, tmp_path: Path) -> None:
        row = only(tmp_path, use_of("Device/gone", "Patient/ann", id="1"))
        assert row["device_id"] == "gone"
        assert row["holder_id"] == "Patient/ann"
        assert not {"product", "model", "udi"} & set(row)

    def test_a_kind_of_device_is_no_product(self, tmp_path: Path) -> None:
        usage = {
            "resourceType": "DeviceUsage",
            "id": "u",
            "status": "active",
            "patient": {"reference": "Patient/ann"},
            "device": {"concept": {"text": "insulin pump"}},
        }
        row = only(tmp_path, usage)
        assert (row["device_id"], row["fhir.kind"]) == ("DeviceUsage/u", "insulin pump")
        assert "product" not in row

    def test_a_contained_device_is_one(self, tmp_path: Path) -> None:
        inside = {"resourceType": "Device", "id": "x", "modelNumber": "MX-7"}
        row = only(tmp_path, use_of("#x", "Patient/ann", id="1", contained=[inside]))
        assert row["device_id"] == "DeviceUseStatement/1#x"
        assert (row["model"], row["holder_id"]) == ("MX-7", "Patient/ann")


class TestSetAside:
    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"status": "entered-in-error"}, "entered-in-error"),
            ({"modifierExtension": [{"url": "http://example.org/not"}]}, "modifierExtension"),
            ({"implicitRules": "http://example.org/rules"}, "implicitRules"),
            ({"id": None}, "neither an id nor an address"),
        ],
    )
    def test_what_must_not_be_judged_is_told(
        self, tmp_path: Path, change: dict[str, Any], why: str
    ) -> None:
        rows, loaded = read_devices(write_json(tmp_path / "b.json", bundle({**PUMP, **change})))
        assert rows == {}
        [broken] = loaded.broken
        assert why in broken.why
        assert str(broken.place) == "b.json, entry 1"
