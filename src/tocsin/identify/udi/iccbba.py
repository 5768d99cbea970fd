"""ICCBBA identifiers: ISBT 128 data structures, for blood, cells and tissue.

Each structure opens with ``=`` or ``&`` and one more character, and has a fixed length. The
DI is the processor's product code (``=/``) or, of a blood container, maker and catalogue
number (``=)``). There is no check character among the data.
Source: ICCBBA ST-001 and ST-011.
"""

import re

from tocsin.identify.day import UnreadableDay
from tocsin.identify.udi.day import day_of_year
from tocsin.identify.udi.parts import PARTS, Agency, Check, Udi, UnreadableUdi

_SHAPES = {
    "=/": "[A-Z0-9]{10,16}",
    "=)": "[A-Z0-9]{10}",
    "&)": "[A-Z0-9]{10}",
    "=,": "[A-Z0-9]{6}",
    "&,1": "[A-Z0-9]{18}",
    "=>": "[0-9]{6}",
    "&>": "[0-9]{10}",
    "=}": "[0-9]{6}",
    "&}": "[0-9]{10}",
    "=+": "[0-9]{5}",
    "=": "[A-NP-Z1-9][A-Z0-9]{14}",
}
_STRUCTURE = re.compile(
    "|".join(f"({re.escape(opening)})({shape})" for opening, shape in _SHAPES.items())
)
_FULL_DI = {"=/": 16, "=)": 10}
# The third digit of the year that a date begins with.
_CENTURIES = {"9": 1900, "0": 2000, "1": 2100}


def parse_iccbba(text: str) -> Udi:
    """Return what ISBT 128 data say.

    Raises:
        UnreadableUdi: if a structure is unknown or not whole, or none names a product.
    """
    found: dict[str, str] = {}
    doubts: set[str] = set()
    place = 0
    while place < len(text):
        structure = _STRUCTURE.match(text, place)
        if structure is None:
            raise UnreadableUdi(text)
        opening, value = (part for part in structure.groups() if part is not None)
        if found.setdefault(opening, value) != value:
            doubts |= PARTS | {"di"}
        place = structure.end()
        while place < len(text) and text[place].isspace():
            place += 1
    openings = [opening for opening in _FULL_DI if opening in found]
    if len(openings) != 1:
        raise UnreadableUdi(text)
    di = found[openings[0]]
    if len(di) != _FULL_DI[openings[0]]:
        doubts.add("di")
    lot = found.get("&,1") or found.get("&)")
    if lot and lot.startswith("0"):
        doubts.add("lot")  # short lots are filled with zeros: which of them belong to it?
    return Udi(
        di=di,
        agency=Agency.ICCBBA,
        check=Check.NONE,
        lot=lot,
        serial=found.get("=,"),
        made_on=read_day(found.get("=}") or found.get("&}")),
        expires_on=read_day(found.get("=>") or found.get("&>")),
        donation_id=found.get("="),
        doubts=frozenset(doubts),
    )


def read_day(digits: str | None) -> str | None:
    """Return the day of cYYJJJ, with or without a time after it."""
    if digits is None or digits[0] not in _CENTURIES:
        return None
    try:
        return day_of_year(_CENTURIES[digits[0]] + int(digits[1:3]), digits[3:6])
    except UnreadableDay:
        return None
