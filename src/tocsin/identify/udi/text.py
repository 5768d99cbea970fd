"""Unique device identifiers: what they say about product, lot, serial and dates.

Read here: GS1 (brackets, scan data, Digital Link, a GTIN alone), HIBCC (primary, secondary,
concatenated) and ICCBBA (ISBT 128), with or without a scanner's symbology identifier.
"""

import re
from functools import lru_cache

from tocsin.identify.udi.gs1 import parse_gs1
from tocsin.identify.udi.hibcc import parse_hibc
from tocsin.identify.udi.iccbba import parse_iccbba
from tocsin.identify.udi.parts import Agency, Check, Udi, UnreadableUdi

__all__ = ["Agency", "Check", "Udi", "UnreadableUdi", "parse_udi"]

MAX_LENGTH = 1000

# Not every space that Python knows: it takes FNC1 for one.
_BLANK = " \t\r\n\f\v\u00a0\ufeff"
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")


@lru_cache(maxsize=65536)
def parse_udi(text: str) -> Udi:
    """Return the parts of a device identifier.

    Raises:
        UnreadableUdi: if it is not built as one of the three agencies builds them, or names no
            product.

    >>> parse_udi("(01)00718175003305(21)77").serial
    '77'
    >>> parse_udi("+A123BJC5D6E71G").di
    'A123BJC5D6E71'
    """
    if len(text) > MAX_LENGTH:
        raise UnreadableUdi(text[:MAX_LENGTH])
    body = text.lstrip(_BLANK)
    found = _SYMBOLOGY.match(body)
    prefix = found[0] if found else ""
    body = body[len(prefix) :]
    trimmed = body.strip(_BLANK)
    if trimmed.startswith(("+", "*+")):
        return parse_hibc(body)  # its check character may be a space at the end
    if trimmed.startswith(("=", "&")):
        return parse_iccbba(trimmed)
    return parse_gs1(trimmed, prefix)
