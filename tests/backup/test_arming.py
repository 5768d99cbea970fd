"""A sender is armed in one place only: every copy that can be told from it is disarmed."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from tests.lib.databases import point_to
from tests.lib.places import MakeInstalled, Place
from tocsin.store import arming
from tocsin.store.home import Home


@pytest.fixture
def armed(make_installed: MakeInstalled) -> Place:
    """Return an installation whose sender is armed."""
    made = make_installed("place")
    made.tocsin("sender", "arm", "--reason", "we begin")
    return made


@pytest.fixture
def here(armed: Place) -> Iterator[Home]:
    """Point this process to the installation; return its folder."""
    before = connections.settings["default"]
    point_to(armed.url or f"sqlite:///{armed.home}/tocsin.sqlite3")
    yield Home(armed.home)
    point_to(before)


def test_arming_and_disarming_are_told_and_recorded(armed: Place) -> None:
    assert "armed" in armed.tocsin("sender", "status")
    armed.tocsin("sender", "disarm", "--reason", "a pause")
    assert "disarmed" in armed.tocsin("sender", "status", code=3)
    events = armed.execute("SELECT event FROM store_auditrow ORDER BY seq")
    assert [name for (name,) in events] == [
        "installation_registered",
        "sender_armed",
        "sender_disarmed",
    ]
    armed.tocsin("sender", "arm", code=2)


def test_a_copied_or_moved_folder_is_disarmed(armed: Place) -> None:
    copy, place = Path(f"{armed.home}-copy"), armed.home
    shutil.copytree(place, copy)
    assert "copied" in Place(copy, armed.url).tocsin("sender", "status", code=3)
    assert "armed" in armed.tocsin("sender", "status")
    shutil.rmtree(place)
    copy.rename(place)
    said = armed.tocsin("sender", "status", code=3)
    assert "the token is a copy" in said


def test_another_machine_is_disarmed(
    here: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert arming.is_armed(here)
    other = tmp_path / "machine-id"
    other.write_text("0123456789abcdef\n")
    monkeypatch.setattr(arming, "_MACHINE", (other,))
    assert arming.explain_disarmed(here) == [
        "this is another machine, or another account than that which armed the sender"
    ]


def test_a_token_that_cannot_be_read_arms_nothing(here: Home) -> None:
    for text in ("", "{}", "[]", "null", '{"row": null}', "\x00"):
        here.armed.write_text(text)
        assert not arming.is_armed(here), repr(text)


def test_anchors_of_which_the_end_cannot_be_read_disarm(here: Home) -> None:
    for text in (b'{"half', b"x" * 100_000 + b"\n"):
        here.anchors.write_bytes(text)
        assert arming.explain_disarmed(here) == ["the file of anchors cannot be read"]
    here.anchors.unlink()
    assert arming.is_armed(here)


def test_a_token_of_an_earlier_arming_arms_nothing(armed: Place) -> None:
    old = (armed.home / "armed").read_text()
    armed.tocsin("sender", "disarm", "--reason", "a pause")
    (armed.home / "armed").write_text(old)
    assert "armed or disarmed elsewhere since" in armed.tocsin("sender", "status", code=3)


def test_an_older_database_put_back_is_disarmed(armed: Place) -> None:
    """In place, so that folder, machine and file are the same: its last anchor tells."""
    armed.tocsin("store", "upgrade")
    if armed.url:
        return  # a PostgreSQL database is put back as another database, see the next test
    database = armed.home / "tocsin.sqlite3"
    older = armed.home.parent / "older"
    with (
        closing(sqlite3.connect(database)) as read,
        closing(sqlite3.connect(older)) as copy,
    ):
        read.backup(copy)
    armed.run("tests.backup.filler", "once")
    armed.run("tests.backup.anchor")
    assert "armed" in armed.tocsin("sender", "status")
    with (
        closing(sqlite3.connect(older)) as read,
        closing(sqlite3.connect(database)) as copy,
    ):
        read.backup(copy)
    said = armed.tocsin("sender", "status", code=3)
    assert "ends before its last anchor" in said


def test_a_copied_database_is_disarmed(armed: Place) -> None:
    if not armed.url:
        copy = Path(f"{armed.home}.sqlite3")
        shutil.copy(armed.home / "tocsin.sqlite3", copy)
        copied = Place(armed.home, f"sqlite:///{copy}")
        assert "another one, was copied" in copied.tocsin("sender", "status", code=3)
        return
    name = armed.url.split("?")[0].rsplit("/", 1)[1]
    server = armed.url.replace(f"/{name}?", "/postgres?")
    with psycopg.connect(server, autocommit=True) as opened:
        opened.execute(f"CREATE DATABASE {name}_copy TEMPLATE {name}".encode())
        copied = Place(armed.home, armed.url.replace(f"/{name}?", f"/{name}_copy?"))
        assert "another one, was copied" in copied.tocsin("sender", "status", code=3)
        # The copy takes the name of the original: only its number tells.
        opened.execute(f"ALTER DATABASE {name} RENAME TO {name}_old".encode())
        opened.execute(f"ALTER DATABASE {name}_copy RENAME TO {name}".encode())
    assert "another one, was copied" in armed.tocsin("sender", "status", code=3)
