"""Spelling: what two writings of one word may differ by."""

import unicodedata


def without_accents(text: str) -> str:
    """Return a text with its letters' accents left out, and wide or joined letters plain.

    >>> without_accents("Pompe à insuline, Gerät")
    'Pompe a insuline, Gerat'
    """
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKD", text)
    return "".join(char for char in folded if not unicodedata.combining(char))
