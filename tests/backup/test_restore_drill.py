"""The drill: a backup under load becomes an installation that is what it was at one moment."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.lib.places import MakePlace, Place, Rows
from tocsin.store.backup.making import verify_backup

OWN = {"store_installation", "store_auditrow", "store_job"}
"""Tables to which the restore itself adds something."""


def keys_of(place: Place) -> tuple[str, ...]:
    return ("--keys-from", str(place.home), "--reason", "drill")


def database_of(place: Place) -> tuple[str, ...]:
    return ("--database", place.url) if place.url else ()


def read_bodies(place: Place, up_to: int) -> list[dict[str, Any]]:
    rows = place.execute(f"SELECT body FROM store_auditrow WHERE seq <= {up_to} ORDER BY seq")
    return [json.loads(bytes(body)) for (body,) in rows]


def state_at(source: Place, head: int) -> Rows:
    """Return the tables as they were when the trail ended with ``head``.

    What is written while the backup runs is only added, each with its audit row.
    """
    bodies = read_bodies(source, head)
    subjects = {(body["event"], body["subject"]) for body in bodies}
    users = {subject for event, subject in subjects if event == "user_added"}
    members = {subject for event, subject in subjects if event == "membership_given"}
    organisations = {subject for event, subject in subjects if event == "organisation_created"}
    rows = source.rows()
    kept = {
        "store_organisation": ("organisation", "id", organisations),
        "store_user": ("user", "id", users),
        "store_membership": ("user", "user_id", members),
        "account_emailaddress": ("user", "user_id", users),
    }
    for table, (kind, column, named) in kept.items():
        place = source.column_names(table).index(column)
        rows[table] = [row for row in rows[table] if f"{kind}:{row[place]}" in named]
    return rows


def test_a_backup_under_load_is_restored_as_it_was_at_one_moment(
    place: Place, make_place: MakePlace, tmp_path: Path
) -> None:
    writer = place.start("tests.backup.filler", "on")
    assert writer.stdout
    try:
        writer.stdout.read(20)
        files = [tmp_path / f"{number}.tocsin-backup" for number in range(2)]
        for file in files:
            place.tocsin("backup", "--out", str(file))
        n_written_after = writer.stdout.read(10)
    finally:
        writer.kill()
        writer.communicate()
    assert len(n_written_after) == 10
    first, last = (verify_backup(file) for file in files)
    assert first.head_seq < last.head_seq
    new = make_place("new")
    said = place.tocsin(
        *("restore", str(files[1]), "--into", str(new.home), "--old", str(place.home)),
        *(*keys_of(place), *database_of(new)),
    )
    n_lost = place.execute("SELECT max(seq) FROM store_auditrow")[0][0] - last.head_seq
    assert place.url or f"{n_lost} events after it are lost" in said
    expected, found = state_at(place, last.head_seq), new.rows()
    assert {name: found[name] for name in found if name not in OWN} == {
        name: expected[name] for name in expected if name not in OWN
    }
    assert len(found["store_user"]) > 20
    trail = "SELECT seq, hash, body FROM store_auditrow WHERE seq <= %d ORDER BY seq"
    assert new.execute(trail % last.head_seq) == place.execute(trail % last.head_seq)
    assert read_bodies(new, last.head_seq + 1)[-1]["event"] == "database_restored"


def test_new_rows_of_a_restored_database_take_no_number_twice(
    place: Place, make_place: MakePlace, tmp_path: Path
) -> None:
    file, new = tmp_path / "a.tocsin-backup", make_place("new")
    place.execute("DELETE FROM store_job WHERE id = 2")
    place.tocsin("backup", "--out", str(file))
    place.tocsin(
        "restore",
        str(file),
        *("--into", str(new.home), *keys_of(place), *database_of(new)),
    )
    insert = (
        "INSERT INTO store_job (kind, payload, state, fence, owner, attempts, place, n_done, "
        "problem, created_at) VALUES ('x', '{}', 'queued', 0, '', 0, '{}', 0, '', '2026-11-21')"
    )
    new.execute(insert)
    assert new.execute("SELECT max(id) FROM store_job") == [(3,)]
    refused = "UPDATE store_auditrow SET event = 'x' WHERE seq = 1"
    with suppress(Exception):
        new.execute(refused)
    assert new.execute("SELECT count(*) FROM store_auditrow WHERE event = 'x'") == [(0,)]
    new.tocsin("doctor", "--full", code=3)
