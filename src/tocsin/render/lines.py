"""Text in lines: what a page can carry, and how much of it fits.

SVG breaks no lines, so a drawing has to know how broad a text is before it is set.
"""

import re
from typing import Literal

TextKind = Literal["label", "number", "muted", "name"]

_SIZE_REM = {"label": 1.03, "number": 1.08, "muted": 0.85, "name": 0.85}
"""Text size of each kind in page.css; a label is bold, and so a tenth broader."""

# In a broad typeface (DejaVu Sans), so that what fits by these fits in all.
_SLIM = frozenset(" .,:;'!|()[]ijlftrI\u202f")
_SLIM_EM, _SMALL_EM, _DIGIT_EM, _CAPITAL_EM, _SQUARE_EM = 0.36, 0.6, 0.64, 0.7, 1.0
_FIRST_SQUARE = "\u2e80"

_BREAK = re.compile("[ \t\n\r]+")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    r"""Return a text without the characters that neither XML nor HTML can carry.

    >>> printable("lot\x00 B201575") == "lot\ufffd B201575"
    True
    """
    return _NOT_XML.sub("\ufffd", text)


def text_rem(kind: TextKind, text: str) -> float:
    """Return how broad a text is at most, in multiples of the text size of the page."""
    return _SIZE_REM[kind] * sum(map(_character_em, text))


def _character_em(character: str) -> float:
    if character in _SLIM:
        return _SLIM_EM
    if character >= _FIRST_SQUARE:
        return _SQUARE_EM
    if character.isdigit():
        return _DIGIT_EM
    return _SMALL_EM if character.islower() else _CAPITAL_EM


def wrap_text(kind: TextKind, text: str, most_rem: float) -> list[str]:
    """Return a text in lines of at most that breadth; at least one line.

    >>> wrap_text("name", "lot B201575, B201576 or F201501", 10)
    ['lot B201575, B201576', 'or F201501']
    """
    lines: list[str] = []
    # Not split(): a narrow space joins what belongs together.
    for word in _BREAK.split(printable(text).strip()):
        for piece in _pieces(kind, word, most_rem):
            if lines and text_rem(kind, f"{lines[-1]} {piece}") <= most_rem:
                lines[-1] += f" {piece}"
            else:
                lines.append(piece)
    return lines


def _pieces(kind: TextKind, word: str, most_rem: float) -> list[str]:
    """Return a word whole if it fits, else cut to pieces that surely do."""
    if text_rem(kind, word) <= most_rem:
        return [word]
    n_characters = max(1, int(most_rem / (_SQUARE_EM * _SIZE_REM[kind])))
    return [word[start : start + n_characters] for start in range(0, len(word), n_characters)]
