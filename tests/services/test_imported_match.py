"""What was imported is judged as the file is."""

from collections import Counter
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow.csv as pa_csv
import pytest
from django.db import connection

from tests.lib.random_scopes import notice_tree
from tests.services.lists import import_list, operator_of
from tocsin.cases.case_a import sample
from tocsin.compute.run_rows import run_rows
from tocsin.compute.stored_match import match_stored
from tocsin.compute.stored_records import StoredRegistry
from tocsin.notice.model import Notice
from tocsin.services.list_imports import add_registry
from tocsin.services.matching import match_registry
from tocsin.services.notices import read_notices
from tocsin.store.stored_registry import table_names

pytestmark = pytest.mark.usefixtures("database")


def test_what_was_imported_is_judged_as_the_file_is(tmp_path: Path) -> None:
    caller, path = operator_of(), tmp_path / "a.csv"
    pa_csv.write_csv(sample(np.random.default_rng(1)).registry, path)
    add_registry(caller, "case a")
    registry = import_list(caller, "case a", path).registry
    notices = read_notices([Path(str(files("tocsin.cases"))) / "data" / "case_a.yaml"])
    stored = StoredRegistry(registry.pk, registry.revision, registry.keys_made_by, table_names())
    assert stored.keys_hold
    with match_stored(connection.connection, stored, notices), connection.cursor() as cursor:
        cursor.execute("SELECT truth, count(*) FROM verdicts GROUP BY 1")
        here = dict(cursor.fetchall())
    with match_registry(notices, path) as run:
        found = run.matched.duck.connection.execute("SELECT truth FROM verdicts").fetchall()
    assert here == Counter(truth for (truth,) in found if truth in here)
    assert len(here) > 1


@pytest.mark.parametrize("stamp", [None, "other code"])
def test_facts_and_keys_of_other_code_are_read_from_the_store(
    tmp_path: Path, stamp: str | None
) -> None:
    caller, path = operator_of(), tmp_path / "rings.csv"
    path.write_text(
        "device_id,manufacturer,model,software_version,lot,fact.ring\n"
        "D1,Medtronic,MMT-723,2.0,A17,clear\nD2,Medtronic,MMT-723,2.0,A17,blue\n"
        "D3,Medtronic,MMT-723,2.0,B9,clear\nD4,Medtronic,MMT-723,3.0,A17,clear\n"
        "D5,Medtronic,MMT-723,2.0,A17,\n",
        "utf-8",
    )
    add_registry(caller, "rings")
    registry = import_list(caller, "rings", path).registry
    scope = {
        "entry": "pumps",
        "affects": {"models": ["723"]},
        "software": {"at_most": "2.0"},
        "lots": ["A17"],
        "facts": {"ring": {"any_of": ["clear"], "values": ["clear", "blue"]}},
    }
    notice = Notice.model_validate(notice_tree("rings", [scope], "Medtronic"))
    made_by = stamp or registry.keys_made_by
    stored = StoredRegistry(registry.pk, registry.revision, made_by, table_names())
    with match_stored(connection.connection, stored, [notice]) as verdicts:
        found = sorted((row.device_id, row.truth) for row in run_rows(verdicts))
    with match_registry([notice], path) as run:
        wanted = run.matched.duck.connection.execute(
            "SELECT device_id, truth FROM verdicts v JOIN registry r ON v.row_no = r.rowid"
        ).fetchall()
    assert found == sorted(wanted)
    assert dict(found)["D5"] == 1
    assert dict(found)["D1"] == 2
