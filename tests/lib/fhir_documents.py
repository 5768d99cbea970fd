"""Small invented FHIR resources, and what is read from them."""

import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tocsin.formats.fhir.load import FhirTable, load_fhir_holders, load_fhir_registry

Resource = Mapping[str, Any]
TODAY = date(2026, 11, 21)

PUMP = {
    "resourceType": "Device",
    "id": "pump1",
    "meta": {"lastUpdated": "2026-03-01T10:00:00.123+01:00"},
    "udiCarrier": [
        {
            "deviceIdentifier": "00718175003305",
            "carrierHRF": "(01)00718175003305(11)190102(10)L7(21)S77",
        }
    ],
    "manufacturer": "Example Pumps",
    "manufactureDate": "2019-01-02",
    "lotNumber": "L7",
    "serialNumber": "S77",
    "deviceName": [
        {"name": "Infusor 7", "type": "udi-label-name"},
        {"name": "the blue one", "type": "patient-reported-name"},
    ],
    "modelNumber": "MX-7",
    "partNumber": "7000-1",
    "version": [
        {
            "type": {"coding": [{"system": "urn:iso:std:iso:11073:10101", "code": "531975"}]},
            "value": "2.10",
        }
    ],
    "patient": {"reference": "Patient/ann"},
}
PUMP_R5 = {
    "resourceType": "Device",
    "id": "pump5",
    "name": [{"value": "Infusor 7", "type": "registered-name", "display": True}],
    "manufacturer": "Example Pumps",
    "serialNumber": "S78",
    "version": [{"type": {"text": "Software"}, "value": "3.1", "installDate": "2025-05-01"}],
}
ANN = {"resourceType": "Patient", "id": "ann", "name": [{"family": "Arbour", "given": ["Ann"]}]}


def bundle(*resources: Resource, kind: str = "collection", **more: Any) -> dict[str, Any]:
    """Return a Bundle of resources."""
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries, **more}


def use_of(device: str, holder: str, **more: Any) -> dict[str, Any]:
    """Return a DeviceUseStatement."""
    return {
        "resourceType": "DeviceUseStatement",
        "status": "active",
        "subject": {"reference": holder},
        "device": {"reference": device},
        **more,
    }


def write_json(path: Path, document: Any) -> Path:
    """Write a document and return its path."""
    path.write_text(json.dumps(document), "utf-8")
    return path


def write_lines(path: Path, resources: Sequence[Any]) -> Path:
    """Write NDJSON, gzipped if the name says so, and return its path."""
    text = "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in resources)
    raw = text.encode("utf-8", "surrogatepass")
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


def read_devices(path: Path) -> tuple[dict[str, dict[str, str]], FhirTable]:
    """Return the filled columns of each device by its device_id, and what became of the rest."""
    with duckdb.connect() as connection:
        loaded = load_fhir_registry(connection, "registry", path)
        return _rows(connection, "registry", "device_id"), loaded


def read_people(path: Path) -> tuple[dict[str, dict[str, str]], FhirTable]:
    """Return the filled columns of each holder by its holder_id, and what became of the rest."""
    with duckdb.connect() as connection:
        loaded = load_fhir_holders(connection, "holders", path, TODAY)
        return _rows(connection, "holders", "holder_id"), loaded


def _rows(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> dict[str, dict[str, str]]:
    rows = connection.execute(f'SELECT * FROM "{table}"').to_arrow_table().to_pylist()
    assert len({row[key] for row in rows}) == len(rows), "a key is repeated"
    return {row[key]: {name: v for name, v in row.items() if v is not None} for row in rows}
