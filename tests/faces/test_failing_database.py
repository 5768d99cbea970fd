"""A database that fails in the middle of a command: a sentence, and not called our fault."""

import sqlite3

import pytest
from django.db import InterfaceError, OperationalError

from tests.lib.databases import Opened
from tocsin.cli.main import _report
from tocsin.store.database import DatabaseUrlUnknown, database_settings, is_out_of_room


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("server closed the connection unexpectedly\n\tThis probably means"),
        OperationalError("database or disk is full"),
        InterfaceError("connection already closed"),
    ],
    ids=str,
)
def test_what_the_database_says_and_what_to_do(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _report(error) == 3
    said = capsys.readouterr().err
    assert said.startswith(f"tocsin: The database has failed in the middle: {str(error)[:20]}")
    assert "of the rest nothing was kept" in said
    assert "\t" not in said


@pytest.mark.parametrize("text", ["no such table: store_x", 'near "SELEKT": syntax error'])
def test_a_wrong_statement_stays_our_fault(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _report(OperationalError(text)) == 1
    assert "this is our fault (OperationalError)" in capsys.readouterr().err


def test_only_a_full_disk_is_a_full_disk(own_database: Opened) -> None:
    from django.db import connection

    assert is_out_of_room(OperationalError("database or disk is full"))
    assert not is_out_of_room(OperationalError("database is locked"))
    if own_database.kind == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1")  # smaller than it is: then as it is
            with pytest.raises(OperationalError) as told:
                cursor.execute("CREATE TABLE more (text)")
        assert isinstance(told.value.__cause__, sqlite3.OperationalError)
        assert is_out_of_room(told.value)


@pytest.mark.parametrize(
    "url", ["mysql://ann:hush@host/x", "postgres//hush", "tocsin.db", "postgresql://a:hush@[x/y"]
)
def test_an_address_of_no_database_of_ours_is_told_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseUrlUnknown, match="postgresql://USER") as told:
        database_settings(url)
    assert "hush" not in str(told.value)
