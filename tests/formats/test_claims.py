"""A payer's claims as weak evidence: they name kinds of devices, and never clear anybody."""

from pathlib import Path

import duckdb
import pytest

from tocsin.base.errors import MappingUnfit
from tocsin.formats.registry_file import LoadedTable, ReadAs, load_registry
from tocsin.registry.claim_codes import read_claim_code
from tocsin.registry.column_mapping import ColumnMapping

COLUMNS = {
    "member": "holder_id",
    "code": "hcpcs",
    "on": "evidence_on",
    "item": "catalogue_no",
    "maker": "manufacturer",
    "drug": "ndc",
    "n": "quantity",
}
MAPPING = ColumnMapping(
    kind="claims",
    columns=COLUMNS,
    dates={"on": "month-day-year"},
    products={"8508-2000-05": {"manufacturer": "Insulet", "product": "Omnipod DASH"}},
)
HEADER = "member,code,on,item,maker,drug,n,text\n"


def load(
    tmp_path: Path, *rows: str, mapping: ColumnMapping = MAPPING
) -> tuple[LoadedTable, list[dict[str, str]]]:
    path = tmp_path / "claims.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    with duckdb.connect() as connection:
        loaded = load_registry(connection, path, ReadAs(mapping=mapping))
        records = connection.execute("SELECT * FROM registry").to_arrow_table().to_pylist()
    return loaded, records


def test_claims_of_one_person_and_kind_become_one_record_with_the_latest_day(
    tmp_path: Path,
) -> None:
    loaded, [record] = load(
        tmp_path,
        "M1,E0784,03/15/2018,,,,1,PUMP",
        "M1,A4232,12/31/2019,,,,10,SYRINGE",
        "M1,a4230-kx,01/02/2019,,,,10,SET",
    )
    assert record["holder_id"] == "M1"
    assert record["device_kind"] == "insulin-pump"
    assert record["evidence_on"] == "2019-12-31"
    assert record["first_claim_on"] == "2018-03-15"
    assert record["evidence_source"] == "claims"
    assert record["claims"] == "3"
    assert record["quantity"] is None
    assert "3 claims became 1 records" in loaded.notes[-1]


def test_a_code_names_no_product_whatever_the_claim_says_in_words(tmp_path: Path) -> None:
    _, [record] = load(tmp_path, "M1,E0784,03/15/2018,,Medtronic,,1,MINIMED 508")
    for column in ("manufacturer", "product", "model", "catalogue_no", "udi"):
        assert record[column] is None


def test_a_named_supply_leaves_the_pump_open(tmp_path: Path) -> None:
    _, records = load(tmp_path, "M1,A4232,03/15/2018,MMT-332A,Medtronic,,10,x")
    assert [(r["catalogue_no"], r["claim_role"]) for r in records] == [
        (None, ""),
        ("MMT-332A", "supply"),
    ]


def test_a_named_device_is_that_device(tmp_path: Path) -> None:
    _, [record] = load(tmp_path, "M1,E0784,03/15/2018,MMT-722,Medtronic,,1,x")
    assert (record["catalogue_no"], record["quantity"]) == ("MMT-722", "1")


def test_an_ndc_names_what_the_mapping_says_and_is_set_aside_without(tmp_path: Path) -> None:
    loaded, records = load(
        tmp_path, "M1,,03/15/2018,,,08508-2000-05,1,x", "M2,,03/15/2018,,,00002-7510-01,1,insulin"
    )
    assert [(r["holder_id"], r["product"]) for r in records] == [("M1", "Omnipod DASH")]
    [rejected] = loaded.rejected
    assert (rejected.column, rejected.value) == ("ndc", "00002-7510-01")
    assert loaded.n_accepted == 1


def test_services_are_counted_and_unknown_devices_stay(tmp_path: Path) -> None:
    loaded, [record] = load(
        tmp_path, "M1,99213,03/15/2018,,,,1,visit", "M2,E9998,03/15/2018,,,,1,new"
    )
    assert record["device_kind"] == "unknown"
    assert "1 claims of services" in loaded.notes[-1]


def test_a_claim_of_nobody_is_set_aside(tmp_path: Path) -> None:
    loaded, records = load(tmp_path, "M1,E0784,,,,,1,x", ",E0784,,,,,1,x", " ,E0784,,,,,1,x")
    assert len(records) == 1
    assert [item.line for item in loaded.rejected] == [3, 4]


def test_keys_stay_apart_whatever_the_ids_hold(tmp_path: Path) -> None:
    rows = ["M1,E0784,,/a,,,1,x", "M1,E0784,,,/a,,1,x", "M1/,E0784,,a,,,1,x", "M1,A9274,,,,,1,x"]
    loaded, records = load(tmp_path, *rows)
    assert loaded.rejected == ()
    assert len({record["device_id"] for record in records}) == len(records) == 4


def test_a_mapping_of_claims_needs_a_person(tmp_path: Path) -> None:
    without = ColumnMapping(kind="claims", columns={"code": "hcpcs"})
    with pytest.raises(MappingUnfit, match="holder_id"):
        load(tmp_path, "M1,E0784,,,,,1,x", mapping=without)


@pytest.mark.parametrize("target", ["product", "software_version", "device_id"])
def test_what_a_claim_cannot_prove_cannot_be_mapped(target: str) -> None:
    with pytest.raises(ValueError, match="no column of a claims file"):
        ColumnMapping(kind="claims", columns={"text": target, "member": "holder_id"})


@pytest.mark.parametrize(
    ("code", "kind", "role"),
    [
        ("E0784", "insulin-pump", "device"),
        ("A4230", "insulin-pump", "supply"),
        ("K0601", "insulin-pump", "supply"),
        ("A9274", "insulin-patch-pump", "device"),
        ("E0783", "implanted-pump", "device"),
        ("e0784-rr", "insulin-pump", "device"),
        ("E0784NU", "insulin-pump", "device"),
        ("99213", "", ""),
        ("J1817", "", ""),
        ("pump", "unknown", ""),
        ("", "", ""),
    ],
)
def test_codes_stand_for_kinds(code: str, kind: str, role: str) -> None:
    found = read_claim_code(code)
    assert (found.kind, found.role) == (kind, role)
