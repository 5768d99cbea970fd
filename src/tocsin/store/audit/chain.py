"""The chain of the audit trail: what a row's hash is made of.

A row holds ``seq, prev, body, hash`` with ``hash = SHA-256("v1" 0x00 prev seq body)``, ``seq`` as
64 bits big-endian. ``body`` is canonical JSON, kept as the very bytes that were hashed. A chain
alone shows no cut end and no chain that was computed anew: that is what anchors are for.
Source: `docs/adr/0015-audit-chain-and-anchors.md`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

VERSION = b"v1\x00"
GENESIS = bytes(32)
"""What the first row names as the row before it."""
_MOST_ROWS = 1 << 63


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One row of the trail, as it is stored.

    Attributes:
        seq: its place, from 1, without gaps.
        prev: the hash of the row before, 32 bytes.
        body: canonical JSON.
        hash: the row's own hash, 32 bytes.
    """

    seq: int
    prev: bytes
    body: bytes
    hash: bytes


def canonical_json(value: Mapping[str, Any]) -> bytes:
    r"""Return the one way in which a body is written: keys sorted, no space, UTF-8.

    >>> canonical_json({"b": 1, "a": "é"})
    b'{"a":"\xc3\xa9","b":1}'
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def hash_row(seq: int, prev: bytes, body: bytes) -> bytes:
    """Return the hash of a row, 32 bytes."""
    return sha256(VERSION + prev + seq.to_bytes(8, "big") + body).digest()


def next_row(last: ChainRow | None, body: bytes) -> ChainRow:
    """Return the row that continues a chain; ``last`` is None for an empty one."""
    seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
    return ChainRow(seq, prev, body, hash_row(seq, prev, body))


def find_breaks(rows: Iterable[ChainRow], start: ChainRow | None = None) -> Iterator[str]:
    """Yield one sentence per place where the rows, in order, are no chain.

    Args:
        rows: all rows after ``start``, ordered by ``seq``.
        start: the row before the first of them; None if they begin the trail.
    """
    last = start
    for row in rows:
        seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
        if not 0 < row.seq < _MOST_ROWS:
            yield f"A row has the number {row.seq}, which no row can have."
            continue
        if row.seq != seq:
            yield f"Row {row.seq} stands where row {seq} should: rows are missing or repeated."
        elif row.prev != prev:
            yield f"Row {row.seq} does not continue row {seq - 1}."
        if hash_row(row.seq, row.prev, row.body) != row.hash:
            yield f"Row {row.seq} does not have the content that its hash was made of."
        last = row
