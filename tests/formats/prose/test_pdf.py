"""PDF letters: columns kept apart, ruled tables by cell, hostile files refused in a sentence."""

import zlib
from pathlib import Path

import pytest

from tests.lib.pdf_letters import write_pdf
from tocsin.base.errors import NoticeUnreadable
from tocsin.formats.prose.draft import DraftHints, draft_scope
from tocsin.formats.prose.pdf_grid import Edge, find_grids
from tocsin.formats.prose.pdf_source import read_pdf_document
from tocsin.formats.prose.source import read_document

HINTS = DraftHints(firm="Example Devices", product="HomeDose pumps")
ROWS = (
    ("Model", "Lot number", "Software version"),
    ("HD-100", "L2201, L2202", "2.4A or lower"),
    ("HD-110", "L2290", "all versions"),
)


def _table_page(columns: tuple[float, ...] = (50, 200, 380)) -> list[tuple[float, float, str]]:
    placed = [(50.0, 750.0, "Affected products:")]
    for row, cells in enumerate(ROWS):
        placed += [(x, 700.0 - 20 * row, cell) for x, cell in zip(columns, cells, strict=True)]
    return placed


def test_columns_parted_by_space_become_cells() -> None:
    document = read_pdf_document(write_pdf([_table_page()]), "letter.pdf")
    (table,) = document.tables
    assert [[cell.text for cell in row] for row in table.rows] == [list(row) for row in ROWS]
    entries = draft_scope(document, HINTS).entries
    assert [(entry.product.models, entry.lots.any_of) for entry in entries] == [
        (("HD-100",), ("L2201", "L2202")),
        (("HD-110",), ("L2290",)),
    ]
    assert entries[0].software.any_of[0].at_most == "2.4A"
    assert entries[1].software.any_of == ()


def test_a_ruled_table_keeps_wrapped_cells_together() -> None:
    xs, ys = (40.0, 190.0, 370.0, 560.0), (640.0, 680.0, 720.0)
    lines = [(x, ys[0], x, ys[-1]) for x in xs] + [(xs[0], y, xs[-1], y) for y in ys]
    page = [
        (50.0, 700.0, "Model"),
        (200.0, 705.0, "Lot"),
        (200.0, 692.0, "number"),
        (380.0, 700.0, "Software version"),
        (50.0, 660.0, "HD-100"),
        (200.0, 665.0, "L2201,"),
        (200.0, 652.0, "L2202"),
        (380.0, 660.0, "all versions"),
    ]
    (entry,) = draft_scope(read_pdf_document(write_pdf([page], lines), "a.pdf"), HINTS).entries
    assert entry.product.models == ("HD-100",)
    assert entry.lots.any_of == ("L2201", "L2202")


def test_grids_are_found_where_lines_cross() -> None:
    vertical = [Edge(x, 0, 100) for x in (0.0, 50.0, 100.0)]
    horizontal = [Edge(y, 0, 100) for y in (0.0, 40.0, 100.0)]
    (grid,) = find_grids(vertical, horizontal)
    assert grid.cell_of(25, 70) == (0, 0)
    assert grid.cell_of(75, 20) == (1, 1)
    assert grid.cell_of(500, 20) is None
    assert find_grids(vertical[:2], horizontal) == []


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"%PDF-1.4\nnothing here", "cannot be read as PDF"),
        (write_pdf([[]]), "without text"),
        (write_pdf([[(50, 50, "a page of text")]] * 101), "more than 100 pages"),
        (write_pdf([_table_page()])[:-400], "cannot be read as PDF"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(raw: bytes, said: str) -> None:
    with pytest.raises(NoticeUnreadable, match=said) as refused:
        read_pdf_document(raw, "letter.pdf")
    assert "Nothing was read" in refused.value.sentence
    assert refused.value.sentence.startswith("The notice letter.pdf ")


def test_a_slow_file_is_given_up() -> None:
    with pytest.raises(NoticeUnreadable, match="takes longer"):
        read_pdf_document(write_pdf([_table_page()]), "letter.pdf", seconds=0.01)


def _pack_many(part: bytes, n: int) -> bytes:
    """Return what zlib makes of many parts that are the same, packing only one of them."""
    packer, end = zlib.compressobj(9, wbits=-15), zlib.compressobj(9, wbits=-15).flush()
    packed = packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(n):
        check = zlib.adler32(part, check)
    return b"\x78\xda" + packed * n + end + check.to_bytes(4, "big")


def test_a_page_that_unpacks_to_very_much_does_no_harm(tmp_path: Path) -> None:
    packed = _pack_many(b"q " * 500_000, 2500)
    body = write_pdf([[(50, 50, "text")]])
    start, end = body.index(b"stream\n") + 7, body.index(b"\nendstream")
    path = tmp_path / "bomb.pdf"
    path.write_bytes(body[:start] + packed + body[end:])
    with pytest.raises(NoticeUnreadable):
        read_document(path)
