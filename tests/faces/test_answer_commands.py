"""`tocsin answer`, `complaint`, `check` and `funnel`: what came of letters, at the terminal."""

import csv
import re
from pathlib import Path

import pytest

from tests.lib.desk_action import callers_of_team
from tests.lib.desk_client import team_at_desk
from tests.lib.released_action import letter_of, release_one_pump
from tests.lib.terminal import Done, type_in
from tocsin.store.roles import Role

PASSWORD = "a long walk by the canal"
OPERATOR = "operator-acme@example.org"


def by_operator(*arguments: str) -> Done:
    return type_in([*arguments, "--as", OPERATOR])


def done(*arguments: str) -> str:
    ended = by_operator(*arguments)
    assert ended.code == 0, ended
    return ended.out


@pytest.fixture
def letter(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:  # noqa: ARG001 - made in its transaction
    """Return an action whose letter is released, and its one recipient; the operator is there."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TOCSIN_ORGANISATION", "acme")
    team_at_desk()
    team = callers_of_team()
    action = release_one_pump(team, tmp_path)
    recipient, _ = letter_of(team[Role.OPERATOR].organisation_id, action)
    assert type_in(["user", "password", OPERATOR], PASSWORD, PASSWORD).code == 0
    assert type_in(["login", "--as", OPERATOR], PASSWORD).code == 0
    return action, recipient


def test_an_answer_is_entered_and_worked_off(letter: tuple[int, int], tmp_path: Path) -> None:
    action, recipient = letter
    asked = done("answer", "form", str(recipient))
    (device,) = re.findall(r"^device (\S+):", asked, re.MULTILINE)
    keys = re.findall(r"^instruction (\S+):", asked, re.MULTILINE)
    entering = ("answer", "enter", str(recipient), "--by", "telephone", "--evidence", "file 7")
    refused = by_operator(*entering)
    assert (refused.code, "say where this device is now" in refused.err) == (2, True)
    wrong = by_operator(*entering, "--device", f"{device}=lost")
    assert (wrong.code, "'lost' is none of have, used" in wrong.err) == (2, True)
    told = ["--device", f"{device}=passed_on", "--passed-on", f"{device}=Zoe, 555-0199"]
    told += [part for key in keys for part in ("--did", f"{key}=done")]
    said = done(*entering, *told, "--query", "Who pays?", "--problem", "It was wet.")
    assert "It asks of you: complaint" in said
    assert "says the same already" in done(
        *entering, *told, "--query", "Who pays?", "--problem", "It was wet."
    )
    path = tmp_path / "answers.csv"
    listed = done("answer", "list", str(action), "--csv", str(path))
    assert "1 answers." in listed
    assert "Zoe" not in listed
    with path.open(encoding="utf-8") as lines:
        (row,) = csv.DictReader(lines)
    words = done("answer", "words", row["acknowledgement_id"], "--purpose", "a call back")
    assert "query: Who pays?" in words
    items = dict(re.findall(r"^ +(\d+)  (\w+)", done("answer", "work", str(action)), re.MULTILINE))
    by_kind = {kind: item for item, kind in items.items()}
    done("answer", "close", by_kind["query"], "--outcome", "answered")
    assert by_operator("answer", "passed-on", by_kind["passed_on"]).code == 2
    passed = ("answer", "passed-on", by_kind["passed_on"])
    assert "Zoe, 555-0199" in done(*passed, "--purpose", "to tell them")
    done(*passed, "--outcome", "told")
    (number,) = re.findall(r"^ +(\d+)  known", done("complaint", "list"), re.MULTILINE)
    assert "It was wet." in done("complaint", "show", number, "--purpose", "to report")
    more = ("complaint", "open", row["person_id"], "--by", "paper", "--text", "Again.")
    assert "Kept as complaint" in done(*more, "--on", "2026-01-02")
    assert_reached(action, row["person_id"], tmp_path)


def assert_reached(action: int, person: str, folder: Path) -> None:
    """Draw a check of everybody, answer it, and look at the funnel."""
    drawn = done("check", "draw", str(action), "--level", "A")
    (number,) = re.findall(r"check (\d+)\.", drawn)
    assert "to be asked" in done("check", "show", number)
    yes = [part for name in ("received", "understood", "followed") for part in (f"--{name}", "yes")]
    done("check", "answer", number, person, *yes, "--depth", "no")
    shown = done("check", "show", number)
    assert re.search(r"received +1 of 1", shown)
    assert re.search(r"all +0 of 1", shown)
    assert f"{number}  level A" in done("check", "list", str(action))
    path = folder / "funnel.csv"
    funnel = done("funnel", str(action), "--csv", str(path))
    assert re.search(r"^all( +1){2,}", funnel, re.MULTILINE)
    assert path.read_text("utf-8").startswith("split,value,in_scope,located,told")
    assert by_operator("funnel", "999").code == 3
