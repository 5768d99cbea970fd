"""Killed, out of room, without a database: a sentence, nothing lost, and it goes on."""

import os
import resource
import time
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from tests.lib.places import MakePlace, Place
from tocsin.store.backup.making import verify_backup

N_KILLS = 20 if os.environ.get("TOCSIN_LONG") else 2
_INDEXES = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
_SQLITE_OBJECTS = "SELECT type, name, sql FROM sqlite_master"


def with_room_for(n_bytes: int) -> dict[str, Any]:
    """Return options of a process whose files may not grow beyond a size."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))

    return {"preexec_fn": limit}


def kill_after(place: Place, seconds: float, *arguments: str) -> bool:
    """Start the command and kill it; return whether it was killed before its end."""
    process = place.start("tocsin.cli.main", *arguments)
    time.sleep(seconds)
    was_running = process.poll() is None
    process.kill()
    process.communicate()
    return was_running


def seconds_of(place: Place, *arguments: str) -> float:
    """Return how long the command takes on this machine, now: to kill others in the middle."""
    began = time.monotonic()
    place.tocsin(*arguments)
    return time.monotonic() - began


def schema_of(place: Place) -> set[tuple[object, ...]]:
    return set(place.execute(_INDEXES if place.url else _SQLITE_OBJECTS))


@pytest.mark.sqlite_is_enough
def test_a_first_start_that_is_killed_begins_anew(make_place: MakePlace) -> None:
    whole, place = make_place("whole"), make_place("place")
    took, rng = seconds_of(whole, "store", "init"), Random(3)
    n_killed = sum(
        kill_after(place, rng.uniform(0.1, 0.9) * took, "store", "init") for _ in range(N_KILLS)
    )
    place.tocsin("store", "init")
    assert n_killed > 0
    assert "0 changes" in place.tocsin("store", "upgrade")
    assert schema_of(place) == schema_of(whole)
    applied = "SELECT app, name FROM django_migrations ORDER BY app, name"
    assert place.execute(applied) == whole.execute(applied)
    events = place.execute("SELECT event FROM store_auditrow")
    assert events == [("installation_registered",)]


def test_a_backup_that_is_killed_leaves_no_backup(place: Place, tmp_path: Path) -> None:
    took = seconds_of(place, "backup", "--out", str(tmp_path / "first"))
    rng = Random(4)
    for number in range(N_KILLS):
        file = tmp_path / f"{number}"
        kill_after(place, rng.uniform(0.5, 1) * took, "backup", "--out", str(file))
        assert not file.exists() or verify_backup(file)
    place.tocsin("backup", "--out", str(tmp_path / "last"))


def test_a_restore_that_is_killed_is_done_again(
    place: Place, make_place: MakePlace, tmp_path: Path
) -> None:
    file, new = tmp_path / "b", make_place("new")
    took = seconds_of(place, "backup", "--out", str(file)) * 1.5
    order = ["restore", str(file), "--into", str(new.home), "--keys-from", str(place.home)]
    order += ["--reason", "drill", *(("--database", new.url) if new.url else ())]
    rng = Random(5)
    for _ in range(N_KILLS):
        if not new.home.exists():
            kill_after(new, rng.uniform(0.3, 1) * took, *order)
    if not new.home.exists():
        new.tocsin(*order)
    assert new.rows_of("store_person") == place.rows_of("store_person")
    restored = "SELECT count(*) FROM store_auditrow WHERE event = 'database_restored'"
    assert new.execute(restored) == [(1,)]
    assert "tocsin_unfinished_restore" not in new.table_names()
    assert list(new.home.parent.glob(".*")) == []
    assert (new.home / "anchors.jsonl").read_text().count("\n") == 1


@pytest.mark.parametrize("n_bytes", [0, 1000, 5000])
def test_a_full_disk_makes_no_backup_and_says_so(
    place: Place, tmp_path: Path, n_bytes: int
) -> None:
    before = place.rows()
    file = tmp_path / "b"
    said = place.tocsin("backup", "--out", str(file), code=3, **with_room_for(n_bytes))
    assert "No backup was made" in said
    assert not file.exists()
    assert place.rows() == before
    assert [path.name for path in tmp_path.glob(".tocsin*")] == []


@pytest.mark.sqlite_is_enough
def test_a_full_disk_ends_a_restore_with_nothing_in_place(
    place: Place, make_place: MakePlace, tmp_path: Path
) -> None:
    file, new = tmp_path / "b", make_place("new")
    place.tocsin("backup", "--out", str(file))
    order = ["restore", str(file), "--into", str(new.home), "--keys-from", str(place.home)]
    order += ["--reason", "drill", *(("--database", new.url) if new.url else ())]
    for n_bytes in (10, 100, 100_000):
        if n_bytes < 100 or not place.url:
            said = new.tocsin(*order, code=3, **with_room_for(n_bytes))
            assert "Nothing was" in said
            assert not new.home.exists()
            assert list(new.home.parent.glob(".new*")) == []
    new.tocsin(*order)
    assert new.rows_of("store_person") == place.rows_of("store_person")


@pytest.mark.sqlite_is_enough
def test_a_full_disk_ends_a_first_start_that_is_done_later(make_place: MakePlace) -> None:
    place = make_place("place")
    if not place.url:
        for n_bytes in (100, 150_000):
            place.tocsin("store", "init", code=3, **with_room_for(n_bytes))
    place.tocsin("store", "init")
    place.tocsin("sender", "status", code=3)


def test_a_database_that_goes_away_ends_a_backup_with_a_sentence(
    place: Place, tmp_path: Path
) -> None:
    if not place.url:
        (place.home / "tocsin.sqlite3").write_bytes(b"no database any more" * 1000)
        said = place.tocsin("backup", "--out", str(tmp_path / "b"), code=3)
        assert "not a database" in said
        assert not (tmp_path / "b").exists()
        return
    place.execute(
        "INSERT INTO store_organisation (name, slug, created_at) "
        "SELECT repeat('x', 200), 'o' || n, now() FROM generate_series(1, 300000) n"
    )
    process = place.start("tocsin.cli.main", "backup", "--out", str(tmp_path / "b"))
    n_ended = 0
    with psycopg.connect(place.url, autocommit=True) as opened:
        while process.poll() is None and not n_ended:
            found = opened.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'COPY%' AND datname = current_database()"
            )
            n_ended += len(found.fetchall())
    out, problem = process.communicate(timeout=120)
    assert n_ended > 0
    assert process.returncode == 3, out + problem
    assert "No backup was made" in problem
    assert not (tmp_path / "b").exists()
    place.tocsin("backup", "--out", str(tmp_path / "b"))
