"""Letters as PDF: both standards, every script, hostile texts, the same bytes again."""

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from shutil import which
from xml.etree import ElementTree as ET

import page
import pytest
import zxingcpp
from PIL import Image

from tests.lib.letter_sheets import ADDRESS, NOTO, TAKAO, letter_text, sheet
from tocsin.compute.letter_printing import print_letters
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_fields import fill_letter, notice_values
from tocsin.render.letters.metadata import with_short_metadata
from tocsin.render.letters.pdf import (
    GlyphMissing,
    LetterNotConformant,
    LetterPdf,
    LetterPress,
    check_pdf,
    has_right_lengths,
    template_version,
)
from tocsin.render.letters.sheet import (
    LanguageUnknown,
    direction_of,
    first_font,
    script_of,
    sheet_tree,
)
from tocsin.services.letter_files import case_texts
from tocsin.services.samples import case_notices

needs_fonts = pytest.mark.skipif(
    not (NOTO.is_dir() and TAKAO.is_dir()), reason="apt install fonts-noto-core fonts-takao-gothic"
)
needs_poppler = pytest.mark.skipif(which("pdftoppm") is None, reason="apt install poppler-utils")
HOSTILE = (
    '#read("/etc/passwd")',
    '$ x^2 $ *bold* _it_ `raw` #eval("1+1")',
    "= Heading",
    "- point",
    "\\u{41} \\#panic() // no comment",
    "<label> @reference",
    "<script>alert(1)</script>",
    "&amp; &#60; ]]>",
    "{hotline} {{7*7}}",
    "=HYPERLINK(1)",
    '"); #pagebreak() (',
    '\\")))#pagebreak() //',
    "O'Neil--Smith...",
)
WORLD = {
    "ar": "أوقف استخدام هذه الخراطيش الآن.",
    "he": "הפסיקו להשתמש במחסניות האלה עכשיו.",
    "hi": "इन कारतूसों का उपयोग अभी बंद करें।",
    "th": "หยุดใช้ตลับเหล่านี้ทันที",
    "ja": "このカートリッジの使用を直ちに中止してください。",
    "el": "Σταματήστε αμέσως τη χρήση.",
    "sv": "Sluta använda patronerna på en gång.",
}


@cache
def press() -> LetterPress:
    return LetterPress()


@cache
def world_press() -> LetterPress:
    return LetterPress([NOTO, TAKAO])


def words(pdf: bytes, tmp_path: Path) -> str:
    """Return the text of a PDF as another program reads it."""
    path = tmp_path / "letter.pdf"
    path.write_bytes(pdf)
    command = ["pdftotext", "-layout", str(path), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def filled_case_letters() -> Iterator[LetterText]:
    for case in "abc":
        notice = case_notices(case)[0]
        for text in case_texts(case):
            country = text.country or "US"
            values = notice_values(notice, text.audience, country)
            yield fill_letter(text, {"hotline": "+1 555 0100", **values})


@pytest.mark.parametrize("text", list(filled_case_letters()), ids=lambda text: text.subject[:40])
def test_every_case_letter_meets_both_standards(text: LetterText) -> None:
    made = press().make(
        sheet(text, answer_url="https://example.org/a/ABCDEFGH", code="K7F3-9QXM", anchor="3f" * 16)
    )
    assert made.n_pages <= 3
    for profile in (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_2A):
        report = page.validate_pdf_bytes(made.content, profile=profile)
        assert {each.rule_id for each in report.failures} <= {"PDFA2A-STREAM-LENGTH-001"}


@needs_fonts
@needs_poppler
@pytest.mark.parametrize("language", list(WORLD))
def test_every_script_meets_both_standards(language: str, tmp_path: Path) -> None:
    text = letter_text(WORLD[language], language)
    made = world_press().make(sheet(text, answer_url="https://example.org/a/ABCDEFGH"))
    assert made.n_pages == 1
    assert "1 Example Street" in words(made.content, tmp_path)


def test_the_same_letter_has_the_same_bytes() -> None:
    one = sheet(letter_text("Stop."), answer_url="https://example.org/a/ABCDEFGH")
    again = LetterPress()
    again.print(sheet(letter_text("Something else.")))
    assert press().make(one) == again.make(one)
    assert template_version().startswith("letter ")


def test_a_sheet_that_was_kept_by_an_older_version_can_be_printed() -> None:
    one = sheet(letter_text("Stop."))
    tree = sheet_tree(one, press().families)
    older = {key: each for key, each in tree.items() if key not in {"first_font", "script"}}
    assert press().print_data(json.dumps(older), one.letter_id, one.written_on) == press().print(
        one
    )


def test_the_metadata_say_whose_letter_it_is_and_not_what_made_it() -> None:
    content = press().print(sheet(letter_text("Stop.", subject="A <xmp:CreatorTool> & more")))
    xmp = content[content.index(b"<?xpacket begin") : content.index(b"<?xpacket end")]
    said = ET.fromstring(xmp.partition(b"?>")[2])
    texts = {each.tag.partition("}")[2]: "".join(each.itertext()) for each in said[0][0]}
    assert texts["title"] == "A <xmp:CreatorTool> & more"
    assert not {"CreatorTool", "creator", "Keywords", "History", "InstanceID"} & set(texts)
    for known in (b"/Author(Animas)", b"/Keywords(T-TEST-TEST-TEST)", b"/CreationDate(D:20261201"):
        assert known in content
    assert with_short_metadata(content) == content
    assert with_short_metadata(b"no metadata") == b"no metadata"


def test_a_japanese_text_is_one_run_unless_it_holds_other_signs() -> None:
    assert script_of("ja", ["カートリッジ MMT-723 の使用を中止、10 日以内に。"]) == "kana"
    assert script_of("ja", ["使用を中止: خراطيش"]) is None
    assert script_of("ar", ["خراطيش"]) is None
    assert first_font("ar", frozenset({"Noto Sans Arabic"})) is not None
    assert first_font("ar", frozenset({"Libertinus Serif"})) is None
    assert first_font("en", frozenset({"Libertinus Serif"})) is None


@needs_poppler
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_is_printed_as_it_is(hostile: str, tmp_path: Path) -> None:
    made = press().make(sheet(letter_text("Stop."), [hostile, *ADDRESS[1:]]))
    assert made.n_pages == 1
    assert hostile.replace(" ", "") in words(made.content, tmp_path).replace(" ", "")


def test_a_missing_glyph_stops_the_letter_and_no_other() -> None:
    sheets = [sheet(letter_text("Stop."), [name]) for name in ("Jane", "\u4f60\u597d", "John")]
    one, none, other = print_letters(sheets)
    assert isinstance(one, LetterPdf)
    assert isinstance(other, LetterPdf)
    assert isinstance(none, GlyphMissing)
    assert "U+4F60" in none.sentence
    assert "\u4f60" not in none.sentence


def test_a_pool_returns_letters_in_order() -> None:
    sheets = [sheet(letter_text("Stop."), [f"Person {number}"]) for number in range(120)]
    alone = [made.sha256 for made in print_letters(sheets) if isinstance(made, LetterPdf)]
    made = print_letters(sheets, n_processes=2)
    assert [each.sha256 for each in made if isinstance(each, LetterPdf)] == alone
    assert len(set(alone)) == 120


def test_a_language_without_words_of_the_page_is_refused() -> None:
    with pytest.raises(LanguageUnknown, match="'eo'"):
        press().print(sheet(letter_text("Haltu.", "eo")))


def test_a_pdf_that_breaks_a_rule_is_not_ready() -> None:
    good = press().print(sheet(letter_text("Stop.")))
    bad = good.replace(b"<pdfuaid:part>1", b"<pdfuaid:part>2")
    assert bad != good
    with pytest.raises(LetterNotConformant, match="T-TEST"):
        check_pdf(bad, "T-TEST")
    assert has_right_lengths(good)
    assert not has_right_lengths(good.replace(b"/Length ", b"/Length 1", 1))


@needs_poppler
def test_the_code_leads_to_the_page_of_the_answer(tmp_path: Path) -> None:
    reply = {"kind": "reply", "lines": ["Please answer."]}
    url = "https://example.org/a/ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    made = press().make(sheet(letter_text("x", blocks=[reply]), answer_url=url))
    path = tmp_path / "letter.pdf"
    path.write_bytes(made.content)
    command = ["pdftoppm", "-r", "110", "-png", "-singlefile", str(path), str(tmp_path / "letter")]
    subprocess.run(command, check=True)
    (found,) = zxingcpp.read_barcodes(Image.open(tmp_path / "letter.png"))
    assert found.text == url


def test_directions() -> None:
    assert direction_of("1 Example Street") == "ltr"
    assert direction_of("\u05e8\u05d7\u05d5\u05d1 7") == "rtl"
