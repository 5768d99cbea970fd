"""Numbers as they stand on a page: thin separators, and shares that never round to a lie."""

import re

NARROW_SPACE = "\u202f"
"""Groups digits and joins a number to its unit; it does not break, and no language reads it
as a decimal sign. (A comma was rejected: half of our readers take it for one.)"""


_GROUPED = re.compile(r"(?<![\w,.])\d{1,3}(?:,\d{3})+(?!\w|,\d)")


def with_thin_separators(prose: str) -> str:
    """Return a text of ours in which "45,000" is written as everywhere on the page.

    >>> with_thin_separators("45,000, then 8,000,000; lots 81, 82; B1,234").replace("\u202f", "_")
    '45_000, then 8_000_000; lots 81, 82; B1,234'
    """
    return _GROUPED.sub(lambda found: found[0].replace(",", NARROW_SPACE), prose)


def format_number(value: int) -> str:
    """Return a whole number in groups of three digits.

    >>> format_number(8_000_000) == "8\u202f000\u202f000"
    True
    """
    return f"{value:,}".replace(",", NARROW_SPACE)


def format_share(part: int, whole: int) -> str:
    """Return a part as a percentage of the whole, with one decimal.

    Something is never shown as nothing, and almost everything never as everything. An
    empty whole has no share: the text is empty.

    >>> [format_share(part, 10_000).replace("\u202f", " ") for part in (0, 1, 56, 9_999, 10_000)]
    ['0 %', '< 0.1 %', '0.6 %', '> 99.9 %', '100 %']
    """
    if whole <= 0:
        return ""
    percent = 100 * part / whole
    if part in {0, whole}:
        shown = f"{percent:.0f}"
    elif percent < 0.1:
        shown = f"<{NARROW_SPACE}0.1"
    elif percent > 99.9:
        shown = f">{NARROW_SPACE}99.9"
    else:
        shown = f"{percent:.1f}"
    return f"{shown}{NARROW_SPACE}%"
