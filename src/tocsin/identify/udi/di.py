"""Device identifiers compared: when is another DI surely another product?"""

import re
from collections.abc import Iterable

from tocsin.identify.udi.gs1_table import has_right_check_digit

_GTIN = re.compile(r"[0-9]{14}")
# Of HIBCC: labeller, product, unit. Of ICCBBA: a code of 16, or of a blood container of 10.
_HIBC = re.compile(r"[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9]")
_PRODUCT = re.compile(r"[A-Z][A-Z0-9]{15}")
_CONTAINER = re.compile(r"(?=[0-9]*[A-Z])[A-Z0-9]{10}")
_SHAPES = (_GTIN, _HIBC, _PRODUCT, _CONTAINER)


def is_di(text: str) -> bool:
    """Return whether a text is built as a bare DI is: of GS1, HIBCC or ICCBBA.

    >>> is_di("00718175003305"), is_di("DVIV572812AN1"), is_di("008500066132625")
    (True, True, False)
    """
    return any(shape.fullmatch(text) for shape in _SHAPES)


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
