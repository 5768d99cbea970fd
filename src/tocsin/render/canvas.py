"""A surface to draw a plot on: SVG elements with escaped text, and nothing else.

Across, everything is a percentage of the width that the page gives; up and down, a multiple
of the reader's own text size. So text is never scaled down, and it grows with the text around
it. (A viewBox was rejected: at 360 pixels it shrinks the text to half.) SVG breaks no lines,
so every plot is drawn twice, for a phone and for all else, and the style sheet shows one.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup, escape

from tocsin.render.lines import TextKind, printable, wrap_text

Anchor = Literal["start", "middle", "end"]

LINE_REM = 1.2

# What a drawing looks like without our style sheet; page.css overrides every one of these.
_LOOKS = {
    "affected": 'fill="#9e2a2b"',
    "cannot-tell": 'stroke="#7a4f00"',
    "not-affected": 'fill="#eceeed" stroke="#66717b"',
    "plain": 'fill="#2f6274"',
    "window": 'fill="#f5e6e2"',
    "axis": 'stroke="#66717b"',
    "grid": 'stroke="#d6d9d4"',
    "zoom": 'stroke="#66717b" stroke-dasharray="3 3"',
    "edge-affected": 'stroke="#9e2a2b" stroke-width="2"',
    "edge-cannot-tell": 'stroke="#7a4f00" stroke-width="2"',
    "label": 'font-weight="600"',
    "number": 'font-weight="600" font-size="1.15em"',
    "muted": 'fill="#525d67" font-size="0.9em"',
    "name": 'font-size="0.9em"',
}


@dataclass(frozen=True)
class Breadth:
    """How broad a drawing is at least: what page.css calls it, and multiples of the text size."""

    name: str
    rem: float


NARROW = Breadth("narrow", 18.0)
"""The content of a phone of 320 pixels."""

WIDE = Breadth("wide", 40.0)


@dataclass
class Canvas:
    """A drawing that grows downwards.

    Attributes:
        key: begins the names of its parts; no other drawing on the page has it.
        breadth: how much fits across.
        height_rem: how far down something has been drawn.
    """

    key: str
    breadth: Breadth
    height_rem: float = 0.0
    _elements: list[str] = field(default_factory=list)

    @property
    def is_wide(self) -> bool:
        """Whether there is room for more than what has to be said."""
        return self.breadth is WIDE

    def rect(self, kind: str, across: tuple[float, float], down: tuple[float, float]) -> None:
        """Draw a box: ``across`` is left and width in percent, ``down`` top and height in rem."""
        self._elements.append(
            f'<rect class="p-{kind}" {self._box_look(kind)} x="{_rounded(across[0])}%" '
            f'width="{_rounded(across[1])}%" y="{_rounded(down[0])}rem" '
            f'height="{_rounded(down[1])}rem"/>'
        )
        self._reach(sum(down))

    def swatch(self, kind: str, at: tuple[float, float]) -> None:
        """Draw the small box that ties a name to its part of a bar; ``at`` as in `text`."""
        self._elements.append(
            f'<rect class="p-{kind}" {self._box_look(kind)} x="{_rounded(at[0])}%" '
            f'y="{_rounded(at[1] - 0.62)}rem" width="0.7rem" height="0.7rem"/>'
        )

    def line(self, kind: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a line between two points, each in percent across and rem down."""
        self._elements.append(
            f'<line class="p-{kind}" {_LOOKS[kind]} x1="{_rounded(start[0])}%" '
            f'y1="{_rounded(start[1])}rem" x2="{_rounded(end[0])}%" y2="{_rounded(end[1])}rem"/>'
        )
        self._reach(max(start[1], end[1]))

    def text(
        self,
        kind: TextKind,
        at: tuple[float, float],
        text: str,
        *,
        anchor: Anchor = "start",
        shift_rem: float = 0.0,
        beside: str = "",
    ) -> None:
        """Write one line.

        Args:
            kind: how it looks.
            at: where its baseline begins, in percent across and rem down.
            text: what it says.
            anchor: which end of the line stands at that place.
            shift_rem: how much further to the right it stands.
            beside: a quieter text behind it, on the same line.
        """
        after = ""
        if beside:
            look = 'class="p-muted" fill="#525d67" font-size="0.8em" font-weight="400"'
            after = f" <tspan {look}>{_safe(beside)}</tspan>"
        self._elements.append(
            f'<text class="p-{kind}" {_LOOKS[kind]} x="{_rounded(at[0])}%" '
            f'y="{_rounded(at[1])}rem" dx="{_rounded(shift_rem)}rem" text-anchor="{anchor}">'
            f"{_safe(text)}{after}</text>"
        )
        self._reach(at[1] + 0.3)

    def lines(
        self, kind: TextKind, text: str, top: float, at: float = 0.0, anchor: Anchor = "start"
    ) -> float:
        """Write a text in as many lines as it needs.

        Args:
            kind: how it looks.
            text: what it says.
            top: where the first line begins, in rem.
            at: where they stand, in percent across.
            anchor: which end of the lines stands there, "start" or "end".

        Returns:
            Where the last line ends, in rem.
        """
        room = at if anchor == "end" else 100 - at
        for line in wrap_text(kind, text, self.breadth.rem * room / 100):
            top += LINE_REM
            self.text(kind, (at, top), line, anchor=anchor)
        return top

    def render(self, title: str, description: str) -> Markup:
        """Return the drawing as an SVG element with a name and a description."""
        key, hidden = self.key, "" if self.is_wide else 'display="none" '
        hatch = (
            f'<defs><pattern id="{key}-hatch" width="6" height="6" '
            'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            '<rect class="p-hatch-ground" fill="#f8ebca" width="6" height="6"/>'
            '<rect class="p-hatch-line" fill="#7a4f00" width="2.2" height="6"/></pattern></defs>'
        )
        used = f"url(#{key}-hatch)" in "".join(self._elements)
        return Markup(  # noqa: S704 - every text in it went through _safe
            f'<svg xmlns="http://www.w3.org/2000/svg" class="plot {self.breadth.name}" role="img" '
            f'aria-labelledby="{key}-title" aria-describedby="{key}-desc" {hidden}width="100%" '
            f'height="{_rounded(self.height_rem)}rem" overflow="visible" fill="currentColor" '
            'font-family="system-ui, sans-serif">'
            f'<title id="{key}-title">{_safe(title)}</title>'
            f'<desc id="{key}-desc">{_safe(description)}</desc>'
            f"{hatch if used else ''}{''.join(self._elements)}</svg>"
        )

    def _box_look(self, kind: str) -> str:
        hatched = f'fill="url(#{self.key}-hatch)" ' if kind == "cannot-tell" else ""
        return hatched + _LOOKS[kind]

    def _reach(self, bottom_rem: float) -> None:
        self.height_rem = max(self.height_rem, bottom_rem)


def render_drawing(title: str, description: str, draw: Callable[[Canvas], None]) -> Markup:
    """Return a drawing for all breadths: one SVG element each, of which page.css shows one.

    Args:
        title: the name of the plot, read out first.
        description: what a reader who does not see the plot needs to know.
        draw: draws it on a canvas.
    """
    said = printable(f"{title}\n{description}")
    # The same plot gets the same names whenever it is drawn, so that pages can be compared.
    key = "p" + hashlib.sha256(said.encode()).hexdigest()[:10]
    drawings = []
    for breadth in (WIDE, NARROW):
        canvas = Canvas(f"{key}-{breadth.name}", breadth)
        draw(canvas)
        drawings.append(canvas.render(title, description))
    return Markup().join(drawings)


def _rounded(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _safe(text: str) -> Markup:
    return escape(printable(text))
