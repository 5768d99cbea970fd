"""`tocsin audit`: what an auditor sees, and takes away."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.lib.databases import Opened
from tests.lib.people import PASSWORD
from tests.lib.terminal import type_in
from tests.store.wiped import wipe
from tocsin.cli.main import run
from tocsin.services.accounts import hash_password, reset_password
from tocsin.services.organisations import (
    add_user,
    create_organisation,
    end_role,
    give_role,
)
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.home import HOME_VARIABLE, Home
from tocsin.store.roles import Role


@pytest.fixture
def folder(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lend an installation with two organisations, and a place to write to."""
    home = Home(tmp_path / "home")
    home.create()
    monkeypatch.setenv(HOME_VARIABLE, str(home.folder))
    acme, other = (create_organisation(console(None), slug, slug) for slug in ("acme", "other"))
    anna, bert, olga = (
        add_user(console(None), f"{name}@example.org", name) for name in ("anna", "bert", "olga")
    )
    for user_id in (anna, olga):
        reset_password(console(None), user_id, hash_password(user_id, PASSWORD))
    give_role(console(acme), anna, Role.AUDITOR)
    give_role(console(acme), bert, Role.AUTHOR)
    end_role(console(acme), bert, Role.AUTHOR, "=HYPERLINK(1)")
    give_role(console(other), olga, Role.AUTHOR)
    yield tmp_path
    wipe(opened.kind)


def console(organisation_id: int | None) -> Caller:
    return Caller(CONSOLE, organisation_id, frozenset(), datetime.now(tz=UTC))


def check_elsewhere(export: Path) -> "subprocess.CompletedProcess[str]":
    """Do what README.txt says, with a Python that knows nothing of Tocsin."""
    told = (export / "README.txt").read_text().split("    python ")[1].split("\n")[0].split()
    command = [sys.executable, "-I", "-S", *told]
    return subprocess.run(command, cwd=export, capture_output=True, text=True, check=False)


def test_it_is_verified_anchored_and_taken_elsewhere(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "verify"]) == 0
    assert "There is no anchor" in capsys.readouterr().out
    assert run(["audit", "anchor"]) == 0
    assert run(["audit", "export", "--out", str(folder / "out")]) == 0
    assert run(["audit", "verify"]) == 0
    said = capsys.readouterr().out
    assert "2 anchors were read" in said
    assert "0 rows were written after it" in said
    assert "Nothing is wrong." in said
    done = check_elsewhere(folder / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 faults" in done.stdout
    trail = folder / "out" / "trail.jsonl"
    assert "trail_export_begun" in trail.read_text("utf-8").splitlines()[-1]
    trail.write_text(trail.read_text("utf-8").replace("user:", "user:1", 1), "utf-8")
    done = check_elsewhere(folder / "out")
    assert (done.returncode, done.stderr) == (3, "")
    assert "is not row" in done.stdout


def test_an_export_is_whole_or_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "out").mkdir()
    for place in (folder / "out", folder / "none" / "out"):
        assert run(["audit", "export", "--out", str(place)]) == 3
        assert "Nothing was written" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["home", "out"]
    assert list((folder / "out").iterdir()) == []


@pytest.mark.usefixtures("folder")
def test_what_was_falsified_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "anchor"]) == 0
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE store_auditrow DISABLE TRIGGER USER")
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'store_auditrow_delete'")
            (kept,) = cursor.fetchone()
            cursor.execute("DROP TRIGGER store_auditrow_delete")
        cursor.execute("DELETE FROM store_auditrow WHERE seq > 5")
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE store_auditrow ENABLE TRIGGER USER")
        else:
            cursor.execute(kept)
    capsys.readouterr()
    assert run(["audit", "verify"]) == 3
    assert "WRONG: The anchor in line 1 names row" in capsys.readouterr().out
    assert run(["audit", "anchor"]) == 3
    assert "No anchor was written" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_an_auditor_sees_the_rows_of_their_organisation() -> None:
    as_anna = ["--as", "anna@example.org", "--organisation", "acme"]
    done = type_in(["audit", "list", "--csv", *as_anna], PASSWORD)
    assert done.code == 0
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["event"] for row in rows] == ["membership_ended"] + ["membership_given"] * 2
    assert rows[0]["reason"] == "'=HYPERLINK(1)"
    assert type_in(["audit", "verify", *as_anna], PASSWORD).code == 0
    as_olga = ["--as", "olga@example.org", "--organisation", "other"]
    for command in ("verify", "list"):
        done = type_in(["audit", command, *as_olga], PASSWORD)
        assert done.code == 3
        assert "may be done by a user with the role auditor" in done.err


@pytest.mark.usefixtures("folder")
def test_rows_are_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    def list_with(*options: str) -> list[dict[str, str]]:
        capsys.readouterr()
        assert run(["audit", "list", "--csv", *options]) == 0
        return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))

    every = list_with()
    assert [int(row["seq"]) for row in every] == list(range(len(every), 0, -1))
    assert list_with("--limit", "2") == every[:2]
    assert list_with("--subject", every[0]["subject"])[0] == every[0]
    assert {row["event"] for row in list_with("--event", "user_added")} == {"user_added"}
    assert {row["subject"].partition(":")[0] for row in list_with("--subject", "user")} == {"user"}
    assert list_with("--subject", "use") == []
    assert list_with("--actor", "worker") == []
    assert len(list_with("--actor", "console")) == len(every)
    assert list_with("--from", "2999-01-01") == []
    assert list_with("--until", "2999-01-01") == every
