"""Rows of the audit trail as values to look at, newest first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.store.audit.chain import canonical_json
from tocsin.store.models import AuditRow


@dataclass(frozen=True)
class Wanted:
    """Which rows are asked for; None: whatever it is.

    Attributes:
        event: the name of the event.
        subject: what was changed, as ``table:id``; or ``table`` alone.
        actor: who: ``user:17``, ``console``, ``worker``.
        since: not before.
        until: before.
        limit: at most so many rows.
    """

    event: str | None = None
    subject: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None


@dataclass(frozen=True)
class TrailLine:
    """A row of the trail; what it tells stands in `tocsin.store.audit.trail.Event`."""

    seq: int
    at: str
    event: str
    actor: str
    organisation: int | None
    subject: str
    old: dict[str, Any]
    new: dict[str, Any]
    reason: str | None


def find_lines(organisation_id: int | None, wanted: Wanted) -> Iterator[TrailLine]:
    """Yield the rows that are asked for, newest first.

    Args:
        organisation_id: whose; None for all and for the installation itself.
        wanted: which of them.
    """
    rows = AuditRow.objects.order_by("-seq")
    if organisation_id is not None:
        rows = rows.filter(organisation_id=organisation_id)
    if wanted.event:
        rows = rows.filter(event=wanted.event)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    n_left = wanted.limit
    for row in rows.iterator(chunk_size=1000):
        line = _read_line(row, wanted)
        if line is None:
            continue
        if n_left is not None:
            if n_left == 0:
                return
            n_left -= 1
        yield line


def _read_line(row: AuditRow, wanted: Wanted) -> TrailLine | None:
    """Return the row if its actor and subject, which have no column, are asked for."""
    body = bytes(row.body)
    for name, value in (("actor", wanted.actor), ("subject", wanted.subject)):
        # Quick: most rows are passed over without being read.
        if value and canonical_json({name: value})[1:-2] not in body:
            return None
    try:
        told = json.loads(body)
        line = TrailLine(
            row.seq,
            told["at"],
            told["event"],
            told["actor"],
            told["organisation"],
            told["subject"],
            told["old"],
            told["new"],
            told["reason"],
        )
    except (ValueError, KeyError, TypeError):
        return TrailLine(
            row.seq,
            row.at.isoformat(),
            row.event,
            "?",
            row.organisation_id,
            "?",
            {},
            {},
            "This row was changed and cannot be read: run `tocsin audit verify`.",
        )
    of_subject = wanted.subject in {None, line.subject, line.subject.partition(":")[0]}
    return line if of_subject and wanted.actor in {None, line.actor} else None
