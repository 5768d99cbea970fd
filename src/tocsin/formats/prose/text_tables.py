"""Tables in plain text: tabs, pipes, or columns kept apart by spaces."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tocsin.formats.prose.announced import find_announcement
from tocsin.formats.prose.document import Cell, Document, Row, Table
from tocsin.formats.prose.names import is_filler
from tocsin.formats.prose.tokens import read_tokens

_SPACES = re.compile(r"[^\S\n]{2,}")
_RULE = re.compile(r"[\s|+:=-]+")
_MIN_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def read_plain_document(text: str, title: str | None = None) -> Document:
    """Return a plain text as a document, with the tables that its lines form."""
    return Document(text, tuple(_tables(list(_lines(text)))), title)


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        yield _Line(line.rstrip("\r"), start)
        start += len(line) + 1


def _tables(lines: Sequence[_Line]) -> Iterator[Table]:
    at = 0
    while at < len(lines):
        table, after = _table_at(lines, at)
        if table:
            yield table
        at = after


def _table_at(lines: Sequence[_Line], at: int) -> tuple[Table | None, int]:
    separator = _separator(lines[at].text)
    if separator is None:
        return None, at + 1
    heading = _cells(lines[at], separator)
    if not is_heading(heading):
        return None, at + 1
    rows: list[Row] = [heading]
    after = at + 1
    while after < len(lines):
        line = lines[after]
        if not line.text.strip():
            if separator == "spaces" and _goes_on(lines, after + 1, heading, lines[at].start):
                after += 1
                continue
            break
        if _RULE.fullmatch(line.text):
            after += 1
            continue
        cells = _row(line, separator, heading, lines[at].start)
        if cells is None:
            break
        rows.append(cells)
        after += 1
    if len(rows) < 2:
        return None, at + 1
    return Table(tuple(rows), lines[at].start, lines[after - 1].end), after


def _goes_on(lines: Sequence[_Line], at: int, heading: Row, heading_start: int) -> bool:
    """Whether a table with empty lines between its rows goes on at a line."""
    if at >= len(lines):
        return False
    cells = _row(lines[at], "spaces", heading, heading_start)
    return cells is not None and sum(bool(cell.text) for cell in cells) > 1


def _separator(text: str) -> str | None:
    if "\t" in text.strip():
        return "tabs"
    if text.count("|") >= 1:
        return "pipes"
    return "spaces" if _SPACES.search(text.strip()) else None


def _cells(line: _Line, separator: str) -> Row:
    if separator == "spaces":
        return tuple(_split(line, _SPACES))
    cells = list(_split(line, re.compile(r"\t" if separator == "tabs" else r"\|")))
    if separator == "pipes":
        if cells and not cells[0].text:
            cells = cells[1:]
        if cells and not cells[-1].text:
            cells = cells[:-1]
    return tuple(cells)


def _split(line: _Line, pattern: re.Pattern[str]) -> Iterator[Cell]:
    text = line.text
    at = len(text) - len(text.lstrip()) if pattern is _SPACES else 0
    stripped = text.rstrip() if pattern is _SPACES else text
    for found in pattern.finditer(stripped, at):
        yield _cell(line, at, found.start())
        at = found.end()
    yield _cell(line, at, len(stripped))


def _cell(line: _Line, start: int, end: int) -> Cell:
    text = line.text[start:end]
    lead = len(text) - len(text.lstrip())
    bare = text.strip()
    first = line.start + start + (lead if bare else 0)
    return Cell(bare, first, first + len(bare))


def _row(line: _Line, separator: str, heading: Row, heading_start: int) -> Row | None:
    """Return a line's cells under the columns of the heading, None if it is no row."""
    cells = _cells(line, separator)
    if separator != "spaces":
        if separator == "tabs" and "\t" not in line.text:
            return None
        if separator == "pipes" and "|" not in line.text:
            return None
        if len(cells) > len(heading):
            return None
        return cells + tuple(Cell("", line.end, line.end) for _ in range(len(heading) - len(cells)))
    return _aligned(line, cells, heading, heading_start)


def _aligned(line: _Line, cells: Row, heading: Row, heading_start: int) -> Row | None:
    """Place cells under the headings that begin nearest; None if two fall under one."""
    if len(cells) > len(heading):
        return None
    columns = [cell.start - heading_start for cell in heading]
    placed: dict[int, Cell] = {}
    for cell in cells:
        offset = cell.start - line.start
        column = min(range(len(columns)), key=lambda c: abs(columns[c] - offset))
        if column in placed:
            return None
        placed[column] = cell
    if len(cells) == len(heading):
        return cells
    if len(cells) == 1 and len(heading) > 1 and (0 not in placed or _reads_as_prose(cells[0])):
        return None
    empty = Cell("", line.end, line.end)
    return tuple(placed.get(column, empty) for column in range(len(heading)))


def _reads_as_prose(cell: Cell) -> bool:
    return cell.text.endswith((".", ":")) or len(cell.text.split()) > 6


def is_heading(cells: Row) -> bool:
    """Whether cells are headings of columns: at least two, and at least one we know."""
    if len(cells) < _MIN_COLUMNS or not all(cell.text for cell in cells):
        return False
    return (
        all(len(cell.text) < 60 for cell in cells)
        and any(heading_kinds(cell.text) for cell in cells)
        and not any(char.isdecimal() for cell in cells for char in cell.text)
    )


def heading_kinds(text: str) -> frozenset[str]:
    """Return the kinds of values that a column's heading announces; none if it is not known."""
    tokens = read_tokens(text)
    kinds: set[str] = set()
    at = 0
    while at < len(tokens):
        found = find_announcement(tokens, at)
        if found:
            kinds |= found.kinds
            at = found.after
        elif is_filler(tokens[at]) or tokens[at].low in {"medical", "name"}:
            at += 1
        else:
            return frozenset()
    return frozenset(kinds)
