"""Ways to falsify an audit trail, for whoever can write all of it but does not hold the key.

A way takes a trail and returns another one. Ways on rows serve for exports and for the database
alike; what stands only in one of them has ways of its own.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.store.audit.anchor import Anchor, sign_anchor
from tocsin.store.audit.anchor_file import AnchorFile
from tocsin.store.audit.verifier import check_anchors, check_trail

Row = dict[str, Any]
ANCHOR_EVERY = 7


@dataclass(frozen=True)
class Trail:
    """Rows of a trail, its file of anchors by lines, and the public key.

    Attributes:
        rows: ``seq, prev, hash, body``, and of the database ``event, at, organisation``.
        anchors: the lines; one of them was cut short when it was written.
        key: 32 bytes.
        lines: the lines of an export, where a way changed how they are written.
    """

    rows: tuple[Row, ...]
    anchors: tuple[bytes, ...]
    key: bytes
    lines: tuple[bytes, ...] | None = None

    @property
    def exported(self) -> list[bytes]:
        """Return the lines of its export."""
        return list(self.lines or map(written, self.rows))


Way = Callable[[Trail, Random], Trail]
WayOnRows = Callable[[list[Row], Random], list[Row]]


def written(row: Row) -> bytes:
    fields = {name: row[name] for name in ("seq", "prev", "hash", "body")}
    return json.dumps(fields, ensure_ascii=False).encode(errors="surrogateescape")


def anchored(rows: tuple[Row, ...], folder: Path) -> Trail:
    """Return a trail with an anchor at every few rows and at its end."""
    key = Ed25519PrivateKey.generate()
    file = AnchorFile(folder / "anchors.jsonl")
    for place, row in enumerate((*rows[::ANCHOR_EVERY], rows[-1])):
        if place == 2:
            with file.path.open("ab") as cut:
                cut.write(file.lines()[-1][:70])
        file.append("tests", row["seq"], bytes.fromhex(row["hash"]), "2026-11-21", key)
    return Trail(rows, tuple(file.lines()), key.public_key().public_bytes_raw())


def check_export(trail: Trail) -> list[str]:
    """Return what the independent verifier says."""
    lines = trail.exported
    return [*check_trail(lines), *check_anchors(lines, list(trail.anchors), trail.key)]


# --- ways on rows ----------------------------------------------------------------------


def _rehashed(rows: list[Row]) -> list[Row]:
    """Compute the whole chain anew, as somebody would who knows how it is made."""
    prev, made = bytes(32), []
    for seq, row in enumerate(rows, start=1):
        body = row["body"].encode(errors="surrogateescape")
        own = sha256(b"v1\x00" + prev + seq.to_bytes(8, "big") + body).digest()
        made.append({**row, "seq": seq, "prev": prev.hex(), "hash": own.hex()})
        prev = own
    return made


def _changed_body(rows: list[Row], rng: Random) -> list[Row]:
    row = rng.choice(rows)
    place = rng.randrange(len(row["body"]))
    row["body"] = row["body"][:place] + rng.choice("0aZ é") + row["body"][place + 1 :]
    return rows


def _changed_value(rows: list[Row], rng: Random) -> list[Row]:
    row = rng.choice(rows)
    told = json.loads(row["body"])
    told[rng.choice(sorted(told))] = rng.choice(["user:99", None, "notice:1", {}])
    row["body"] = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return rows


def _without(rows: list[Row], rng: Random) -> list[Row]:
    start = rng.randrange(len(rows))
    return rows[:start] + rows[start + rng.randint(1, 3) :]


def _without_and_closed(rows: list[Row], rng: Random) -> list[Row]:
    """Take a row out, and number what follows anew; the hashes stay."""
    rows = _without(rows, rng)
    return [{**row, "seq": seq} for seq, row in enumerate(rows, start=1)]


def _swapped(rows: list[Row], rng: Random) -> list[Row]:
    one, other = rng.sample(range(len(rows)), 2)
    rows[one]["body"], rows[other]["body"] = rows[other]["body"], rows[one]["body"]
    return rows


def _flipped(rows: list[Row], rng: Random) -> list[Row]:
    row, name = rng.choice(rows), rng.choice(("prev", "hash"))
    place = rng.randrange(64)
    row[name] = row[name][:place] + rng.choice("0123456789abcdef") + row[name][place + 1 :]
    return rows


def _cut(rows: list[Row], rng: Random) -> list[Row]:
    return rows[: rng.randrange(len(rows))]


def _one_hash_anew(rows: list[Row], rng: Random) -> list[Row]:
    """Change a body and its own hash, so that only the next row tells."""
    rows = _changed_value(rows, rng)
    for row, fresh in zip(rows, _rehashed(rows), strict=True):
        if row["hash"] != fresh["hash"]:
            row["hash"] = fresh["hash"]
            break
    return rows


def _appended_before_the_end(rows: list[Row], rng: Random) -> list[Row]:
    """Put a row in and compute everything behind it anew."""
    place = rng.randrange(len(rows))
    return _rehashed([*rows[:place], dict(rng.choice(rows)), *rows[place:]])


def _inserted(rows: list[Row], rng: Random) -> list[Row]:
    rows.insert(rng.randrange(len(rows)), dict(rng.choice(rows)))
    return rows


def _emptied(_rows: list[Row], _rng: Random) -> list[Row]:
    return []


_ON_ROWS: Mapping[str, WayOnRows] = {
    "body": _changed_body,
    "value": _changed_value,
    "removed": _without,
    "removed and closed": _without_and_closed,
    "bodies swapped": _swapped,
    "hash flipped": _flipped,
    "cut": _cut,
    "one hash anew": _one_hash_anew,
    "put in, chain anew": _appended_before_the_end,
    "emptied": _emptied,
}


_TOLD_ANEW = ("body", "value", "removed", "bodies swapped", "cut")


def _on_rows(make: WayOnRows) -> Way:
    return lambda trail, rng: replace(
        trail, rows=tuple(make([dict(row) for row in trail.rows], rng))
    )


def _anew(make: WayOnRows) -> Way:
    return lambda trail, rng: replace(
        trail, rows=tuple(_rehashed(make([dict(row) for row in trail.rows], rng)))
    )


# --- ways on the columns of the database ---------------------------------------------


def _misfiled(rows: list[Row], rng: Random) -> list[Row]:
    row = rng.choice(rows)
    match rng.choice(("event", "at", "organisation")):
        case "event":
            row["event"] = "user_added"
        case "at":
            row["at"] += timedelta(microseconds=rng.choice((-1, 1, 60_000_000)))
        case _:
            row["organisation"] = rng.choice([each["organisation"] for each in rows])
    return rows


def _numbered(rows: list[Row], rng: Random) -> list[Row]:
    rng.choice(rows)["seq"] = rng.choice((-5, 0, len(rows) + 3, (1 << 63) - 1))
    return rows


def _no_text(rows: list[Row], rng: Random) -> list[Row]:
    row = rng.choice(rows)
    row["body"] = rng.choice(("", "\x00", "\udcff\udcfe", "[" * 2000, "null", "{}"))
    return rows


# --- ways on how an export is written -----------------------------------------------


def _rewritten(trail: Trail, rng: Random) -> Trail:
    """Write a line so that other readers may read something else in it."""
    lines = list(map(written, trail.rows))
    place = rng.randrange(len(lines))
    line = lines[place]
    seq = str(place + 1).encode()
    lines[place] = rng.choice(
        (
            line.replace(b"{", b'{"body": "another", ', 1),
            line.replace(b'"seq": ' + seq, b'"seq": "' + seq + b'"', 1),
            line.replace(b'"seq": ' + seq, b'"seq": ' + seq + b".0", 1),
            line.replace(b'"hash": "', b'"hash": " ', 1),
            line.replace(b": ", b":", 1),
            line + b" ",
            line.replace(b"}", b', "note": 1}', 1),
            b"",
            b"\xff" + line,
            line[: rng.randrange(len(line))],
        )
    )
    return replace(trail, lines=tuple(lines))


# --- ways on the anchors -------------------------------------------------------------


def _anchor_lost(trail: Trail, rng: Random) -> Trail:
    """Take a line out. Not the last one: without a second place nothing tells that."""
    place = rng.randrange(len(trail.anchors) - 1)
    return replace(trail, anchors=trail.anchors[:place] + trail.anchors[place + 1 :])


def _anchor_changed(trail: Trail, rng: Random) -> Trail:
    anchors = list(trail.anchors)
    place = rng.choice([number for number, line in enumerate(anchors) if line.endswith(b"}")])
    fields = json.loads(anchors[place])
    if rng.random() < 0.5:
        fields["seq"] = rng.randrange(len(trail.rows) + 2)
    fields["hash"] = rng.choice(trail.rows)["hash"]
    anchors[place] = Anchor(**fields).line
    return replace(trail, anchors=tuple(anchors))


def _anchor_rewritten(trail: Trail, rng: Random) -> Trail:
    """Write a line in another way, or what was cut short; the last line too."""
    anchors = list(trail.anchors)
    place = rng.randrange(len(anchors))
    line = anchors[place]
    anchors[place] = rng.choice(
        (
            line[: rng.randrange(len(line))],
            line.replace(b"{", b'{"seq":1,', 1) if line.startswith(b"{") else b"{",
            line + b" ",
            line.replace(b":", b": ", 1),
            b"",
            b"\x00" * 40,
            b"[" * 3000,
        )
    )
    return replace(trail, anchors=tuple(anchors))


def _anchors_swapped(trail: Trail, rng: Random) -> Trail:
    anchors = list(trail.anchors)
    one, other = rng.sample(range(len(anchors)), 2)
    anchors[one], anchors[other] = anchors[other], anchors[one]
    return replace(trail, anchors=tuple(anchors))


def _anchor_put_in(trail: Trail, rng: Random) -> Trail:
    place = rng.randrange(len(trail.anchors) + 1)
    line = rng.choice((*trail.anchors, b"", b"{}", b"anything"))
    return replace(trail, anchors=(*trail.anchors[:place], line, *trail.anchors[place:]))


def _anchors_forged(trail: Trail, rng: Random) -> Trail:
    """Make the trail and all its anchors anew, signed with another key."""
    rows = tuple(_rehashed(_without([dict(row) for row in trail.rows], rng)))
    forger, after, lines = Ed25519PrivateKey.generate(), "0" * 64, list[bytes]()
    for row in (*rows[::ANCHOR_EVERY], rows[-1]):
        unsigned = Anchor("tests", row["seq"], row["hash"], "2026-11-21", after)
        lines.append(sign_anchor(unsigned, forger).line)
        after = sha256(lines[-1]).hexdigest()
    return replace(trail, rows=rows, anchors=tuple(lines))


_ON_ANCHORS: Mapping[str, Way] = {
    "anchor lost": _anchor_lost,
    "anchor changed": _anchor_changed,
    "anchor rewritten": _anchor_rewritten,
    "anchors swapped": _anchors_swapped,
    "anchor put in": _anchor_put_in,
    "anchors forged": _anchors_forged,
}
_ON_BOTH: Mapping[str, Way] = {
    **{name: _on_rows(make) for name, make in _ON_ROWS.items()},
    **{f"{name}, chain anew": _anew(_ON_ROWS[name]) for name in _TOLD_ANEW},
    **_ON_ANCHORS,
}
WAYS_ON_EXPORTS: Mapping[str, Way] = {
    **_ON_BOTH,
    "row repeated": _on_rows(_inserted),
    "line rewritten": _rewritten,
}
WAYS_ON_DATABASE: Mapping[str, Way] = {
    **_ON_BOTH,
    "misfiled": _on_rows(_misfiled),
    "misnumbered": _on_rows(_numbered),
    "no text": _on_rows(_no_text),
    "no text, chain anew": _anew(_no_text),
}
