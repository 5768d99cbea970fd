"""The audit trail: guarded, a chain, anchored."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction

from tocsin.services.health.finding import Finding, Urgency
from tocsin.store.audit.anchor import AnchorsUnreadable
from tocsin.store.audit.anchor_file import AnchorFile
from tocsin.store.audit.chain import ChainRow, find_breaks
from tocsin.store.audit.trail import read_head
from tocsin.store.home import Home
from tocsin.store.kept_rows import trigger_names
from tocsin.store.models import AuditRow

_N_QUICK = 10_000
_ANCHOR_IS_OLD = timedelta(hours=1)


def check_trail(home: Home, now: datetime, *, is_full: bool) -> Iterator[Finding]:
    """Yield what is wrong with the audit trail.

    Args:
        home: where its anchors are.
        now: the time of the check.
        is_full: read all rows, not only the last 10,000.
    """
    yield from _check_triggers()
    rows = AuditRow.objects.order_by("seq")
    head = read_head()
    start = None
    if head and not is_full and head.seq > _N_QUICK:
        start = _row(AuditRow.objects.get(seq=head.seq - _N_QUICK))
        rows = rows.filter(seq__gt=start.seq)
    faults = list(find_breaks((_row(row) for row in rows.iterator(chunk_size=5000)), start))
    if faults:
        yield Finding(
            "trail_broken",
            Urgency.NOW,
            f"The audit trail was changed in {len(faults)} places. {faults[0]}",
            "Stop work, keep a copy of everything, and find out who wrote to the database.",
        )
    yield from _check_anchors(home, now, head)


def _check_triggers() -> Iterator[Finding]:
    statement = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement)
        present = {row[0] for row in cursor.fetchall()}
    missing = sorted(trigger_names(connection.vendor) - present)
    if not missing and _can_change_a_row():
        missing = ["all, though they are there"]
    if missing:
        yield Finding(
            "trail_unguarded",
            Urgency.NOW,
            "What must be kept can be changed (the audit trail, signatures, releases): triggers do "
            f"not fire ({', '.join(missing)}).",
            "Find out who took them away; run `tocsin doctor --full`, then restore a backup that "
            "has them, or ask for help.",
        )


def _can_change_a_row() -> bool:
    """Try it on the last row, and undo it in any case."""
    if not AuditRow.objects.exists():
        return False
    try:
        with transaction.atomic():
            last = AuditRow.objects.order_by("-seq").values("seq")[:1].get()["seq"]
            changed = AuditRow.objects.filter(seq=last).update(event="doctor")
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return changed == 1


def _check_anchors(home: Home, now: datetime, head: ChainRow | None) -> Iterator[Finding]:
    if head is None:
        return
    try:
        anchors = AnchorFile(home.anchors).read()
    except (AnchorsUnreadable, OSError):
        return  # the check of the place tells
    last = anchors[-1] if anchors else None
    newest = AuditRow.objects.get(seq=head.seq)
    if last and last.seq:
        row = AuditRow.objects.filter(seq=last.seq).first()
        if row is None or bytes(row.hash).hex() != last.hash:
            yield Finding(
                "trail_without_its_anchor",
                Urgency.NOW,
                f"The audit trail does not hold row {last.seq}, of which an anchor was taken at "
                f"{last.at}: it was cut, made anew, or the database is an older copy.",
                "If nobody put an older copy back, keep everything as it is and ask an auditor.",
            )
            return
    if (last.seq if last else 0) < head.seq and now - newest.at > _ANCHOR_IS_OLD:
        yield Finding(
            "anchor_old",
            Urgency.SOON,
            f"The end of the audit trail, row {head.seq} of {newest.at:%Y-%m-%d %H:%M}, has no "
            "anchor: it could be cut without trace.",
            "Let a worker run, which takes an anchor every minute.",
        )


def _row(row: AuditRow) -> ChainRow:
    return ChainRow(row.seq, bytes(row.prev), bytes(row.body), bytes(row.hash))
