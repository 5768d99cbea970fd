"""Plots of our own, in SVG: parts of a whole, amounts side by side, amounts over time.

Every number that a plot shows is also written on it or in its description, and no meaning
hangs on colour alone: a full, a hatched and an empty box differ in print as well. The colours
are those of page.css, light and dark. (vl-convert and matplotlib were rejected: 35 to 84 MB
for three kinds of plot.)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tocsin.render.canvas import Canvas, render_drawing
from tocsin.render.lines import text_rem
from tocsin.render.number import NARROW_SPACE, format_number, format_share

ZOOM_BELOW = 0.10
"""When what concerns somebody is a smaller part than this, it gets a bar of its own."""

_COLUMN_REM = 8.0
_KINDS = ("affected", "cannot-tell", "not-affected")
_NAMES = ("affected", "cannot tell", "not affected")


@dataclass(frozen=True)
class VerdictParts:
    """A whole and how much of it falls under each verdict."""

    label: str
    affected: int
    cannot_tell: int
    not_affected: int

    @property
    def amounts(self) -> tuple[int, int, int]:
        """The three amounts, most urgent first."""
        return self.affected, self.cannot_tell, self.not_affected

    @property
    def concerned_share(self) -> float:
        """The part of the whole that is not cleared, from 0 to 1."""
        whole = sum(self.amounts)
        return (self.affected + self.cannot_tell) / whole if whole else 0.0


@dataclass(frozen=True)
class Bar:
    """An amount with its name; ``note`` stands behind the name."""

    label: str
    value: int
    note: str = ""


@dataclass(frozen=True)
class Point:
    """An amount in one stretch of time; ``label`` is short, such as "2021-H1"."""

    label: str
    value: int


@dataclass(frozen=True)
class Window:
    """The points from ``first`` to ``last``, both included, that a plot sets apart."""

    first: int
    last: int
    label: str


def stacked_bar(title: str, parts: Sequence[VerdictParts], unit: str) -> Markup:
    """Return one bar per row of ``parts``: affected, cannot tell, not affected.

    A row of which less than a tenth is concerned gets a second bar that shows only the
    beginning of the first, enlarged. The enlargement is the same for all rows, so that
    revisions of one notice can be compared.

    Args:
        title: what is counted here.
        parts: the rows, from above.
        unit: what the amounts count, such as "cartridges".
    """
    description = " ".join(_describe_parts(row, unit) for row in parts)
    return render_drawing(title, description, lambda canvas: _draw_parts(canvas, parts, unit))


def _draw_parts(canvas: Canvas, parts: Sequence[VerdictParts], unit: str) -> None:
    small = [row for row in parts if 0 < row.concerned_share < ZOOM_BELOW]
    zoom = _round_up(max(row.concerned_share for row in small)) if small else 1.0
    top, explained, whole_before = 0.0, False, -1
    for row in parts:
        top = canvas.lines("label", row.label, top)
        if (whole := sum(row.amounts)) != whole_before:
            top = canvas.lines("muted", f"of {format_number(whole)} {unit}", top)
            whole_before = whole
        _stack(canvas, row, (top + 0.45, 1.25))
        top += 1.7
        if row in small:
            canvas.line("zoom", (0, top), (0, top + 0.7))
            canvas.line("zoom", (100 * zoom, top), (100, top + 0.7))
            _stack(canvas, row, (top + 0.7, 0.85), zoom)
            top += 1.55
            if not explained:
                top = canvas.lines("muted", _explain_zoom(zoom), top + 0.05)
            explained = True
        top = _write_amounts(canvas, row, top + 0.15) + 1.2


def _describe_parts(row: VerdictParts, unit: str) -> str:
    whole = sum(row.amounts)
    amounts = (
        f"{name} {format_number(amount)}" + (f" ({format_share(amount, whole)})" if whole else "")
        for name, amount in zip(_NAMES, row.amounts, strict=True)
    )
    return f"{row.label}, {format_number(whole)} {unit}: {', '.join(amounts)}."


def _round_up(share: float) -> float:
    """Return the next of 1, 2 and 5, times a power of ten, at or above a share."""
    step = 1.0
    while share <= step / 10:
        step /= 10
    return next(step * factor for factor in (0.1, 0.2, 0.5, 1) if share <= step * factor)


def _explain_zoom(zoom: float) -> str:
    times = format_number(round(1 / zoom))
    return f"Lower bar: first {100 * zoom:g}{NARROW_SPACE}%, enlarged {times} times"


def _stack(canvas: Canvas, row: VerdictParts, down: tuple[float, float], zoom: float = 1.0) -> None:
    """Draw one bar; with a zoom only the beginning of it, that part of the whole."""
    canvas.rect("not-affected", (0, 100), down)
    left, whole = 0.0, sum(row.amounts)
    for kind, amount in zip(_KINDS[:2], row.amounts[:2], strict=True):
        if amount:
            width = min(100 * amount / whole / zoom, 100 - left)
            canvas.rect(kind, (left, width), down)
            # However small the part, its edge can be seen.
            canvas.line(f"edge-{kind}", (left, down[0]), (left, sum(down)))
            left += width


def _write_amounts(canvas: Canvas, row: VerdictParts, top: float) -> float:
    """Write the three amounts side by side, or below each other; return where they end."""
    whole = sum(row.amounts)
    numbers = [format_number(amount) for amount in row.amounts]
    beside = max(text_rem("number", number) for number in numbers) <= 0.33 * canvas.breadth.rem
    tall = 2.8 if canvas.is_wide else 3.9
    for index, amount in enumerate(row.amounts):
        left, down = (33.5 * index, top) if beside else (0.0, top + tall * index)
        share = format_share(amount, whole) if amount else ""
        canvas.swatch(_KINDS[index], (left, down + 1.2))
        canvas.text("name", (left, down + 1.2), _NAMES[index], shift_rem=1.0)
        at = (left, down + 2.5)
        canvas.text("number", at, numbers[index], beside=share if canvas.is_wide else "")
        if share and not canvas.is_wide:
            canvas.text("muted", (left, down + 3.6), share)
    return top + tall * (1 if beside else 3)


def bars(title: str, rows: Sequence[Bar], unit: str) -> Markup:
    """Return one horizontal bar per row, its label above and its amount at its end.

    Args:
        title: what is counted here.
        rows: the bars, from above.
        unit: what the amounts count, such as "people".
    """
    listed = "; ".join(f"{_name_of(row)}: {format_number(row.value)}" for row in rows)
    return render_drawing(title, f"In {unit}. {listed}.", lambda canvas: _draw_bars(canvas, rows))


def _name_of(row: Bar) -> str:
    return f"{row.label} · {row.note}" if row.note else row.label


def _draw_bars(canvas: Canvas, rows: Sequence[Bar]) -> None:
    most = max((row.value for row in rows), default=0)
    longest = max((text_rem("label", format_number(row.value)) for row in rows), default=0.0)
    top, full = 0.0, 100 * (1 - (longest + 0.5) / canvas.breadth.rem)
    for row in rows:
        top = canvas.lines("name", _name_of(row), top) + 0.4
        width = full * row.value / most if most else 0.0
        canvas.rect("plain", (0, width), (top, 0.95))
        canvas.line("axis", (0, top - 0.1), (0, top + 1.05))
        canvas.text("label", (width, top + 0.8), format_number(row.value), shift_rem=0.5)
        top += 1.7


def columns_over_time(
    title: str, points: Sequence[Point], unit: str, window: Window | None = None
) -> Markup:
    """Return one column per stretch of time, in the order given.

    Amounts stand on the columns where they fit; otherwise a line gives the scale. Of the
    labels below as many are written as fit on a phone.

    Args:
        title: what is counted here.
        points: the stretches of time, without gaps.
        unit: what the amounts count, such as "cartridges a week".
        window: points to set apart: shaded, named, and drawn in the colour of "affected".

    Raises:
        ValueError: if there is no such window among the points.
    """
    if window and not 0 <= window.first <= window.last < len(points):
        raise ValueError(
            f"Window {window.first} to {window.last} does not lie within {len(points)} points."
        )
    return render_drawing(
        title,
        _describe_points(points, unit, window),
        lambda canvas: _draw_columns(canvas, points, unit, window),
    )


def _draw_columns(
    canvas: Canvas, points: Sequence[Point], unit: str, window: Window | None
) -> None:
    most = max((point.value for point in points), default=0)
    number_rem = text_rem("name", format_number(most)) + 0.1
    numbered = len(points) * number_rem <= canvas.breadth.rem
    scale = max(most, 1) if numbered else _round_up_whole(most)
    top = _write_window_label(canvas, window, len(points)) + 0.3 if window else 0.0
    ground = top
    if numbered:
        top += 1.2
    else:
        top = canvas.lines("muted", f"{format_number(scale)} {unit}", top - 0.3) + 0.3
        ground = top
    base = top + _COLUMN_REM
    if window:
        left, right = (100 * at / len(points) for at in (window.first, window.last + 1))
        canvas.rect("window", (left, right - left), (ground, base - ground))
    if not numbered:
        for down in (top, base - _COLUMN_REM / 2):
            canvas.line("grid", (0, down), (100, down))
    for index, point in enumerate(points):
        left, width = 100 * index / len(points), 100 / len(points)
        tall = _COLUMN_REM * point.value / scale
        inside = window is not None and window.first <= index <= window.last
        kind = "affected" if inside else "plain"
        canvas.rect(kind, (left + width * 0.12, width * 0.76), (base - tall, tall))
        if numbered:
            at = (left + width / 2, base - tall - 0.3)
            canvas.text("name", at, format_number(point.value), anchor="middle")
    canvas.line("axis", (0, base), (100, base))
    _write_times(canvas, points, base + 1.1)


def _describe_points(points: Sequence[Point], unit: str, window: Window | None) -> str:
    if not points:
        return f"No {unit}."
    most = max(points, key=lambda point: point.value)
    said = (
        f"From {points[0].label} to {points[-1].label}, {len(points)} columns; most in "
        f"{most.label}: {format_number(most.value)} {unit}."
    )
    if window:
        inside = sum(point.value for point in points[window.first : window.last + 1])
        said += (
            f" {window.label}, {points[window.first].label} to {points[window.last].label}: "
            f"{format_number(inside)} of {format_number(sum(point.value for point in points))}."
        )
    return said


def _round_up_whole(value: int) -> int:
    """Return the next even and round number at or above a value."""
    zeros = "0" * (len(str(value)) - 2)
    steps = (int(f"{step}{zeros}") for step in (2, 4, 6, 8, *range(10, 101, 2)))
    return next(step for step in steps if value <= step)


def _write_window_label(canvas: Canvas, window: Window, n_points: int) -> float:
    """Write the window's name over it, on its roomier side; return where the text ends."""
    if window.first + window.last + 1 > n_points:
        at = 100 * (window.last + 1) / n_points
        return canvas.lines("label", window.label, 0, at, "end")
    return canvas.lines("label", window.label, 0, 100 * window.first / n_points)


def _write_times(canvas: Canvas, points: Sequence[Point], baseline: float) -> None:
    """Write the labels below the columns, as many as fit."""
    longest = max((text_rem("muted", point.label) for point in points), default=0.0)
    # The first label begins at the edge, so it reaches half its length too far.
    step = max(1, math.ceil(len(points) * (1.5 * longest + 0.5) / canvas.breadth.rem))
    edge = 50 * longest / canvas.breadth.rem
    for index in range(0, len(points), step):
        middle = 100 * (index + 0.5) / len(points)
        if middle < edge:
            canvas.text("muted", (0, baseline), points[index].label)
        elif middle <= 100 - edge:
            canvas.text("muted", (middle, baseline), points[index].label, anchor="middle")
