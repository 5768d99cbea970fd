"""Counts on copied numbers are those of a match of each record, on SQLite and PostgreSQL."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from tests.integration.test_stored_registry import store
from tests.lib.empty_databases import OpenEmpty
from tests.lib.random_records import random_rows
from tests.lib.random_scopes import random_notices
from tests.lib.stored_tables import TABLES, create_indexes, create_tables
from tocsin.compute.counted_registry import (
    CountedRegistries,
    CountedRegistry,
    records_of_groups,
)
from tocsin.compute.registry_keys import key_stamp
from tocsin.compute.stored_match import match_stored
from tocsin.compute.stored_records import StoredRegistry
from tocsin.notice.model import Notice

RECORD = TABLES["records"]


@pytest.fixture(scope="module")
def notices() -> list[Notice]:
    return random_notices(Random(11), 4)


def judged_singly(
    connection: Any, stored: StoredRegistry, notice: Notice
) -> dict[str, tuple[int, int | None, bool]]:
    """Return truth, deciding entry and whether it is a gap of every record, by its id."""
    with match_stored(connection, stored, [notice], keep_all=True):
        rows = connection.execute(
            f"SELECT device_id, truth, entry_no, reason < 0 FROM verdicts "
            f"JOIN {RECORD} USING (row_no)"
        ).fetchall()
    return {device: (truth, entry_no, bool(is_gap)) for device, truth, entry_no, is_gap in rows}


@pytest.mark.parametrize("stamp", [key_stamp(), "other code"])
def test_counts_and_flips_are_those_of_single_records(
    empty_database: OpenEmpty, notices: list[Notice], stamp: str
) -> None:
    rows = random_rows(Random(3), notices, 60)
    with empty_database() as connection:
        create_tables(connection)
        create_indexes(connection)
        store(connection, rows)
        store(connection, random_rows(Random(4), notices, 20), registry_id=2)
        stored = StoredRegistry(1, 1, stamp, TABLES)
        counted = CountedRegistry(stored)
        before = judged_singly(connection, stored, notices[0])
        assert len(before) == len(rows)
        for notice in notices:
            singly = judged_singly(connection, stored, notice)
            with counted.judged(connection, [notice]) as judged:
                found = judged.counts()
            counts = {(entry, truth, gap): n for _, entry, truth, gap, n in found}
            expected = Counter((entry, truth, gap) for truth, entry, gap in singly.values())
            assert counts == expected
            # The same notice's name, as a draft has that of its kept revision.
            named = notice.model_copy(update={"notice": notices[0].notice, "revision": 9})
            with counted.judged(connection, [notices[0], named]) as judged:
                groups = judged.changed_groups()
            changed = {id_ for id_ in singly if singly[id_][0] != before[id_][0]}
            assert sum(groups["n"].to_pylist()) == len(changed)
            lesser = {id_ for id_ in changed if singly[id_][0] < before[id_][0]}
            told = list(records_of_groups(connection, stored, groups, 1000))
            assert {device for device, *_ in told} == lesser
            assert len(list(records_of_groups(connection, stored, groups, 2))) == min(
                2, len(lesser)
            )


def test_the_copy_that_was_not_used_for_longest_is_dropped() -> None:
    copies = CountedRegistries(most=2)
    stored = StoredRegistry(1, 1, "", {})
    first, second = copies.get("a", stored), copies.get("b", stored)
    assert copies.get("a", stored) is first
    copies.get("c", stored)
    assert copies.get("a", stored) is first
    assert copies.get("b", stored) is not second
