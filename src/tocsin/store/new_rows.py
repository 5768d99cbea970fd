"""New rows from models, the quick way of each database: COPY on PostgreSQL, executemany on SQLite.

The framework asks every field of every row how it is written, which takes longer than writing it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from tocsin.store.tables.owned import Owned
from tocsin.store.tenancy import check_owner


def add_rows(rows: Sequence[Owned]) -> None:
    """Add rows of one table to the organisation that we act for; each is told its number.

    All in one transaction, or in that of the caller. Their defaults stand in them already.

    Raises:
        OtherOrganisation: if one of them belongs to another; none was added.
        IntegrityError: if the database refuses one; none was added.
    """
    if not rows:
        return
    for row in rows:
        row.organisation_id = check_owner(row.organisation_id)
    table = type(rows[0])
    with transaction.atomic(savepoint=False):
        if table._meta.auto_field is not None:  # noqa: SLF001 - Django's own name
            for row, number in zip(rows, _numbers(table, len(rows)), strict=True):
                row.pk = number
        read, columns = _columns(table)
        _ADD[connection.vendor](_quoted(table), columns, map(read, rows))


@cache
def _columns(table: type[Owned]) -> tuple[Callable[[Owned], tuple[Any, ...]], tuple[str, ...]]:
    """Return what reads a row's values, and the columns in which they stand."""
    fields = table._meta.concrete_fields  # noqa: SLF001
    names = tuple(connection.ops.quote_name(each.column) for each in fields)
    return attrgetter(*(each.attname for each in fields)), names


def _numbers(table: type[models.Model], n: int) -> Iterable[int]:
    """Return numbers that no row has or will get from elsewhere."""
    name = table._meta.db_table  # noqa: SLF001
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [_quoted(table), n],
            )
            return [number for (number,) in cursor.fetchall()]
        # Nobody else writes: our transaction has the lock. The row that counts follows by itself.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [name])
        last = next(iter(cursor.fetchall()), (0,))[0]
        return range(last + 1, last + 1 + n)


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        copying = cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN")
        with connection.wrap_database_errors, copying as copy:
            for row in rows:
                copy.write_row(row)


def _insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    told = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
    raw: Any = connection.connection
    with connection.wrap_database_errors:
        raw.executemany(told, (tuple(map(_as_sqlite, row)) for row in rows))


def _as_sqlite(value: Any) -> Any:
    write = _SQLITE_FORMS.get(type(value))
    return value if write is None else write(value)


def _quoted(table: type[models.Model]) -> str:
    return connection.ops.quote_name(table._meta.db_table)  # noqa: SLF001


# As the framework writes them: tests/store/test_new_rows.py compares.
_SQLITE_FORMS: Mapping[type, Callable[[Any], Any]] = MappingProxyType(
    {
        UUID: lambda value: value.hex,
        datetime: lambda value: str(value.astimezone(UTC).replace(tzinfo=None)),
    }
)
_ADD = MappingProxyType({"postgresql": _copy, "sqlite": _insert})
