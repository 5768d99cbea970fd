"""A plan on a line of time: one row per milestone, with its day, its state, and today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from markupsafe import Markup

from tocsin.render.canvas import Canvas, render_drawing

MilestoneKind = Literal["reached", "open", "late", "no day"]
_LOOK = {"reached": "plain", "open": "not-affected", "late": "affected"}
_MARK_PERCENT = 1.6
_ROW_REM = 1.0


@dataclass(frozen=True)
class GanttRow:
    """A milestone to draw.

    Attributes:
        label: what is to be reached, and for whom.
        group: the heading that it stands under, such as a country; rows of a group lie together.
        on: its day; None where it has none yet.
        waits_since: the day of the milestone that it follows; None for none.
        kind: how it stands.
    """

    label: str
    group: str
    on: date | None
    waits_since: date | None
    kind: MilestoneKind


def gantt(title: str, rows: Sequence[GanttRow], today: date) -> Markup:
    """Return a plan as a drawing: each milestone a box at its day, a line from the one before.

    Args:
        title: what plan it is.
        rows: from above.
        today: marked by a line, if it lies within the plan.
    """
    said = "; ".join(
        f"{row.group}, {row.label}: {row.on.isoformat() if row.on else 'no day yet'} ({row.kind})"
        for row in rows
    )
    return render_drawing(title, f"{said}.", lambda canvas: _draw(canvas, rows, today))


def _draw(canvas: Canvas, rows: Sequence[GanttRow], today: date) -> None:
    days = [day for row in rows for day in (row.on, row.waits_since) if day is not None]
    if not days:
        canvas.lines("name", "No milestone has a day yet.", 0.0)
        return
    first, last = min(days), max(days)
    span = max((last - first).days, 1)

    def across(day: date) -> float:
        return (100 - _MARK_PERCENT) * (day - first).days / span

    canvas.text("muted", (0, 1.0), first.isoformat())
    if last > first:
        canvas.text("muted", (100, 1.0), last.isoformat(), anchor="end")
    top, group = 1.6, None
    at = across(today) + _MARK_PERCENT / 2 if first <= today <= last else None
    for row in rows:
        if row.group != group:
            group = row.group
            top = canvas.lines("label", group, top + 0.4)
        day = row.on.isoformat() if row.on else "no day yet"
        top = canvas.lines("name", f"{row.label}: {day}, {row.kind}", top) + 0.3
        if row.on is None:
            continue
        middle = top + _ROW_REM / 2
        if at is not None:  # beside the marks only: a line through the words could not be read
            canvas.line("axis", (at, top - 0.2), (at, top + _ROW_REM + 0.2))
        if row.waits_since is not None:
            canvas.line("zoom", (across(row.waits_since), middle), (across(row.on), middle))
        canvas.rect(_LOOK[row.kind], (across(row.on), _MARK_PERCENT), (top, _ROW_REM))
        top += _ROW_REM + 0.3
    if at is not None:
        canvas.text("muted", (at, top + 1.0), "today", anchor="middle")
