"""Anchors of the audit trail: when they are taken, and what must hold before one is signed."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import connection, transaction

from tocsin.base.errors import TocsinError
from tocsin.services.work import WORKER, Caller, Work, service
from tocsin.store.audit.anchor import Anchor
from tocsin.store.audit.anchor_copy import continue_copy, find_copy
from tocsin.store.audit.anchor_file import AnchorFile, OpenAnchors
from tocsin.store.audit.chain import ChainRow
from tocsin.store.audit.trail import read_head, read_row
from tocsin.store.home import find_home


class AnchorInsideTransaction(TocsinError):
    """An anchor was to be taken of rows that may yet be undone: a bug of ours."""

    code = "anchor_inside_transaction"
    exit_code = 1


class AnchorsOfOther(TocsinError):
    """The last anchor names a row that this database does not hold."""

    code = "anchors_of_other"


@dataclass(frozen=True)
class AnchorTaken:
    """What became of the wish for an anchor.

    Attributes:
        anchor: the last anchor now; None while the trail is empty.
        is_new: whether it was written now.
        problem: why the second place did not get it, or None.
    """

    anchor: Anchor | None
    is_new: bool
    problem: str | None = None


def anchor_trail(now: datetime) -> AnchorTaken:
    """Sign the end of the trail, unless the last anchor is of it; return the last anchor.

    Called by the worker every minute, and after the commit of whatever was released. The first
    place is written first; what is wrong with the second is told, and hinders nothing.

    Args:
        now: the time, with its zone.

    Raises:
        AnchorInsideTransaction: inside a transaction: what is undone must have no anchor.
        AnchorsOfOther: if the last anchor is not of a row of this database.
        AnchorsInUse: if another process keeps the file.
        AnchorsNotWritten: if the disk refuses.
        AnchorsUnreadable: if the end of the file holds no anchor.
    """
    if connection.in_atomic_block:
        raise AnchorInsideTransaction("An anchor was asked for inside a transaction.")
    home = find_home()
    with AnchorFile(home.anchors).opened() as anchors:
        _check_ours(anchors, anchors.end.last)
        if cut_short := anchors.end.cut_short:
            left = b"\n".join(cut_short)
            machine = Caller(WORKER, None, frozenset(), now)
            note_cut_anchor(machine, len(left), sha256(left).hexdigest())
        head, last, is_new = read_head(), anchors.end.last, False
        if head and not (last and last.seq == head.seq and anchors.end.is_ended):
            last = anchors.append(
                trail_name(), head.seq, head.hash, now.isoformat(), home.anchor_key
            )
            is_new = True
        return AnchorTaken(last, is_new, _copy(anchors) if last else None)


def anchor_after_commit(now: datetime) -> None:
    """Ask for an anchor as soon as the transaction that we are in is committed.

    If it cannot be taken then, nothing is undone: the worker takes it within a minute, or says
    what hinders it.
    """
    transaction.on_commit(lambda: anchor_trail(now), robust=True)


@service
def note_cut_anchor(work: Work, n_bytes: int, digest: str) -> None:
    """Note in the trail that writing an anchor was cut short, before the next one is taken.

    Right: the console and the worker. Leaves anchor_cut_short.
    """
    new = {"n_bytes": n_bytes, "sha256": digest}
    work.record("anchor_cut_short", "anchors:0", new=new)


def trail_name() -> str:
    """Return the name of the trail: the beginning of its first row's hash, which never changes."""
    first = read_row(1)
    return first.hash.hex()[:16] if first else "empty"


def _check_ours(anchors: OpenAnchors, last: Anchor | None) -> None:
    """Check that the trail holds the row of the last anchor, before signing that it goes on."""
    if last is None or last.seq == 0:
        return
    row: ChainRow | None = read_row(last.seq)
    if row is None or row.hash.hex() != last.hash:
        what = "no such row" if row is None else "another row there"
        raise AnchorsOfOther(
            f"The last anchor in {anchors.path}, of {last.at}, is of row {last.seq}; this database "
            f"has {what}. Either another copy of the installation writes there, or a backup was "
            "put back, or the trail was changed. No anchor was written. Stop the other copy; if "
            "there is none, run `tocsin audit verify` and ask an auditor."
        )


def _copy(anchors: OpenAnchors) -> str | None:
    place = find_copy()
    if place is None:
        return None
    try:
        continue_copy(anchors.path, place)
    except TocsinError as error:
        return error.sentence
    return None
