"""`tocsin demo` with few people: letters leave, bounce and are answered, and the funnel adds up."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

N_PEOPLE = 30
STAGES = ("in_scope", "located", "told", "reached", "understood", "acted")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder of a demo in a process of its own, and what it printed."""
    folder = tmp_path_factory.mktemp("sent") / "demo"
    own = ("TOCSIN_", "DATABASE_URL", "DJANGO_")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    command = [
        sys.executable,
        "-m",
        "tocsin.cli.main",
        "demo",
        "--quick",
        "--people",
        str(N_PEOPLE),
    ]
    done = subprocess.run(
        [*command, "--out", str(folder)],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


@pytest.mark.parametrize("case", ["a", "b", "c"])
def test_the_funnel_is_that_of_the_store(demo: tuple[Path, str], case: str) -> None:
    folder, printed = demo
    with (folder / case / "funnel.csv").open() as file:
        rows = list(csv.DictReader(file))
    whole = [int(rows[0][stage]) for stage in STAGES]
    assert whole == sorted(whole, reverse=True)
    assert whole[0] > 0
    by_audience = [row for row in rows if row["split"] == "audience"]
    for stage, n in zip(STAGES, whole, strict=True):
        assert sum(int(row[stage]) for row in by_audience) == n
    assert "".join(f"{n:>12,}" for n in whole) in printed
    with closing(sqlite3.connect(folder / "store" / "tocsin.sqlite3")) as store:
        people = store.execute(
            "SELECT COUNT(DISTINCT r.person_id) FROM store_recipient r JOIN store_letterrelease l "
            "ON l.id = r.release_id WHERE l.action_id = ?", ["abc".index(case) + 1]
        )  # fmt: skip
        assert people.fetchone() == (whole[0],)
    assert "How far the letters have come" in (folder / case / "index.html").read_text()


def test_what_was_sent_came_back_and_was_answered(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    assert printed.count("agree, person by person") == 3
    with closing(sqlite3.connect(folder / "store" / "tocsin.sqlite3")) as store:
        states = dict(store.execute("SELECT state, COUNT(*) FROM store_dispatch GROUP BY state"))
        answers = store.execute("SELECT COUNT(*) FROM store_acknowledgement").fetchone()[0]
    assert states["accepted"] > 0
    assert states["acknowledged"] >= answers > 0
    assert not {"being_made", "claimed", "unknown"} & set(states)
    assert set(json.loads((folder / "summary.json").read_text())) == {"A", "B", "C"}


def test_it_says_how_to_open_the_store_it_leaves(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    line = printed.splitlines()[-1]
    assert f"TOCSIN_HOME={folder / 'store'} tocsin serve" in line
    assert "sign in as operator@demo.example" in line
    assert "operator@demo.example" in (folder / "index.html").read_text()
