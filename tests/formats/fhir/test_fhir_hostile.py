"""Whatever a source holds, it is read, set aside or refused with a sentence; soon."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lib.fhir_documents import PUMP, PUMP_R5, bundle, write_lines
from tocsin.base.errors import RegistryUnreadable
from tocsin.formats.fhir.document import split_document
from tocsin.formats.fhir.json_text import JsonReader, UnreadableJson
from tocsin.formats.fhir.load import load_fhir_holders, load_fhir_registry

_MORE_NAMES = (
    "entry resource fullUrl contained subject device type reference coding value name link "
    "identifier period telecom address contact"
)
_NAMES = st.sampled_from(sorted({*PUMP, *PUMP_R5, *_MORE_NAMES.split()}))
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["Device", "Patient", "Bundle", "Patient/1", "Device/pump1", "#x", "2020"])
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=25,
)
_KINDS = st.sampled_from(
    [
        "Device",
        "DeviceUseStatement",
        "DeviceUsage",
        "DeviceAssociation",
        "DeviceDefinition",
        "Patient",
        "Organization",
        "RelatedPerson",
        "Location",
        "PractitionerRole",
        "Bundle",
    ]
)


@st.composite
def resources(draw: st.DrawFn) -> dict[str, Any]:
    """Return a resource of a known type whose elements have any shape."""
    base = dict(draw(st.sampled_from([{}, PUMP, PUMP_R5])))
    base |= draw(st.dictionaries(_NAMES, _VALUES, max_size=6))
    return base | {"resourceType": draw(_KINDS), "id": draw(st.sampled_from(["1", "2", None]))}


def _read(path: Path) -> None:
    """Read a source twice; only a refusal with a sentence may end it."""
    for load in (load_fhir_registry, load_fhir_holders):
        with duckdb.connect() as connection, suppress(RegistryUnreadable):
            loaded = load(connection, "loaded", path)
            n_rows = connection.execute("SELECT count(*) FROM loaded").fetchone()
            assert n_rows is not None
            assert all(broken.why for broken in loaded.broken)


@settings(max_examples=150, deadline=4000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(resources(), max_size=5))
def test_no_shape_of_a_resource_is_a_crash(
    tmp_path_factory: pytest.TempPathFactory, found: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    _read(write_lines(folder / "d.ndjson", found))
    _read(write_lines(folder / "b.json", [bundle(*found)]))


@settings(max_examples=300)
@given(st.text(alphabet='{}[]":,\\u0aeEntry1 \n', max_size=60))
def test_no_text_is_a_crash(text: str) -> None:
    with suppress(UnreadableJson):
        assert all(
            part.fault or part.value is not None or "null" in text
            for part in split_document(text, JsonReader())
        )


@settings(max_examples=100)
@given(_VALUES)
def test_a_document_is_split_as_json_says(value: Any) -> None:
    document = {"resourceType": "X", "entry": [value, value], "last": value}
    reader = JsonReader()
    parts = list(split_document(json.dumps(document, indent=1), reader))
    plain = json.JSONDecoder(parse_int=str, parse_float=str).decode(json.dumps(value))
    assert [part.value for part in parts[:-1]] == [plain, plain]
    assert parts[-1].value == {"resourceType": "X", "entry": None, "last": plain}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"entry":' * 100_000,
        '{"a":' * 100_000,
        '{"resourceType":"Device","id":"1","n":' + "9" * 3_000_000 + "}",
        '{"resourceType":"Device","id":"1","n":1e999999999}',
        '{"resourceType":"Device","id":"1",' + ",".join(f'"k{i}":1' for i in range(200_000)) + "}",
        '{"resourceType":"Device","id":"' + "x" * 5_000_000 + '"}',
    ],
    ids=["lists", "entries", "objects", "digits", "exponent", "names", "long id"],
)
def test_a_bomb_is_over_soon(tmp_path: Path, text: str) -> None:
    started = time.process_time()
    for name in ("d.json", "d.ndjson"):
        path = tmp_path / name
        path.write_text(text)
        _read(path)
    assert time.process_time() - started < 30
