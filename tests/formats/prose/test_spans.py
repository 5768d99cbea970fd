"""Every span points at what it quotes; spans decide nothing; drafting never fails or hangs."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.lib.draft_score import notice_of, verdict_of
from tests.formats.prose.test_probes import NOTICES
from tocsin.formats.notice_file import parse_tree, read_notice_tree, write_notice
from tocsin.formats.prose.document import Document
from tocsin.formats.prose.draft import draft_entries, draft_scope
from tocsin.formats.prose.html_source import read_html_document
from tocsin.formats.prose.text_tables import read_plain_document
from tocsin.notice.revision import compare_scopes
from tocsin.notice.scope import Entry

PIECES = st.sampled_from(
    [
        "Firm: X\n",
        "Product: A-100 and B pumps\n",
        "Lot",
        "Lots ",
        "serial numbers ",
        "Model ",
        "REF ",
        "software version ",
        "2.4A",
        "or lower",
        "before ",
        "from ",
        " to ",
        "-",
        "1000",
        "1999",
        "A-100",
        "MMT-722",
        "June 1, 2008",
        "03/04/2020",
        "2019",
        " and ",
        " or ",
        ", ",
        "; ",
        ". ",
        "\n",
        "\n\n",
        "\t",
        "|",
        "(",
        ")",
        "*",
        "not affected",
        "except ",
        "All ",
        "only ",
        "UDI: (01)04012345678901",
        "manufactured ",
        "shipped ",
        "in Germany ",
        "with a clear ring",
        "beginning with ",
        "and higher",
        "12,450 boxes",
        "used with ",
        "Version 2",
        "-01",
        "x",
        "\u2264 ",
        "nicht betroffen",
        "1)",
        ":",
    ]
)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=40).map("".join),
    st.text(max_size=200),
    st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=25).map(" ".join),
)


@pytest.mark.parametrize("notice", NOTICES)
def test_spans_point_at_the_text_they_quote(notice: dict[str, Any]) -> None:
    document = read_plain_document(notice["text"])
    entries = draft_scope(document).entries
    assert any(entry.spans for entry in entries)
    for entry in entries:
        for span in entry.spans:
            assert " ".join(document.text[span.start : span.end].split()) == span.text
            assert span.text
            assert span.read_as


@pytest.mark.parametrize("notice", NOTICES)
def test_spans_decide_nothing(notice: dict[str, Any]) -> None:
    scope = draft_scope(read_plain_document(notice["text"]))
    drafted = notice_of(scope)
    assert drafted is not None
    bare = drafted.model_copy(
        update={"scope": tuple(e.model_copy(update={"spans": ()}) for e in drafted.scope)}
    )
    assert compare_scopes(bare, drafted) == []
    for unit, _ in notice["probes"]:
        row = {"manufacturer": scope.head.firm, **unit}
        assert verdict_of(bare, row, as_if_reviewed=True) == verdict_of(
            drafted, row, as_if_reviewed=True
        )


@pytest.mark.parametrize("notice", NOTICES)
def test_a_draft_reads_back_from_its_file(notice: dict[str, Any]) -> None:
    drafted = notice_of(draft_scope(read_plain_document(notice["text"])))
    assert drafted is not None
    path = Path("draft.yaml")
    assert read_notice_tree(parse_tree(write_notice(drafted), path), path) == drafted


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example("FROM ¹")
def test_any_text_gives_unreviewed_entries_and_no_error(text: str) -> None:
    document = read_plain_document(text)
    entries = draft_scope(document).entries
    assert all(isinstance(entry, Entry) and not entry.reviewed for entry in entries)
    assert len({entry.entry for entry in entries}) == len(entries)
    for entry in entries:
        for span in entry.spans:
            assert " ".join(document.text[span.start : span.end].split())[:4000] == span.text


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            PIECES,
            st.sampled_from(
                [
                    "<table>",
                    "<tr>",
                    "<td>",
                    "<th rowspan=3>",
                    "</td>",
                    "</table>",
                    "<p>",
                    "<br>",
                    "&lt;",
                    "<!--",
                    "<script>",
                ]
            ),
        ),
        max_size=40,
    ).map("".join)
)
def test_any_markup_gives_entries_and_no_error(page: str) -> None:
    document = read_html_document(page)
    for table in document.tables:
        for row in table.rows:
            for cell in row:
                assert " ".join(document.text[cell.start : cell.end].split()) == cell.text
    draft_scope(document)


@pytest.mark.parametrize(
    "text",
    [
        "Lot numbers: " + ", ".join(f"L{n:06d}" for n in range(20_000)),
        "Model " + "A-100 and " * 5_000,
        "software version " + "1.2, " * 5_000,
        "(" * 20_000,
        "not affected " * 3_000,
        "before " * 10_000,
        "word " * 40_000,
        "1) " * 10_000,
        "All lots except " * 2_000,
        "Model\tLot\n" + "A-100\t12\n" * 3_000,
        "a  b\n" * 20_000,
    ],
    ids=lambda text: text[:12],
)
def test_long_texts_take_bounded_time(text: str) -> None:
    began = time.process_time()
    draft_scope(read_plain_document(f"Product: Widget W-100\n\n{text}"))
    assert time.process_time() - began < 20


def test_drafts_are_deterministic() -> None:
    text = NOTICES[0].values[0]["text"]
    assert draft_entries(text) == draft_entries(text)
    assert draft_scope(Document(text)).entries == draft_entries(text)
