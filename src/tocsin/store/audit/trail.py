"""The audit trail in the database: appending in the transaction of the change, reading in order."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from tocsin.base.errors import TocsinError
from tocsin.store.audit.chain import ChainRow, canonical_json, find_breaks, next_row
from tocsin.store.models import AuditRow

_LOCK = 7_265_512_001
"""Number of PostgreSQL's advisory lock under which the chain is continued."""
_N_AT_ONCE = 5000


class AuditOutsideTransaction(TocsinError):
    """An event was to be recorded apart from the change that it records: a bug of ours."""

    code = "audit_outside_transaction"
    exit_code = 1


@dataclass(frozen=True)
class Event:
    """What happened, for the trail. Persons appear by their pseudonymous ids only.

    Attributes:
        name: past tense, such as ``notice_published``.
        at: when, with its zone.
        actor: who: ``user:17`` or ``worker``.
        organisation_id: whose; None for the installation itself.
        subject: what was changed, such as ``notice:12``.
        old: its values before, as far as they changed.
        new: its values after.
        reason: why, where a person had to say so.
    """

    name: str
    at: datetime
    actor: str
    subject: str
    organisation_id: int | None = None
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None

    def body(self) -> bytes:
        """Return the bytes that are hashed and kept."""
        return canonical_json(
            {
                "event": self.name,
                "at": self.at.isoformat(),
                "actor": self.actor,
                "organisation": self.organisation_id,
                "subject": self.subject,
                "old": self.old,
                "new": self.new,
                "reason": self.reason,
            }
        )


def record_event(event: Event) -> ChainRow:
    """Append an event to the trail, in the transaction of the change that it records.

    Two transactions that record wait for each other: the chain has one end.

    Raises:
        AuditOutsideTransaction: if there is no transaction.
    """
    if not connection.in_atomic_block:
        raise AuditOutsideTransaction(f"The event {event.name} was recorded outside a transaction.")
    if connection.vendor == "postgresql":  # SQLite's transactions take the write lock at once
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    row = next_row(read_head(), event.body())
    AuditRow.objects.create(
        seq=row.seq,
        prev=row.prev,
        body=row.body,
        hash=row.hash,
        organisation_id=event.organisation_id,
        event=event.name,
        at=event.at,
    )
    return row


def read_head() -> ChainRow | None:
    """Return the last row of the trail, or None."""
    last = AuditRow.objects.order_by("-seq").first()
    return _chain_row(last) if last else None


def read_row(seq: int) -> ChainRow | None:
    """Return one row of the trail, or None."""
    found = AuditRow.objects.filter(seq=seq).first()
    return _chain_row(found) if found else None


def read_rows(until: int | None = None) -> Iterator[ChainRow]:
    """Yield all rows in order; with ``until`` none behind that one."""
    return map(_chain_row, read_stored(until))


def read_stored(until: int | None = None) -> Iterator[AuditRow]:
    """Yield all rows in order as they are stored; with ``until`` none behind that one.

    A few thousand at a time: no transaction is held open, so nobody waits. Rows are only ever
    added, so what is read is the trail as it was when the last row was written.
    """
    behind = -(1 << 63)
    wanted = AuditRow.objects.order_by("seq")
    if until is not None:
        wanted = wanted.filter(seq__lte=until)
    while rows := list(wanted.filter(seq__gt=behind)[:_N_AT_ONCE]):
        yield from rows
        behind = rows[-1].seq


def find_faults(
    until: int | None = None, watch: Callable[[ChainRow], None] | None = None
) -> Iterator[str]:
    """Yield a sentence per place where the trail is no chain, or its index columns lie.

    Args:
        until: the last row to look at; None for all.
        watch: called with every row that is looked at.
    """
    misfiled: list[str] = []

    def watched() -> Iterator[ChainRow]:
        for row in read_stored(until):
            if not _tells_its_columns(row):
                misfiled.append(
                    f"Row {row.seq} is filed under another event, organisation or time than it "
                    "tells."
                )
            made = _chain_row(row)
            if watch:
                watch(made)
            yield made

    try:
        for fault in find_breaks(watched()):
            yield fault
            yield from _emptied(misfiled)
    except (ValueError, TypeError) as error:
        yield f"The trail holds what no row can hold, and cannot be read on: {type(error).__name__}"
    yield from _emptied(misfiled)


def export_lines(until: int | None = None) -> Iterator[str]:
    """Yield the trail as lines of JSON, as `store.audit.verifier` reads it."""
    for row in read_rows(until):
        fields = {"seq": row.seq, "prev": row.prev.hex(), "hash": row.hash.hex()}
        yield (
            json.dumps(fields | {"body": row.body.decode(errors="replace")}, ensure_ascii=False)
            + "\n"
        )


def _emptied(sentences: list[str]) -> Iterator[str]:
    yield from sentences
    sentences.clear()


def _tells_its_columns(row: AuditRow) -> bool:
    try:
        told = json.loads(bytes(row.body))
        at = datetime.fromisoformat(told["at"])
        own = (row.event, row.organisation_id, row.at)
        return own == (told["event"], told["organisation"], at)
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


def _chain_row(row: AuditRow) -> ChainRow:
    return ChainRow(row.seq, bytes(row.prev), bytes(row.body), bytes(row.hash))
