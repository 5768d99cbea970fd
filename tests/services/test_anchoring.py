"""Anchors: taken of what is committed, never lost by a crash, never mixed with another's."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.lib.databases import Opened
from tests.store.wiped import wipe
from tocsin.services.anchoring import (
    AnchorInsideTransaction,
    AnchorsOfOther,
    anchor_trail,
)
from tocsin.services.auditing import verify_trail
from tocsin.services.organisations import create_organisation
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.audit.anchor import AnchorsUnreadable
from tocsin.store.audit.anchor_copy import COPY_VARIABLE
from tocsin.store.audit.anchor_file import AnchorFile, AnchorsNotWritten
from tocsin.store.audit.trail import read_rows
from tocsin.store.home import HOME_VARIABLE, Home

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
AT_CONSOLE = Caller(CONSOLE, None, frozenset(), NOW)


@pytest.fixture
def place(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """Lend an installation of its own with a database that keeps what is committed."""
    home = Home(tmp_path / "home")
    home.create()
    monkeypatch.setenv(HOME_VARIABLE, str(home.folder))
    monkeypatch.delenv(COPY_VARIABLE, raising=False)
    yield home
    wipe(opened.kind)


def change(number: int) -> None:
    create_organisation(AT_CONSOLE, f"firm-{number}", f"Firm {number}")


def faults() -> tuple[str, ...]:
    return verify_trail(AT_CONSOLE).faults


def test_an_anchor_is_taken_once_per_end(place: Home) -> None:
    assert anchor_trail(NOW).anchor is None
    change(1)
    first = anchor_trail(NOW)
    assert first.is_new
    assert first.anchor
    assert first.anchor.seq == 1
    assert not anchor_trail(NOW + timedelta(minutes=1)).is_new
    change(2)
    assert anchor_trail(NOW).is_new
    assert len(AnchorFile(place.anchors).read()) == 2
    assert faults() == ()


def test_what_may_be_undone_gets_no_anchor(place: Home) -> None:
    def change_and_anchor() -> None:
        with transaction.atomic():
            change(1)
            anchor_trail(NOW)

    with pytest.raises(AnchorInsideTransaction):
        change_and_anchor()
    assert not place.anchors.exists()
    assert list(read_rows()) == []


@pytest.mark.parametrize("n_bytes", [1, 60, -2, -1])
def test_a_writing_that_was_cut_short_is_kept_and_told(place: Home, n_bytes: int) -> None:
    """At every place: a few bytes, half of it, all but the last byte, all but the end of line."""
    for number in (1, 2):
        change(number)
        anchor_trail(NOW)
    *whole, last = place.anchors.read_bytes().splitlines(keepends=True)
    cut = last[:n_bytes]
    place.anchors.write_bytes(b"".join(whole) + cut)
    is_whole = n_bytes == -1
    if not is_whole:
        (fault,) = faults()
        assert "Line 2 of the anchors is none" in fault
        with pytest.raises(AnchorsUnreadable, match="Line 2"):
            AnchorFile(place.anchors).read()
    assert anchor_trail(NOW).is_new
    assert faults() == ()
    assert place.anchors.read_bytes().startswith(b"".join(whole) + cut)
    assert [anchor.seq for anchor in AnchorFile(place.anchors).read()][-1] == (2 if is_whole else 3)
    told = [json.loads(row.body) for row in read_rows()]
    assert [body["event"] for body in told].count("anchor_cut_short") == (not is_whole)
    assert verify_trail(AT_CONSOLE).n_cut_short == (not is_whole)


def test_two_writings_that_were_cut_short_are_both_kept(place: Home) -> None:
    change(1)
    anchor_trail(NOW)
    for left in (b'{"after":"12', b"\x00\x00\n\n{", b""):
        with place.anchors.open("ab") as file:
            file.write(left)
        change(len(list(read_rows())) + 1)
    anchor_trail(NOW)
    assert faults() == ()
    changed = place.anchors.read_bytes().replace(b'{"after":"12\x00', b'{"after":"13\x00')
    assert changed != place.anchors.read_bytes()
    place.anchors.write_bytes(changed)
    assert faults() != ()


def test_a_clone_that_went_its_own_way_is_told(place: Home) -> None:
    """Both write into one file: whoever comes second finds a row that is not theirs."""
    for number in (1, 2, 3):
        change(number)
    anchor_trail(NOW)
    before = place.anchors.read_bytes()
    wipe(connection.vendor)
    change(1)
    for problem in ("no such row", "another row there"):
        with pytest.raises(AnchorsOfOther, match=problem):
            anchor_trail(NOW)
        change(len(list(read_rows())) + 1)
        change(len(list(read_rows())) + 1)
    assert place.anchors.read_bytes() == before


def test_the_second_place_is_continued_after_it_was_away(
    place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "disk" / "anchors.jsonl"
    monkeypatch.setenv(COPY_VARIABLE, str(copy))
    change(1)
    taken = anchor_trail(NOW)
    assert taken.is_new
    assert taken.problem
    assert "cannot be written" in taken.problem
    assert any("no anchors at their second place" in fault for fault in faults())
    copy.parent.mkdir()
    assert anchor_trail(NOW).problem is None
    assert copy.read_bytes() == place.anchors.read_bytes()
    copy.write_bytes(copy.read_bytes()[:100])
    change(2)
    assert anchor_trail(NOW).problem is None
    assert copy.read_bytes() == place.anchors.read_bytes()
    assert faults() == ()


def test_a_trail_cut_with_its_last_anchors_is_shown_by_the_second_place(
    place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.jsonl"
    monkeypatch.setenv(COPY_VARIABLE, str(copy))
    change(1)
    anchor_trail(NOW)
    kept = place.anchors.read_bytes()
    change(2)
    anchor_trail(NOW)
    witness = copy.read_bytes()
    place.anchors.write_bytes(kept)
    monkeypatch.delenv(COPY_VARIABLE)
    assert faults() == ()  # one file alone cannot know
    monkeypatch.setenv(COPY_VARIABLE, str(copy))
    assert any("are not those of" in fault for fault in faults())
    change(3)
    taken = anchor_trail(NOW)
    assert taken.is_new
    assert taken.problem
    assert copy.read_bytes() == witness


def test_only_the_end_of_a_long_file_is_read(place: Home) -> None:
    change(1)
    anchor_trail(NOW)
    head = next(read_rows()).hash
    file = AnchorFile(place.anchors)
    with file.opened() as anchors:
        for _ in range(400):
            anchors.append("tests", 1, head, NOW.isoformat(), place.anchor_key)
    assert place.anchors.stat().st_size > 100_000
    change(2)
    anchor_trail(NOW)
    assert faults() == ()
    with place.anchors.open("ab") as spoilt:
        spoilt.write(b"x" * 70_000)
    with pytest.raises(AnchorsUnreadable, match="hold no anchor"):
        anchor_trail(NOW)


def test_a_full_disk_is_told(place: Home) -> None:
    change(1)
    place.anchors.symlink_to("/dev/full")
    with pytest.raises(AnchorsNotWritten, match="cannot be written: No space left"):
        anchor_trail(NOW)


def test_another_key_is_found(place: Home) -> None:
    change(1)
    anchor_trail(NOW)
    shutil.copy(place.folder / "persons.key", place.folder / "anchor.key")
    (fault,) = faults()
    assert "not signed with the key" in fault
