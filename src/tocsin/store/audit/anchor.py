"""Anchors: the signed head of the audit trail, kept where the database's owner cannot reach.

An anchor is one line of JSON: the trail's name, the head's ``seq`` and ``hash``, when it was taken,
what stands in the file since the anchor before it, and an Ed25519 signature (RFC 8032) of all that.
A trail that was cut or computed anew no longer holds the rows that its anchors name.
"""

import json
from collections.abc import Iterable, Iterator
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
        trail: the name of the trail.
        seq: place of the head; 0 for an empty trail.
        hash: the head's hash, hexadecimal.
        at: when it was taken, ISO 8601 in UTC.
        after: SHA-256, hexadecimal, of the file from the beginning of the anchor before this one
            to the end of the line before it. That is one line, or more where a writing was cut
            short in between: so nothing that ever stood in the file is left out.
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

    @property
    def line(self) -> bytes:
        """Return the one way in which the anchor is written, without the end of the line."""
        return canonical_json(asdict(self))

    def has_signature_of(self, key: Ed25519PublicKey) -> bool:
        """Whether the key's owner has signed just this."""
        try:
            key.verify(bytes.fromhex(self.signature), self.signed_bytes)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Link:
    """An anchor in its file.

    Attributes:
        number: the number of its line, from 1.
        anchor: the anchor.
        follows: whether it names just what stands before it, since the last anchor.
        n_cut_short: how many lines before it are no anchors.
    """

    number: int
    anchor: Anchor
    follows: bool
    n_cut_short: int


def sign_anchor(unsigned: Anchor, key: Ed25519PrivateKey) -> Anchor:
    """Return the anchor with its signature."""
    fields = asdict(unsigned) | {"signature": key.sign(unsigned.signed_bytes).hex()}
    return Anchor(**fields)


def parse_anchor(line: bytes) -> Anchor | None:
    """Return the anchor that a line is; None if it is not written exactly as anchors are."""
    try:
        anchor = Anchor(**json.loads(line))
        is_anchor = type(anchor.seq) is int and anchor.line == line
    except (ValueError, TypeError, RecursionError):
        return None
    return anchor if is_anchor else None


def hash_since(lines: Iterable[bytes]) -> str:
    """Return what an anchor names as ``after``, of the lines since the anchor before it."""
    since = list(lines)
    return sha256(b"\n".join(since)).hexdigest() if since else FIRST


def read_links(lines: Iterable[bytes]) -> Iterator[Link]:
    """Yield the anchors among the lines of a file, each with how it hangs on what is before it."""
    since: list[bytes] = []
    n_cut_short = 0
    for number, line in enumerate(lines, start=1):
        anchor = parse_anchor(line)
        if anchor is None:
            since.append(line)
            n_cut_short += 1
            continue
        yield Link(number, anchor, anchor.after == hash_since(since), n_cut_short)
        since, n_cut_short = [line], 0


def split_lines(content: bytes) -> list[bytes]:
    """Return the lines of a file of anchors; a last one without its end is one too."""
    return content.removesuffix(b"\n").split(b"\n") if content else []


def read_anchors(path: Path) -> list[Anchor]:
    """Return all anchors of a file in order, without asking whether they are genuine.

    Raises:
        AnchorsUnreadable: if there is a line that is no anchor, and that no later anchor names.
    """
    lines = split_lines(path.read_bytes()) if path.exists() else []
    links = list(read_links(lines))
    doubtful = [link.number - 1 for link in links if link.n_cut_short and not link.follows]
    if (links[-1].number if links else 0) < len(lines):
        doubtful.append(len(lines))
    if doubtful:
        raise AnchorsUnreadable(
            f"Line {doubtful[0]} of {path} is no anchor. Writing it was cut short, or somebody has "
            "changed the file; nothing was changed now. Compare it with its second place. If it "
            "is the last line, `tocsin audit anchor` goes on behind it and keeps it."
        )
    return [link.anchor for link in links]
