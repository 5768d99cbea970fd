"""Text, tables in text and HTML as documents whose spans point into them."""

from pathlib import Path

import pytest

from tocsin.base.errors import NoticeUnreadable
from tocsin.formats.prose.document import Document
from tocsin.formats.prose.draft import DraftHints, draft_entries, draft_scope
from tocsin.formats.prose.html_source import read_html_document
from tocsin.formats.prose.source import read_document
from tocsin.formats.prose.text_tables import read_plain_document

HINTS = DraftHints(firm="Example Devices", product="HomeDose pumps")
PAGE = """<html><head><title>Recall of HomeDose</title><script>var lot = "Lot 99";</script></head>
<body><nav>Lots 1, 2, 3</nav><p>Affected products:</p><table>
<tr><th>Model</th><th>Lot number</th><th>Made</th></tr>
<tr><td rowspan="2">HD-100</td><td>L2201<br>L2202</td><td>01/2022</td></tr>
<tr><td>L2203</td><td>02/2022</td></tr>
<tr><td>HD-110 &amp; HD-111</td><td>L2290</td><td>03/2022</td></tr></table>
<p>Devices other than these are not affected.</p></body></html>"""


def cells_of(document: Document) -> list[list[list[str]]]:
    return [[[cell.text for cell in row] for row in table.rows] for table in document.tables]


def test_html_that_browsers_take_for_a_comment_is_one() -> None:
    for mark in ("<![<ityle\0l!>", "<![if !supportLists]>", "<![CDATA[>", "<![ x>"):
        text = read_html_document(f"{mark}<p>Lot L2201 is affected.</p>").text
        assert text.strip() == "Lot L2201 is affected.", mark


def test_html_tables_keep_their_cells_and_scripts_stay_out() -> None:
    document = read_html_document(PAGE)
    assert document.title == "Recall of HomeDose"
    assert "99" not in document.text
    assert "Lots 1, 2, 3" not in document.text
    (table,) = cells_of(document)
    assert table[1] == ["HD-100", "L2201 L2202", "01/2022"]
    assert table[2] == ["HD-100", "L2203", "02/2022"]
    entries = draft_scope(document, HINTS).entries
    assert [(e.product.models, e.lots.any_of) for e in entries] == [
        (("HD-100",), ("L2201", "L2202")),
        (("HD-100",), ("L2203",)),
        (("HD-110", "HD-111"), ("L2290",)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Model\tLot\nA-100\t1, 2\nA-200\t3\n",
        "| Model | Lot |\n|---|---|\n| A-100 | 1, 2 |\n| A-200 | 3 |\n",
        "Model      Lot\nA-100      1, 2\nA-200      3\n",
    ],
)
def test_tables_in_text_are_found_by_tabs_pipes_and_columns(text: str) -> None:
    document = read_plain_document(text)
    assert cells_of(document) == [[["Model", "Lot"], ["A-100", "1, 2"], ["A-200", "3"]]]
    for table in document.tables:
        for row in table.rows:
            for cell in row:
                assert document.text[cell.start : cell.end] == cell.text


def test_a_table_under_a_heading_that_denies_excludes() -> None:
    text = (
        "The following are not affected:\nModel\tLot\nA-100\t12\n\nAll lots of A-200 are affected."
    )
    entries = draft_scope(read_plain_document(text), HINTS).entries
    assert [bool(entry.excludes) for entry in entries] == [False, True]


def test_an_unknown_column_leaves_its_rows_open() -> None:
    text = "Model\tLot\tHousing\nA-100\t12\tgrey\n"
    (entry, *_) = draft_scope(read_plain_document(text), HINTS).entries
    assert entry.unread == ("Housing: grey",)


def test_an_empty_product_cell_means_the_row_above() -> None:
    text = "Model\tLot\nA-100\t12\n\t13\n"
    entries = draft_scope(read_plain_document(text), HINTS).entries
    assert [entry.product.models for entry in entries] == [("A-100",), ("A-100",)]


def test_head_lines_are_read_and_win() -> None:
    text = "Firm: Northwind\nProduct: Widget W-100\nDate: 4 May 2021\n\nLots 1 and 2.\n"
    head = draft_scope(read_plain_document(text), HINTS).head
    assert (head.firm, head.product, head.issued_on) == ("Northwind", "Widget W-100", "2021-05-04")


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.txt", b"", "holds no text"),
        ("a.txt", b"ab\x00cd", "NUL"),
        ("a.docx", b"text", "neither .txt, .html nor .pdf"),
        ("a.html", b"<html><script>1</script></html>", "holds no text"),
    ],
)
def test_files_that_are_no_document_are_refused(
    name: str, raw: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(NoticeUnreadable, match=said):
        read_document(path)


def test_western_and_utf16_letters_are_read(tmp_path: Path) -> None:
    for encoding in ("utf-8", "cp1252", "utf-16"):
        path = tmp_path / f"{encoding}.txt"
        path.write_bytes("Pièces à vérifier: lot 12".encode(encoding))
        assert "vérifier" in read_document(path).text


def test_what_a_source_tells_beside_the_text_informs_and_limits_nothing() -> None:
    hints = DraftHints(
        firm="Example Devices",
        product="Saline syringe, REF SY-100    Product Usage: flushing",
        day_order="mdy",
        distribution="US Nationwide in the states of CA, TX",
        quantity="147 units",
    )
    (entry,) = draft_entries("Lot Number: 5290-201001, made 03/04/2020", hints)[:1]
    assert entry.product.models == ("SY-100",)
    assert entry.lots.any_of == ("5290-201001",)
    assert entry.information["quantity"] == "147 units"
    assert entry.countries is None
    assert entry.made_on[0].first == "2020-03-04"
