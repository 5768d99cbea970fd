"""A surface to draw a plot on: SVG elements with escaped text, and nothing else.

Across, everything is a percentage of the width that the page gives; up and down, a multiple
of the reader's own text size. So one drawing serves a phone, a desk and A4, its text is never
scaled down, and it grows with the text. (A viewBox was rejected: at 360 pixels it shrinks the
text to half.)
"""

import hashlib
import re
import textwrap
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup, escape

Anchor = Literal["start", "middle", "end"]

Shown = Literal["always", "narrow", "wide"]
"""Where a text stands: page.css takes a drawing below 32 rem for narrow."""

NARROW_CHARACTERS, WIDE_CHARACTERS = 36, 62
"""Longest lines of text that fit a phone, and all else."""

LINE_REM = 1.2

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What a drawing looks like without our style sheet; page.css overrides every one of these.
_LOOKS = {
    "affected": 'fill="#9e2a2b"',
    "cannot-tell": 'stroke="#7a4f00"',
    "not-affected": 'fill="#e9ecec" stroke="#66717b"',
    "plain": 'fill="#2f6274"',
    "window": 'fill="#f3e3df"',
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


def printable(text: str) -> str:
    """Return a text without the characters that neither XML nor HTML can carry."""
    return _NOT_XML.sub("\ufffd", text)


def _only(shown: Shown) -> str:
    """Return the end of a class attribute; without our style sheet a drawing counts as wide."""
    hidden = ' display="none"' if shown == "narrow" else ""
    return '"' if shown == "always" else f' only-{shown}"{hidden}'


def _rounded(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


@dataclass
class Canvas:
    """A drawing that grows downwards.

    Attributes:
        title: the name of the plot, read out first.
        description: what a reader who does not see the plot needs to know.
        height_rem: how far down something has been drawn.
    """

    title: str
    description: str
    height_rem: float = 0.0
    _elements: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """A name for this drawing's parts, the same whenever it is drawn again."""
        text = printable(f"{self.title}\n{self.description}")
        return "p" + hashlib.sha256(text.encode()).hexdigest()[:10]

    def rect(self, kind: str, across: tuple[float, float], down: tuple[float, float]) -> None:
        """Draw a box: ``across`` is left and width in percent, ``down`` top and height in rem."""
        self._elements.append(
            f'<rect class="p-{kind}" {self._box_look(kind)} x="{_rounded(across[0])}%" '
            f'width="{_rounded(across[1])}%" y="{_rounded(down[0])}rem" '
            f'height="{_rounded(down[1])}rem"/>'
        )
        self._reach(sum(down))

    def line(
        self,
        kind: str,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        shown: Shown = "always",
    ) -> None:
        """Draw a line between two points, each in percent across and rem down."""
        self._elements.append(
            f'<line class="p-{kind}{_only(shown)} {_LOOKS[kind]} x1="{_rounded(start[0])}%" '
            f'y1="{_rounded(start[1])}rem" x2="{_rounded(end[0])}%" y2="{_rounded(end[1])}rem"/>'
        )
        self._reach(max(start[1], end[1]))

    def text(
        self,
        kind: str,
        at: tuple[float, float],
        text: str,
        *,
        anchor: Anchor = "start",
        shift_rem: float = 0.0,
        shown: Shown = "always",
    ) -> None:
        """Write one line.

        Args:
            kind: how it looks.
            at: where its baseline begins, in percent across and rem down.
            text: what it says.
            anchor: which end of the line stands at that place.
            shift_rem: how much further to the right it stands.
            shown: where it stands at all.
        """
        self._write(kind, at, _safe(text), anchor=anchor, shift_rem=shift_rem, shown=shown)

    def number(self, at: tuple[float, float], number: str, beside: str) -> None:
        """Write a large number, and where there is room a quieter text beside it."""
        quieter = Markup(' <tspan class="p-muted only-wide" {} font-weight="400">{}</tspan>')
        after = quieter.format(Markup(_LOOKS["muted"]), _safe(beside)) if beside else ""
        self._write("number", at, _safe(number) + after)

    def lines(
        self, kind: str, text: str, top: float, at: float = 0, anchor: Anchor = "start"
    ) -> float:
        """Write a text in as many lines as it needs, which are more on a phone.

        Args:
            kind: how it looks.
            text: what it says.
            top: where the first line begins, in rem.
            at: where they stand, in percent across.
            anchor: which end of the lines stands there.

        Returns:
            Where the last line ends, in rem.
        """
        narrow, wide = (
            textwrap.wrap(printable(text), width) or [""]
            for width in (NARROW_CHARACTERS, WIDE_CHARACTERS)
        )
        bottom = top + LINE_REM * len(narrow)
        shown: tuple[tuple[list[str], Shown], ...] = ((narrow, "narrow"), (wide, "wide"))
        for lines, where in shown if narrow != wide else ((narrow, "always"),):
            for index, line in enumerate(reversed(lines)):
                self.text(kind, (at, bottom - LINE_REM * index), line, anchor=anchor, shown=where)
        return bottom

    def swatch(self, kind: str, at: tuple[float, float]) -> None:
        """Draw the small box that ties a name to its part of a bar; ``at`` as in `text`."""
        self._elements.append(
            f'<rect class="p-{kind}" {self._box_look(kind)} x="{_rounded(at[0])}%" '
            f'y="{_rounded(at[1] - 0.62)}rem" width="0.7rem" height="0.7rem"/>'
        )

    def render(self) -> Markup:
        """Return the drawing as an SVG element."""
        key, height = self.key, _rounded(self.height_rem)
        hatch = (
            f'<defs><pattern id="{key}-hatch" width="6" height="6" '
            'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            '<rect class="p-hatch-ground" fill="#f8ebca" width="6" height="6"/>'
            '<rect class="p-hatch-line" fill="#7a4f00" width="2.2" height="6"/></pattern></defs>'
        )
        used = f"url(#{key}-hatch)" in "".join(self._elements)
        return Markup(  # noqa: S704 - every text in it went through _safe
            f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" '
            f'aria-labelledby="{key}-title" aria-describedby="{key}-desc" width="100%" '
            f'height="{height}rem" overflow="visible" fill="currentColor" '
            'font-family="system-ui, sans-serif">'
            f'<title id="{key}-title">{_safe(self.title)}</title>'
            f'<desc id="{key}-desc">{_safe(self.description)}</desc>'
            f"{hatch if used else ''}{''.join(self._elements)}</svg>"
        )

    def _write(
        self,
        kind: str,
        at: tuple[float, float],
        content: Markup,
        *,
        anchor: Anchor = "start",
        shift_rem: float = 0.0,
        shown: Shown = "always",
    ) -> None:
        self._elements.append(
            f'<text class="p-{kind}{_only(shown)} {_LOOKS[kind]} x="{_rounded(at[0])}%" '
            f'y="{_rounded(at[1])}rem" dx="{_rounded(shift_rem)}rem" text-anchor="{anchor}">'
            f"{content}</text>"
        )
        self._reach(at[1] + 0.3)

    def _box_look(self, kind: str) -> str:
        hatched = f'fill="url(#{self.key}-hatch)" ' if kind == "cannot-tell" else ""
        return hatched + _LOOKS[kind]

    def _reach(self, bottom_rem: float) -> None:
        self.height_rem = max(self.height_rem, bottom_rem)


def _safe(text: str) -> Markup:
    return escape(printable(text))
