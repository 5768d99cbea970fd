"""What a restore refuses, what it ends and erases, and what it says."""

import json
from pathlib import Path

import pytest

from tests.backup.filler import N_PERSONS
from tests.lib.places import MakePlace, Place


@pytest.fixture
def file(place: Place, tmp_path: Path) -> Path:
    """Return a backup."""
    made = tmp_path / "a.tocsin-backup"
    place.tocsin("backup", "--out", str(made), "--keys-out", str(tmp_path / "keys"))
    return made


def restore(file: Path, new: Place, *options: str, code: int = 0) -> str:
    database = ("--database", new.url) if new.url else ()
    return new.tocsin(
        *("restore", str(file), "--into", str(new.home), "--reason", "drill"),
        *(*database, *options),
        code=code,
    )


def with_keys(file: Path) -> tuple[str, str]:
    return ("--keys", str(file.parent / "keys"))


def read_last_event(place: Place) -> dict[str, object]:
    body = place.execute("SELECT body FROM store_auditrow ORDER BY seq DESC LIMIT 1")[0][0]
    told: dict[str, object] = json.loads(bytes(body))
    return told


def test_a_restored_database_is_disarmed_settled_and_anchored(
    place: Place, file: Path, make_place: MakePlace
) -> None:
    place.tocsin("sender", "arm", "--reason", "we begin")
    person = "00000000-0000-0000-0000-000000000001"
    line = {"person": person, "at": "2026-11-21T09:00:00+00:00", "organisation": 1}
    (place.home / "erased.jsonl").write_text(json.dumps(line) + '\n{"person": "cut')
    assert place.execute("SELECT state FROM store_job WHERE id = 1") == [("claimed",)]
    new = make_place("new")
    said = restore(file, new, *with_keys(file), "--old", str(place.home))
    assert "1 persons that were erased since were erased again" in said
    assert "armed" in place.tocsin("sender", "status")
    assert "not armed here" in new.tocsin("sender", "status", code=3)
    jobs = new.execute("SELECT state, fence, owner FROM store_job ORDER BY id")
    assert jobs == [("queued", 2, ""), ("queued", 0, "")]
    assert len(new.rows_of("store_personkey")) == N_PERSONS - 1
    gone = new.execute("SELECT count(*) FROM store_person WHERE sealed IS NULL")
    assert gone == [(1,)]
    event = read_last_event(new)
    assert (event["event"], event["reason"]) == ("database_restored", "drill")
    assert event["new"]["erased_again"] == [person]  # type: ignore[index]
    anchor = json.loads((new.home / "anchors.jsonl").read_text().splitlines()[-1])
    assert anchor["seq"] == new.execute("SELECT max(seq) FROM store_auditrow")[0][0]
    assert json.loads((new.home / "erased.jsonl").read_text().splitlines()[0]) == line
    assert [path.name for path in new.home.parent.glob(".*")] == []
    assert {path.stat().st_mode & 0o077 for path in (new.home, *new.home.glob("*.key"))} == {0}


def test_the_token_of_the_old_place_arms_no_copy(
    place: Place, file: Path, make_place: MakePlace
) -> None:
    place.tocsin("sender", "arm", "--reason", "we begin")
    new = make_place("new")
    restore(file, new, *with_keys(file))
    (new.home / "armed").write_bytes((place.home / "armed").read_bytes())
    assert "was restored since" in new.tocsin("sender", "status", code=3)
    new.tocsin("sender", "arm", "--reason", "the old one is switched off")
    assert "armed: letters" in new.tocsin("sender", "status")


def test_an_installation_is_moved_aside_only_when_asked(
    place: Place, file: Path, make_place: MakePlace
) -> None:
    spare = make_place("spare").url
    target = Place(place.home, spare)
    before = place.rows_of("store_person")
    said = restore(file, target, *with_keys(file), code=3)
    assert "was not touched" in said
    said = restore(file, target, "--move-aside")
    (aside,) = place.home.parent.glob("place.before-*")
    assert str(aside) in said
    assert Place(aside, place.url).rows_of("store_person") == before
    assert target.rows_of("store_person") == before


@pytest.mark.sqlite_is_enough
def test_without_the_right_keys_nothing_is_put_in_place(
    file: Path, make_place: MakePlace, tmp_path: Path
) -> None:
    new = make_place("new")
    assert "holds no keys" in restore(file, new, code=3)
    other = make_place("other")
    other.tocsin("store", "init")
    said = restore(file, new, "--keys-from", str(other.home), code=3)
    assert "do not open the persons" in said
    assert not new.home.exists()
    other.tocsin("backup", "--out", str(tmp_path / "o"), "--keys-out", str(tmp_path / "okeys"))
    said = restore(file, new, "--keys", str(tmp_path / "okeys"), code=3)
    assert "belong to installation" in said
    said = restore(file, new, "--without-keys")
    assert "no person of the backup can be read" in said
    assert list(new.home.parent.glob(".*")) == []


@pytest.mark.sqlite_is_enough
def test_a_backup_of_another_installation_does_not_take_its_place(
    file: Path, make_place: MakePlace, tmp_path: Path
) -> None:
    """The old place's anchors say which trail its backups must hold."""
    other, new = make_place("other"), make_place("new")
    other.tocsin("store", "init")
    other.tocsin("backup", "--out", str(tmp_path / "o"))
    restored = make_place("restored")
    restore(tmp_path / "o", restored, "--keys-from", str(other.home))  # takes an anchor of row 2
    said = restore(file, new, *with_keys(file), "--old", str(restored.home), code=3)
    assert "of another installation" in said
    assert not new.home.exists()


def test_a_database_that_is_not_empty_or_of_the_other_kind_is_refused(
    place: Place, file: Path, make_place: MakePlace
) -> None:
    new = make_place("new")
    before = place.rows()
    if place.url:
        said = restore(file, Place(new.home, place.url), *with_keys(file), code=3)
        assert "is not empty" in said
        said = restore(file, Place(new.home, None), *with_keys(file), code=3)
    else:
        url = "postgresql://nobody@localhost/nothing"
        said = restore(file, Place(new.home, url), *with_keys(file), code=3)
    assert "and the database to restore into is" in said
    assert place.rows() == before
    assert not new.home.exists()
