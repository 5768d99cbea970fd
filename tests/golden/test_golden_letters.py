"""Letters as they are printed: their text word for word, their look within a small tolerance.

TOCSIN_GOLDEN=write makes the golden files anew; look at each picture before you keep it.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.lib.letter_sheets import ADDRESS, NOTO, TAKAO, letter_text, sheet
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_fields import fill_letter, notice_values
from tocsin.render.letters.pdf import LetterPress
from tocsin.services.letter_files import case_texts
from tocsin.services.samples import case_notices

pytestmark = [
    pytest.mark.skipif(which("pdftoppm") is None, reason="apt install poppler-utils"),
    pytest.mark.skipif(
        not (NOTO.is_dir() and TAKAO.is_dir()),
        reason="apt install fonts-noto-core fonts-takao-gothic",
    ),
]
FOLDER = Path(__file__).parent / "letters"
DOTS_PER_INCH = 40
MOST_INK = 0.05
"""How much ink may be elsewhere, of all that there is: a line that has moved is more."""
ISSUED: Mapping[str, Any] = {
    "code": "K7F3Q-9QXMW",
    "check_url": "https://safety.example.org/l",
    "answer_url": "https://safety.example.org/a/ABCDEFGHJKMNPQRSTVWXYZ0123",
    "anchor": "4711 3fd0a2c49b1e7786aa0c5d1e9f3b2a70",
}
DEVICES = {
    "a": {"product": "MiniMed", "model": "MMT-723", "serial": "AB123456", "software": "2.4A"},
    "b": {"product": "2.0 ml", "lot": "B201575", "quantity": "3"},
    "c": {"product": "MiniMed Implantable", "model": "MMT-2007D", "serial": "NIP600123H"},
}


@dataclass(frozen=True)
class Wanted:
    """A letter of the golden files: a case's, or one of our own."""

    name: str
    text: LetterText
    address: tuple[str, ...] = ADDRESS
    case: str = "b"

    @property
    def about(self) -> dict[str, Any]:
        return {**ISSUED, "devices": [DEVICES[self.case]], "reference": f"case {self.case}"}


CASE_LETTERS = (
    ("a", "patient-affected", "en"),
    ("a", "patient-check-version", "fr"),
    ("a", "clinician", "es"),
    ("b", "patient-affected", "sv"),
    ("b", "clinician", "nl"),
    ("c", "dhpc", "de"),
    ("c", "patient-affected", "fr"),
)
_REPLY = {"kind": "reply", "lines": ["الرجاء الرد على هذه الرسالة."]}
_ARABIC = [
    {
        "kind": "callout",
        "urgency": "emergency",
        "lines": ["اتصل برقم الطوارئ الآن إذا ساءت حالتك."],
    },
    {"kind": "paragraph", "text": "أوقف استخدام هذه الخراطيش الآن."},
    {"kind": "contact", "name": "Animas", "phone": "+1 555 0100"},
    _REPLY,
]


def wanted() -> Iterator[Wanted]:
    for case, key, language in CASE_LETTERS:
        notice = case_notices(case)[0]
        (text,) = (
            each for each in case_texts(case) if (each.letter, each.language) == (key, language)
        )
        values = notice_values(notice, text.audience, text.country or "US")
        filled = fill_letter(text, {"hotline": "+1 555 0100", **values})
        yield Wanted(f"{case}-{key}-{language}", filled, case=case)
    arabic = letter_text("x", "ar", subject="تنبيه سلامة", blocks=_ARABIC)
    yield Wanted("right-to-left-ar", arabic, ("سلمى مثال", *ADDRESS[1:]))
    japanese = "このカートリッジの使用を直ちに中止してください。"
    yield Wanted("other-script-ja", letter_text(japanese, "ja"), ("山田 花子", *ADDRESS[1:]))
    swedish = letter_text("Sluta använda patronerna på en gång.", "sv")
    yield Wanted("name-in-other-script-sv", swedish, ("山田 花子 Example", *ADDRESS[1:]))


@cache
def press() -> LetterPress:
    return LetterPress([NOTO, TAKAO])


@pytest.fixture(params=list(wanted()), ids=lambda each: each.name)
def letter(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """Return the name of a golden letter, and its PDF, which meets both standards."""
    one: Wanted = request.param
    path = tmp_path / "letter.pdf"
    path.write_bytes(press().make(sheet(one.text, one.address, **one.about)).content)
    return one.name, path


def test_the_text_is_the_golden_one(letter: tuple[str, Path]) -> None:
    name, path = letter
    found = subprocess.run(
        ["pdftotext", "-layout", "-nopgbrk", str(path), "-"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    text = "\n".join(line.rstrip() for line in found.splitlines()) + "\n"
    golden = FOLDER / f"{name}.txt"
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        golden.write_text(text, "utf-8")
    for said in ("T-TEST-TEST-TEST", ISSUED["code"], ISSUED["check_url"]):
        assert said in text
    assert text.split() == golden.read_text("utf-8").split()


def test_it_looks_as_the_golden_one(letter: tuple[str, Path], tmp_path: Path) -> None:
    name, path = letter
    found, golden = picture_of(path, tmp_path), FOLDER / f"{name}.png"
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        found.save(golden, optimize=True)
    assert ink_elsewhere(found, Image.open(golden)) <= MOST_INK


def test_a_line_more_is_seen(tmp_path: Path) -> None:
    one = next(wanted())
    longer = (*one.address[:1], "Flat 7", *one.address[1:])
    path = tmp_path / "letter.pdf"
    path.write_bytes(press().print(sheet(one.text, longer, **one.about)))
    golden = Image.open(FOLDER / f"{one.name}.png")
    assert ink_elsewhere(picture_of(path, tmp_path), golden) > 10 * MOST_INK


def ink_elsewhere(one: Image.Image, other: Image.Image) -> float:
    """Return how much of the ink of two pictures differs; 1 if their sizes do."""
    if one.size != other.size:
        return 1.0
    differing = ImageStat.Stat(ImageChops.difference(one, other)).sum[0]
    ink = ImageStat.Stat(ImageChops.invert(other)).sum[0]
    return float(differing / ink)


def picture_of(pdf: Path, folder: Path) -> Image.Image:
    """Return all pages of a letter beside each other, in greys."""
    command = [
        "pdftoppm",
        "-gray",
        "-r",
        str(DOTS_PER_INCH),
        "-png",
        str(pdf),
        str(folder / "page"),
    ]
    subprocess.run(command, check=True)
    pages = [Image.open(each) for each in sorted(folder.glob("page*.png"))]
    made = Image.new("L", (sum(page.width for page in pages), pages[0].height), 255)
    left = 0
    for page in pages:
        made.paste(page, (left, 0))
        left += page.width
    return made
