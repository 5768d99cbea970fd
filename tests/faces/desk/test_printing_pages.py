"""Printed letters at the desk, by the API and at the command line: made, handed over, reported."""

import io
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.faces.api.test_walk import done
from tests.lib.api_client import software_of
from tests.lib.authenticator_app import Clock, clock
from tests.lib.desk_action import callers_of_team
from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.people import give_app
from tests.lib.printed_letters import ready_batch, wait_to_be_printed
from tocsin.services.work import Caller
from tocsin.store.issued_letters import shown
from tocsin.store.models import Dispatch, IssuedLetter, KeptReply, PrintBatch
from tocsin.store.roles import Role

__all__ = ["clock"]
Team = dict[Role, DeskClient]


@pytest.fixture
def team(database: str) -> Team:  # noqa: ARG001 - made in its transaction
    return team_at_desk()


def test_a_batch_is_made_handed_over_and_reported_about(
    team: Team,
    clock: Clock,
    tmp_path: Path,
) -> None:
    callers = callers_of_team()
    action = wait_to_be_printed(callers, tmp_path)
    operator, auditor = team[Role.OPERATOR], team[Role.AUDITOR]
    batch = ready_batch(callers, action)
    Dispatch.everywhere.update(not_before=callers[Role.OPERATOR].now.replace(year=2020))
    listed = auditor.get(f"/desk/actions/{action}/print-batches/").content.decode()
    assert f"/desk/print-batches/{batch}/" in listed
    assert "Make a batch" not in listed
    shown_page = operator.get(f"/desk/print-batches/{batch}/").content.decode()
    assert "4 letters in = 3 ready + 1 set aside" in shown_page
    assert "U+4F60" in shown_page
    Dispatch.everywhere.update(not_after=callers[Role.OPERATOR].now.replace(year=2100))

    answer = operator.post(f"/desk/print-batches/{batch}/hand-over/")
    assert answer["Content-Type"] == "application/zip"
    with ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert len(archive.namelist()) == 5
        manifest = archive.read("manifest.csv").decode()
    refused = operator.post(f"/desk/print-batches/{batch}/hand-over/")
    assert refused.status_code >= 400
    assert "is handed over" in refused.content.decode()

    one = shown(IssuedLetter.everywhere.filter(batch_id=batch).order_by("pk")[0].letter_id)
    assert one in manifest
    day = callers[Role.OPERATOR].now.date()
    PrintBatch.everywhere.update(handed_over_at=callers[Role.OPERATOR].now)
    text = f"letter_id;outcome;date\n{one};posted;{day}\nT-none;posted;{day}\n"
    sent = SimpleUploadedFile("report.csv", text.encode(), "text/csv")
    told = operator.post(f"/desk/print-batches/{batch}/report/", {"file": sent}).content.decode()
    assert "1 posted" in told
    assert "1 set aside" in told
    assert "2 not accounted for" in told
    assert "is no letter of this batch" in told
    give_out_again_by_software(callers[Role.OPERATOR], action, batch, clock)


def give_out_again_by_software(caller: Caller, action: int, batch: int, clock: Clock) -> None:
    robot = software_of(caller.user_id or 0)
    app = give_app(caller.user_id or 0, clock)
    (line,) = robot.every(f"/actions/{action}/print-batches")
    assert (line["state"], line["account"]["n_posted"]) == ("handed_over", 1)
    again = f"/print-batches/{batch}/again"
    assert robot.post(again, {"reason": "lost"}, code="000000").code == "proof_refused"
    given = done(robot.post(again, {"reason": "lost"}, code=app.code())).json
    assert sha256(b64decode(given["content"])).hexdigest() == given["sha256"]
    closed = done(robot.post(f"/print-batches/{batch}/close", {"reason": "x"}, key="c"))
    assert closed.json == {"n_unaccounted": 2}
    assert not KeptReply.objects.filter(body__contains=b"content").exists()
