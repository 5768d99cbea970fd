"""Tables with ruled lines on a page of a PDF: which characters lie in which cell."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NEAR = 2.0
_MIN_LENGTH = 6.0
_MAX_LINES = 400


@dataclass(frozen=True, slots=True)
class Edge:
    """A straight line of a page: where it lies, from where to where, in points."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: the places of its vertical and of its horizontal lines, ascending."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def cell_of(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the row, counted from the top, and the column of a point; None outside."""
        column = _band(self.xs, x)
        row = _band(self.ys, y)
        if column is None or row is None:
            return None
        return len(self.ys) - 2 - row, column

    @property
    def n_columns(self) -> int:
        """Return how many columns it has."""
        return len(self.xs) - 1


def _band(places: Sequence[float], at: float) -> int | None:
    for band, (low, high) in enumerate(itertools.pairwise(places)):
        if low - _NEAR / 2 <= at < high:
            return band
    return None


def find_grids(vertical: Sequence[Edge], horizontal: Sequence[Edge]) -> list[Grid]:
    """Return the ruled tables of a page, from the top down.

    Vertical lines that overlap in height belong to one table; a table has at least two
    columns and two rows.
    """
    grids = []
    for block in _blocks([edge for edge in vertical if edge.end - edge.start >= _MIN_LENGTH]):
        low, high = min(edge.start for edge in block), max(edge.end for edge in block)
        xs = _places(edge.at for edge in block)
        crossing = [
            edge
            for edge in horizontal
            if low - _NEAR <= edge.at <= high + _NEAR
            and edge.end > xs[0] + _NEAR
            and edge.start < xs[-1] - _NEAR
        ]
        ys = _places(edge.at for edge in crossing)
        if len(xs) > 2 and len(ys) > 2 and len(xs) < _MAX_LINES and len(ys) < _MAX_LINES:
            grids.append(Grid(xs, ys))
    return sorted(grids, key=lambda grid: -grid.ys[-1])


def _blocks(edges: Sequence[Edge]) -> list[list[Edge]]:
    blocks: list[list[Edge]] = []
    top = 0.0
    for edge in sorted(edges, key=lambda each: each.start):
        if blocks and edge.start <= top + _NEAR:
            blocks[-1].append(edge)
            top = max(top, edge.end)
        else:
            blocks.append([edge])
            top = edge.end
    return blocks


def _places(values: Iterable[float]) -> tuple[float, ...]:
    """Return places in order, those that lie close together as one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return tuple(found)
