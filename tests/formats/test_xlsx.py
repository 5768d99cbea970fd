"""Workbooks as registries: what a cell says, where the header is, and what is refused."""

import zipfile
from pathlib import Path

import duckdb
import pytest

from tests.lib.workbooks import Formula, Number, write_workbook
from tocsin.base.errors import RegistryUnreadable
from tocsin.formats.registry_file import LoadedTable, ReadAs, load_registry
from tocsin.formats.xlsx import package as xlsx_package
from tocsin.registry.column_mapping import ColumnMapping

HEADER = ["device_id", "model", "software_version", "serial", "shipped_on", "quantity", "note"]
Rows = list[dict[str, str | None]]


def load(path: Path, read_as: ReadAs | None = None) -> tuple[LoadedTable, Rows]:
    """Return what became of a workbook, and its records."""
    with duckdb.connect() as connection:
        loaded = load_registry(connection, path, read_as)
        table = connection.execute("SELECT * FROM registry").to_arrow_table()
    return loaded, table.to_pylist()


def values(tmp_path: Path, column: str, *cells: object, **more: bool) -> list[str | None]:
    """Return what a column's cells say."""
    place = HEADER.index(column)
    rows: list[list[object]] = [list(HEADER)]
    for number, cell in enumerate(cells):
        row: list[object] = [f"D{number}", "MMT-722", None, None, None, None, "kept"]
        row[place] = cell
        rows.append(row)
    _, records = load(write_workbook(tmp_path / "r.xlsx", rows, **more))
    return [record[column] for record in records]


@pytest.mark.parametrize("shared", [True, False])
def test_texts_are_kept_as_they_are_written(tmp_path: Path, shared: bool) -> None:
    texts = ["00123", "2.10", " 7 ", "<&>\"'", "Größe\nnext", "12E5"]
    assert values(tmp_path, "serial", *texts, shared=shared) == texts


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (1207, "1207"),
        (Number("1207.0"), "1207"),
        (Number("1.207E3"), "1207"),
        (Number("1207", 2), "001207"),
        (Number("7", 9), "NG-007"),
        (Number("123456789012345"), "123456789012345"),
        (Number("1207", 7), "1207"),
    ],
)
def test_a_whole_number_is_what_is_shown(tmp_path: Path, cell: object, expected: str) -> None:
    assert values(tmp_path, "serial", cell) == [expected]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("serial", Number("12345678901234568")),
        ("serial", Number("1.2345678901234568E+16")),
        ("serial", Number("1200000", 5)),
        ("serial", 12.5),
        ("serial", Number("40668", 1)),
        ("serial", Number("NaN")),
        ("model", 522.5),
        ("software_version", 2.1),
        ("software_version", Number("2.1", 7)),
        ("software_version", Number("40668", 1)),
        ("shipped_on", Number("40668", 4)),
    ],
)
def test_what_the_program_may_have_changed_counts_as_missing(
    tmp_path: Path, column: str, cell: object
) -> None:
    from tocsin.registry.schema import clean

    [text] = values(tmp_path, column, cell)
    assert text is not None
    assert text.endswith("in the spreadsheet)")
    assert clean(text) is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Number("40668", 1), "2011-05-05"),
        (Number("40668.75", 8), "2011-05-05T18:00:00"),
        (Number("40668.75", 1), "2011-05-05"),
        (Number("40668", 3), "2011-05"),
        (Number("61", 1), "1900-03-01"),
        (Number("1", 1), "1900-01-01"),
        (Number("60", 1), "60 (no date in the spreadsheet)"),
        (2011, "2011"),
        (Number("2011-05-05", 0, "d"), "2011-05-05"),
    ],
)
def test_dates_are_real_dates_of_the_precision_that_is_shown(
    tmp_path: Path, cell: object, expected: str
) -> None:
    assert values(tmp_path, "shipped_on", cell) == [expected]


def test_days_of_a_workbook_may_count_from_1904(tmp_path: Path) -> None:
    assert values(tmp_path, "shipped_on", Number("39206", 1), since_1904=True) == ["2011-05-05"]


def test_numbers_are_plain_where_they_are_to_count_with(tmp_path: Path) -> None:
    assert values(tmp_path, "quantity", Number("0.10000000000000001"), 90, Number("90.0")) == [
        "0.1",
        "90",
        "90",
    ]


def test_formulas_give_their_stored_result_and_errors_nothing(tmp_path: Path) -> None:
    cells = [Formula("NG1"), Formula(Number("7")), Formula(None), Number("#N/A", 0, "e")]
    assert values(tmp_path, "serial", *cells) == ["NG1", "7", None, None]
    loaded, _ = load(tmp_path / "r.xlsx")
    assert any("1 formulas" in note for note in loaded.notes)


def test_hidden_rows_count_and_empty_ones_do_not(tmp_path: Path) -> None:
    rows = [HEADER, ["D1", "MMT-722"], [None], ["D2", "MMT-722"], ["", " "]]
    loaded, records = load(write_workbook(tmp_path / "r.xlsx", rows, hidden_rows=[2]))
    assert [record["device_id"] for record in records] == ["D1", "D2"]
    assert loaded.n_in == 3  # a row of blanks is a row without a key
    assert [item.line for item in loaded.rejected] == [5]


def test_rows_that_cannot_be_records_are_named_by_their_row(tmp_path: Path) -> None:
    rows = [["List"], [], HEADER, ["D1", "a"], [], [None, "b"], ["D2", "c"], ["D2", "d"]]
    loaded, records = load(write_workbook(tmp_path / "r.xlsx", rows))
    assert [record["device_id"] for record in records] == ["D1"]
    assert [(item.line, item.column) for item in loaded.rejected] == [
        (6, "device_id"),
        (7, "device_id"),
        (8, "device_id"),
    ]


def test_a_key_that_was_rounded_is_set_aside(tmp_path: Path) -> None:
    rows = [HEADER, [Number("12345678901234568"), "a"], ["D2", "b"]]
    loaded, records = load(write_workbook(tmp_path / "r.xlsx", rows))
    assert len(records) == 1
    assert "changed by the spreadsheet" in loaded.rejected[0].reason


def test_a_title_above_the_header_is_left_out_and_told(tmp_path: Path) -> None:
    rows = [["Pumps of the clinic, 2011"], [], HEADER, ["D1", "MMT-722"]]
    path = write_workbook(tmp_path / "r.xlsx", rows, merged=["A1:G1"])
    loaded, records = load(path)
    assert records[0]["model"] == "MMT-722"
    assert any("Row 3" in note and "Pumps of the clinic" in note for note in loaded.notes)


def test_groups_and_merged_cells_of_a_header_are_resolved(tmp_path: Path) -> None:
    rows = [
        ["device_id", "Person", None, "Pump", None],
        [None, "Name", "Since", "model", "Name"],
        ["D1", "A", "2011", "MMT-722", "B"],
    ]
    path = write_workbook(tmp_path / "r.xlsx", rows, merged=["A1:A2", "B1:C1", "D1:E1"])
    loaded, records = load(path)
    assert loaded.columns == ("device_id", "Person Name", "Since", "model", "Pump Name")
    assert records[0]["Pump Name"] == "B"


def test_columns_that_cannot_be_told_apart_get_their_letters(tmp_path: Path) -> None:
    rows = [["device_id", "model", "Date", "date"], ["D1", "MMT-722", "2011", "2012"]]
    loaded, _ = load(write_workbook(tmp_path / "r.xlsx", rows))
    assert loaded.columns == ("device_id", "model", "Date (C)", "date (D)")


def test_a_column_of_ours_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    rows = [["device_id", "model", "model"], ["D1", "MMT-722", "MMT-723"]]
    with pytest.raises(RegistryUnreadable, match="model more than once"):
        load(write_workbook(tmp_path / "r.xlsx", rows))


def test_what_stands_beside_the_table_is_told_and_keeps_the_row(tmp_path: Path) -> None:
    rows = [HEADER, ["D1", "MMT-722", *[None] * 6, "remark"]]
    loaded, records = load(write_workbook(tmp_path / "r.xlsx", rows))
    assert len(records) == 1
    assert any("I2" in note for note in loaded.notes)


def test_the_first_shown_sheet_is_read_or_the_one_that_is_asked_for(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "r.xlsx",
        [["old"], ["x"]],
        first_state="hidden",
        more_sheets={
            "Pumps": [HEADER, ["D1", "MMT-722"]],
            "More": [HEADER, ["D2", "MMT-722"], ["D3", "x"]],
        },
    )
    loaded, records = load(path)
    assert records[0]["device_id"] == "D1"
    assert any("'More'" in note for note in loaded.notes)
    loaded, records = load(path, ReadAs(sheet="more"))
    assert (len(records), loaded.notes) == (2, ())
    with pytest.raises(RegistryUnreadable, match="no sheet 'Lots'"):
        load(path, ReadAs(sheet="Lots"))


def test_a_mapping_says_what_foreign_columns_are_for(tmp_path: Path) -> None:
    rows = [["Nr", "Modell", "SW"], ["D1", "MMT-722", 2.1]]
    path = write_workbook(tmp_path / "r.xlsx", rows)
    columns = {"Nr": "device_id", "Modell": "model", "SW": "software_version"}
    _, records = load(path, ReadAs(mapping=ColumnMapping(columns=columns)))
    assert records[0]["software_version"] == "2.1 (a number in the spreadsheet)"
    trusting = ColumnMapping(columns=columns, numbers_as_typed=("SW",))
    _, records = load(path, ReadAs(mapping=trusting))
    assert records[0]["software_version"] == "2.1"


def test_prefixed_xml_and_rows_without_references_are_read(tmp_path: Path) -> None:
    sheet = (
        '<x:worksheet xmlns:x="m"><x:sheetData>'
        '<x:row><x:c t="inlineStr"><x:is><x:t>device_id</x:t></x:is></x:c>'
        '<x:c t="inlineStr"><x:is><x:r><x:t>mo</x:t></x:r><x:r><x:t>del</x:t></x:r></x:is></x:c>'
        "</x:row><x:row><x:c><x:v>7</x:v></x:c><x:c><x:v>522</x:v></x:c></x:row>"
        "</x:sheetData></x:worksheet>"
    )
    path = write_workbook(tmp_path / "r.xlsx", [], parts={"xl/worksheets/sheet1.xml": sheet})
    _, records = load(path)
    assert records == [{"device_id": "7", "model": "522"}]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<worksheet><sheetData><row><c t='inlineStr'><is><t>&b;</t></is></c></row></sheetData>"
    "</worksheet>"
)


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"xl/worksheets/sheet1.xml": BOMB}, "document type"),
        ({"xl/sharedStrings.xml": BOMB}, "document type"),
        ({"xl/worksheets/sheet1.xml": "<worksheet><sheetData>"}, "damaged"),
        ({"xl/worksheets/sheet1.xml": ""}, "damaged"),
        ({"_rels/.rels": "<Relationships/>"}, "where its workbook is"),
        ({"xl/workbook.xml": "<workbook/>"}, "no sheet"),
        (
            {
                "xl/worksheets/sheet1.xml": '<worksheet><sheetData><row r="1"><c r="A1" t="s">'
                "<v>99</v></c></row></sheetData></worksheet>"
            },
            "damaged",
        ),
        (
            {
                "xl/worksheets/sheet1.xml": '<worksheet><sheetData><row r="1"><c r="ZZZZ1">'
                "<v>9</v></c></row></sheetData></worksheet>"
            },
            "damaged",
        ),
        (
            {
                "xl/worksheets/sheet1.xml": '<worksheet><sheetData><row r="99999999"><c>'
                "<v>9</v></c></row></sheetData></worksheet>"
            },
            "damaged",
        ),
    ],
)
def test_hostile_and_damaged_workbooks_are_refused(
    tmp_path: Path, parts: dict[str, str], sentence: str
) -> None:
    path = write_workbook(tmp_path / "r.xlsx", [HEADER, ["D1", "x"]], parts=parts)
    with pytest.raises(RegistryUnreadable, match=sentence):
        load(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "r.xlsx", [HEADER, ["D1", "x"]])
    with zipfile.ZipFile(path) as folder:
        kept = {
            name: folder.read(name)
            for name in folder.namelist()
            if name != "xl/worksheets/sheet1.xml"
        }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, text in kept.items():
            folder.writestr(name, text)
        with folder.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(60):
                part.write(b" " * 1_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(RegistryUnreadable, match="would unpack"):
        load(path)


def test_a_part_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.formats.xlsx.cells.MAX_SHEET_BYTES", 200)
    path = write_workbook(tmp_path / "r.xlsx", [HEADER, ["D1", "x"]])
    with pytest.raises(RegistryUnreadable, match="save the sheet as CSV"):
        load(path)
    assert xlsx_package.MAX_SHEET_BYTES > 200


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("r.xls", b"\xd0\xcf\x11\xe0", "Excel before 2007"),
        ("r.xlsx", b"\xd0\xcf\x11\xe0" * 9, "password"),
        ("r.xlsx", b"<html><table>", "no .xlsx workbook"),
        ("r.xlsx", b"PK\x03\x04 and then nothing", "damaged"),
        ("r.xlsx", b"", "no .xlsx workbook"),
        ("r.xlsb", b"PK", "binary workbook"),
        ("r.ods", b"PK", "OpenDocument"),
    ],
)
def test_what_is_no_workbook_is_refused(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RegistryUnreadable, match=sentence):
        load(path)


def test_a_workbook_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegistryUnreadable, match="cannot be opened"):
        load(tmp_path / "none.xlsx")


def test_an_empty_sheet_and_one_with_only_a_header_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RegistryUnreadable, match="is empty"):
        load(write_workbook(tmp_path / "r.xlsx", []))
    with pytest.raises(RegistryUnreadable, match="no rows"):
        load(write_workbook(tmp_path / "r.xlsx", [HEADER]))
