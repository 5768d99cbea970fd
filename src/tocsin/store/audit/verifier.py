"""Check an exported audit trail against its anchors. Standard library only; read it in full.

    python verifier.py TRAIL.jsonl ANCHORS.jsonl PUBLIC_KEY_HEX

TRAIL has a JSON line {"seq", "prev", "hash", "body"} per row: hashes hexadecimal, body the text
that was hashed. ANCHORS has a JSON line {"trail", "seq", "hash", "at", "after", "signature"} per
anchor. Prints what is wrong, a sentence each, and returns 3; nothing wrong: 0.
"""

import functools
import json
import sys
from collections.abc import Iterator
from hashlib import sha256, sha512
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
    public, commitment = _decode(key), _decode(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if len(key) != 32 or len(signature) != 64 or _BASE is None or scalar >= _ORDER:
        return False
    if public is None or commitment is None:
        return False
    digest = sha512(signature[:32] + key + message).digest()
    left = _times(scalar, _BASE)
    right = _add(commitment, _times(int.from_bytes(digest, "little") % _ORDER, public))
    same_x = (left[0] * right[2] - right[0] * left[2]) % _P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % _P == 0


# --- the trail and its anchors --------------------------------------------------------


def check_trail(lines: list[bytes]) -> Iterator[str]:
    """Yield a sentence per place where the lines of a trail are no chain."""
    prev = "0" * 64
    for place, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            body = row["body"]
            made_of = b"v1\x00" + bytes.fromhex(prev) + place.to_bytes(8, "big") + body.encode()
            true = {"seq": place, "prev": prev, "hash": sha256(made_of).hexdigest(), "body": body}
            same = json.dumps(true, ensure_ascii=False).encode() == line
            prev = bytes.fromhex(row["hash"]).hex()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            yield f"Line {place} of the trail is no row."
            continue
        if not same:
            yield f"Line {place} is not row {place} as its hash was made, behind the row before."


def check_anchors(trail: list[bytes], lines: list[bytes], key: bytes) -> Iterator[str]:
    """Yield a sentence per anchor that is not genuine, or that the trail does not hold."""
    since, last_seq, last_number = list[bytes](), 0, 0  # since: all from the last anchor on
    for number, line in enumerate(lines, start=1):
        before, since = since, [*since, line]
        try:
            anchor = json.loads(line)
            if line != _canonical(anchor):
                continue
            signature = bytes.fromhex(anchor.pop("signature"))
            seq, own, after = int(anchor["seq"]), anchor["hash"], anchor["after"]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue  # a writing that was cut short: the next anchor must name it
        if not is_signed(key, _canonical(anchor), signature):
            yield f"Anchor {number} is not signed with this key."
        hashed = sha256(b"\n".join(before)).hexdigest() if before else "0" * 64
        if after != hashed:
            yield f"Anchor {number} does not follow what is before it: lines were changed or lost."
        if seq < last_seq:
            yield f"Anchor {number} names row {seq}, an earlier one named {last_seq}."
        if not 0 <= seq <= len(trail):
            yield f"Anchor {number} names row {seq}, but the trail was cut before it."
        elif seq and f'"hash": "{own}"'.encode() not in trail[seq - 1].split(b', "body": ')[0]:
            yield f"Row {seq} is not the one that anchor {number} was taken of."
        since, last_seq, last_number = [line], seq, number
    if last_number < len(lines):
        yield f"Line {len(lines)} of the anchors is none: cut short when written, or changed."


def _canonical(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _lines(name: str) -> list[bytes]:
    content = Path(name).read_bytes()
    return content.removesuffix(b"\n").split(b"\n") if content else []


def main(arguments: list[str]) -> int:
    """Check the files that are named; print what is wrong; return 0 or 3."""
    try:
        trail, anchors = _lines(arguments[0]), _lines(arguments[1])
        key = bytes.fromhex(arguments[2])
    except (OSError, ValueError, IndexError) as error:
        sys.exit(f"Nothing was checked: {error}\n{__doc__}")
    faults = [*check_trail(trail), *check_anchors(trail, anchors, key)]
    faults.append(f"{len(trail)} rows, {len(anchors)} lines of anchors, {len(faults)} faults.")
    sys.stdout.write("\n".join(faults) + "\n")
    return 3 if len(faults) > 1 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
