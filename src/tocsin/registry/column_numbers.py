"""Other people's numbers: what stands before a fraction, a comma or a point."""

import re
from collections.abc import Iterable

COMMA, POINT = "comma", "point"
_FORMS = {
    COMMA: re.compile(r"-?\d{1,3}(?:[.\s']\d{3})*(?:,\d+)?|-?\d+(?:,\d+)?"),
    POINT: re.compile(r"-?\d{1,3}(?:[,\s']\d{3})*(?:\.\d+)?|-?\d+(?:\.\d+)?"),
}
_PLAIN = re.compile(r"-?\d+")


def plain_number(text: str, decimal: str) -> str | None:
    """Return a number with a point before its fraction and nothing between thousands, or None.

    >>> plain_number("1.250,00", "comma"), plain_number("1,250", "point")
    ('1250.00', '1250')
    """
    bare = text.strip().replace("\u00a0", " ").replace("\u202f", " ")
    if not _FORMS[decimal].fullmatch(bare):
        return None
    kept = ",." if decimal == COMMA else "."
    digits = "".join(sign for sign in bare if sign.isdigit() or sign in kept or sign == "-")
    return digits.replace(".", "").replace(",", ".") if decimal == COMMA else digits


def find_decimal(texts: Iterable[str]) -> tuple[str | None, str]:
    """Return what stands before a fraction in a column, and a text that proves it.

    None if no text needs to know; an empty text and ``comma`` or ``point`` never come together.
    """
    fitting: dict[str, str] = {}
    n_open = 0
    for text in texts:
        if _PLAIN.fullmatch(text.strip()):
            continue
        read = {mark: plain_number(text, mark) for mark in (COMMA, POINT)}
        able = [mark for mark, number in read.items() if number is not None]
        if len(able) == 1:
            fitting.setdefault(able[0], text)
        elif len({number for number in read.values() if number}) > 1:
            n_open += 1
    if len(fitting) == 1:
        return next(iter(fitting.items()))
    return None, ""
