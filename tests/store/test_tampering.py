"""Random tamperings of a trail and its anchors, in exports and in the database: all are found.

What cannot be found, in principle: rows after the last anchor that were cut, changed or put there
with the chain made anew; and a trail that was cut together with the last anchors, unless their
second place is compared (tests/services/test_anchoring.py).
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction

from tests.store.tampering import (
    WAYS_ON_DATABASE,
    WAYS_ON_EXPORTS,
    Trail,
    Way,
    anchored,
    check_export,
)
from tocsin.store.audit import verifier
from tocsin.store.audit.trail import Event, export_lines, read_head, record_event
from tocsin.store.audit.verification import verify_rows
from tocsin.store.models import AuditRow, Organisation

N_TAMPERINGS = 10_000 if os.environ.get("TOCSIN_LONG") else 1000
START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def fill(n_rows: int) -> None:
    own = [Organisation.objects.create(slug=slug, created_at=START).pk for slug in ("a", "b")]
    for number in range(n_rows):
        record_event(
            Event(
                "notice_published",
                START + timedelta(minutes=number),
                f"user:{number % 3}",
                f"notice:{number}",
                organisation_id=[*own, None][number % 3],
                new={"revision": number, "title": "Überdosis \u2028 ½ µl"},
                reason=None if number % 2 else "asked by the authority",
            )
        )


def stored() -> tuple[dict[str, object], ...]:
    return tuple(
        {
            "seq": row.seq,
            "prev": bytes(row.prev).hex(),
            "hash": bytes(row.hash).hex(),
            "body": bytes(row.body).decode(),
            "event": row.event,
            "at": row.at,
            "organisation": row.organisation_id,
        }
        for row in AuditRow.objects.order_by("seq")
    )


def take_triggers_away(database: str) -> None:
    """Do what stops whoever has only the rights of Tocsin, but not the owner of the database."""
    with connection.cursor() as cursor:
        if database == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE store_auditrow DISABLE TRIGGER USER")
            return
        for name in ("update", "delete", "replace"):
            cursor.execute(f"DROP TRIGGER store_auditrow_{name}")


def put(trail: Trail) -> None:
    """Make the rows of the database those of a trail."""
    AuditRow.objects.all()._raw_delete("default")
    AuditRow.objects.bulk_create(
        AuditRow(
            seq=row["seq"],
            prev=bytes.fromhex(row["prev"]),
            hash=bytes.fromhex(row["hash"]),
            body=row["body"].encode(errors="surrogateescape"),
            event=row["event"],
            at=row["at"],
            organisation_id=row["organisation"],
        )
        for row in trail.rows
    )


def check_database(trail: Trail) -> list[str]:
    """Return what `tocsin audit verify` says."""
    head = read_head()
    key = Ed25519PublicKey.from_public_bytes(trail.key)
    return list(verify_rows(head.seq if head else 0, list(trail.anchors), key).faults)


def find_missed(
    genuine: Trail, ways: Mapping[str, Way], check: Callable[[Trail], list[str]]
) -> tuple[Counter[str], list[str]]:
    """Return how often each way was tried, and the ways that were not found."""
    rng = Random(20261121)
    tried: Counter[str] = Counter()
    missed = []
    for name in cycle(sorted(ways)):
        if tried.total() == N_TAMPERINGS:
            break
        changed = ways[name](genuine, rng)
        if _keeps_what_is_anchored(changed, genuine):
            continue
        tried[name] += 1
        if not check(changed):
            missed.append(name)
    return tried, missed


def _keeps_what_is_anchored(changed: Trail, genuine: Trail) -> bool:
    """Whether nothing was falsified, but for rows that were put behind the last anchor."""
    n_rows = len(genuine.rows)
    return changed.anchors == genuine.anchors and (
        changed.exported == genuine.exported
        if changed.lines
        else changed.rows[:n_rows] == genuine.rows
    )


@pytest.mark.usefixtures("database")
def test_every_tampering_of_an_export_is_found(tmp_path: Path) -> None:
    fill(40)
    rows = tuple(json.loads(line) for line in export_lines())
    genuine = anchored(rows, tmp_path)
    assert check_export(genuine) == []
    tried, missed = find_missed(genuine, WAYS_ON_EXPORTS, check_export)
    assert missed == []
    assert tried.keys() == WAYS_ON_EXPORTS.keys()


def test_every_tampering_of_the_database_is_found(database: str, tmp_path: Path) -> None:
    """Whoever owns the database takes the triggers away and changes what they like."""
    fill(40)
    genuine = anchored(stored(), tmp_path)
    assert check_database(genuine) == []
    take_triggers_away(database)

    def check(changed: Trail) -> list[str]:
        if changed.rows == genuine.rows:
            return check_database(changed)
        with suppress(_UndoneError), transaction.atomic():
            put(changed)
            faults = check_database(changed)
            raise _UndoneError
        return faults

    tried, missed = find_missed(genuine, WAYS_ON_DATABASE, check)
    assert missed == []
    assert tried.keys() == WAYS_ON_DATABASE.keys()
    assert check_database(genuine) == []


class _UndoneError(Exception):
    """Leaves a transaction so that nothing of it stays."""


@pytest.mark.usefixtures("database")
def test_what_was_written_after_the_last_anchor_can_be_cut(tmp_path: Path) -> None:
    """Told honestly: an anchor a minute means that a minute can go."""
    fill(40)
    rows = tuple(json.loads(line) for line in export_lines())
    short = anchored(rows[:30], tmp_path)
    for kept in (30, 35, 40):
        assert check_export(Trail(rows[:kept], short.anchors, short.key)) == []
    assert check_export(Trail(rows[:29], short.anchors, short.key)) != []


def test_an_auditor_can_read_the_verifier_in_full() -> None:
    lines = Path(verifier.__file__).read_text("utf-8").splitlines()
    assert len(lines) < 150
    imported = {
        line.split()[1].split(".")[0] for line in lines if line.startswith(("import", "from"))
    }
    assert imported <= sys.stdlib_module_names
