"""Two kept sets of verdicts of one action -> what changes for each device, in the database.

A device may have another row in the new revision of its registry, so that devices are paired
by their id. Counts and lists are those of `verdict_diff`, which does the same for files.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from tocsin.compute.row_database import Row, RowDatabase, temporary_tables
from tocsin.compute.verdict_changes import changed_verdicts
from tocsin.match.engines.relational.relations import relation_of
from tocsin.match.engines.stored_layout import (
    RECORD_COLUMNS,
    RECORDS,
    SET_COLUMN,
    VERDICT_COLUMNS,
    VERDICTS,
)
from tocsin.match.figures import Change

CHANGES = "verdict_changes"
CHANGE_COLUMNS: Mapping[str, pa.DataType] = {
    "device_id": pa.string(),
    "notice_no": pa.int32(),
    "was": pa.int32(),
    "now": pa.int32(),
    "change": pa.string(),
}


@dataclass(frozen=True)
class VerdictSets:
    """Two sets of verdicts about one registry.

    Attributes:
        registry_id: the registry's key.
        old, new: the keys of the sets.
        tables: as in `stored_records.StoredRegistry`.
    """

    registry_id: int
    old: int
    new: int
    tables: Mapping[str, str] = field(default_factory=dict)

    def verdicts(self, set_id: int) -> ir.Table:
        """Return the verdicts of one set by device and notice."""
        columns = {SET_COLUMN: pa.int64(), **VERDICT_COLUMNS}
        verdicts = relation_of(self.tables.get(VERDICTS, VERDICTS), columns)
        records = relation_of(self.tables.get(RECORDS, RECORDS), RECORD_COLUMNS)
        records = records.filter(records.registry_id == self.registry_id)
        found = verdicts.filter(verdicts.set_id == set_id).select("row_no", "notice_no", "truth")
        joined = found.inner_join(records.select("row_no", "device_id"), "row_no")
        return joined.select("device_id", "notice_no", "truth")


@dataclass(frozen=True)
class StoredChanges:
    """A database in which the temporary table ``verdict_changes`` stands.

    Grain: one row per device and notice that either set concerns. Columns: `CHANGE_COLUMNS`;
    ``was`` and ``now`` are truths, ``change`` is a value of `Change`.
    """

    database: RowDatabase

    def rows(self) -> Iterator[Row]:
        """Yield the changes, no order of rows."""
        yield from self.database.rows(self._relation())

    def counts(self) -> dict[Change, int]:
        """Return how many devices and notices have each change."""
        changes = self._relation()
        counted = changes.group_by("change").agg(n=changes.count())
        found = {Change(change): int(n) for change, n in self.database.rows(counted)}
        return {change: found.get(change, 0) for change in Change}

    def _relation(self) -> ir.Table:
        return relation_of(CHANGES, CHANGE_COLUMNS)


@contextmanager
def diff_stored(
    connection: Any, sets: VerdictSets, *, told_differently: bool
) -> Iterator[StoredChanges]:
    """Compare two sets of verdicts; the table of changes stands until the block ends.

    Args:
        connection: of `sqlite3` or `psycopg`, opened by the caller; main tables are only read.
        sets: which.
        told_differently: whether instructions changed, so that who stays in scope must be
            contacted again.
    """
    changes = changed_verdicts(
        sets.verdicts(sets.old),
        sets.verdicts(sets.new),
        ["device_id", "notice_no"],
        told_differently=told_differently,
    )
    with temporary_tables(connection) as database:
        database.create(CHANGES, changes.select(*CHANGE_COLUMNS))
        yield StoredChanges(database)
