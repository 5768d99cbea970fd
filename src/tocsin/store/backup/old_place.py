"""What the place that is replaced still tells: its anchors, its erasures, how far it had come."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tocsin.store.audit.anchor import Anchor
from tocsin.store.audit.anchor_file import AnchorFile
from tocsin.store.audit.chain import ChainRow
from tocsin.store.backup.errors import BackupUnfit
from tocsin.store.home import Home


@dataclass(frozen=True)
class OldPlace:
    """An installation's folder, as far as it can still be read.

    Attributes:
        anchors: its anchors.
        erased: the lines of its `erased.jsonl`.
        last_seq: the furthest row of the trail that it knows of; 0 if none.
    """

    anchors: list[Anchor]
    erased: list[bytes]
    last_seq: int


def read_old_place(home: Home) -> OldPlace:
    """Return what a folder tells.

    Raises:
        AnchorsUnreadable: if its anchors were changed.
    """
    anchors = AnchorFile(home.anchors).read()
    erased = home.erased.read_bytes().splitlines() if home.erased.exists() else []
    seqs = [anchor.seq for anchor in anchors]
    return OldPlace(anchors, erased, max([0, *seqs, _last_row(home.database)]))


def check_same_trail(rows: Iterable[ChainRow], anchors: list[Anchor], head_seq: int) -> None:
    """Check that a backup's trail holds the rows of all old anchors that it should.

    Raises:
        BackupUnfit: if it does not: it is of another installation, or was made up.
    """
    wanted = {anchor.seq: anchor for anchor in anchors if 0 < anchor.seq <= head_seq}
    for row in rows:
        anchor = wanted.get(row.seq)
        if anchor and anchor.hash != row.hash.hex():
            raise BackupUnfit(
                f"Row {row.seq} of the backup's audit trail is not the one of which the old place "
                f"took an anchor at {anchor.at}: the backup is of another installation, or was "
                "changed. Nothing was changed. Take another backup, or another --old."
            )


def _last_row(database: Path) -> int:
    if not database.is_file():
        return 0
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            found = opened.execute("SELECT max(seq) FROM store_auditrow").fetchone()
    except sqlite3.Error:
        return 0  # what is replaced may well be broken; the anchors tell the most of it
    return int(found[0] or 0)
