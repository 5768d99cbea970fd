"""Spelling: what two writings of one word may differ by."""

import unicodedata

_LOOKALIKES = str.maketrans("OQILSBZ", "0011582")


def without_accents(text: str) -> str:
    """Return a text with its letters' accents left out, and wide or joined letters plain.

    >>> without_accents("Pompe à insuline, Gerät")
    'Pompe a insuline, Gerat'
    """
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKD", text)
    return "".join(char for char in folded if not unicodedata.combining(char))


def without_lookalikes(text: str) -> str:
    """Return an upper case text with letters as the digits for which people read or type them.

    >>> without_lookalikes("EX-1OI")
    'EX-101'
    """
    return text.translate(_LOOKALIKES)
