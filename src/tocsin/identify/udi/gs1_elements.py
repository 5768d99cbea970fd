r"""GS1 data split into elements: in brackets, or as a scanner sends it.

In brackets, only the number of a known identifier opens an element, so ``LOT(5)`` is a
value (``LOT(55)`` as well, but not surely); ``\(`` is a bracket that opens none. In scan
data a separator (FNC1, ASCII 29) ends every value whose length is not laid down.
Source: GS1 General Specifications, 7.8.
"""

import re
from typing import NamedTuple

from tocsin.identify.udi.gs1_table import identifiers, value_pattern
from tocsin.identify.udi.parts import UnreadableUdi

FNC1 = "\x1d"

_FNC1_SPELLINGS = re.compile(
    r"\x1d|\u241d|<(?:gs|fnc1|0x1d)>|\{(?:gs|fnc1)\}|\[(?:gs|fnc1)\]|\\x1d|\\u001d|\^\]|\^|\|",
    re.IGNORECASE,
)
_AROUND = f" \t\r\n{FNC1}"
_BRACKETED = re.compile(r"(?<!\\)\(([0-9]{2,4})\)")


class Element(NamedTuple):
    """One identifier with its value; ``fits`` tells whether the value has its shape."""

    identifier: str
    value: str
    fits: bool


def unify_separators(text: str) -> str:
    """Return the text with every spelling of FNC1 as ASCII 29."""
    return _FNC1_SPELLINGS.sub(FNC1, text)


def split_bracketed(text: str) -> list[Element]:
    """Return the elements of ``(01)...(10)...``.

    A value of the wrong shape is kept and marked: brackets show where it ends.

    Raises:
        UnreadableUdi: if the text does not begin with a known identifier.
    """
    known = identifiers().formats
    found: list[tuple[str, str, bool]] = []
    pieces = _BRACKETED.split(text)
    before = pieces[0]
    for identifier, value in zip(pieces[1::2], pieces[2::2], strict=True):
        if identifier in known:
            found.append((identifier, value, True))
        elif found:  # a part of the value, or an identifier that is newer than our table
            last, so_far, _ = found[-1]
            found[-1] = last, f"{so_far}({identifier}){value}", False
        else:
            break
    if before.strip() or not found:
        raise UnreadableUdi(text)
    elements = []
    for identifier, raw, sure in found:
        value = raw.replace("\\(", "(").strip(_AROUND)
        fits = sure and value_pattern(identifier).fullmatch(value) is not None
        elements.append(Element(identifier, value, fits))
    return elements


def split_scan(text: str) -> list[Element]:
    """Return the elements of scan data whose separators are ASCII 29.

    Raises:
        UnreadableUdi: if an identifier is unknown or a value has the wrong shape; where one
            element ends is then in doubt, and with it all that follow.
    """
    table = identifiers()
    elements = []
    rest = text.lstrip(FNC1)
    while rest:
        identifier = _identifier_at(rest)
        length = table.fixed.get(identifier)
        start = len(identifier)
        stop = rest.find(FNC1, start)
        end = start + length if length else (len(rest) if stop < 0 else stop)
        value = rest[start:end]
        if not value_pattern(identifier).fullmatch(value):
            raise UnreadableUdi(text)
        elements.append(Element(identifier, value, fits=True))
        rest = rest[end:].lstrip(FNC1)
    if not elements:
        raise UnreadableUdi(text)
    return elements


def _identifier_at(rest: str) -> str:
    known = identifiers().formats
    for length in (2, 3, 4):
        if rest[:length] in known:
            return rest[:length]
    raise UnreadableUdi(rest)
