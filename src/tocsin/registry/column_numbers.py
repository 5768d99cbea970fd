"""Other people's numbers: what stands before a fraction, a comma or a point."""

import re
from collections.abc import Iterable
from typing import Literal

Mark = Literal["comma", "point"]
COMMA: Mark = "comma"
POINT: Mark = "point"
_FORMS: dict[Mark, re.Pattern[str]] = {
    COMMA: re.compile(r"-?\d{1,3}(?:[.\s']\d{3})*(?:,\d+)?|-?\d+(?:,\d+)?"),
    POINT: re.compile(r"-?\d{1,3}(?:[,\s']\d{3})*(?:\.\d+)?|-?\d+(?:\.\d+)?"),
}
_PLAIN = re.compile(r"-?\d+")


def plain_number(text: str, decimal: Mark) -> str | None:
    """Return a number with a point before its fraction and nothing between thousands, or None.

    >>> plain_number("1.250,00", "comma"), plain_number("1,250", "point")
    ('1250.00', '1250')
    """
    bare = text.strip().replace("\u00a0", " ").replace("\u202f", " ")
    if not _FORMS[decimal].fullmatch(bare):
        return None
    kept = ",." if decimal == COMMA else "."
    digits = "".join(sign for sign in bare if sign.isdecimal() or sign in kept or sign == "-")
    return digits.replace(".", "").replace(",", ".") if decimal == COMMA else digits


def find_decimal(texts: Iterable[str]) -> tuple[Mark | None, str]:
    """Return what stands before a fraction in a column, and a text that proves it.

    None if no text proves it, or if two texts contradict each other.
    """
    fitting: dict[Mark, str] = {}
    for text in texts:
        if _PLAIN.fullmatch(text.strip()):
            continue
        able = [mark for mark in (COMMA, POINT) if plain_number(text, mark) is not None]
        if len(able) == 1:
            fitting.setdefault(able[0], text)
    if len(fitting) == 1:
        return next(iter(fitting.items()))
    return None, ""
