"""Rows that the database itself keeps: every trigger is there, on every kept table, and fires."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from tocsin.store.kept_rows import TABLES, trigger_names

_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
}
pytestmark = pytest.mark.usefixtures("database")


def present() -> dict[str, str]:
    """Return the triggers that there are, and on which tables."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS[connection.vendor])
        return dict(cursor.fetchall())


def test_all_triggers_are_there_and_no_other_on_kept_tables() -> None:
    found = {name: table for name, table in present().items() if table in TABLES}
    assert set(found) == trigger_names(connection.vendor)
    assert set(found.values()) == set(TABLES)


@pytest.fixture
def any_row() -> Iterator[None]:
    """Take rows that fit nothing: SQLite's triggers need one to fire."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        savepoint = transaction.savepoint()
        yield
        transaction.savepoint_rollback(savepoint)
        cursor.execute("PRAGMA ignore_check_constraints = OFF")


@pytest.mark.parametrize("table", sorted(TABLES))
def test_no_kept_row_can_be_deleted(
    table: str, database: str, request: pytest.FixtureRequest
) -> None:
    with connection.cursor() as cursor:
        if database == "postgresql":  # which refuses to empty even an empty table
            with refused():
                cursor.execute(f"TRUNCATE {table} CASCADE")
            return
        request.getfixturevalue("any_row")
        described = connection.introspection.get_table_description(cursor, table)
        columns, ones = ", ".join(c.name for c in described), ", ".join("1" for _ in described)
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({ones})")
        with refused():
            cursor.execute(f"DELETE FROM {table}")
        with refused():
            cursor.execute(f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({ones})")


class refused:  # noqa: N801 - reads as a word of the with statement
    """Check that the database refuses what the block does, and keep the transaction."""

    def __enter__(self) -> None:
        self.inner = transaction.atomic()
        self.inner.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> bool:
        self.inner.__exit__(kind, error, None)
        assert isinstance(error, DatabaseError), "nothing was refused"
        assert "never changed or deleted" in str(error)
        return True
