"""Device identifiers compared: when is another DI surely another product?"""

import re
from collections.abc import Iterable

from tocsin.identify.gs1_table import has_right_check_digit
from tocsin.identify.udi import UnreadableUdi, parse_udi

_GTIN = re.compile(r"[0-9]{14}")
_CODED = re.compile(r"[A-Z][A-Z0-9]{4,21}[0-9]|[A-Z0-9]{10}")


def parse_di(text: str) -> str:
    """Return a DI as a notice prints it: bare, or inside a bar code text.

    A GTIN has 14 digits; HIBCC and ICCBBA have letters and digits.

    Raises:
        UnreadableUdi: if it is no DI, or if its bar code's check character is wrong.

    >>> parse_di("+A123BJC5D6E71G"), parse_di("00718175003305")
    ('A123BJC5D6E71', '00718175003305')
    """
    written = text.strip()
    if _GTIN.fullmatch(written):
        return written
    if _CODED.fullmatch(written) and not written.isdigit():
        return written
    udi = parse_udi(written)
    if udi.di is None or not udi.can_refute:
        raise UnreadableUdi(text)
    return udi.di


def may_refute(di: str, listed: Iterable[str]) -> bool:
    """Return whether a DI that is not among those listed shows another product.

    The list is taken to be complete. It does not show it when either side is mistyped (a wrong
    check digit); when the list has no DI of the same kind of agency (one device can bear a DI
    of each); or when a listed one differs only in the packaging level (indicator digit of a
    GTIN, unit of an HIBC): a pack of the same product.
    """
    is_gtin = _GTIN.fullmatch(di) is not None
    same_kind = [other for other in listed if (_GTIN.fullmatch(other) is not None) is is_gtin]
    if not same_kind or any(_item(other) == _item(di) for other in same_kind):
        return False
    return not is_gtin or all(map(has_right_check_digit, (di, *same_kind)))


def _item(di: str) -> str:
    """Return the DI without what tells packaging levels apart."""
    return di[1:13] if _GTIN.fullmatch(di) else di[:-1]
