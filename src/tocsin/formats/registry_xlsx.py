"""A sheet of a workbook -> a DuckDB table of text columns; hidden rows count too."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from tocsin.base.errors import RegistryUnreadable
from tocsin.formats.registry_sources import Connection, SourceOptions, SourceRead
from tocsin.formats.xlsx.cells import (
    NumberCell,
    SheetCells,
    SheetRow,
    column_letters,
    read_merged,
)
from tocsin.formats.xlsx.header import LOOKED_AT_ROWS, SheetHeader, find_header
from tocsin.formats.xlsx.numbers import NumberFormat, read_number_formats
from tocsin.formats.xlsx.package import Sheet, Workbook, open_workbook
from tocsin.formats.xlsx.values import Role, role_of, spell_cell

BATCH_ROWS = 20_000
_MAX_REMEMBERED = 20_000


def create_from_xlsx(
    connection: Connection, table: str, path: Path, options: SourceOptions
) -> SourceRead:
    """Create a table from the first or the named sheet; see `registry_sources`.

    Raises:
        RegistryUnreadable: if the workbook must be refused.
    """
    with open_workbook(path) as book:
        sheet = _find_sheet(book, options.sheet)
        cells = SheetCells(book, sheet)
        rows = iter(cells)
        first = list(islice(rows, LOOKED_AT_ROWS))
        header = find_header(first, read_merged(book, sheet), path, options.header_row)
        speller = _Speller(book, header, options)
        options.check(speller.columns)
        below = (row for row in chain(first, rows) if row.number > header.last_row)
        lines = _Lines()
        _create_table(connection, table, speller.columns)
        for batch in _batches(below, speller, lines):
            connection.register("_incoming", batch)
            connection.execute(f'INSERT INTO "{table}" SELECT * FROM _incoming')
            connection.unregister("_incoming")
    notes = [*_sheet_notes(book, sheet, options.sheet), *header.notes, *speller.notes()]
    if cells.n_without_result:
        notes.append(
            f"{cells.n_without_result:,} formulas of {path.name} have no stored result and count "
            "as empty. Open it in a spreadsheet program, save it and try again."
        )
    return SourceRead(tuple(speller.columns), (), tuple(notes), lines.line_of)


def _find_sheet(book: Workbook, name: str | None) -> Sheet:
    if name is None:
        return next((sheet for sheet in book.sheets if sheet.shown), book.sheets[0])
    for sheet in book.sheets:
        if sheet.name.strip().casefold() == name.strip().casefold():
            return sheet
    raise RegistryUnreadable(
        f"The workbook {book.path} has no sheet {name!r}; it has "
        f"{', '.join(repr(sheet.name) for sheet in book.sheets)}. Nothing was read."
    )


def _sheet_notes(book: Workbook, read: Sheet, asked: str | None) -> Iterator[str]:
    others = [repr(sheet.name) for sheet in book.sheets if sheet is not read]
    if others and asked is None:
        yield (
            f"Only the sheet {read.name!r} of {book.path.name} was read, not {', '.join(others)}. "
            "Say --sheet NAME for another."
        )


class _Lines:
    """In which row of the sheet each row of the table stands."""

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._shifts: list[int] = []
        self._n = 0

    def add(self, number: int) -> None:
        """Remember the next row's number in the sheet."""
        shift = number - self._n
        if not self._shifts or self._shifts[-1] != shift:
            self._rows.append(self._n)
            self._shifts.append(shift)
        self._n += 1

    def line_of(self, row: int) -> int | None:
        """Return the number in the sheet of a row of the table, from 0."""
        place = bisect_right(self._rows, row) - 1
        return row + self._shifts[place] if place >= 0 else None


class _Speller:
    """Turns the cells of a row into texts, by what each column is for."""

    def __init__(self, book: Workbook, header: SheetHeader, options: SourceOptions) -> None:
        self.columns = list(header.names.values())
        self._places = list(header.names)
        self._path = book.path
        self._since_1904 = book.since_1904
        self._formats = read_number_formats(book)
        self._roles = {
            place: Role.ANY
            if name in options.numbers_as_typed
            else role_of(options.targets.get(name, name))
            for place, name in header.names.items()
        }
        self._spelt: dict[tuple[NumberCell, int], str] = {}  # dates repeat
        self._known = set(self._places)
        self._outside: list[str] = []
        self._n_outside = 0

    def spell(self, row: SheetRow) -> list[str | None]:
        """Return the texts of a row in the order of the columns."""
        cells = row.cells
        if not self._known.issuperset(cells):
            self._count_outside(row)
        texts: list[str | None] = []
        for place in self._places:
            cell = cells.get(place)
            texts.append(self._text(cell, place) if isinstance(cell, NumberCell) else cell)
        return texts

    def _text(self, cell: NumberCell, place: int) -> str:
        text = self._spelt.get((cell, place))
        if text is None:
            text = self._spell(cell, place)
            if len(self._spelt) < _MAX_REMEMBERED:
                self._spelt[cell, place] = text
        return text

    def _spell(self, cell: NumberCell, place: int) -> str:
        style = cell.style
        shown = self._formats[style] if 0 <= style < len(self._formats) else NumberFormat()
        return spell_cell(cell, shown, self._roles[place], since_1904=self._since_1904)

    def _count_outside(self, row: SheetRow) -> None:
        for place, cell in row.cells.items():
            if place not in self._known and (not isinstance(cell, str) or cell.strip()):
                self._n_outside += 1
                if len(self._outside) < 3:
                    self._outside.append(f"{column_letters(place)}{row.number}")

    def notes(self) -> Iterator[str]:
        """Yield a sentence if there were values without a header."""
        if self._n_outside:
            yield (
                f"{self._n_outside:,} cells of {self._path.name} stand in columns without a name "
                f"({', '.join(self._outside)} ...) and were left out. Name those columns to keep "
                "them."
            )


def _create_table(connection: Connection, table: str, columns: Sequence[str]) -> None:
    described = ", ".join('"' + name.replace('"', '""') + '" VARCHAR' for name in columns)
    connection.execute(f'CREATE TABLE "{table}" ({described})')


def _batches(rows: Iterator[SheetRow], speller: _Speller, lines: _Lines) -> Iterator[pa.Table]:
    while some := list(islice(rows, BATCH_ROWS)):
        texts = []
        for row in some:
            spelt = speller.spell(row)
            if any(spelt):
                lines.add(row.number)
                texts.append(spelt)
        if texts:
            columns = zip(*texts, strict=True)
            yield pa.table(
                [pa.array(column, pa.string()) for column in columns], names=speller.columns
            )
