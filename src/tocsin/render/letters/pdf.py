"""A letter as PDF: made by one reused compiler per process, then held against both standards."""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import as_file
from pathlib import Path
from typing import Literal, cast

import page
import typst

from tocsin.base.errors import TocsinError, first_line
from tocsin.identify.data_file import data_folder
from tocsin.render.letters.metadata import LEFT_OUT, with_short_metadata
from tocsin.render.letters.sheet import LetterSheet, sheet_json

STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]
_PROFILES = (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_2A)
_LENGTH_RULES = frozenset({"PDFA2A-STREAM-LENGTH-001", "PDFUA1-STREAM-LENGTH-001"})
_STREAM = re.compile(rb">>\s*stream\r?\n")
_LENGTH = re.compile(rb"/Length (\d+)\b(?! \d+ R)")
_END = re.compile(rb"\r?\n?endstream\b")
_GLYPH = re.compile(r'the text [`"“]+(.*?)[`"”]+ could not be displayed')


class GlyphMissing(TocsinError):
    """No font that there is can write a character of the letter."""

    code = "glyph_missing"


class LetterUnrenderable(TocsinError):
    """The template could not make a page of the letter: a bug of ours, or of its data."""

    code = "letter_unrenderable"


class LetterNotConformant(TocsinError):
    """The PDF breaks a rule of PDF/UA-1 or PDF/A-2a, so that the letter is not ready."""

    code = "letter_not_conformant"


@dataclass(frozen=True)
class LetterPdf:
    """A letter's file.

    Attributes:
        content: the bytes.
        sha256: of the bytes, hexadecimal.
        n_pages: how many pages it has.
    """

    content: bytes
    sha256: str
    n_pages: int


class LetterPress:
    """Makes letters; one per process, since it reads template and fonts once.

    Fonts are Typst's own and those of the folders that it is given, never the system's: the same
    data make the same bytes on every machine that has the same folders.
    """

    def __init__(self, font_folders: Sequence[Path] = ()) -> None:
        """Read the template and the fonts.

        Args:
            font_folders: folders with more fonts, for scripts that Typst's own cannot write.
        """
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=True,
            font_paths=[str(folder) for folder in font_folders],
        )
        self.families = frozenset(fonts.families())
        self._open = ExitStack()
        template = data_folder("tocsin.render.letters") / "letter.typ"
        path = self._open.enter_context(as_file(template))
        self._compiler = typst.Compiler(root=path.parent, font_paths=fonts)

    def print(self, sheet: LetterSheet) -> bytes:
        """Return a letter as PDF; the same sheet gives the same bytes.

        Raises:
            GlyphMissing: if a character cannot be written.
            LanguageUnknown: if the page has no words in the letter's language.
            LetterUnrenderable: if the template fails.
        """
        return self.print_data(sheet_json(sheet, self.families), sheet.letter_id, sheet.written_on)

    def print_data(self, data: str, letter_id: str, written_on: date) -> bytes:
        """Return a letter as PDF of what `sheet_json` made of it, perhaps long ago.

        Raises:
            GlyphMissing: if a character cannot be written.
            LetterUnrenderable: if the template fails.
        """
        try:
            made = self._compiler.compile(
                _page_of(data),
                format="pdf",
                pdf_standards=[*STANDARDS],
                timestamp=datetime.combine(written_on, time(), UTC),
            )
        except typst.TypstError as error:
            raise _explain(letter_id, error) from error
        return with_short_metadata(cast("bytes", made))

    def make(self, sheet: LetterSheet) -> LetterPdf:
        """Return a letter as PDF that was held against both standards; see `print`.

        Raises:
            LetterNotConformant: if it breaks a rule of one of them.
        """
        return checked_letter(self.print(sheet), sheet.letter_id)


def checked_letter(content: bytes, letter_id: str) -> LetterPdf:
    """Return a letter's PDF that was held against both standards.

    Raises:
        LetterNotConformant: if it breaks a rule of one of them.
    """
    return LetterPdf(content, sha256(content).hexdigest(), check_pdf(content, letter_id))


@cache
def template_version() -> str:
    """Return which template and which Typst make the letters: the same make the same bytes."""
    template = (data_folder("tocsin.render.letters") / "letter.typ").read_bytes()
    return (
        f"letter {sha256(template + LEFT_OUT.pattern).hexdigest()[:12]}, typst {version('typst')}"
    )


def check_pdf(content: bytes, letter_id: str) -> int:
    """Check a letter's PDF against PDF/UA-1 and PDF/A-2a; return how many pages it has.

    Raises:
        LetterNotConformant: naming the first rule that is broken.
    """
    n_pages = 0
    for profile in _PROFILES:
        report = page.validate_pdf_bytes(content, profile=profile)
        n_pages = report.document.page_count
        if report.is_compliant:
            continue
        # The rule about /Length looks for the end of line before "endstream" and takes a last byte
        # of the content that is one for it: about one letter in fifty. We count for ourselves.
        others = [each for each in report.failures if each.rule_id not in _LENGTH_RULES]
        if others or not has_right_lengths(content):
            first = (others or report.failures)[0]
            raise LetterNotConformant(
                f"The PDF of letter {letter_id} breaks rule {first.rule_id} of {profile}: "
                f"{first.message}. The letter is not ready and was not kept. Report it with the "
                "letter's text."
            )
    return n_pages


def has_right_lengths(content: bytes) -> bool:
    """Return whether every stream of a PDF of ours is as long as its /Length says."""
    n_streams = 0
    for found in _STREAM.finditer(content):
        dictionary = content[content.rfind(b" obj", 0, found.start()) : found.start()]
        length = _LENGTH.search(dictionary)
        end = found.end() + int(length[1]) if length else -1
        if length is None or not _END.match(content, end):
            return False
        n_streams += 1
    return n_streams > 0


def _page_of(data: str) -> bytes:
    """Return the page's source: the template, given a letter's JSON as one text.

    Two signs mean something within a text of Typst, the quote and the backslash; both are escaped.
    (As `sys.inputs` the data would do as well, but then Typst knows nothing again of the last
    letter: what is given there belongs to its library, on which all that it keeps hangs.)
    """
    literal = data.replace("\\", "\\\\").replace('"', '\\"')
    return f'#import "letter.typ": letter\n#letter(json(bytes("{literal}")))\n'.encode()


def _explain(letter_id: str, error: typst.TypstError) -> TocsinError:
    message = str(error)
    if found := _GLYPH.search(message):
        characters = ", ".join(f"U+{ord(each):04X}" for each in dict.fromkeys(found[1]))
        return GlyphMissing(
            f"A character of letter {letter_id} ({characters}) is in no font that there is. "
            "The letter was not made. Name a folder with a font for this script (`--fonts`, or "
            "TOCSIN_FONTS), or correct the name or address."
        )
    return LetterUnrenderable(
        f"Letter {letter_id} could not be made: {first_line(error)}. Nothing of it was kept. "
        "Report it with the letter's text."
    )
