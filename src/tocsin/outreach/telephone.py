"""Telephone numbers that a text message can go to: international ones, and no others.

Pure rules. A number without its country is never guessed into one: its holder is told otherwise.
Source: ITU-T E.164 (at most 15 digits, a country code first).
"""

import re

_FILLING = re.compile(r"[\s\u00a0()./-]+")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


def international_number(text: str) -> str | None:
    """Return a number as ``+`` and digits; None if it does not say its country.

    >>> international_number("+44 (0)1632 960-001"), international_number("0044 1632 960001")
    ('+441632960001', '+441632960001')
    >>> international_number("01632 960001"), international_number("+49 30 call me")
    (None, None)
    """
    plain = _FILLING.sub("", text.replace("(0)", ""))
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    return plain if _NUMBER.fullmatch(plain) else None
