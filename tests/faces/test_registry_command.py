"""`tocsin registry map` and `prepare`, and matching lists of other people, as a user runs them."""

import csv
import io
import os
import pty
import sys
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.lib.workbooks import Number, write_workbook
from tocsin.cli.main import run

NOTICE = Path(__file__).parents[2] / "src/tocsin/cases/data/case_a.yaml"
HEADER = ["Inventar-Nr.", "Pat.-Nr.", "Hersteller", "Modell", "SW-Stand", "Lieferdatum", "Land"]
ROWS = [
    ["A1", "P1", "Medtronic", "MMT-522NAS", "", "31.12.2008", "Deutschland"],
    ["A2", "P2", "Medtronic", "MMT-723LNAS", "2.4A", "01.02.2011", "AUT"],
    ["A3", "P2", "Medtronic", "MMT-723LNAS", "", "02.02.2011", "Schweiz"],
    ["A4", "P3", "Medtronic", "MMT-1711K", "", "", "FR"],
]


def write_csv(folder: Path, rows: list[list[str]] = ROWS, delimiter: str = ";") -> Path:
    path = folder / "liste.csv"
    text = "\n".join(delimiter.join(row) for row in [HEADER, *rows])
    path.write_text(text + "\n", "utf-8")
    return path


def verdicts(folder: Path, registry: Path, *more: str) -> dict[str, tuple[str, str, str]]:
    """Return verdict, entry and reason code by device."""
    out = folder / "verdicts.csv"
    assert run(["match", str(NOTICE), "-r", str(registry), "--all", "-o", str(out), *more]) in {
        0,
        4,
    }
    with out.open(encoding="utf-8") as file:
        return {
            row["device_id"]: (row["verdict"], row["entry"], row["reason_code"])
            for row in csv.DictReader(file)
        }


def test_foreign_columns_are_refused_then_mapped_then_matched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_csv(tmp_path)
    assert run(["match", str(NOTICE), "-r", str(path)]) == 3
    assert "tocsin registry map liste.csv" in capsys.readouterr().err
    assert run(["registry", "map", str(path), "--accept"]) == 0
    told = capsys.readouterr().out
    assert "Lieferdatum -> shipped_on [sure]" in told
    assert "'31.12.2008' proves day-month-year" in told
    assert "Deutschland = DE" in told
    mapping = tmp_path / "liste.mapping.yaml"
    found = verdicts(tmp_path, path, "--mapping", str(mapping))
    assert {device: verdict for device, (verdict, *_) in found.items()} == {
        "A1": "affected",
        "A2": "affected",
        "A3": "cannot_tell",
        "A4": "not_affected",
    }
    rows = (tmp_path / "verdicts.csv").read_text("utf-8")
    assert "2008-12-31" in rows
    assert ",DE" in rows


def test_nothing_is_saved_without_a_person_or_accept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    path = write_csv(tmp_path)
    assert run(["registry", "map", str(path)]) == 0
    assert "Nothing was saved" in capsys.readouterr().out
    assert run(["registry", "map", str(path), "-o", str(tmp_path / "m.yaml")]) == 2
    assert list(tmp_path.glob("*.yaml")) == []


def test_a_person_on_a_terminal_decides_what_is_not_sure(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("Inventarnr.;Typ;Datum\nA1;MMT-722;01.02.2011\nA2;MMT-722;03.02.2011\n")
    answers = ["nonsense", "model", "shipped_on", "day-month-year", "y"]
    child, terminal = pty.fork()
    if child == 0:
        command = [sys.executable, "-m", "tocsin.cli.main", "registry", "map", str(path)]
        os.execv(sys.executable, command)
    for answer in answers:
        os.write(terminal, answer.encode() + b"\n")
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the terminal is gone when the command has ended
            break
        if not piece:
            break
        shown += piece
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown.decode()
    assert b"'nonsense' is no column of ours" in shown
    saved = (tmp_path / "liste.mapping.yaml").read_text()
    assert "Typ: model" in saved
    assert "Datum: shipped_on" in saved
    assert "Datum: day-month-year" in saved


def test_a_mapping_that_does_not_fit_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, mapping = write_csv(tmp_path), tmp_path / "m.yaml"
    mapping.write_text("mapping: 1\ncolumns: {Seriennr.: serial, Modell: model}\n")
    assert run(["match", str(NOTICE), "-r", str(path), "--mapping", str(mapping)]) == 3
    assert "'Seriennr.'" in capsys.readouterr().err
    for text, fault in (
        ("columns: {Modell: colour}", "colour is no column"),
        ("columns: {Modell: model, Land: model}", "two columns are mapped to model"),
        ("colums: {}", "colums"),
        ("mapping: 2", "mapping"),
        ("[]", "the mapping"),
        ("dates: {Modell: day-month-year}", "is not mapped"),
    ):
        mapping.write_text(text)
        assert run(["match", str(NOTICE), "-r", str(path), "--mapping", str(mapping)]) == 3
        assert fault in capsys.readouterr().err
    assert run(["match", str(NOTICE), "-r", str(path), "--mapping", str(tmp_path / "no")]) == 3


def test_dates_that_contradict_the_mapping_count_as_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_csv(tmp_path)
    assert run(["registry", "map", str(path), "--accept"]) == 0
    rows = [["A1", "P1", "Medtronic", "MMT-522", "", "02.13.2008", ""]]
    rows += [["A2", "P1", "Medtronic", "MMT-522", "", "03.04.2008", ""]]
    write_csv(tmp_path, rows)
    mapping = str(tmp_path / "liste.mapping.yaml")
    verdicts(tmp_path, path, "--mapping", mapping)
    assert "was mapped as day-month-year, but it holds '02.13.2008'" in capsys.readouterr().err
    assert "03.04.2008" in (tmp_path / "verdicts.findings.csv").read_text()


def test_a_workbook_is_matched_end_to_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        ["device_id", "manufacturer", "model", "software_version"],
        ["D1", "Medtronic", 508, None],
        ["D2", "Medtronic", "MMT-723", 2.4],
        ["D3", "Medtronic", "MMT-723", "2.4A"],
        ["D3", "Medtronic", "MMT-723", "2.4A"],
        [None, "Medtronic", "MMT-723", "2.4A"],
    ]
    path = write_workbook(tmp_path / "pumps.xlsx", rows)
    found = verdicts(tmp_path, path)
    assert {device: verdict for device, (verdict, *_) in found.items()} == {
        "D1": "affected",
        "D2": "cannot_tell",
    }
    assert "3 of 5 rows" in capsys.readouterr().err
    findings = (tmp_path / "verdicts.findings.csv").read_text()
    assert "2.4 (a number in the spreadsheet)" in findings
    assert run(["match", str(NOTICE), "-r", str(path), "--sheet", "No"]) == 3


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_verdicts_are_the_same_with_and_without_preparing(tmp_path: Path, kind: str) -> None:
    path = write_csv(tmp_path)
    if kind == "xlsx":
        cells = [HEADER, *ROWS, ["A9", "P9", "Medtronic", Number("723"), Number("2.4"), "", ""]]
        path = write_workbook(tmp_path / "liste.xlsx", cells)
    mapping = str(tmp_path / "m.yaml")
    assert run(["registry", "map", str(path), "--accept", "-o", mapping]) == 0
    before = verdicts(tmp_path, path, "--mapping", mapping)
    out = tmp_path / "ready.parquet"
    assert run(["registry", "prepare", str(path), "--mapping", mapping, "-o", str(out)]) == 0
    assert verdicts(tmp_path, out) == before
    names = pyarrow.parquet.read_schema(out).names
    assert {"model", "key.software_low", "key.shipped_on_low", "key.country_low"} <= set(names)
    assert "key." not in (tmp_path / "verdicts.csv").read_text()


def test_preparing_lists_findings_and_rows_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("device_id,model,shipped_on\nD1,MMT-722,31/02/2020\nD2,x,\nD2,x,\n")
    out = tmp_path / "r.parquet"
    assert run(["registry", "prepare", str(path), "-o", str(out)]) == 4
    assert "31/02/2020" in (tmp_path / "r.findings.csv").read_text()
    assert len((tmp_path / "r.rejected.csv").read_text().splitlines()) == 3
    assert pyarrow.parquet.read_table(out).num_rows == 1
    assert run(["registry", "prepare", str(path), "-o", str(tmp_path / "r.csv")]) == 3
    assert run(["registry", "prepare", str(path), "-o", str(tmp_path / "no" / "r.parquet")]) == 3
    assert list(tmp_path.glob(".*")) == []


def test_columns_with_almost_our_names_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.csv"
    path.write_text("device_id,model,Serial Number\nD1,MMT-722,NG1\n")
    verdicts(tmp_path, path)
    assert "Serial Number (serial?)" in capsys.readouterr().err


def test_text_that_a_program_wraps_in_a_formula_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text('device_id,model,serial\nD1,MMT-722,"=""00123"""\nD2,MMT-722,8.7E+12\n')
    verdicts(tmp_path, path)
    assert ",00123" in (tmp_path / "verdicts.csv").read_text()
    assert "8.7E+12" in (tmp_path / "verdicts.findings.csv").read_text()


def test_claims_are_gaps_end_to_end(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(
        "member_id,hcpcs,service_date,description\n"
        "M1,E0784,03/15/2018,MINIMED 508 PUMP\nM1,A4232,04/15/2019,SYRINGE\n"
    )
    mapping = str(tmp_path / "m.yaml")
    assert run(["registry", "map", str(path), "--accept", "-o", mapping]) == 0
    found = verdicts(tmp_path, path, "--mapping", mapping)
    assert list(found.values()) == [("cannot_tell", "gap", "no_product_evidence")]


@pytest.mark.parametrize(
    "name", ["verdict", "Reason", "rowid", "row_no", "product_no", "value", "p_model", "key.x"]
)
def test_a_column_that_the_output_needs_gives_way_and_is_kept(tmp_path: Path, name: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"device_id,model,{name}\nD1,MMT-722,theirs\n")
    found = verdicts(tmp_path, path)
    assert found["D1"][0] == "affected"
    header, row = (tmp_path / "verdicts.csv").read_text().splitlines()
    assert header.endswith(f",{name} (theirs)")
    assert row.endswith(",theirs")
