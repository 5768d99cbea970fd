"""The check character of HIBC bar codes: the sum of all characters, modulo 43.

It may be a space, which is printed as an underscore and is lost when a text is trimmed.
Source: ANSI/HIBC 2.6, appendix B.
"""

import re
from typing import NamedTuple

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_SPACE, _PRINTED_SPACE = " ", "_"

_OTHER = re.compile(r"[^0-9A-Z. $/+%-]")


class Checked(NamedTuple):
    """A text without its check character.

    Attributes:
        body: all before the check character.
        character: the check character.
        right: whether it is the right one.
        other_body: what the body is if the check character was a space that got lost, where
            that is possible too.
    """

    body: str
    character: str
    right: bool
    other_body: str | None = None


def is_hibc_text(text: str) -> bool:
    """Return whether all characters belong to the HIBC alphabet."""
    return _OTHER.search(text) is None


def check_character(body: str) -> str:
    """Return the check character that belongs to a text.

    >>> check_character("+A123BJC5D6E71")
    'G'
    """
    return ALPHABET[sum(map(_VALUES.__getitem__, body)) % 43]


def split_check(text: str) -> Checked:
    """Return the text without its check character, and whether that is right.

    A text that may have been trimmed is read both ways. Expects characters of the alphabet,
    but for an underscore at the end.
    """
    if text.endswith(_PRINTED_SPACE):
        body = text[:-1]
        return Checked(body, _SPACE, check_character(body) == _SPACE)
    trimmed = text.rstrip(_SPACE)
    body, character = trimmed[:-1], trimmed[-1:]
    right = check_character(body) == character
    with_space = check_character(trimmed) == _SPACE
    if with_space and (not right or trimmed != text):
        return Checked(trimmed, _SPACE, right=True)
    return Checked(body, character, right, trimmed if with_space else None)
