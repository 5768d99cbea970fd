"""Registries that a database keeps: numbered once, matched at a revision, compared."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from tests.lib.empty_databases import OpenEmpty
from tests.lib.engines import ask_again, ask_reference, find_differences, registry_table
from tests.lib.random_records import Row, random_rows
from tests.lib.random_scopes import random_notices
from tests.lib.stored_tables import (
    TABLES,
    create_indexes,
    create_tables,
    keep_verdicts,
    read_dictionaries,
    store_registry,
)
from tocsin.compute.duck import duck_database
from tocsin.compute.registry_keys import key_stamp
from tocsin.compute.stored_diff import VerdictSets, diff_stored
from tocsin.compute.stored_keying import KeyedRegistry, key_registry
from tocsin.compute.stored_keys import facts_of, rekeyed
from tocsin.compute.stored_match import match_stored
from tocsin.compute.stored_records import StoredRegistry
from tocsin.compute.verdict_diff import count_changes
from tocsin.compute.verdict_table import match_loaded
from tocsin.match.engines.stored_layout import (
    CODED_KINDS,
    DICTIONARIES,
    NUMBER_COLUMNS,
    RECORD_COLUMNS,
    RECORDS,
    TEXT_COLUMNS,
)
from tocsin.match.figures import Change
from tocsin.notice.model import Notice
from tocsin.registry.schema import COLUMNS, DAY_COLUMNS

RECORD = TABLES[RECORDS]
ROWS: list[Row] = [
    {
        "device_id": "D1",
        "model": "MMT-522",
        "software_version": "2.4A",
        "lot": "A 1",
        "udi": "(01)00643169000001(10)A1",
        "made_on": "2011-02",
        "fact.ring": "yes",
        "ward": "3 B",
    },
    {"device_id": "D2", "model": "MMT-522", "software_version": "2.4A", "lot": None, "ward": ""},
    {"device_id": "D3", "model": "MMT-723", "software_version": "2.4A", "made_on": "soon\x00"},
]


def keyed_rows(rows: list[Row], known: dict[str, list[pa.RecordBatch]] | None = None) -> Any:
    """Return records and new dictionary rows as lists of dictionaries, and what was counted."""
    with duck_database("1GB") as duck:
        duck.add("registry", registry_table(rows))
        keyed = key_registry(duck, 7, known)
        records = [row for batch in keyed.record_rows() for row in batch.to_pylist()]
        new = {
            name: [row for batch in keyed.dictionary_rows(name) for row in batch.to_pylist()]
            for name in DICTIONARIES
        }
        return records, new, keyed


def store(
    connection: Any, rows: list[Row], registry_id: int = 1, revision: int = 1
) -> KeyedRegistry:
    with duck_database("1GB") as duck:
        duck.add("registry", registry_table(rows))
        keyed = key_registry(duck, registry_id, read_dictionaries(connection, registry_id))
        store_registry(connection, keyed, registry_id, revision)
        return keyed


def test_the_layout_keeps_every_column_of_a_registry() -> None:
    assert set(COLUMNS) < set(RECORD_COLUMNS)
    assert {f"{kind}_no" for kind in (*CODED_KINDS, *DAY_COLUMNS)} < set(RECORD_COLUMNS)
    assert list(RECORD_COLUMNS)[4:] == [*NUMBER_COLUMNS, *TEXT_COLUMNS]


def test_records_keep_their_texts_and_numbers_lead_to_them() -> None:
    records, new, keyed = keyed_rows(ROWS)
    assert [r["device_id"] for r in sorted(records, key=lambda r: r["device_id"])] == [
        "D1",
        "D2",
        "D3",
    ]
    first = next(r for r in records if r["device_id"] == "D1")
    assert (first["lot"], first["made_on"], first["serial"]) == ("A 1", "2011-02", "")
    assert json.loads(first["other_columns"]) == {"ward": "3 B"}
    by_number = {
        name: {row[DICTIONARIES[name].number]: row for row in rows} for name, rows in new.items()
    }
    lot = by_number["lot"][first["lot_no"]]
    assert (lot["lot_of_column"], lot["lot_text"], lot["product_no"]) == (
        "A 1",
        "A1",
        first["product_no"],
    )
    assert by_number["products"][first["product_no"]]["model"] == "MMT-522"
    assert facts_of(by_number["facts"][first["facts_no"]]["facts"]) == {"fact.ring": "yes"}
    day = by_number["days"][first["made_on_no"]]
    assert (day["kind"], day["of_column"], day["high"] - day["low"]) == ("made_on", "2011-02", 27)
    assert all(row["registry_id"] == 7 for rows in new.values() for row in rows)
    assert keyed.n_records == 3


def test_a_nul_that_no_database_keeps_is_shown_and_counted() -> None:
    records, _, keyed = keyed_rows(ROWS)
    third = next(r for r in records if r["device_id"] == "D3")
    assert third["made_on"] == "soon\ufffd"
    assert keyed.n_with_nul == 1


def test_a_second_import_keeps_numbers_and_adds_only_what_is_new(empty_database: OpenEmpty) -> None:
    with empty_database() as connection:
        create_tables(connection)
        store(connection, ROWS)
        known = read_dictionaries(connection, 1)
    before, _, _ = keyed_rows(ROWS)
    again, new, _ = keyed_rows(ROWS, known)
    assert not any(new.values())
    assert sorted(map(str, again)) == sorted(map(str, before))
    other = {**ROWS[1], "device_id": "D4", "software_version": "2.5A"}
    records, new, keyed = keyed_rows([*ROWS, other], known)
    assert [row["software_of_column"] for row in new["software"]] == ["2.5A"]
    assert {name: n for name, n in keyed.n_new.items() if n} == {"software": 1}
    fourth = next(r for r in records if r["device_id"] == "D4")
    assert fourth["software_no"] == new["software"][0]["software_no"]


def test_keys_read_anew_are_those_of_the_import() -> None:
    _, new, _ = keyed_rows(random_rows(Random(4), random_notices(Random(4), 4), 150))
    for name, rows in new.items():
        schema = pa.schema(list(DICTIONARIES[name].columns.items()))
        batch = pa.RecordBatch.from_pylist(rows, schema)
        assert [b.to_pylist() for b in rekeyed(name, [batch])] == [rows]


@pytest.fixture(scope="module")
def notices() -> list[Notice]:
    return random_notices(Random(11), 6)


def judged(rows: list[Row], notices: list[Notice]) -> Any:
    return ask_reference(notices, rows)


def test_a_registry_is_matched_as_it_was_at_a_revision(
    empty_database: OpenEmpty, notices: list[Notice]
) -> None:
    """Half of the records get other values in revision 2; their old rows are closed."""
    old = random_rows(Random(1), notices, 60)
    new = random_rows(Random(2), notices, 60)[:30]
    with empty_database() as connection:
        create_tables(connection)
        create_indexes(connection)
        store(connection, old)
        ids = [row["device_id"] for row in new]
        assert ids == [row["device_id"] for row in old[:30]]
        marks = ", ".join(f"'{one}'" for one in ids)
        connection.execute(f"UPDATE {RECORD} SET until_revision = 2 WHERE device_id IN ({marks})")
        store(connection, new, revision=2)
        for revision, rows in ((1, old), (2, [*new, *old[30:]])):
            found = ask_again(connection, notices, revision)
            assert not find_differences(judged(rows, notices), found, all_kept=True)


def test_another_registry_in_the_same_tables_does_not_matter(
    empty_database: OpenEmpty, notices: list[Notice]
) -> None:
    mine, theirs = random_rows(Random(1), notices, 40), random_rows(Random(2), notices, 40)
    with empty_database() as connection:
        create_tables(connection)
        store(connection, theirs, registry_id=2)
        store(connection, mine, registry_id=1)
        found = ask_again(connection, notices, 1)
    assert not find_differences(judged(mine, notices), found, all_kept=True)


def test_matching_leaves_nothing_behind_and_changes_nothing(
    empty_database: OpenEmpty, notices: list[Notice]
) -> None:
    with empty_database() as connection:
        create_tables(connection)
        store(connection, random_rows(Random(1), notices, 40))
        before = everything(connection)
        stored = StoredRegistry(1, 1, key_stamp(), TABLES)
        with match_stored(connection, stored, notices, keep_all=True):
            pass
        with match_stored(connection, stored, notices) as verdicts:
            assert list(verdicts.rows())
        with match_stored(connection, stored, notices) as verdicts:
            assert next(verdicts.rows())  # and no more of them
        with pytest.raises(KeyError), match_stored(connection, stored, notices):
            raise KeyError
        assert everything(connection) == before


def everything(connection: Any) -> dict[str, list[Any]]:
    """Return the rows of all main tables, and the names of temporary ones."""
    found = {
        table: sorted(map(repr, connection.execute(f"SELECT * FROM {table}").fetchall()))
        for table in TABLES.values()
    }
    catalogue = "SELECT name FROM sqlite_temp_schema"
    if "sqlite3" not in type(connection).__module__:
        catalogue = "SELECT relname FROM pg_class WHERE relpersistence = 't'"
    found["temporary"] = connection.execute(catalogue).fetchall()
    return found


def test_the_assumed_manufacturer_counts_as_in_files(empty_database: OpenEmpty) -> None:
    notice = Path(__file__).parents[2] / "src/tocsin/cases/data/case_a.yaml"
    from tocsin.services.notices import read_notices

    case = read_notices([notice])
    rows: list[Row] = [{"device_id": "D1", "manufacturer": "", "model": "522"}]
    with empty_database() as connection:
        create_tables(connection)
        store(connection, rows)
        stored = StoredRegistry(1, 1, key_stamp(), TABLES)
        found = []
        for maker in (None, "Medtronic"):
            with match_stored(connection, stored, case, assumed_manufacturer=maker) as verdicts:
                found.append([row[2] for row in verdicts.rows()])
    assert found == [[1], [2]]


@pytest.mark.parametrize(("told_differently", "moved"), [(True, "newly_in"), (False, "newly_out")])
def test_two_kept_sets_differ_as_two_revisions_of_a_notice_do(
    empty_database: OpenEmpty, told_differently: bool, moved: str
) -> None:
    narrow, wide = random_notices(Random(5), 2)
    wide = wide.model_copy(update={"notice": narrow.notice, "revision": narrow.revision + 1})
    old, new = (narrow, wide) if moved == Change.NEWLY_IN else (wide, narrow)
    rows = random_rows(Random(7), [old, new], 300)
    with duck_database("1GB") as duck:
        duck.add("registry", registry_table(rows))
        matched = match_loaded(duck, [old, new])
        counts = count_changes(matched, 0, 1, told_differently=told_differently)
        expected = {change: count.records for change, count in counts.items()}
    with empty_database() as connection:
        create_tables(connection)
        store(connection, rows)
        stored = StoredRegistry(1, 1, key_stamp(), TABLES)
        for set_id, notice in ((1, old), (2, new)):
            with match_stored(connection, stored, [notice]):
                keep_verdicts(connection, set_id)
        with diff_stored(
            connection, VerdictSets(1, 1, 2, TABLES), told_differently=told_differently
        ) as changes:
            assert changes.counts() == expected
            assert sum(expected.values()) == len(list(changes.rows()))
    assert expected[Change(moved)]


def test_a_device_whose_record_changed_is_compared_with_itself(empty_database: OpenEmpty) -> None:
    """The answer of a holder gives the record a new row; the device stays the same."""
    notice = Path(__file__).parents[2] / "src/tocsin/cases/data/case_a.yaml"
    from tocsin.services.notices import read_notices

    case = read_notices([notice])
    row: Row = {"device_id": "D1", "manufacturer": "Medtronic", "model": "MMT-723"}
    with empty_database() as connection:
        create_tables(connection)
        store(connection, [{**row, "software_version": ""}])
        connection.execute(f"UPDATE {RECORD} SET until_revision = 2")
        store(connection, [{**row, "software_version": "2.4A"}], revision=2)
        for revision in (1, 2):
            stored = StoredRegistry(1, revision, key_stamp(), TABLES)
            with match_stored(connection, stored, case):
                keep_verdicts(connection, revision)
        with diff_stored(connection, VerdictSets(1, 1, 2, TABLES), told_differently=False) as found:
            assert list(found.rows()) == [("D1", 0, 1, 2, "contact_again")]
