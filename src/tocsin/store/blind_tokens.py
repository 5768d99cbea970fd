"""Blind tokens: by which two lists can be compared without their names being read.

A token is HMAC-SHA256 of a normalised text, with a key that is made, per organisation, from the
installation's key for persons (HKDF, RFC 5869). Without that key, which never enters the
database, nobody can try texts against tokens. Equal tokens tell that two texts are equal, and
nothing else; tokens of two organisations never meet.
"""

import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class BlindTokens:
    """Makes the tokens of one organisation."""

    def __init__(self, persons_key: bytes, organisation_id: int) -> None:
        """Take the installation's key for persons, 32 bytes."""
        purpose = f"tocsin blind tokens of organisation {organisation_id}".encode()
        self._key = HKDF(SHA256(), length=32, salt=None, info=purpose).derive(persons_key)

    def token(self, kind: str, text: str) -> str:
        """Return the token of a text of some kind, 64 hexadecimal digits."""
        return hmac.new(self._key, f"{kind}\0{text}".encode(), sha256).hexdigest()
