"""Persons' private data: encrypted with a key per person, so that a destroyed key is an erasure.

Each person has an AES-256 key of their own; it is kept wrapped with the installation's key for
persons, which lies outside the database. What is encrypted is bound to the person's id: moved to
another row it cannot be read. AES-GCM after NIST SP 800-38D, a random nonce of 96 bits each time.
"""

import json
import secrets
from collections.abc import Mapping
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tocsin.base.errors import TocsinError

_KEY_BYTES = 32
_NONCE_BYTES = 12


class SecretUnreadable(TocsinError):
    """Private data do not open with the key that belongs to them."""

    code = "secret_unreadable"


class Vault:
    """Seals and opens private data with the installation's key for persons."""

    def __init__(self, installation_key: bytes) -> None:
        """Take the key, 32 bytes."""
        self._wrapping = AESGCM(installation_key)

    def new_key(self, person_id: UUID) -> bytes:
        """Return a fresh key for a person, wrapped."""
        return _seal(self._wrapping, secrets.token_bytes(_KEY_BYTES), b"key:" + person_id.bytes)

    def seal(self, person_id: UUID, wrapped_key: bytes, private: Mapping[str, str]) -> bytes:
        """Return a person's private data encrypted."""
        plain = json.dumps(private, ensure_ascii=False, sort_keys=True).encode()
        return _seal(self._key_of(person_id, wrapped_key), plain, b"data:" + person_id.bytes)

    def open(self, person_id: UUID, wrapped_key: bytes, sealed: bytes) -> dict[str, str]:
        """Return a person's private data.

        Raises:
            SecretUnreadable: if key, person and data do not belong together.
        """
        key = self._key_of(person_id, wrapped_key)
        opened = _open(key, sealed, b"data:" + person_id.bytes, person_id)
        private: dict[str, str] = json.loads(opened)
        return private

    def seal_bytes(self, person_id: UUID, wrapped_key: bytes, what: str, content: bytes) -> bytes:
        """Return bytes encrypted with a person's key, bound to the person and to what they are."""
        bound_to = f"{what}:".encode() + person_id.bytes
        return _seal(self._key_of(person_id, wrapped_key), content, bound_to)

    def open_bytes(self, person_id: UUID, wrapped_key: bytes, what: str, sealed: bytes) -> bytes:
        """Return bytes that `seal_bytes` has sealed.

        Raises:
            SecretUnreadable: if key, person and bytes do not belong together.
        """
        bound_to = f"{what}:".encode() + person_id.bytes
        return _open(self._key_of(person_id, wrapped_key), sealed, bound_to, person_id)

    def _key_of(self, person_id: UUID, wrapped_key: bytes) -> AESGCM:
        return AESGCM(_open(self._wrapping, wrapped_key, b"key:" + person_id.bytes, person_id))


def _seal(key: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + key.encrypt(nonce, plain, bound_to)


def _open(key: AESGCM, sealed: bytes, bound_to: bytes, person_id: UUID) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise SecretUnreadable(
            f"The private data of person {person_id} do not open: their key is another one, or "
            "they were changed. Nothing was changed. Compare with a backup; if the keys' folder "
            "is not the one of this database, restore the right one."
        ) from error
