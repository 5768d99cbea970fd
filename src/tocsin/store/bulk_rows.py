"""Many rows at once, the quick way of each database: COPY on PostgreSQL, executemany on SQLite.

Only tables of an organisation's rows; the organisation is the one that we act for. Everything
runs in the transaction of the caller.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

from tocsin.store.tables.owned import Owned
from tocsin.store.tenancy import current_organisation

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 50_000


def insert_batch(
    table: type[Owned], batch: "pa.RecordBatch", constants: Mapping[str, int | None]
) -> None:
    """Add the rows of an Arrow batch to a table.

    Args:
        table: whose columns the batch names; a column may be left out that has a default.
        batch: the rows.
        constants: columns that are the same in every row.
    """
    values = {"organisation_id": current_organisation(), **constants}
    columns = [*values, *batch.schema.names]
    name, listed = _name(table), ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            copying = cursor.copy(f"COPY {name} ({listed}) FROM STDIN (FORMAT csv)")
            # Django wraps the call only, and a full disk is told by what follows it.
            with connection.wrap_database_errors, copying as copy:
                copy.write(_csv(batch, values))
            return
        fixed = ", ".join(str(int(v)) if v is not None else "NULL" for v in values.values())
        marks = ", ".join(["%s"] * batch.num_columns)
        rows = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
        cursor.executemany(f"INSERT INTO {name} ({listed}) VALUES ({fixed}, {marks})", rows)  # noqa: S608


def _csv(batch: "pa.RecordBatch", constants: Mapping[str, int | None]) -> memoryview:
    """Return rows as PostgreSQL reads them: texts in quotes, null without."""
    import pyarrow as pa  # noqa: PLC0415 - only imports need it
    from pyarrow import csv  # noqa: PLC0415

    fixed = {
        name: pa.repeat(pa.scalar(value, pa.int64()), len(batch))
        for name, value in constants.items()
    }
    columns = {**fixed, **dict(zip(batch.schema.names, batch.columns, strict=True))}
    text = io.BytesIO()
    csv.write_csv(pa.table(columns), text, csv.WriteOptions(include_header=False))
    return text.getbuffer()


def close_records(table: type[Owned], row_nos: Sequence[int], until_revision: int) -> int:
    """End the states of device records; return how many were open until now."""
    name = _name(table)
    where = "organisation_id = %s AND until_revision IS NULL AND row_no"
    owner = current_organisation()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sql = f"UPDATE {name} SET until_revision = %s WHERE {where} = ANY(%s)"  # noqa: S608
            cursor.execute(sql, [until_revision, owner, list(row_nos)])
            return int(cursor.rowcount)
        sql = f"UPDATE {name} SET until_revision = %s WHERE {where} = %s"  # noqa: S608
        cursor.executemany(sql, [(until_revision, owner, row_no) for row_no in row_nos])
        return int(cursor.rowcount)


def undo_records(table: type[Owned], registry_id: int, revision: int) -> int:
    """Take back some of what an unfinished revision has written; return how many rows.

    Call it in transactions of their own until it returns 0.
    """
    name, owner = _name(table), current_organisation()
    scope = "organisation_id = %s AND registry_id = %s"
    some = f"SELECT row_no FROM {name} WHERE {scope} AND {{}} = %s LIMIT {AT_ONCE}"  # noqa: S608
    asked = [owner, registry_id, revision]
    with connection.cursor() as cursor:
        written = some.format("since_revision")
        cursor.execute(f"DELETE FROM {name} WHERE row_no IN ({written})", asked)  # noqa: S608
        if cursor.rowcount:
            return int(cursor.rowcount)
        ended = some.format("until_revision")
        sql = f"UPDATE {name} SET until_revision = NULL WHERE row_no IN ({ended})"  # noqa: S608
        cursor.execute(sql, asked)
        return int(cursor.rowcount)


def read_batches(
    table: type[Owned], columns: Mapping[str, "pa.DataType"], where: Mapping[str, Any]
) -> Iterator["pa.RecordBatch"]:
    """Yield some columns of an organisation's rows as Arrow batches."""
    import pyarrow as pa  # noqa: PLC0415

    found = table.objects.filter(**where).values_list(*columns).iterator(chunk_size=AT_ONCE)
    while rows := [row for _, row in zip(range(AT_ONCE), found, strict=False)]:
        arrays = {
            name: pa.array(values, kind)
            for (name, kind), values in zip(columns.items(), zip(*rows, strict=True), strict=True)
        }
        yield pa.record_batch(arrays)


def _name(table: type[Owned]) -> str:
    return connection.ops.quote_name(table._meta.db_table)  # noqa: SLF001 - Django's own name
