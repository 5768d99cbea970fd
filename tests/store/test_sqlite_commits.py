"""The commit of a mail on SQLite: on the disk when it returns, and nobody kept waiting for that."""

import os
import sqlite3
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError, connection

from tests.lib.databases import Opened
from tocsin.store import sqlite_commits
from tocsin.store.sqlite_commits import sqlite_transaction

pytestmark = pytest.mark.sqlite_is_enough
FULL, NORMAL = 2, 1


@pytest.fixture
def file(own_database: Opened) -> Path:
    """Return the file of a database of its own."""
    if own_database.kind != "sqlite":
        pytest.skip("PostgreSQL lets senders wait for the disk together by itself")
    connection.ensure_connection()
    return Path(connection.settings_dict["NAME"])


def test_others_write_while_it_waits_for_the_disk(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time: a setting that is kept compiled would work only once."""
    put_on_disk, seen = sqlite_commits._sync_data, []

    def look(opened: int) -> None:
        with sqlite3.connect(file, timeout=0) as other:
            other.execute("BEGIN IMMEDIATE")
            written = [key for (key,) in other.execute("SELECT key FROM store_sendingbucket")]
        seen.append((os.path.realpath(f"/proc/self/fd/{opened}"), written))
        put_on_disk(opened)

    monkeypatch.setattr(sqlite_commits, "_sync_data", look)
    for turn in (1, 2):
        with sqlite_transaction():
            assert _how_safe() == NORMAL
            _write(f"turn {turn}")
            assert len(seen) == turn - 1
        assert _how_safe() == FULL
    journal = f"{file}-wal"
    assert seen == [(journal, ["turn 1"]), (journal, ["turn 1", "turn 2"])]


def test_a_disk_that_does_not_say_so_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_opened: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(sqlite_commits, "_sync_data", fail)
    with pytest.raises(OperationalError, match="not on the disk: Input/output error"):
        _write_all("one")
    assert _how_safe() == FULL
    monkeypatch.undo()
    _write_all("two")
    assert _written(file) == ["one", "two"], "the connection works on"


def test_what_fails_is_undone(file: Path) -> None:
    with pytest.raises(IntegrityError):
        _write_all("one", "one")
    assert not _written(file)
    assert _how_safe() == FULL


def test_a_link_to_the_database_leads_to_its_journal(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.sqlite3"
    link.symlink_to(file)
    connection.close()
    connection.settings_dict["NAME"] = str(link)
    _write_all("one")
    connection.close()
    assert _written(file) == ["one"]


def _write_all(*keys: str) -> None:
    with sqlite_transaction():
        for key in keys:
            _write(key)


def _write(key: str) -> None:
    connection.connection.execute(
        "INSERT INTO store_sendingbucket (key, next_at_s) VALUES (?, 0)", [key]
    )


def _written(file: Path) -> list[str]:
    with sqlite3.connect(file) as other:
        return [key for (key,) in other.execute("SELECT key FROM store_sendingbucket")]


def _how_safe() -> int:
    return int(connection.connection.execute("PRAGMA synchronous").fetchone()[0])
