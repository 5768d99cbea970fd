"""One document, whatever file it came from: its text, and the tables in it."""

from dataclasses import dataclass

MAX_TEXT = 2_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text, and where it stands in the document's text."""

    text: str
    start: int
    end: int


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of cells, and where it begins and ends in the document's text."""

    rows: tuple[Row, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A document as text.

    Attributes:
        text: all of it; spans point into it.
        tables: the tables, in order; their text is part of the whole text.
        title: what the document calls itself, if it does.
    """

    text: str
    tables: tuple[Table, ...] = ()
    title: str | None = None

    def prose(self, start: int = 0) -> list[tuple[int, int]]:
        """Return the stretches of text from a place on that lie in no table."""
        stretches = []
        at = start
        for table in self.tables:
            if table.start >= at:
                stretches.append((at, table.start))
                at = table.end
        stretches.append((at, len(self.text)))
        return [(first, last) for first, last in stretches if self.text[first:last].strip()]
