"""The doctor finds what is wrong, says what to do, and changes nothing."""

import json
import shutil
from pathlib import Path

from tests.lib.places import MakeInstalled, MakePlace, Place
from tocsin.store.audit.chain import canonical_json

_APPLIED = "SELECT name FROM django_migrations WHERE app = 'store'"


def note_migration(place: Place, name: str) -> None:
    place.execute(
        "INSERT INTO django_migrations (app, name, applied) "
        f"VALUES ('store', '{name}', '2026-11-21')"
    )


def codes(place: Place, *options: str) -> list[str]:
    """Return the codes of what is wrong, without what tests cannot have right."""
    code, out, problem = place.run_to_end("tocsin.cli.main", "doctor", "--json", *options)
    assert problem == ""
    found = json.loads(out)
    assert all(one["found"].endswith(".") and one["advice"] for one in found)
    ours = {"database_setting"}  # the tests' PostgreSQL runs without fsync
    wrong = [one["code"] for one in found if one["urgency"] != "note"]
    assert code == (3 if wrong else 0)
    return [code for code in wrong if not (place.url and code in ours)]


def test_nothing_is_wrong_with_a_fresh_installation_that_has_a_backup(
    make_installed: MakeInstalled, tmp_path: Path
) -> None:
    place = make_installed("place")
    assert codes(place) == ["backup_old"]
    place.tocsin("backup", "--out", str(tmp_path / "b"))
    before = place.rows()
    assert codes(place) == codes(place, "--full") == []
    assert place.rows() == before


def test_what_is_wrong_with_the_folder_is_found(
    make_place: MakePlace, make_installed: MakeInstalled
) -> None:
    assert codes(make_place("nothing")) == ["home_missing"]
    place = make_installed("place")
    place.home.chmod(0o755)
    (place.home / "anchor.key").chmod(0o644)
    (place.home / "anchors.jsonl").write_text("{}\n")
    assert {"home_open_to_others", "key_open_to_others", "anchors_damaged"} <= set(codes(place))
    (place.home / "persons.key").write_text("abc")
    assert "key_damaged" in codes(place)
    (place.home / "persons.key").unlink()
    assert "key_missing" in codes(place)


def test_what_is_wrong_with_the_trail_is_found(place: Place) -> None:
    drop = {
        True: "DROP TRIGGER store_auditrow_update ON store_auditrow",
        False: "DROP TRIGGER store_auditrow_update",
    }
    place.execute(drop[bool(place.url)])
    assert "trail_unguarded" in codes(place)
    place.execute("UPDATE store_auditrow SET hash = prev WHERE seq = 1")
    assert "trail_broken" in codes(place)


def test_a_database_put_back_from_before_its_anchor_is_found(place: Place) -> None:
    place.run("tests.backup.anchor")
    anchors = place.home / "anchors.jsonl"
    line = json.loads(anchors.read_text())
    assert "trail_without_its_anchor" not in codes(place)
    anchors.write_bytes(canonical_json(line | {"seq": 99}) + b"\n")
    assert "trail_without_its_anchor" in codes(place)


def test_waiting_work_and_clocks_are_found(place: Place) -> None:
    place.execute("UPDATE store_job SET lease_until = '2026-01-01 00:00:00', state = 'claimed'")
    assert "no_worker" in codes(place)
    place.execute(
        "INSERT INTO store_auditrow (seq, prev, body, hash, event, at) "
        "SELECT 999, prev, body, hash, 'x', '2999-01-01 00:00:00' FROM store_auditrow WHERE seq = 1"
    )
    assert {"clock_behind", "trail_broken"} <= set(codes(place))


def test_a_database_that_is_missing_broken_or_outdated_is_found(place: Place) -> None:
    newest = max(name for (name,) in place.execute(_APPLIED))
    for lacking in (newest, "0005_kept_rows_stay"):
        place.execute(f"DELETE FROM django_migrations WHERE name = '{lacking}'")
        assert "database_outdated" in codes(place)
        note_migration(place, lacking)
    note_migration(place, "9999_x")
    assert codes(place) == ["database_outdated"]
    if place.url:
        gone = Place(place.home, place.url.replace("host=", "host=/nowhere"))
    else:
        (place.home / "tocsin.sqlite3").write_bytes(b"x" * 10_000)
        for name in ("-wal", "-shm"):
            Path(f"{place.home}/tocsin.sqlite3{name}").unlink(missing_ok=True)
        gone = place
    assert codes(gone) == ["database_unreachable"]
    shutil.rmtree(place.home)
    assert codes(place) == ["home_missing"]
