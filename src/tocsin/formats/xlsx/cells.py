"""The cells of one sheet of a workbook, row by row, as the file holds them.

Memory is bounded by the workbook's shared texts and one piece of the sheet.
Source: ECMA-376 part 1, 18.3.1 (worksheets) and 18.4 (shared texts).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.formats.xlsx.package import (
    CHUNK_BYTES,
    MAX_SHEET_BYTES,
    Attributes,
    Sheet,
    Workbook,
    damaged,
    parse_xml,
)
from tocsin.formats.xlsx.texts import read_shared_texts

MAX_COLUMNS = 16_384
MAX_ROWS = 1_048_576
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')


class NumberCell(NamedTuple):
    """A cell that is no text: its type (``n``, ``d``, ``b``), what is stored, its style."""

    kind: str
    stored: str
    style: int


class Merged(NamedTuple):
    """Cells that are shown as one, both ends included; columns count from 0."""

    left: int
    top: int
    right: int
    bottom: int


class SheetRow(NamedTuple):
    """One row: its number in the sheet, and its cells by column from 0.

    A text cell is its text. Empty cells and those that hold an error are left out.
    """

    number: int
    cells: "dict[int, str | NumberCell]"


def column_index(letters: str) -> int:
    """Return a column's place from 0.

    >>> column_index("A"), column_index("AB")
    (0, 27)
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def column_letters(index: int) -> str:
    """Return a column's letters.

    >>> column_letters(27)
    'AB'
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_merged(book: Workbook, sheet: Sheet) -> list[Merged]:
    """Return the merged cells of a sheet. They stand behind the rows, so it is read for them."""
    found: list[Merged] = []
    rest = b""
    with book.open_part(sheet.part, MAX_SHEET_BYTES) as file:
        while piece := file.read(CHUNK_BYTES):
            piece = rest + piece
            done = 0
            if b"mergeCell" in piece:
                for match in _MERGED.finditer(piece):
                    left, top, right, bottom = (part.decode() for part in match.groups())
                    found.append(
                        Merged(column_index(left), int(top), column_index(right), int(bottom))
                    )
                    done = match.end()
            rest = piece[max(done, len(piece) - 256) :]
    return found


class _SheetReader:
    """Collects the rows that the parser meets."""

    def __init__(self, book: Workbook, texts: list[str]) -> None:
        self.book, self.texts = book, texts
        self.rows: list[SheetRow] = []
        self.n_without_result = 0
        self._places: dict[str, int] = {}
        self._row, self._column = 0, -1
        self._cells: dict[int, str | NumberCell] = {}
        self._kind, self._style = "n", 0
        self._has_formula, self._wanted = False, False
        self._parts: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element."""
        if name == "c":
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", 0))
            reference = attributes.get("r")
            self._column = self._place(reference) if reference else self._column + 1
            self._has_formula = False
            self._parts = []
        elif name in {"v", "t"}:
            self._wanted = True
        elif name == "row":
            number = attributes.get("r")
            self._row = int(number) if number else self._row + 1
            self._column, self._cells = -1, {}
            if self._row > MAX_ROWS:
                raise damaged(self.book.path, f"it has a row {self._row}")
        elif name == "f":
            self._has_formula = True
        elif name == "rPh":
            self._kind = "reading"

    def data(self, text: str) -> None:
        """Meet text."""
        if self._wanted and self._kind != "reading":
            self._parts.append(text)

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if name in {"v", "t"}:
            self._wanted = False
        elif name == "c":
            if self._parts:
                self._keep("".join(self._parts))
            elif self._has_formula:
                self.n_without_result += 1
        elif name == "row":
            if self._cells:
                self.rows.append(SheetRow(self._row, self._cells))
        elif name == "rPh":
            self._kind = "inlineStr"

    def _keep(self, stored: str) -> None:
        kind = self._kind
        if kind == "s":
            place = int(stored)
            if place < 0:
                raise ValueError(f"text {place}")
            if text := self.texts[place]:
                self._cells[self._column] = text
        elif kind in {"str", "inlineStr"}:
            self._cells[self._column] = stored
        elif kind != "e":
            self._cells[self._column] = NumberCell(kind, stored.strip(), self._style)

    def _place(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        place = self._places.get(letters)
        if place is None:
            place = self._places[letters] = column_index(letters)
            if not letters.isascii() or not letters.isalpha() or not 0 <= place < MAX_COLUMNS:
                raise damaged(self.book.path, f"it has a cell {reference[:20]!r}")
        return place


class SheetCells:
    """The rows of a sheet, to be read once.

    Attributes:
        n_without_result: after reading, how many formulas had no stored result.
    """

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self._book, self._sheet = book, sheet
        self.n_without_result = 0

    def __iter__(self) -> Iterator[SheetRow]:
        """Yield the rows that hold anything, hidden ones too.

        Raises:
            RegistryUnreadable: if the sheet cannot be read, or names what does not exist.
        """
        reader = _SheetReader(self._book, read_shared_texts(self._book))
        with self._book.open_part(self._sheet.part, MAX_SHEET_BYTES) as file:
            pieces = parse_xml(self._book.path, file, reader.start, reader.end, reader.data)
            try:
                for _ in pieces:
                    yield from reader.rows
                    reader.rows.clear()
            except (ValueError, IndexError) as error:
                raise damaged(self._book.path, f"a cell cannot be read ({error})") from error
        self.n_without_result = reader.n_without_result
