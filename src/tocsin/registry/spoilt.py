"""Values that a spreadsheet program has changed: they are marked, and count as missing.

Such a program reads 00123 as 123, 2.10 as 2.1 and 4-5 as a day in May, and keeps 15 digits of
a number. What may have been changed so could clear a device if it were taken for a value.
"""

import re

SPOILT_END = " in the spreadsheet)"
_POWER_OF_TEN = r"[0-9]+(?:[.,][0-9]+)?[Ee]\+[0-9]+"
_ERROR = r"#[^\W_]+(?:/[^\W_]+)?[!?]"  # #REF!, #NAME?, #DIV/0!, in whatever language
_SPOILT = re.compile(f"{_POWER_OF_TEN}|{_ERROR}")


def mark_spoilt(text: str, how: str) -> str:
    """Return a text with what became of the value, so that nobody takes it for one.

    >>> mark_spoilt("2.1", "a number")
    '2.1 (a number in the spreadsheet)'
    """
    return f"{text} ({how}{SPOILT_END}"


def is_spoilt(text: str) -> bool:
    """Return whether a spreadsheet program has changed a value, or may have.

    >>> is_spoilt("8.71522E+12"), is_spoilt("2.1 (a number in the spreadsheet)"), is_spoilt("2.1")
    (True, True, False)
    """
    return text.endswith(SPOILT_END) or _SPOILT.fullmatch(text) is not None
