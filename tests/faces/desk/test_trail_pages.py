"""The audit trail and the jobs at the desk: filters, marks, verification, export, retry."""

import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.people import make_organisation, make_user
from tests.lib.prepared import Prepare
from tocsin.services.job_runs import run_next
from tocsin.store.jobs import queue_job
from tocsin.store.models import AuditRow, Job, Organisation, User
from tocsin.store.roles import Role

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def team(prepared: Prepare) -> dict[Role, DeskClient]:
    return prepared(arrange)


def arrange() -> dict[Role, DeskClient]:
    made = team_at_desk()
    for name in ("clinic", "pharmacy"):
        made[Role.OPERATOR].post("/desk/registries/add/", {"name": name})
    return made


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def rows_of(answer: Any) -> str:
    return text_of(answer).partition('class="trail"')[2].partition("</table>")[0]


def last_row() -> AuditRow:
    found = AuditRow.objects.order_by("-seq").first()
    assert found is not None
    return found


def test_rows_are_told_in_words_with_who_did_it(team: dict[Role, DeskClient]) -> None:
    rows = rows_of(team[Role.AUDITOR].get("/desk/audit/"))
    assert "Registry added" in rows
    assert "Operator-Acme" in rows
    assert "name: clinic" in rows


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("event=registry_added", 2),
        ("subject=registry", 2),
        ("who=console&event=membership_given", 7),
        ("since=2999-01-01", 0),
        ("until=1999-01-01", 0),
        ("action=7", 0),
    ],
)
def test_filters_choose_rows(team: dict[Role, DeskClient], query: str, n: int) -> None:
    assert rows_of(team[Role.AUDITOR].get(f"/desk/audit/?{query}")).count("<th scope=") == n + (
        6 if n else 0
    )


def test_pages_go_back_row_by_row_and_never_twice(team: dict[Role, DeskClient]) -> None:
    for number in range(60):
        team[Role.OPERATOR].post("/desk/registries/add/", {"name": f"list {number}"})
    first = team[Role.AUDITOR].get("/desk/audit/?event=registry_added")
    assert rows_of(first).count("Registry added") == 50
    later = text_of(first).partition('rel="next" href="')[2].partition('"')[0]
    second = team[Role.AUDITOR].get("/desk/audit/" + later.replace("&amp;", "&"))
    assert rows_of(second).count("Registry added") == 12
    assert 'rel="next"' not in text_of(second)


@pytest.mark.parametrize(
    "query", ["below=x", "below=-3", "action=0", "since=yesterday", "who=user:1%00", "event=none"]
)
def test_filters_that_are_none_end_in_no_error(team: dict[Role, DeskClient], query: str) -> None:
    for page in ("", "rows.csv"):
        assert team[Role.AUDITOR].get(f"/desk/audit/{page}?{query}").status_code < 500


def test_a_mark_says_how_far_somebody_has_reviewed(team: dict[Role, DeskClient]) -> None:
    client, until = team[Role.AUDITOR], last_row().seq
    told = {"until": until, "note": "two lists added, as agreed"}
    assert client.post("/desk/audit/review/", {**told, "note": ""}).status_code == 400
    answer = client.post("/desk/audit/review/", {**told, "until": 10**9})
    assert answer.status_code == 404
    assert "has no row 1000000000" in text_of(answer)
    client.post("/desk/audit/review/", told)
    shown = text_of(client.get("/desk/audit/"))
    assert f"reviewed up to row {until} by Auditor-Acme" in shown
    assert "two lists added, as agreed" in shown
    assert last_row().event == "trail_reviewed"
    for role, other in team.items():
        if role is not Role.AUDITOR:
            assert other.post("/desk/audit/review/", told).status_code == 403


def test_a_verification_is_done_by_the_worker_and_kept(team: dict[Role, DeskClient]) -> None:
    client = team[Role.AUDITOR]
    client.post("/desk/audit/verify/")
    client.post("/desk/audit/verify/")
    assert Job.objects.filter(kind="verify_trail").count() == 1
    assert "Waits for the worker" in text_of(client.get("/desk/audit/"))
    run_next(lambda _claim: None)
    assert last_row().event == "trail_verified"
    shown = text_of(client.get("/desk/audit/"))
    assert "Nothing is wrong" in shown
    assert "Waits for the worker" not in shown


def test_an_export_is_checked_by_the_verifier_that_comes_with_it(
    team: dict[Role, DeskClient], tmp_path: Path
) -> None:
    answer = team[Role.AUDITOR].post("/desk/audit/export/")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        packed.extractall(tmp_path)
    folder = tmp_path / "tocsin-audit-trail"
    key = (folder / "public_key.txt").read_text().strip()
    done = subprocess.run(
        [sys.executable, "verifier.py", "trail.jsonl", "anchors.jsonl", key],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f"{last_row().seq} rows" in done.stdout + done.stderr
    assert len((folder / "trail.jsonl").read_text().splitlines()) == last_row().seq


def test_rows_of_others_are_not_given_out(team: dict[Role, DeskClient]) -> None:
    make_organisation("other")
    make_user("olga", Role.AUDITOR, organisation="other")
    answer = team[Role.AUDITOR].post("/desk/audit/export/")
    assert answer.status_code == 400
    assert "rows of other organisations" in text_of(answer)
    assert "olga" not in rows_of(team[Role.AUDITOR].get("/desk/audit/")).lower()


def test_the_rows_are_had_as_csv(team: dict[Role, DeskClient]) -> None:
    answer = team[Role.AUDITOR].get("/desk/audit/rows.csv?event=registry_added")
    assert answer["Content-Type"].startswith("text/csv")
    assert len(text_of(answer).splitlines()) == 3


# --- jobs -------------------------------------------------------------------------------


def queue(state: str, problem: str = "") -> int:
    own = Organisation.objects.get(slug="acme").pk
    job = queue_job("match_action", {"action_id": 1}, NOW, own, 40)
    Job.objects.filter(pk=job.pk).update(state=state, problem=problem, n_done=7)
    return job.pk


def test_jobs_tell_how_far_they_are_and_why_they_failed(team: dict[Role, DeskClient]) -> None:
    failed = queue("failed", "The disk is full. Nothing was kept. Make room & try again.")
    queued = queue("queued")
    shown = text_of(team[Role.OPERATOR].get("/desk/jobs/"))
    assert "Make room &amp; try again" in shown
    assert "7 of 40" in shown
    team[Role.OPERATOR].post(f"/desk/jobs/{failed}/retry/")
    assert Job.objects.get(pk=failed).state == "queued"
    cancel = f"/desk/jobs/{queued}/cancel/"
    assert team[Role.OPERATOR].post(cancel, {"reason": ""}).status_code == 400
    team[Role.OPERATOR].post(cancel, {"reason": "the wrong list"})
    assert Job.objects.get(pk=queued).state == "cancelled"
    assert team[Role.OPERATOR].post(cancel, {"reason": "again"}).status_code == 409
    assert "Try again" not in text_of(team[Role.AUDITOR].get("/desk/jobs/"))


def test_jobs_of_others_are_not_there(team: dict[Role, DeskClient]) -> None:
    make_organisation("other")
    other = Organisation.objects.get(slug="other").pk
    theirs = queue_job("match_action", {}, NOW, other).pk
    assert f">{theirs}<" not in text_of(team[Role.OPERATOR].get("/desk/jobs/"))
    assert team[Role.OPERATOR].get(f"/desk/jobs/{theirs}/cancel/").status_code == 404
    assert User.objects.count() == len(Role)
