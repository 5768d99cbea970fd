"""Check an exported audit trail against its anchors. Standard library only; read it in full.

    python verifier.py TRAIL.jsonl ANCHORS.jsonl PUBLIC_KEY_HEX

TRAIL has a JSON line {"seq", "prev", "body", "hash"} per row: hashes hexadecimal, body the text
that was hashed. ANCHORS has a JSON line {"trail", "seq", "hash", "at", "after", "signature"} per
anchor. Prints what is wrong, a sentence each, and returns 3; nothing wrong: 0. This file imports
nothing of Tocsin, so that an auditor can take it away and run it elsewhere.
"""

import functools
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

# --- Ed25519 (RFC 8032, section 5.1), verification only --------------------------------
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
Point = tuple[int, int, int, int]  # extended coordinates: x = X/Z, y = Y/Z, xy = T/Z


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(count: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while count:
        if count & 1:
            result = _add(result, point)
        point, count = _add(point, point), count >> 1
    return result


def _decode(encoded: bytes) -> Point | None:
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


_BASE = _decode((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=1024)
def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether a signature of 64 bytes is the key's over the message."""
    if len(key) != 32 or len(signature) != 64 or _BASE is None:
        return False
    public, commitment = _decode(key), _decode(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or scalar >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    left = _times(scalar, _BASE)
    right = _add(commitment, _times(int.from_bytes(digest, "little") % _ORDER, public))
    same_x = (left[0] * right[2] - right[0] * left[2]) % _P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % _P == 0


# --- the trail and its anchors --------------------------------------------------------


def check_trail(rows: list[dict[str, object]]) -> Iterator[str]:
    """Yield a sentence per place where the rows are no chain."""
    prev = bytes(32)
    for place, row in enumerate(rows, start=1):
        seq, own, body = int(str(row["seq"])), bytes.fromhex(str(row["hash"])), str(row["body"])
        before = bytes.fromhex(str(row["prev"]))
        if seq != place:
            yield f"Row {seq} stands where row {place} should: rows are missing or repeated."
        elif before != prev:
            yield f"Row {seq} does not continue row {seq - 1}."
        made_of = b"v1\x00" + before + seq.to_bytes(8, "big") + body.encode()
        if hashlib.sha256(made_of).digest() != own:
            yield f"Row {seq} does not have the content that its hash was made of."
        prev = own


def check_anchors(rows: list[dict[str, object]], lines: list[bytes], key: bytes) -> Iterator[str]:
    """Yield a sentence per anchor that is not genuine, or that the trail does not hold."""
    hashes = {int(str(row["seq"])): str(row["hash"]) for row in rows} | {0: "0" * 64}
    after, last_seq = "0" * 64, 0
    for number, line in enumerate(lines, start=1):
        anchor = json.loads(line)
        signature = bytes.fromhex(anchor.pop("signature"))
        signed = json.dumps(anchor, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if not is_signed(key, signed.encode(), signature):
            yield f"Anchor {number} is not signed with this key."
        if anchor["after"] != after:
            yield f"Anchor {number} does not follow the anchor before it: anchors are missing."
        if anchor["seq"] < last_seq:
            yield f"Anchor {number} names row {anchor['seq']}, an earlier one named {last_seq}."
        if anchor["seq"] not in hashes:
            yield f"Anchor {number} names row {anchor['seq']}, but the trail was cut before it."
        elif hashes[anchor["seq"]] != anchor["hash"]:
            yield f"Row {anchor['seq']} is not the one that anchor {number} was taken of."
        after, last_seq = hashlib.sha256(line).hexdigest(), anchor["seq"]


def main(arguments: list[str]) -> int:
    """Check the files that are named; print what is wrong; return 0 or 3."""
    trail, anchors, key = arguments
    rows = [json.loads(line) for line in Path(trail).read_text("utf-8").splitlines()]
    lines = Path(anchors).read_bytes().splitlines()
    faults = [*check_trail(rows), *check_anchors(rows, lines, bytes.fromhex(key))]
    told = [*faults, f"{len(rows)} rows, {len(lines)} anchors, {len(faults)} faults."]
    sys.stdout.write("\n".join(told) + "\n")
    return 3 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
