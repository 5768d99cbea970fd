"""The audit trail, for whoever audits: verified, listed, and taken elsewhere."""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from tocsin.base.errors import OutputRefused, TocsinError
from tocsin.services.anchoring import anchor_trail
from tocsin.services.matching import rows_csv
from tocsin.services.work import Caller, Work, service
from tocsin.store.audit.anchor import read_links, split_lines
from tocsin.store.audit.anchor_copy import AnchorCopyDiffers, check_copy, find_copy
from tocsin.store.audit.anchor_file import AnchorFile
from tocsin.store.audit.listing import TrailLine, Wanted, find_lines
from tocsin.store.audit.trail import export_lines, read_head
from tocsin.store.audit.verification import Verification, verify_rows
from tocsin.store.home import find_home

TRAIL, ANCHORS, KEY = "trail.jsonl", "anchors.jsonl", "public_key.txt"
VERIFIER, READ_ME = "verifier.py", "README.txt"


@dataclass(frozen=True)
class TrailEnd:
    """What a verification covers.

    Attributes:
        last_row: the number of the trail's last row; 0 if it is empty.
        lines: the file of anchors, read before it.
    """

    last_row: int
    lines: tuple[bytes, ...]


@dataclass(frozen=True)
class Exported:
    """What an export holds.

    Attributes:
        n_rows: rows of the trail.
        n_lines: lines of anchors.
        problem: why no anchor of the last rows could be taken, or None.
    """

    n_rows: int
    n_lines: int
    problem: str | None


@service
def read_trail_end(work: Work) -> TrailEnd:  # noqa: ARG001 - its rights
    """Return what a verification covers: all rows and anchors of now. Right: auditor, console."""
    lines = tuple(AnchorFile(find_home().anchors).lines())
    head = read_head()
    return TrailEnd(head.seq if head else 0, lines)


def verify_trail(caller: Caller) -> Verification:
    """Return what is wrong with the whole trail and its anchors. Right: auditor, console.

    Covers the rows of all organisations, because they are one chain; tells only their numbers.
    Nobody waits for it: rows that are written meanwhile are not looked at.
    """
    end, home = read_trail_end(caller), find_home()
    found = verify_rows(end.last_row, list(end.lines), home.anchor_key.public_key())
    place = find_copy()
    if place is None:
        return found
    try:
        check_copy(home.anchors, place)
    except AnchorCopyDiffers as error:
        faults = (*found.faults, error.sentence)
        return replace(found, n_faults=found.n_faults + 1, faults=faults)
    return found


@service
def list_trail(work: Work, wanted: Wanted) -> list[TrailLine]:
    """Return rows of the trail, newest first. Right: auditor, console.

    A user sees those of their organisation; so does the console when it acts for one. The bare
    console sees all.
    """
    return list(find_lines(work.caller.organisation_id, wanted))


def wanted_rows(
    event: str | None = None,
    subject: str | None = None,
    actor: str | None = None,
    between: tuple[datetime | None, datetime | None] = (None, None),
    limit: int | None = None,
) -> Wanted:
    """Return which rows are asked for; None: whatever it is. See `store.audit.listing.Wanted`."""
    return Wanted(event, subject, actor, *between, limit)


def trail_csv(lines: Iterable[TrailLine]) -> str:
    """Return rows of the trail as CSV whose cells cannot start a formula in a spreadsheet."""
    names = [field.name for field in fields(TrailLine)]
    rows = (asdict(line) | {"old": _as_json(line.old), "new": _as_json(line.new)} for line in lines)
    return rows_csv(names, rows)


def _as_json(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else ""


@service
def begin_trail_export(work: Work) -> None:
    """Note that the whole trail, of all organisations, is taken elsewhere. Right: the console.

    Leaves trail_export_begun.
    """
    work.record("trail_export_begun", "trail:0")


def export_trail(caller: Caller, folder: Path) -> Exported:
    """Write trail, anchors, public key and verifier into a new folder, whole or not at all.

    That it was begun stands in the trail, and in the export itself. Right: the console, because it
    holds the rows of all organisations: what is left out of a chain cannot be verified.

    Raises:
        OutputRefused: if the folder exists, or there is nowhere to make it.
    """
    return write_whole_export(caller, folder, begin_trail_export)


def write_whole_export(caller: Caller, folder: Path, begin: Callable[[Caller], None]) -> Exported:
    """Write an export into a new folder, whole or not at all, after it was noted.

    Args:
        caller: who takes it.
        folder: where.
        begin: the service that lets them, and notes it.

    Raises:
        OutputRefused: if the folder exists, or there is nowhere to make it.
    """
    if folder.exists() or not folder.absolute().parent.is_dir():
        raise OutputRefused(
            f"{folder} exists already, or the folder that it should be in does not. Nothing was "
            "written. Choose a new folder."
        )
    begin(caller)
    problem = None
    try:
        anchor_trail(caller.now)
    except TocsinError as error:
        problem = error.sentence  # an export is wanted most when something is wrong
    partial = folder.absolute().with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    try:
        exported = replace(_write_export(partial), problem=problem)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return exported


def _write_export(folder: Path) -> Exported:
    home = find_home()
    # The anchors first: later ones could name rows that the export does not have.
    anchors = home.anchors.read_bytes() if home.anchors.exists() else b""
    lines = split_lines(anchors)
    (folder / ANCHORS).write_bytes(anchors)
    head = read_head()
    n_rows = 0
    with (folder / TRAIL).open("w", encoding="utf-8", newline="\n") as trail:
        for line in export_lines(head.seq if head else 0):
            n_rows += 1
            trail.write(line)
    key = home.anchor_key.public_key().public_bytes_raw().hex()
    (folder / KEY).write_text(key + "\n", "ascii")
    (folder / VERIFIER).write_bytes((files("tocsin.store.audit") / VERIFIER).read_bytes())
    links = list(read_links(lines))
    taken = f"The last was taken at {links[-1].anchor.at}." if links else "Nothing is anchored."
    (folder / READ_ME).write_text(
        f"The audit trail of Tocsin: {n_rows} rows, {len(links)} anchors. {taken}\n"
        "Check it with Python 3.11 or newer; read verifier.py first, it is short:\n\n"
        f"    python {VERIFIER} {TRAIL} {ANCHORS} {key}\n\n"
        "Compare the key with the one that you were given by another way when the installation\n"
        "was made. Rows after the last anchor could have been cut without trace.\n",
        "utf-8",
    )
    return Exported(n_rows, len(lines), None)
