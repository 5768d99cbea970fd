"""An empty database gets the very tables that all changes since the first come to."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.recorder import MigrationRecorder

from tests.lib.databases import point_to
from tocsin.services.installation import pending_steps
from tocsin.store import new_tables
from tocsin.store.new_tables import is_empty, make_tables

_ROOM = {
    "sqlite": "SELECT name FROM sqlite_master WHERE FALSE",
    "postgresql": "SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL "
    "AND relnamespace = 'public'::regnamespace",
}
UNUSED = {"auth_group_permissions"}
"""Django's own, without a row here: its rows' number is an int or, after changes, a bigint."""
_NUMBERS = count()
_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) "
    "FROM pg_trigger WHERE NOT tgisinternal",
}
_RULES = {  # what the introspection leaves out
    "sqlite": "SELECT name FROM sqlite_master WHERE FALSE",
    "postgresql": "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
}


def described() -> dict[str, Any]:
    """Return what is known of the database's tables but names of rules and orders of columns."""
    told: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = connection.introspection.get_table_description(cursor, table)
            rules = connection.introspection.get_constraints(cursor, table).values()
            told[table] = {(each[0], *each[1:8]) for each in columns}, sorted(map(_rule, rules))
        for name, statements in (("triggers", _TRIGGERS), ("rules", _RULES), ("room", _ROOM)):
            cursor.execute(statements[connection.vendor])
            told[name] = sorted(map(str, cursor.fetchall()))
    told["changes"] = set(MigrationRecorder(connection).applied_migrations())
    return told


def _rule(rule: dict[str, Any]) -> str:
    columns = rule["columns"] or []
    # SQLite tells a key in the order of the table's columns.
    ordered = sorted(columns) if rule["primary_key"] else columns
    return repr({**rule, "columns": ordered, "orders": list(rule.get("orders") or [])})


@pytest.fixture
def two_empty(opened: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Return the addresses of two empty databases of a kind; go back to the usual one after."""
    before = connections.settings["default"]
    if opened.kind == "sqlite":
        yield [f"sqlite:///{tmp_path}/{name}.sqlite3" for name in ("one", "two")]
    else:
        create: Callable[[str], str] = request.getfixturevalue("postgres").create
        yield [create(f"new_{next(_NUMBERS)}") for _ in range(2)]
    point_to(before)


def test_both_ways_lead_to_the_same_tables(two_empty: list[str]) -> None:
    point_to(two_empty[0])
    call_command("migrate", verbosity=0)
    by_changes = described()
    point_to(two_empty[1])
    assert is_empty()
    make_tables()
    assert not is_empty()
    at_once = described()
    assert at_once.keys() == by_changes.keys()
    different = {name: (at_once[name], by_changes[name]) for name in at_once.keys() - UNUSED}
    assert {name: two for name, two in different.items() if two[0] != two[1]} == {}
    assert pending_steps() == []


def test_a_fault_in_the_middle_leaves_the_database_empty(
    two_empty: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_editor: Any) -> None:
        raise DatabaseError("no room")

    point_to(two_empty[0])
    monkeypatch.setattr(new_tables, "renew_triggers", fail)
    with pytest.raises(DatabaseError, match="no room"):
        make_tables()
    assert is_empty()
    monkeypatch.undo()
    make_tables()
    assert pending_steps() == []
