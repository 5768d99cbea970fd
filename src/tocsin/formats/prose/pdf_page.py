"""A page of a PDF as lines of text: gaps between words, between cells, ruled tables by cell."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.formats.prose.pdf_grid import Edge, Grid, find_grids

_WORD_GAP, _CELL_GAP = 0.18, 1.2
"""Gaps in parts of the size of the letters: more than a word's, more than a cell's."""
_FLAT = 1.5
MAX_CHARACTERS = 60_000
MAX_SHAPES = 20_000


@dataclass(frozen=True, slots=True)
class Letter:
    """A character and its box, in points from the lower left corner of the page."""

    text: str
    left: float
    right: float
    low: float
    size: float


class PageTooFull(ValueError):
    """A page holds more characters or lines than a letter can."""


def read_page(page: Any) -> str:
    """Return the text of a laid out page; cells of tables are parted by tabs.

    Raises:
        PageTooFull: if it holds more than a page can.
    """
    letters, vertical, horizontal = _collect(page)
    grids = find_grids(vertical, horizontal)
    inside: dict[tuple[int, int, int], list[Letter]] = {}
    outside: list[Letter] = []
    for letter in letters:
        place = _place_in(grids, letter)
        if place is None:
            outside.append(letter)
        else:
            inside.setdefault(place, []).append(letter)
    blocks = [(line[0].low, _line_text(line)) for line in _lines(outside)]
    blocks += [
        (grid.ys[-1], _table_text(grid, number, inside)) for number, grid in enumerate(grids)
    ]
    return "\n".join(_spaced(sorted(blocks, key=lambda block: -block[0])))


def _collect(page: Any) -> tuple[list[Letter], list[Edge], list[Edge]]:
    """Return the characters, the vertical and the horizontal lines of a page."""
    from pdfminer.layout import LTChar, LTCurve, LTLine, LTRect  # noqa: PLC0415

    letters: list[Letter] = []
    vertical: list[Edge] = []
    horizontal: list[Edge] = []
    for item in _walk(page):
        if isinstance(item, LTChar):
            text = item.get_text()
            size = max(item.height, 1.0)
            letters.append(Letter(text, item.x0, item.x1, item.y0, size))
        elif isinstance(item, LTRect | LTLine | LTCurve):
            _add_edges(item, vertical, horizontal)
        if len(letters) > MAX_CHARACTERS or len(vertical) + len(horizontal) > MAX_SHAPES:
            raise PageTooFull
    return letters, vertical, horizontal


def _walk(item: Any) -> Iterator[Any]:
    stack = [iter([item])]
    while stack:
        found = next(stack[-1], None)
        if found is None:
            stack.pop()
        elif hasattr(found, "__iter__") and len(stack) < 50:
            stack.append(iter(found))
        else:
            yield found


def _add_edges(shape: Any, vertical: list[Edge], horizontal: list[Edge]) -> None:
    left, low, right, high = shape.x0, shape.y0, shape.x1, shape.y1
    if right - left <= _FLAT:
        vertical.append(Edge((left + right) / 2, low, high))
    elif high - low <= _FLAT:
        horizontal.append(Edge((low + high) / 2, left, right))
    elif type(shape).__name__ == "LTRect" and shape.stroke:
        vertical += [Edge(left, low, high), Edge(right, low, high)]
        horizontal += [Edge(low, left, right), Edge(high, left, right)]


def _place_in(grids: Sequence[Grid], letter: Letter) -> tuple[int, int, int] | None:
    for number, grid in enumerate(grids):
        middle = (letter.left + letter.right) / 2
        cell = grid.cell_of(middle, letter.low + letter.size / 2)
        if cell is not None:
            return number, *cell
    return None


def _lines(letters: Iterable[Letter]) -> list[list[Letter]]:
    """Return letters line by line from the top, each line from the left."""
    lines: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda each: (-each.low, each.left)):
        if lines and abs(lines[-1][0].low - letter.low) <= 0.4 * letter.size:
            lines[-1].append(letter)
        else:
            lines.append([letter])
    return [sorted(line, key=lambda each: each.left) for line in lines]


def _line_text(line: Sequence[Letter]) -> str:
    parts: list[str] = []
    before: Letter | None = None
    for letter in line:
        if before is not None:
            gap = letter.left - before.right
            size = max(letter.size, before.size)
            if gap > _CELL_GAP * size:
                parts.append("\t")
            elif gap > _WORD_GAP * size and parts[-1] != " ":
                parts.append(" ")
        parts.append(letter.text)
        before = letter
    return "".join(parts).replace("\u00a0", " ").strip()


def _table_text(grid: Grid, number: int, inside: dict[tuple[int, int, int], list[Letter]]) -> str:
    rows = []
    for row in range(len(grid.ys) - 1):
        cells = []
        for column in range(grid.n_columns):
            lines = _lines(inside.get((number, row, column), ()))
            cells.append(" ".join(_line_text(line).replace("\t", " ") for line in lines))
        if any(cells):
            rows.append("\t".join(cells) + ("\t" if not cells[-1] else ""))
    return "\n" + "\n".join(rows) + "\n"


def _spaced(blocks: Sequence[tuple[float, str]]) -> Iterator[str]:
    """Yield the blocks' text, an empty line where the gap is wider than a line's."""
    before: float | None = None
    for low, text in blocks:
        if before is not None and before - low > 22.0:
            yield ""
        yield text
        before = low
