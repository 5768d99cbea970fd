"""Workbooks written by hand, part by part, so that a test can also write what no program does."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
FORMATS = (
    "General",
    "yyyy-mm-dd",
    "000000",
    "mmm-yy",
    "d-mmm",
    "0.00E+00",
    "@",
    "0.00",
    "yyyy-mm-dd hh:mm",
    '"NG-"000',
)


@dataclass(frozen=True)
class Number:
    """A number as stored, and the place of its format in `FORMATS`."""

    stored: str
    style: int = 0
    kind: str = "n"


@dataclass(frozen=True)
class Formula:
    """A formula with its stored result, a text or a number; None if it was never computed."""

    result: "str | Number | None"


Cell = "str | int | float | Number | Formula | None"


def write_workbook(
    path: Path,
    rows: Sequence[Sequence[object]],
    *,
    merged: Sequence[str] = (),
    hidden_rows: Sequence[int] = (),
    more_sheets: Mapping[str, Sequence[Sequence[object]]] | None = None,
    first_name: str = "Sheet1",
    first_state: str = "visible",
    since_1904: bool = False,
    shared: bool = True,
    parts: Mapping[str, str] | None = None,
) -> Path:
    """Write a workbook and return its path.

    Args:
        path: the file.
        rows: cells by row; None leaves a cell out.
        merged: such as ``A1:B1``.
        hidden_rows: numbers of rows that are not shown.
        more_sheets: name -> rows.
        first_name: of the first sheet.
        first_state: ``visible`` or ``hidden``.
        since_1904: whether days count from 1904.
        shared: whether texts are shared, or stand in their cells.
        parts: part -> text, which replaces or adds a part of the ZIP folder.
    """
    texts: list[str] = []
    sheets = {first_name: rows, **(more_sheets or {})}
    made = {
        f"xl/worksheets/sheet{number}.xml": _sheet(
            sheet, merged if number == 1 else (), hidden_rows, texts if shared else None
        )
        for number, sheet in enumerate(sheets.values(), 1)
    }
    made |= _frame(list(sheets), first_state, since_1904)
    strings = "".join(f"<si><t xml:space='preserve'>{escape(text)}</t></si>" for text in texts)
    made["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}">{strings}</sst>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, text in {**made, **(parts or {})}.items():
            folder.writestr(name, text)
    return path


def _frame(names: Sequence[str], first_state: str, since_1904: bool) -> dict[str, str]:
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="s{n}"'
        f"{f' state={quoteattr(first_state)}' if n == 1 else ''}/>"
        for n, name in enumerate(names, 1)
    )
    relations = "".join(
        f'<Relationship Id="s{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    for kind, target in (("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")):
        relations += f'<Relationship Id="{kind}" Type="{_REL}/{kind}" Target="{target}"/>'
    formats = "".join(
        f'<numFmt numFmtId="{200 + place}" formatCode={quoteattr(code)}/>'
        for place, code in enumerate(FORMATS)
    )
    styles = "".join(f'<xf numFmtId="{200 + place}"/>' for place in range(len(FORMATS)))
    return {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="w" '
        f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}">'
        f'<workbookPr date1904="{int(since_1904)}"/><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{relations}</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts>{formats}</numFmts>'
        f"<cellXfs>{styles}</cellXfs></styleSheet>",
    }


def _sheet(
    rows: Sequence[Sequence[object]],
    merged: Sequence[str],
    hidden_rows: Sequence[int],
    texts: list[str] | None,
) -> str:
    written = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            _cell(cell, f"{_letters(place)}{number}", texts)
            for place, cell in enumerate(row)
            if cell is not None
        )
        hidden = ' hidden="1"' if number in hidden_rows else ""
        written.append(f'<row r="{number}"{hidden}>{cells}</row>')
    joined = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
    end = f"<mergeCells>{joined}</mergeCells>" if joined else ""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(written)}</sheetData>{end}</worksheet>'


def _letters(place: int) -> str:
    return chr(65 + place) if place < 26 else _letters(place // 26 - 1) + _letters(place % 26)


def _cell(cell: object, reference: str, texts: list[str] | None) -> str:
    match cell:
        case Formula(None):
            return f'<c r="{reference}"><f>A1</f></c>'
        case Formula(Number() as number):
            return (
                f'<c r="{reference}" s="{number.style}" t="{number.kind}"><f>A1</f>'
                f"<v>{number.stored}</v></c>"
            )
        case Formula(result):
            return f'<c r="{reference}" t="str"><f>A1</f><v>{escape(str(result))}</v></c>'
        case Number():
            return f'<c r="{reference}" s="{cell.style}" t="{cell.kind}"><v>{cell.stored}</v></c>'
        case str() if texts is None:
            return f'<c r="{reference}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
        case str():
            texts.append(cell)  # type: ignore[union-attr]
            return f'<c r="{reference}" t="s"><v>{len(texts) - 1}</v></c>'  # type: ignore[arg-type]
        case _:
            return f'<c r="{reference}"><v>{cell}</v></c>'
