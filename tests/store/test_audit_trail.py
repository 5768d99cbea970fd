"""The audit trail: it grows with every change, and shows every tampering."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tocsin.store.audit.trail import (
    AuditOutsideTransaction,
    Event,
    find_faults,
    read_head,
    read_rows,
    record_event,
)

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def fill(n_rows: int) -> None:
    for number in range(n_rows):
        record_event(
            Event(
                "notice_published",
                START + timedelta(minutes=number),
                f"user:{number % 3}",
                f"notice:{number}",
                new={"revision": number, "title": "Überdosis – ½ µl"},
                reason=None if number % 2 else "asked by the authority",
            )
        )


@pytest.mark.usefixtures("database")
def test_what_was_recorded_is_a_chain() -> None:
    fill(20)
    assert list(find_faults()) == []
    assert [row.seq for row in read_rows()] == list(range(1, 21))
    head = read_head()
    assert head is not None
    assert json.loads(head.body)["subject"] == "notice:19"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE store_auditrow SET event = 'nothing' WHERE seq = 3",
        "DELETE FROM store_auditrow WHERE seq = 5",
        "DELETE FROM store_auditrow",
    ],
)
@pytest.mark.usefixtures("database")
def test_the_database_refuses_to_change_a_row(statement: str) -> None:
    fill(5)
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_refuses_what_only_it_can_do(database: str) -> None:
    fill(3)
    statement = "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE store_auditrow"
    if database == "sqlite":
        columns = "seq, prev, body, hash, event, at, organisation_id"
        statement = (
            f"REPLACE INTO store_auditrow ({columns}) SELECT seq, prev, body, hash, 'x', at, "
            "organisation_id FROM store_auditrow WHERE seq = 2"
        )
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.usefixtures("opened")
def test_an_event_without_its_change_is_refused() -> None:
    with pytest.raises(AuditOutsideTransaction):
        record_event(Event("notice_published", START, "user:1", "notice:1"))
