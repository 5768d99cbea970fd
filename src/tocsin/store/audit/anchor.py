"""Anchors: the signed head of the audit trail, kept where the database's owner cannot reach.

An anchor is one line of JSON: the trail's name, the head's ``seq`` and ``hash``, when it was taken,
the anchor before it, and an Ed25519 signature (RFC 8032) of all that. A trail that was cut or
computed anew no longer holds the rows that its anchors name.
"""

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tocsin.base.errors import TocsinError
from tocsin.store.audit.chain import canonical_json

FIRST = "0" * 64


class AnchorsUnreadable(TocsinError):
    """The file of anchors is not what it should be."""

    code = "anchors_unreadable"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A signed head.

    Attributes:
        trail: the name of the installation.
        seq: place of the head; 0 for an empty trail.
        hash: the head's hash, hexadecimal.
        at: when it was taken, ISO 8601 in UTC.
        after: SHA-256 of the line before it in the file of anchors, hexadecimal.
        signature: over the canonical JSON of all other fields, hexadecimal.
    """

    trail: str
    seq: int
    hash: str
    at: str
    after: str
    signature: str = ""

    @property
    def signed_bytes(self) -> bytes:
        """Return what the signature is made of."""
        fields = asdict(self)
        del fields["signature"]
        return canonical_json(fields)

    def has_signature_of(self, key: Ed25519PublicKey) -> bool:
        """Whether the key's owner has signed just this."""
        try:
            key.verify(bytes.fromhex(self.signature), self.signed_bytes)
        except (InvalidSignature, ValueError):
            return False
        return True


class AnchorFile:
    """Anchors, a line each, only ever appended to."""

    def __init__(self, path: Path) -> None:
        """Take the file's place; it need not exist yet."""
        self.path = path

    def lines(self) -> list[bytes]:
        """Return the lines as they stand; none if there is no file."""
        if not self.path.exists():
            return []
        return self.path.read_bytes().splitlines()

    def read(self) -> list[Anchor]:
        """Return all anchors in order.

        Raises:
            AnchorsUnreadable: naming the line.
        """
        anchors = []
        for number, line in enumerate(self.lines(), start=1):
            try:
                anchors.append(Anchor(**json.loads(line)))
            except (ValueError, TypeError) as error:
                raise AnchorsUnreadable(
                    f"Line {number} of {self.path} is no anchor. Somebody has changed the file, or "
                    "the disk was full: take it from its second place and compare."
                ) from error
        return anchors

    def append(self, trail: str, seq: int, head: bytes, at: str, key: Ed25519PrivateKey) -> Anchor:
        """Sign a head and write it to the end of the file, safely on disk before it returns."""
        lines = self.lines()
        after = sha256(lines[-1]).hexdigest() if lines else FIRST
        unsigned = Anchor(trail, seq, head.hex(), at, after)
        fields = asdict(unsigned) | {"signature": key.sign(unsigned.signed_bytes).hex()}
        anchor = Anchor(**fields)
        with self.path.open("ab") as file:
            file.write(canonical_json(fields) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return anchor
