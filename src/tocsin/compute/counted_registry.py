"""A stored registry's numbers, copied into memory, so that a scope is counted while it is edited.

Copied are numbers and keys only, each kind when a scope first asks for it. Counted is by the very
expression that matches a stored registry (`stored_match`), on one row per distinct combination of
numbers; the notice's entries that speak and all truths are kept.
Source: `docs/adr/0023-scopes-counted-while-edited.md`.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.compute.duck import Duck
from tocsin.compute.row_database import (
    Row,
    RowDatabase,
    in_batches,
    row_database,
    temporary_tables,
)
from tocsin.compute.stored_match import StoredVerdicts, match_stored
from tocsin.compute.stored_records import StoredRegistry
from tocsin.match.engines.compiled_scopes import CompiledScopes
from tocsin.match.engines.relational.relations import relation_of
from tocsin.match.engines.stored_layout import (
    DICTIONARIES,
    NUMBER_COLUMNS,
    PRODUCTS,
    RECORD_COLUMNS,
    Dictionary,
    dictionary_of,
    number_column,
)
from tocsin.match.rules import SERIAL, Reasons
from tocsin.match.scopes import fact_names
from tocsin.notice.model import Notice

GROUPS = "counted_groups"
_ROWS = "counted_rows"
_FLIPPED = "flipped_groups"
_MEMORY = "2GB"
_LONG = frozenset({number_column(SERIAL)})
"""What hardly repeats: copied only when a scope asks for it."""
_KEPT = 4
"""Copies that are kept at once; a million records take about 60 MB."""


@dataclass(frozen=True)
class CopiedRegistry(StoredRegistry):
    """A registry of which `CountedRegistry` has copied what a scope asks for.

    Its records are groups: one row per combination of ``numbers``, ``n`` records each.
    """

    numbers: tuple[str, ...] = ()

    def records(self) -> ir.Table:
        """Return the groups; ``row_no`` is a group's number."""
        columns = {"row_no": pa.int64(), **dict.fromkeys(self.numbers, pa.int32())}
        return relation_of(GROUPS, columns | {"n": pa.int64()})

    def dictionary(self, dictionary: Dictionary) -> ir.Table:
        """Return the rows of a dictionary."""
        return relation_of(dictionary.name, dictionary.columns)


@dataclass
class CountedRegistry:
    """The copy of one registry at one revision.

    Attributes:
        stored: the registry in its database.
    """

    stored: StoredRegistry
    _duck: Duck = field(default_factory=lambda: Duck(_MEMORY), init=False)
    _lock: Lock = field(default_factory=Lock, init=False)
    _copied: list[str] = field(default_factory=list, init=False)
    _dictionaries: set[str] = field(default_factory=set, init=False)
    _grouped: tuple[str, ...] = field(default=(), init=False)

    @contextmanager
    def judged(self, connection: Any, notices: Sequence[Notice]) -> Iterator["JudgedGroups"]:
        """Judge notices about all groups of records; they can be read until the block ends.

        Args:
            connection: of `sqlite3` or `psycopg`, for what has not been copied yet.
            notices: at least one; not affected is a verdict here too.
        """
        kinds = kinds_of(notices)
        numbers = ("product_no", *dict.fromkeys(map(number_column, kinds)))
        with self._lock:
            self._copy(row_database(connection), numbers, kinds)
            self._group(numbers)
            here = self.stored
            copied = CopiedRegistry(here.registry_id, here.revision, here.stamp, {}, numbers)
            with match_stored(self._duck.connection, copied, notices, keep_all=True) as verdicts:
                yield JudgedGroups(verdicts, copied)

    def _copy(self, source: RowDatabase, numbers: Sequence[str], kinds: Sequence[str]) -> None:
        wanted = {PRODUCTS, *(dictionary_of(kind).name for kind in kinds)}
        for name in sorted(wanted - self._dictionaries):
            self._copy_dictionary(source, name)
        missing = [name for name in numbers if name not in self._copied]
        if not missing:
            return
        if not self._copied:  # one look at the records serves all that people usually edit
            missing = [name for name in NUMBER_COLUMNS if name in numbers or name not in _LONG]
        records = self.stored.records().select("row_no", *missing)
        columns = {name: RECORD_COLUMNS[name] for name in ("row_no", *missing)}
        self._add("_new_rows", source, records, columns)
        run = self._duck.connection.execute
        if self._copied:
            run(f"CREATE TABLE _joined AS SELECT * FROM {_ROWS} JOIN _new_rows USING (row_no)")
            run(f"DROP TABLE {_ROWS}")
            run("DROP TABLE _new_rows")
        run(f"ALTER TABLE {'_joined' if self._copied else '_new_rows'} RENAME TO {_ROWS}")
        self._copied += missing

    def _copy_dictionary(self, source: RowDatabase, name: str) -> None:
        dictionary = next(each for each in DICTIONARIES.values() if each.name == name)
        table = self.stored.dictionary(dictionary).select(*dictionary.columns)
        self._add(name, source, table, dictionary.columns)
        self._dictionaries.add(name)

    def _add(
        self, name: str, source: RowDatabase, table: ir.Table, columns: Mapping[str, pa.DataType]
    ) -> None:
        schema = pa.schema(list(columns.items()))
        parts = [schema.empty_table()]
        for rows in in_batches(source.rows(table)):
            arrays = [
                pa.array(values, kind)
                for kind, values in zip(columns.values(), zip(*rows, strict=True), strict=True)
            ]
            parts.append(pa.table(arrays, schema=schema))
        self._duck.add(name, pa.concat_tables(parts))

    def _group(self, numbers: tuple[str, ...]) -> None:
        if numbers == self._grouped:  # who types asks for the same kinds again and again
            return
        listed = ", ".join(numbers)
        self._duck.connection.execute(
            f"""CREATE OR REPLACE TABLE {GROUPS} AS
            SELECT row_number() OVER () AS row_no, {listed}, count(*) AS n
            FROM {_ROWS} GROUP BY {listed}"""
        )
        self._grouped = numbers


@dataclass(frozen=True)
class JudgedGroups:
    """The verdicts of some notices on groups of records.

    Attributes:
        verdicts: as `match_stored` gives them, those that are not affected too.
        copied: the groups.
    """

    verdicts: StoredVerdicts
    copied: CopiedRegistry

    def counts(self) -> list[Row]:
        """Return notice's place, entry's place (None: no entry names it), truth, n records."""
        groups = self.copied.records().select("row_no", "n")
        joined = self.verdicts.relation().inner_join(groups, "row_no")
        gap = joined.reason < 0
        counted = joined.group_by("notice_no", "entry_no", "truth", gap=gap).agg(n=joined.n.sum())
        return [
            (notice_no, entry_no, truth, bool(is_gap), int(n))
            for notice_no, entry_no, truth, is_gap, n in self.verdicts.database.rows(
                counted.select("notice_no", "entry_no", "truth", "gap", "n")
            )
        ]

    def changed_groups(self) -> pa.Table:
        """Return groups on which the second notice judges otherwise than the first.

        Columns: the groups' numbers, ``was``, ``now``, ``n``, and ``was_entry``, ``now_entry``.
        """
        groups, told = self.copied.records(), self.verdicts.relation()
        was = told.filter(told.notice_no == 0).select(
            "row_no", was=told.truth, was_entry=told.entry_no
        )
        now = told.filter(told.notice_no == 1).select(
            "row_no", now=told.truth, now_entry=told.entry_no
        )
        both = groups.inner_join(was, "row_no").inner_join(now, "row_no")
        both = both.filter(both.was != both.now)
        columns = [*self.copied.numbers, "was", "now", "was_entry", "now_entry", "n"]
        types = dict.fromkeys(columns, pa.int32()) | {"n": pa.int64()}
        rows = list(self.verdicts.database.rows(both.select(*columns)))
        arrays = zip(*rows, strict=True) if rows else [[]] * len(columns)
        return pa.table(
            {name: pa.array(list(v), types[name]) for name, v in zip(columns, arrays, strict=True)}
        )


def kinds_of(notices: Sequence[Notice]) -> list[str]:
    """Return the kinds of constraints that notices make, in the engine's order."""
    scopes = CompiledScopes(notices, Reasons(fact_names(notices)), as_if_reviewed=False)
    return list(scopes.kinds)


class CountedRegistries:
    """The copies that this process keeps: the least lately used one is dropped."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._lock = Lock()
        self._copies: OrderedDict[Hashable, CountedRegistry] = OrderedDict()

    def get(self, key: Hashable, stored: StoredRegistry) -> CountedRegistry:
        """Return the copy of a registry, begun if there is none.

        Args:
            key: tells one state of one registry from all others, in whatever database.
            stored: the registry.
        """
        with self._lock:
            found = self._copies.pop(key, None) or CountedRegistry(stored)
            self._copies[key] = found
            while len(self._copies) > self._most:
                self._copies.popitem(last=False)
        return found


def records_of_groups(
    connection: Any, stored: StoredRegistry, groups: pa.Table, most: int
) -> Iterator[Row]:
    """Yield some records of groups that get a lesser verdict.

    Args:
        connection: of `sqlite3` or `psycopg`.
        stored: the registry in its database.
        groups: of `JudgedGroups.changed_groups`.
        most: how many records at most.

    Yields:
        Device's id, truth before and after, place of the entry that spoke and of the one that
        speaks now.
    """
    numbers = [name for name in groups.column_names if name in NUMBER_COLUMNS]
    lesser = groups.filter(pc.less(groups["now"], groups["was"]))
    if lesser.num_rows == 0:
        return
    with temporary_tables(connection) as database:
        database.add(_FLIPPED, [lesser], [numbers])
        flipped = relation_of(_FLIPPED, lesser.schema)
        joined = stored.records().inner_join(flipped, numbers)
        chosen = joined.select("device_id", "was", "now", "was_entry", "now_entry").limit(most)
        yield from sorted(database.rows(chosen))
