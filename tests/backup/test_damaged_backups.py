"""A backup that was cut, changed or made up is found, whatever place it was changed at."""

import json
import os
import zipfile
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from tests.lib.places import PASSPHRASE, Place
from tocsin.store.backup.errors import BackupUnfit, BackupUnreadable
from tocsin.store.backup.making import verify_backup
from tocsin.store.backup.sealed_keys import PassphraseRefused, open_keys

N_FLIPS, N_CUTS = (1000, 100) if os.environ.get("TOCSIN_LONG") else (100, 20)


@pytest.fixture
def file(place: Place, tmp_path: Path) -> Path:
    """Return a sound backup."""
    made = tmp_path / "a.tocsin-backup"
    place.tocsin("backup", "--out", str(made), "--keys-out", str(tmp_path / "keys"))
    return made


def rewrite(file: Path, change: dict[str, bytes]) -> None:
    """Write a backup anew with other members, and an end that fits: by somebody who knows how."""
    with zipfile.ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        new.comment = b"0" * 64
        for name, content in (members | change).items():
            new.writestr(name, content)
    content = file.read_bytes()[:-64]
    file.write_bytes(content + sha256(content).hexdigest().encode())


def manifest_of(file: Path) -> dict[str, object]:
    with zipfile.ZipFile(file) as opened:
        told: dict[str, object] = json.loads(opened.read("manifest.json"))
    return told


def test_every_flipped_bit_and_every_cut_is_found(file: Path) -> None:
    whole, rng = file.read_bytes(), Random(21)
    missed = []
    for _ in range(N_FLIPS):
        place, bit = rng.randrange(len(whole)), 1 << rng.randrange(8)
        file.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
        try:
            verify_backup(file)
        except BackupUnreadable:
            continue
        missed.append(place)
    assert missed == []
    for length in [0, 1, 64, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(N_CUTS))]:
        file.write_bytes(whole[:length])
        with pytest.raises(BackupUnreadable, match="Nothing was changed"):
            verify_backup(file)
    file.write_bytes(whole)
    assert verify_backup(file).head_seq == 2


def test_a_backup_that_was_made_up_is_found(file: Path, place: Place) -> None:
    """Whoever knows the format can mend every hash but those of the audit trail and its anchors."""
    whole = file.read_bytes()
    table = "tables/store_auditrow.copy" if place.url else "database.sqlite3"
    with zipfile.ZipFile(file) as opened:
        content = opened.read(table)
    at = content.index(b"acme".hex().encode() if place.url else b"acme")
    forged = content[:at] + b"6" * 4 + content[at + 4 :]
    rewrite(file, {table: forged})
    with pytest.raises(BackupUnreadable, match=r"is not what was written|would not restore"):
        verify_backup(file)
    file.write_bytes(whole)
    told = manifest_of(file)
    told["members"][table]["sha256"] = sha256(forged).hexdigest()  # type: ignore[index]
    if place.url:
        told["tables"]["store_auditrow"]["sha256"] = sha256(forged).hexdigest()  # type: ignore[index]
    rewrite(file, {table: forged, "manifest.json": json.dumps(told).encode()})
    with pytest.raises(BackupUnreadable, match="would not restore"):
        verify_backup(file)


def test_a_backup_of_a_newer_version_is_refused(file: Path, place: Place) -> None:
    told = manifest_of(file)
    told["migrations"].append("store 9999_from_the_future")  # type: ignore[attr-defined]
    rewrite(file, {"manifest.json": json.dumps(told | {"version": "7.0"}).encode()})
    with pytest.raises(BackupUnfit, match=r"newer version of Tocsin, 7\.0.*9999_from_the_future"):
        verify_backup(file)
    assert "newer version" in place.tocsin("backup", "verify", str(file), code=3)
    rewrite(file, {"manifest.json": json.dumps(told | {"format": 2}).encode()})
    with pytest.raises(BackupUnreadable, match="format 2"):
        verify_backup(file)


def test_a_stolen_backup_holds_no_key_and_nobody_else_may_read_it(file: Path, place: Place) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert (file.parent / "keys").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as opened:
        content = b"".join(opened.read(name) for name in opened.namelist())
    for key in place.home.glob("*.key"):
        text = key.read_text().strip()
        sealed = (file.parent / "keys").read_bytes()
        for form in (text.encode(), bytes.fromhex(text)):
            assert form not in content
            assert form not in sealed


def test_sealed_keys_open_with_their_passphrase_only(file: Path, place: Place) -> None:
    path = file.parent / "keys"
    opened = open_keys(path, PASSPHRASE)
    assert opened.files == {key.name: key.read_text() for key in place.home.glob("*.key")}
    with pytest.raises(PassphraseRefused):
        open_keys(path, PASSPHRASE + " ")
    whole, rng = path.read_bytes(), Random(5)
    for _ in range(6):
        at = rng.randrange(whole.index(b'"sealed"') + 12, len(whole) - 5)
        path.write_bytes(
            whole[:at] + (b"0" if whole[at : at + 1] != b"0" else b"1") + whole[at + 1 :]
        )
        with pytest.raises(PassphraseRefused):
            open_keys(path, PASSPHRASE)
    path.write_bytes(whole.replace(b"131072", b"1024"))
    with pytest.raises(BackupUnreadable):
        open_keys(path, PASSPHRASE)


def test_a_short_passphrase_is_refused(place: Place, tmp_path: Path) -> None:
    word = tmp_path / "word"
    word.write_text("short\n")
    options = ("--keys-out", str(tmp_path / "k"), "--passphrase-file", str(word))
    said = place.tocsin("backup", "--out", str(tmp_path / "b"), *options, code=3)
    assert "at least 12" in said
    assert not (tmp_path / "k").exists()


def test_what_was_erased_is_in_no_backup(place: Place, tmp_path: Path) -> None:
    wrapped = bytes(place.execute("SELECT wrapped FROM store_personkey")[0][0])
    place.execute("DELETE FROM store_personkey")
    file = tmp_path / "b.tocsin-backup"
    place.tocsin("backup", "--out", str(file))
    with zipfile.ZipFile(file) as opened:
        content = b"".join(opened.read(name) for name in opened.namelist())
    assert wrapped not in content
    assert wrapped.hex().encode() not in content
    assert b"acme" in content


def test_a_folder_keeps_the_newest_of_its_own(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    foreign, broken = folder / "tocsin-other.txt", folder / "tocsin-0.tocsin-backup"
    foreign.write_text("x")
    broken.write_text("x")
    for number in range(3):
        place.tocsin("backup", "--out", str(folder), "--keep", "2")
        for new in folder.glob("tocsin-2*"):
            new.rename(folder / f"tocsin-k{number}.tocsin-backup")
    left = sorted(path.name for path in folder.iterdir())
    names = ["tocsin-k1.tocsin-backup", "tocsin-k2.tocsin-backup"]
    assert left == [broken.name, *names, foreign.name]


def test_a_backup_takes_the_place_of_nothing(place: Place, tmp_path: Path) -> None:
    there = tmp_path / "b"
    there.write_text("mine")
    assert "not touched" in place.tocsin("backup", "--out", str(there), code=3)
    assert there.read_text() == "mine"
    place.tocsin("backup", "--out", str(tmp_path / "nowhere" / "b"), code=3)
    place.tocsin("backup", "--out", str(tmp_path / "c"), "--keep", "2", code=3)
    place.tocsin("backup", code=2)
