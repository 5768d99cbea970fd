"""Ways to falsify an audit trail, for whoever can write all of it but does not hold the key."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.store.audit.anchor import AnchorFile
from tocsin.store.audit.trail import export_lines
from tocsin.store.audit.verifier import check_anchors, check_trail

Row = dict[str, Any]
ANCHOR_EVERY = 7


@dataclass(frozen=True)
class Trail:
    """An exported trail, the lines of its anchors, and the public key."""

    rows: tuple[Row, ...]
    anchors: tuple[bytes, ...]
    key: bytes


def export(folder: Path) -> Trail:
    """Return the trail of the database with an anchor at every few rows and at its end."""
    rows = tuple(json.loads(line) for line in export_lines())
    key = Ed25519PrivateKey.generate()
    anchors = AnchorFile(folder / "anchors.jsonl")
    for row in (*rows[::ANCHOR_EVERY], rows[-1]):
        anchors.append("tests", row["seq"], bytes.fromhex(row["hash"]), "2026-11-21", key)
    return Trail(rows, tuple(anchors.lines()), key.public_key().public_bytes_raw())


def check(trail: Trail) -> list[str]:
    """Return what the independent verifier says."""
    rows = list(trail.rows)
    try:
        return [*check_trail(rows), *check_anchors(rows, list(trail.anchors), trail.key)]
    except (ValueError, KeyError, TypeError) as error:
        return [f"not readable: {error}"]


def _rehashed(rows: list[Row]) -> tuple[Row, ...]:
    """Compute the whole chain anew, as somebody would who knows how it is made."""
    prev, made = bytes(32), []
    for seq, row in enumerate(rows, start=1):
        body = row["body"].encode()
        own = sha256(b"v1\x00" + prev + seq.to_bytes(8, "big") + body).digest()
        made.append({"seq": seq, "prev": prev.hex(), "hash": own.hex(), "body": row["body"]})
        prev = own
    return tuple(made)


def _changed_body(trail: Trail, rng: Random) -> list[Row]:
    rows = [dict(row) for row in trail.rows]
    row = rng.choice(rows)
    place = rng.randrange(len(row["body"]))
    row["body"] = row["body"][:place] + rng.choice("0aZ é") + row["body"][place + 1 :]
    return rows


def _without(trail: Trail, rng: Random) -> list[Row]:
    rows = list(trail.rows)
    start = rng.randrange(len(rows))
    return rows[:start] + rows[start + rng.randint(1, 3) :]


def _inserted(trail: Trail, rng: Random) -> list[Row]:
    rows = list(trail.rows)
    rows.insert(rng.randrange(len(rows)), dict(rng.choice(rows)))
    return rows


def _swapped(trail: Trail, rng: Random) -> list[Row]:
    rows = list(trail.rows)
    one, other = rng.sample(range(len(rows)), 2)
    rows[one], rows[other] = rows[other], rows[one]
    return rows


def _flipped(trail: Trail, rng: Random) -> list[Row]:
    rows = [dict(row) for row in trail.rows]
    row, name = rng.choice(rows), rng.choice(("prev", "hash"))
    place = rng.randrange(64)
    row[name] = row[name][:place] + rng.choice("0123456789abcdef") + row[name][place + 1 :]
    return rows


def _cut(trail: Trail, rng: Random) -> list[Row]:
    return list(trail.rows[: rng.randrange(len(trail.rows))])


def _plain(make: Callable[[Trail, Random], list[Row]]) -> Callable[[Trail, Random], Trail]:
    return lambda trail, rng: replace(trail, rows=tuple(make(trail, rng)))


def _anew(make: Callable[[Trail, Random], list[Row]]) -> Callable[[Trail, Random], Trail]:
    return lambda trail, rng: replace(trail, rows=_rehashed(make(trail, rng)))


def _anchor_lost(trail: Trail, rng: Random) -> Trail:
    place = rng.randrange(len(trail.anchors) - 1)  # the last one: see `_cut`
    return replace(trail, anchors=trail.anchors[:place] + trail.anchors[place + 1 :])


def _anchor_changed(trail: Trail, rng: Random) -> Trail:
    place = rng.randrange(len(trail.anchors))
    anchor = json.loads(trail.anchors[place])
    anchor["seq"] = rng.randrange(len(trail.rows) + 2)
    anchor["hash"] = rng.choice(trail.rows)["hash"]
    line = json.dumps(anchor, sort_keys=True, separators=(",", ":")).encode()
    return replace(trail, anchors=(*trail.anchors[:place], line, *trail.anchors[place + 1 :]))


_OF_ROWS = {
    "body": _changed_body,
    "removed": _without,
    "inserted": _inserted,
    "swapped": _swapped,
    "flipped": _flipped,
    "cut": _cut,
}
TAMPERINGS: dict[str, Callable[[Trail, Random], Trail]] = {
    **{name: _plain(make) for name, make in _OF_ROWS.items()},
    **{f"{name}, chain anew": _anew(make) for name, make in _OF_ROWS.items()},
    "anchor lost": _anchor_lost,
    "anchor changed": _anchor_changed,
}
