"""`tocsin store upgrade` of installations that an older version has made, with rows in them.

The archives in `installations` were made by that version itself: its `store init`, then sample
calls of its services. All people in them are invented; their keys open nothing else.
"""

import json
import sqlite3
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.lib.kept_counts import IS_LONG
from tests.lib.places import MakePlace, Place, Rows, is_postgres, make_place
from tests.lib.postgres import find_program
from tocsin.store.kept_rows import TABLES, trigger_names

__all__ = ["is_postgres", "make_place"]
ARCHIVES = Path(__file__).parent / "installations"
N_KILLS = 20 if IS_LONG else 3
# What an upgrade itself writes, and what Django makes anew after it.
ITS_OWN = {"django_migrations", "django_content_type", "auth_permission"}
_TRIGGERS = {
    False: "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    True: "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
}
_COLUMNS = {
    False: "SELECT name FROM pragma_table_info('{}')",
    True: "SELECT column_name FROM information_schema.columns WHERE table_name = '{}' "
    "AND table_schema = 'public' ORDER BY ordinal_position",
}


def unpack(place: Place, version: str) -> Place:
    """Put an older version's installation into a place."""
    kind = "postgresql" if place.url else "sqlite"
    place.home.mkdir(mode=0o700)
    with tarfile.open(ARCHIVES / f"{version}-{kind}.tar.xz") as archive:
        archive.extractall(place.home, filter="data")
    if place.url:
        file = place.home / "database.sql"
        command = [find_program("psql"), "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file), place.url]
        subprocess.run(command, check=True, capture_output=True)
        file.unlink()
    return place


def columns_of(place: Place) -> dict[str, tuple[str, ...]]:
    """Return the names of all columns of all tables."""
    is_postgres = bool(place.url)
    return {
        name: tuple(row[0] for row in place.execute(_COLUMNS[is_postgres].format(name)))
        for name in place.table_names()
    }


def rows_of(place: Place, columns: dict[str, tuple[str, ...]]) -> Rows:
    """Return all rows of some tables, with the columns named."""
    return {
        name: sorted(
            place.execute(f"""SELECT {", ".join(f'"{c}"' for c in each)} FROM "{name}\""""),
            key=repr,
        )
        for name, each in columns.items()
        if name not in ITS_OWN
    }


def n_applied(place: Place) -> int:
    """Return how many steps an upgrade has committed; SQLite may be busy at this moment."""
    while True:
        with suppress(sqlite3.OperationalError):
            count: int = place.execute("SELECT count(*) FROM django_migrations")[0][0]
            return count


def triggers_of(place: Place) -> set[str]:
    return {name for name, table in place.execute(_TRIGGERS[bool(place.url)]) if table in TABLES}


def lacking(before: Rows, after: Rows) -> Iterator[str]:
    """Yield which tables have lost or changed a row; the trail alone may have grown."""
    for name, rows in before.items():
        added = [row for row in after[name] if row not in rows]
        lost = [row for row in rows if row not in after[name]]
        if lost or (added and name != "store_auditrow"):
            yield f"{name}: {len(lost)} lost, {len(added)} added"


@pytest.fixture(params=["0004"])
def version(request: pytest.FixtureRequest) -> str:
    """Return the number of the last migration that the older version had."""
    number: str = request.param
    return number


def test_an_upgrade_keeps_every_row_and_guards_them(
    make_place: MakePlace, version: str, tmp_path: Path
) -> None:
    place = unpack(make_place("old"), version)
    columns = columns_of(place)
    before = rows_of(place, columns)
    assert sum(map(len, before.values())) > 500
    refused = place.tocsin("organisation", "list", code=3)
    assert "tocsin store upgrade" in refused
    assert "changes were made" in place.tocsin("store", "upgrade")
    after = rows_of(place, columns)
    assert list(lacking(before, after)) == []
    vendor = "postgresql" if place.url else "sqlite"
    assert triggers_of(place) == trigger_names(vendor)
    assert "0 changes" in place.tocsin("store", "upgrade")
    place.tocsin("backup", "--out", str(tmp_path / "b"))
    place.tocsin("audit", "verify")
    process = place.start("tocsin.cli.main", "doctor", "--json", "--full")
    found = json.loads(process.communicate(timeout=300)[0])
    wrong = {one["code"]: one["found"] for one in found if one["urgency"] == "now"}
    wrong.pop("database_setting", None)  # the tests' PostgreSQL runs without fsync
    assert wrong == {}


def test_an_upgrade_that_is_killed_goes_on(make_place: MakePlace, version: str) -> None:
    whole, place = unpack(make_place("whole"), version), unpack(make_place("place"), version)
    columns = columns_of(place)
    before = rows_of(place, columns)
    whole.tocsin("store", "upgrade")
    rng, n_killed = Random(6), 0
    for _ in range(N_KILLS):
        process = place.start("tocsin.cli.main", "store", "upgrade")
        done = n_applied(place)
        while process.poll() is None and n_applied(place) == done:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.05))
        n_killed += process.poll() is None
        process.kill()
        process.communicate()
    assert n_killed > 0
    place.tocsin("store", "upgrade")
    assert list(lacking(before, rows_of(place, columns))) == []
    assert triggers_of(place) == triggers_of(whole)
    assert columns_of(place) == columns_of(whole)
    applied = "SELECT app, name FROM django_migrations ORDER BY app, name"
    assert place.execute(applied) == whole.execute(applied)
