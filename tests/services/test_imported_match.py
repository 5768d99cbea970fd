"""What was imported is judged as the file is."""

from collections import Counter
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow.csv as pa_csv
import pytest
from django.db import connection

from tests.services.lists import import_list, operator_of
from tocsin.cases.case_a import sample
from tocsin.compute.stored_match import match_stored
from tocsin.compute.stored_records import StoredRegistry
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
