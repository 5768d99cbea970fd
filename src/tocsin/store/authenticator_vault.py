"""Secrets of authenticator apps and recovery codes: sealed with a key outside the database.

A copy of the database alone can compute no code. AES-256-GCM; the key is derived from the
installation's key for persons (HKDF, RFC 5869) for this purpose only.
"""

import secrets
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tocsin.store.home import find_home
from tocsin.store.vault import SecretUnreadable

_PURPOSE = b"tocsin authenticators v1"
_NONCE_BYTES = 12


def seal_secret(text: str) -> str:
    """Return a secret encrypted, as Base64."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return b64encode(nonce + _cipher().encrypt(nonce, text.encode(), _PURPOSE)).decode()


def open_secret(sealed: str) -> str:
    """Return a secret.

    Raises:
        SecretUnreadable: if it was sealed with another key, or changed.
    """
    try:
        raw = b64decode(sealed, validate=True)
        return _cipher().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _PURPOSE).decode()
    except (InvalidTag, ValueError) as error:
        raise SecretUnreadable(
            "The secret of an authenticator does not open: the keys' folder is not the one of "
            "this database, or the secret was changed. Nothing was changed. Restore the right keys."
        ) from error


def _cipher() -> AESGCM:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return AESGCM(key.derive(find_home().persons_key))
