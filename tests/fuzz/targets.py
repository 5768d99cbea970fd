"""What is fuzzed: one function per reader of outside text, that takes any bytes.

Only the errors that a reader documents may be caught here; anything else that leaves a target is
a finding. A target may also check a law that holds for whatever was read.
"""

import csv
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import get_args

import duckdb

from tests.lib.workbooks import write_workbook
from tocsin.base.errors import TocsinError
from tocsin.base.steps import truth_within
from tocsin.formats.csaf.reading import read_csaf
from tocsin.formats.csv_source import inspect_csv
from tocsin.formats.notice_file import parse_json, parse_tree, read_notice_text, read_notice_tree
from tocsin.formats.prose.document import Document
from tocsin.formats.prose.draft import draft_scope
from tocsin.formats.prose.html_source import read_html_document
from tocsin.formats.registry_file import LoadedTable, load_holders, load_registry
from tocsin.identify.numbering import (
    NumberSet,
    RangeInverted,
    UnreadableNumber,
    number_range,
    numbers_with_prefix,
    one_number,
    parse_numbering,
)
from tocsin.identify.udi.text import UnreadableUdi, parse_udi
from tocsin.identify.version import Operator, UnreadableVersion, parse_version, satisfies
from tocsin.identify.version_expression import parse_version_expression
from tocsin.identify.version_key import version_keys, version_steps
from tocsin.registry.record import read_record
from tocsin.registry.schema import COLUMNS

NOWHERE = Path("fuzzed")


@dataclass(frozen=True)
class Target:
    """A reader to be fuzzed.

    Attributes:
        run: takes any bytes; what it raises is a finding.
        seeds: inputs to begin with.
        words: pieces that inputs are put together from.
    """

    run: Callable[[bytes], None]
    seeds: tuple[str, ...]
    words: tuple[str, ...]


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def fuzz_udi(data: bytes) -> None:
    try:
        parse_udi(_text(data))
    except UnreadableUdi:
        return


def fuzz_version(data: bytes) -> None:
    """Any two texts that are versions compare by their keys as they do by their tokens."""
    first, _, second = _text(data).partition("\n")
    try:
        version, bound = parse_version(first), parse_version(second)
    except UnreadableVersion:
        return
    low, high = version_keys(version)
    for operator in get_args(Operator):
        by_keys = truth_within(version_steps(operator, bound), low, high)
        assert by_keys is satisfies(version, operator, bound), (first, operator, second)


def fuzz_version_expression(data: bytes) -> None:
    for ranged, called, spaced in product((False, True), repeat=3):
        parse_version_expression(
            _text(data), ranged=ranged, called_version=called, spaced_lists=spaced
        )


def fuzz_lot(data: bytes) -> None:
    first, _, rest = _text(data).partition("\n")
    second, _, third = rest.partition("\n")
    items: list[NumberSet] = []
    makers: tuple[Callable[[], list[NumberSet]], ...] = (
        lambda: one_number(first),
        lambda: numbers_with_prefix(first),
        lambda: number_range(first, second),
    )
    for make in makers:
        try:
            items += make()
        except (UnreadableNumber, RangeInverted):
            continue
    try:
        number = parse_numbering(third)
    except UnreadableNumber:
        return
    for item in items:
        item.truth_of(number)


def fuzz_record(data: bytes) -> None:
    values = _text(data).split("\n")
    read_record(dict(zip(COLUMNS, values, strict=False)))


def fuzz_csaf(data: bytes) -> None:
    try:
        read_csaf(parse_json(_text(data), NOWHERE), NOWHERE)
    except TocsinError:
        return


def fuzz_notice(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(data)
        file.flush()
        path = Path(file.name)
        try:
            read_notice_tree(parse_tree(read_notice_text(path), path), path)
        except TocsinError:
            return


def fuzz_csv_header(data: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="tocsin-fuzz-") as folder:
        path = Path(folder) / "fuzzed.csv"
        path.write_bytes(data)
        try:
            inspect_csv(path, COLUMNS, Path(folder))
        except TocsinError:
            return


def fuzz_csv(data: bytes) -> None:
    _load_from(data, ".csv", load_registry)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def fuzz_fhir(data: bytes) -> None:
    """Registry and holders come out of any Bundle, or it is refused."""
    _load_from(data, ".json", load_registry)
    _load_from(data, ".json", load_holders)


def fuzz_sheet(data: bytes) -> None:
    """Any content of a sheet, in a workbook that is one otherwise."""
    with tempfile.TemporaryDirectory(prefix="tocsin-fuzz-") as folder:
        parts = {"xl/worksheets/sheet1.xml": _text(data)}
        _load(write_workbook(Path(folder) / "fuzzed.xlsx", [], parts=parts), load_registry)


def fuzz_draft(data: bytes) -> None:
    """Nothing drafted from any text is reviewed, and every span quotes the text."""
    document = Document(_text(data))
    for entry in draft_scope(document).entries:
        assert not entry.reviewed
        for span in entry.spans:
            quoted = document.text[span.start : span.end]
            assert span.text == " ".join(quoted.split())[: len(span.text)], span


def fuzz_html(data: bytes) -> None:
    document = read_html_document(_text(data))
    draft_scope(document)


Load = Callable[[duckdb.DuckDBPyConnection, Path], LoadedTable]


def _load_from(data: bytes, suffix: str, load: Load) -> None:
    with tempfile.TemporaryDirectory(prefix="tocsin-fuzz-") as folder:
        path = Path(folder) / f"fuzzed{suffix}"
        path.write_bytes(data)
        _load(path, load)


def _load(path: Path, load: Load) -> None:
    """Load a table; no row is lost: it holds what was read and not set aside."""
    database, table = _database(), load.__name__.removeprefix("load_")
    database.execute(f"DROP TABLE IF EXISTS {table}")
    try:
        loaded = load(database, path)
    except TocsinError:
        return
    held = database.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert held == (loaded.n_accepted,)


def _row(**values: str) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(values))
    writer.writeheader()
    writer.writerow(values)
    return file.getvalue()


_CSAF = """{"document": {"category": "csaf_security_advisory", "csaf_version": "2.0",
"publisher": {"name": "a"}, "title": "t", "tracking": {"id": "X-1", "version": "1",
"initial_release_date": "2020-01-01T00:00:00Z", "current_release_date": "2020-01-01T00:00:00Z"}},
"product_tree": {"branches": [{"category": "vendor", "name": "Example", "branches": [{"category":
"product_name", "name": "Pump", "branches": [{"category": "product_version_range",
"name": "<=2.4A", "product": {"product_id": "P1", "name": "Example Pump <=2.4A"}}]}]}]},
"vulnerabilities": [{"product_status": {"known_affected": ["P1"]}}]}"""
_NOTICE = """notice: x
revision: 1
kind: recall
issued_on: 2020-01-01
issuers: [{name: Example, role: manufacturer}]
scope:
  - {entry: a, affects: {models: [EX-100/EX-200]}, software: {at_most: 2.4A}, lots: [GWX001]}
source: {document: d, checked_on: 2020-01-01}
"""
_BUNDLE = """{"resourceType": "Bundle", "type": "collection", "entry": [{"resource":
{"resourceType": "Device", "id": "d1", "manufacturer": "Example", "modelNumber": "EX-100",
"lotNumber": "GWX001", "manufactureDate": "2011-02-03", "udiCarrier": [{"carrierHRF":
"(01)04012345678901(21)77"}], "version": [{"type": {"text": "software"}, "value": "2.4A"}],
"patient": {"reference": "Patient/p1"}}}, {"resource": {"resourceType": "Patient", "id": "p1",
"name": [{"family": "Ray", "given": ["Ada"]}], "telecom": [{"system": "phone", "value": "555"}]}}]}
"""
_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>device_id</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>model</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>D1</t></is></c><c r="B2"><v>100</v></c></row>'
    '</sheetData><mergeCells><mergeCell ref="A3:B4"/></mergeCells></worksheet>'
)
_LETTER = """Firm: Example Devices
Product: Example pump
Date: 2020-01-02

Models EX-100 and EX-200 with software 2.4A or lower, lots GWX001 to GWX206, made between
3 March 2011 and 4 April 2012. Not affected: EX-300. Sold in France and Belgium.
"""
_PAGE = """<html><head><title>Recall</title></head><body><p>Firm: Example</p><table><tr><th>Model
<th>Lot<tr><td>EX-100<td>GWX001, GWX002</table><p>All other lots are safe.</body></html>"""
_REGISTRY = _row(device_id="D1", model="EX-100", software_version="2.4A", made_on="2011-02")

TARGETS: dict[str, Target] = {
    "udi": Target(
        fuzz_udi,
        (
            "(01)04012345678901(17)261231(10)A1(21)77",
            "]C10104012345678901\x1d10A1",
            "+A123BJC5D6E71G",
        ),
        ("(01)", "(10)", "(11)", "(17)", "(21)", "\x1d", "]d2", "<GS>", "+", "$$", "=/", "&,1"),
    ),
    "version": Target(
        fuzz_version,
        ("2.4A\n2.6", "v6.0.0\n6", "4.XX\n4.17.2", "SP1\nSP2"),
        ("v", ".", "\n", "A", "x", "SP", "build", "rev", "(", ")", "-", "10"),
    ),
    "version_expression": Target(
        fuzz_version_expression,
        ("2.4A or lower", "vers:generic/<=2.4|>=2.0", ">= 1.0 | < 1.3", "all versions before 6.0"),
        (" or lower", "before ", "all versions", "vers:", "|", ">=", "<", "*", " and ", " to "),
    ),
    "lot": Target(
        fuzz_lot,
        ("GWX 001\nGWX 206\nGWX100", "SN9\nSN120\nSN57", "12-001\n12-206\n12100A"),
        ("\n", "GWX", "-", "/", "00", "9", "E+", ".0"),
    ),
    "record": Target(
        fuzz_record,
        ("D1\nH1\nC1\nMedtronic\nParadigm\nMMT-722NAS\nMMT-722\n(01)04012345678901\n2.4A\nA1",),
        ("\n", "MMT-", "Medtronic", "522K/722K", "(01)", "2011-", "unknown"),
    ),
    "csaf": Target(
        fuzz_csaf,
        (_CSAF,),
        ('"branches"', '"product_version"', '"relationships"', "null", "[]", "{}", '""', "1e9"),
    ),
    "notice": Target(
        fuzz_notice,
        (_NOTICE,),
        ("&a ", "*a", "<<: ", "!!python/object", "withheld: ", "unread: ", "ranges: ", "{", "["),
    ),
    "csv_header": Target(
        fuzz_csv_header, (_REGISTRY,), (",", ";", "\t", '"', "\n", "\ufeff", "\x00", "device_id")
    ),
    "fhir": Target(
        fuzz_fhir,
        (_BUNDLE,),
        ('"resourceType"', '"Device"', '"contained"', '"reference"', "null", "[]", "{}", "1e999"),
    ),
    "sheet": Target(
        fuzz_sheet,
        (_SHEET,),
        ("<row", "<c ", ' r="XFD1048576"', ' t="s"', "<v>", "<f>", "&#0;", "<!DOCTYPE", "]]>"),
    ),
    "draft": Target(
        fuzz_draft,
        (_LETTER,),
        (
            " or lower",
            "all ",
            "except ",
            "lots ",
            "serial numbers ",
            " to ",
            "\t",
            "|",
            "1.-3.",
            "n",
        ),
    ),
    "html": Target(
        fuzz_html, (_PAGE,), ("<table>", "<tr>", "<td colspan=9>", "</table>", "&#", "<script>")
    ),
    "csv": Target(
        fuzz_csv, (_REGISTRY,), (",", ";", "\t", '"', "\n", "\ufeff", "\x00", "device_id", "D1")
    ),
}
