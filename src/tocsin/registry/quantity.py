"""How many units a record states."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_GREATEST = 2**63 - 1
_MOST_DIGITS = 25


def read_quantity(text: str) -> int | None:
    """Return the units of a text, rounded; None if it is empty, negative or no number.

    Plain numbers are read as DuckDB's cast to BIGINT reads them, so that files and the store count
    alike; other notations, such as 0x10, are unknown here.

    >>> read_quantity(" 12"), read_quantity("2.5"), read_quantity("-1"), read_quantity("a box")
    (12, 3, None, None)
    """
    trimmed = text.strip()
    if not trimmed or len(trimmed) > _MOST_DIGITS or not trimmed.isascii() or "_" in trimmed:
        return None
    try:
        units = int(Decimal(trimmed).quantize(Decimal(1), ROUND_HALF_UP))
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return units if 0 <= units <= _GREATEST else None
