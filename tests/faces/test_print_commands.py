"""`tocsin print`: a batch is made, written once, reported about and closed, at a terminal."""

from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.lib.authenticator_app import Clock, clock
from tests.lib.people import give_app
from tests.lib.printed_letters import codes_of, ready_batch, wait_to_be_printed
from tests.lib.terminal import Done, type_in
from tests.services.kept_actions import make_team
from tocsin.services.organisations import find_user_by_email
from tocsin.store.models import Dispatch, PrintBatch
from tocsin.store.roles import Role

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("database")
EMAIL, PASSWORD = "operator@acme.example", "a long walk by the canal"


def by_operator(*arguments: str) -> Done:
    return type_in(["print", *arguments, "--as", EMAIL, "--organisation", "acme"])


def test_letters_go_to_the_print_house_and_are_accounted_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    team = make_team()
    action = str(wait_to_be_printed(team, tmp_path))
    batch = str(ready_batch(team, int(action)))
    Dispatch.everywhere.update(not_after=datetime(2100, 1, 1, tzinfo=UTC))
    assert type_in(["user", "password", EMAIL], PASSWORD, PASSWORD).code == 0
    app = give_app(find_user_by_email(EMAIL), clock)
    assert type_in(["login", "--as", EMAIL], PASSWORD, app.code()).code == 0

    assert (
        f"print batch {batch}: ready, 4 in = 3 ready + 1 set aside"
        in by_operator("list", action).out
    )
    assert "U+4F60" in by_operator("show", batch).out
    out = tmp_path / "batch.zip"
    done = by_operator("hand-over", batch, "--out", str(out))
    assert done.code == 0, done
    assert "3 letters" in done.out
    with ZipFile(out) as archive:
        assert archive.testzip() is None
    refused = by_operator("hand-over", batch, "--out", str(tmp_path / "other.zip"))
    assert refused.code == 3
    assert "is handed over" in refused.err
    assert not (tmp_path / "other.zip").exists()

    letter, _ = codes_of({Role.OPERATOR: team[Role.OPERATOR]}, int(batch))[0]
    day = PrintBatch.everywhere.get().handed_over_at
    assert day is not None
    report = tmp_path / "report.csv"
    report.write_text(
        f"letter_id,outcome,date\n{letter},posted,{day.date()}\nX,posted,{day.date()}\n"
    )
    told = by_operator("report", batch, str(report))
    assert told.code == 4
    assert "3 went out = 1 posted + 0 spoiled + 0 returned + 2 not accounted for." in told.out
    assert "'X' is no letter of this batch" in told.out
    closed = by_operator("close", batch, "--reason", "they say no more")
    assert "2 letters are unknown" in closed.out
