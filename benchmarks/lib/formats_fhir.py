"""FHIR NDJSON read into a registry and its holders, beside the cost of decoding it alone.

Data are made here: devices in the shape of a bulk export, one patient for two of them.
"""

import json
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.lib.part import Part
from tocsin.formats.fhir.load import load_fhir_holders, load_fhir_registry

FULL, QUICK = 100_000, 5_000
MOST_SECONDS = 20.0


def make_export(folder: Path, n_devices: int) -> None:
    """Write Device.ndjson and Patient.ndjson."""
    with (folder / "Device.ndjson").open("w", encoding="utf-8") as file:
        for number in range(n_devices):
            file.write(json.dumps(_device(number), separators=(",", ":")) + "\n")
    with (folder / "Patient.ndjson").open("w", encoding="utf-8") as file:
        for number in range(n_devices // 2):
            file.write(json.dumps(_patient(number), separators=(",", ":")) + "\n")


def _device(number: int) -> dict[str, object]:
    lot, serial = f"L{number % 997}", f"S{number}"
    kind = {"system": "http://snomed.info/sct", "code": "69805005", "display": "Insulin pump"}
    return {
        "resourceType": "Device",
        "id": f"d{number}",
        "meta": {"lastUpdated": "2026-03-01T10:00:00.000+01:00"},
        "udiCarrier": [
            {
                "deviceIdentifier": "00718175003305",
                "carrierHRF": f"(01)00718175003305(11)190102(10){lot}(21){serial}",
            }
        ],
        "status": "active",
        "manufacturer": "Example Pumps",
        "manufactureDate": "2019-01-02T08:00:00+01:00",
        "lotNumber": lot,
        "serialNumber": serial,
        "deviceName": [{"name": "Infusor 7", "type": "udi-label-name"}],
        "modelNumber": "MX-7",
        "type": {"coding": [kind], "text": "Insulin pump"},
        "version": [{"type": {"text": "software"}, "value": f"2.{number % 9}"}],
        "patient": {"reference": f"Patient/p{number // 2}"},
    }


def _patient(number: int) -> dict[str, object]:
    return {
        "resourceType": "Patient",
        "id": f"p{number}",
        "identifier": [{"system": "urn:example:mrn", "value": str(number)}],
        "name": [{"use": "official", "family": f"Name{number}", "given": ["Ann"]}],
        "telecom": [{"system": "phone", "value": f"555-{number:07}", "use": "home"}],
        "birthDate": "1970-01-02",
        "address": [{"line": [f"Street {number}"], "city": "Town", "country": "US"}],
        "communication": [{"language": {"coding": [{"code": "en-US"}]}}],
        "managingOrganization": {"reference": f"Organization/o{number % 50}"},
    }


def measure(*, quick: bool) -> Part:
    """Return seconds and ratios of reading an export of devices and patients."""
    n_devices = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="tocsin-") as name:
        folder = Path(name)
        make_export(folder, n_devices)
        n_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        decoding_s = _seconds_to_decode(folder)
        with duckdb.connect() as connection:
            started = time.perf_counter()
            load_fhir_registry(connection, "registry", folder)
            registry_s = time.perf_counter() - started
            started = time.perf_counter()
            load_fhir_holders(connection, "holders", folder)
            holders_s = time.perf_counter() - started
            counted = connection.execute("SELECT count(*) FROM registry").fetchone()
    if counted is None or counted[0] != n_devices:
        raise SystemExit(f"{counted} of {n_devices} devices were read. No figure counts.")
    limit_s = MOST_SECONDS * n_devices / FULL
    return Part(
        sizes={"devices": n_devices, "megabytes": round(n_mb)},
        seconds={"registry": registry_s, "holders": holders_s, "limit for as many": limit_s},
        ratios={
            "registry / limit": registry_s / limit_s,
            "registry / json.loads": registry_s / decoding_s,
        },
        bars={"registry / limit": 1.0},
    )


def _seconds_to_decode(folder: Path) -> float:
    started = time.perf_counter()
    for file in folder.iterdir():
        with file.open("rb") as lines:
            for line in lines:
                json.loads(line)
    return time.perf_counter() - started
