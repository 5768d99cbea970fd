"""Rows of the audit trail as values to look at, newest first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from tocsin.store.audit.chain import canonical_json
from tocsin.store.models import AuditRow
from tocsin.store.statements import read_instant, rows_of

_SINCE = """
SELECT seq, body, event, at, organisation_id FROM store_auditrow
 WHERE seq >= %s ORDER BY seq DESC LIMIT %s
"""


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
        events: the names of several events, any of them.
        below: only rows before the one of this number.
    """

    event: str | None = None
    subject: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    events: frozenset[str] = frozenset()
    below: int | None = None


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


class _Row(NamedTuple):
    """A row without its place in the chain; ``at`` as the database tells it."""

    seq: int
    body: Any
    event: str
    at: Any
    organisation_id: int | None


@dataclass(frozen=True)
class TrailPage:
    """Some rows of the trail, and where to look on.

    Attributes:
        lines: the rows that were asked for, newest first.
        next_below: look on before the row of this number; None if everything was looked at.
        n_looked_at: how many rows were looked at for it.
    """

    lines: tuple[TrailLine, ...]
    next_below: int | None
    n_looked_at: int


def page_lines(organisation_id: int | None, wanted: Wanted, most_read: int) -> TrailPage:
    """Return a page of the rows that are asked for, looking at so many rows at most.

    Actor and subject have no column: a rare one would have the whole trail read for one page.

    Args:
        organisation_id: whose; None for all and for the installation itself.
        wanted: which of them; ``limit`` is the size of the page.
        most_read: after so many rows the page ends, full or not.
    """
    lines: list[TrailLine] = []
    n_read = 0
    for row in _rows(organisation_id, wanted, most_read + 1):
        if n_read == most_read or len(lines) == wanted.limit:
            return TrailPage(tuple(lines), row.seq + 1, n_read)
        n_read += 1
        if line := _read_line(row, wanted):
            lines.append(line)
    return TrailPage(tuple(lines), None, n_read)


def find_lines(organisation_id: int | None, wanted: Wanted) -> Iterator[TrailLine]:
    """Yield the rows that are asked for, newest first.

    Args:
        organisation_id: whose; None for all and for the installation itself.
        wanted: which of them.
    """
    n_left = wanted.limit
    for row in _rows(organisation_id, wanted):
        line = _read_line(row, wanted)
        if line is None:
            continue
        if n_left is not None:
            if n_left == 0:
                return
            n_left -= 1
        yield line


def lines_since(
    organisation_id: int, wanted: Wanted, seq: int, most_read: int
) -> list[TrailLine] | None:
    """Return the rows that are asked for from the one of a number on, newest first.

    Args:
        organisation_id: whose.
        wanted: which of them, by actor, subject and events.
        seq: the number.
        most_read: None is returned if there are more rows since, whosever.
    """
    # By their number alone: no other index would find the few that are new.
    rows = [_Row(*row) for row in rows_of(_SINCE, [seq, most_read + 1])]
    if len(rows) > most_read:
        return None
    own = (row for row in rows if row.organisation_id == organisation_id)
    lines = (_read_line(row, wanted) for row in own if row.event in wanted.events)
    return [line for line in lines if line]


def _rows(organisation_id: int | None, wanted: Wanted, most: int | None = None) -> Iterator[_Row]:
    """Yield the rows, newest first, as far as their columns tell which are asked for."""
    rows = AuditRow.objects.order_by("-seq")
    if organisation_id is not None:
        rows = rows.filter(organisation_id=organisation_id)
    if wanted.event:
        rows = rows.filter(event=wanted.event)
    if wanted.events:
        rows = rows.filter(event__in=wanted.events)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    if wanted.below is not None:
        rows = rows.filter(seq__lt=wanted.below)
    found = rows.values_list(*_Row._fields)[:most]
    return map(_Row._make, found.iterator(chunk_size=1000))


def _read_line(row: _Row, wanted: Wanted) -> TrailLine | None:
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
            read_instant(row.at).isoformat(),
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
