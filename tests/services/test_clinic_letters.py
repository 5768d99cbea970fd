"""The letters of a clinic's list as one file: validated PDFs, the same once more, none too many."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.lib.released_action import relay, release_at_clinic
from tests.services.kept_actions import make_team
from tocsin.render.letters.pdf import check_pdf
from tocsin.services.action_course import start_action
from tocsin.services.clinic_letters import ClinicFile, ClinicLettersStay, lent_clinic_letters
from tocsin.services.hand_overs import list_hand_overs, note_hand_overs
from tocsin.services.work import Caller
from tocsin.store.issued_letters import read_typed
from tocsin.store.models import AuditRow, ContactRepair, Dispatch, IssuedLetter
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

__all__ = ["relay"]
pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("relay")]


def take(caller: Caller, action: int) -> tuple[ClinicFile, bytes]:
    (line,) = list_hand_overs(caller, action)
    with lent_clinic_letters(caller, action, line.registry_id, line.clinic_id) as (told, file):
        return told, file.read()


def test_a_clinic_gets_its_letters_and_hears_what_is_left_out(
    database: str, tmp_path: Path
) -> None:
    assert database
    team = make_team()
    action = release_at_clinic(team, tmp_path)
    operator = replace(team[Role.OPERATOR], now=team[Role.OPERATOR].now + timedelta(hours=1))
    with pytest.raises(ClinicLettersStay, match="not running"):
        take(operator, action)
    start_action(team[Role.RELEASER], action)
    told, content = take(operator, action)
    assert sha256(content).hexdigest() == told.sha256
    assert (told.n_letters, told.n_more) == (2, 0)
    (left,) = told.left_out
    assert "U+4F60" in left.because
    assert told.told.endswith("Left out because they could not be made: 1.")
    with ZipFile(io.BytesIO(content)) as archive:
        manifest = archive.read("manifest.csv").decode()
        assert json.loads(archive.read("batch.json"))["n_left_out"] == 1
        assert str(left.dispatch_id) in archive.read("left-out.csv").decode()
        rows = list(csv.DictReader(io.StringIO(manifest)))
        assert len(rows) == 2
        for row in rows:
            pdf = archive.read(row["file"])
            assert sha256(pdf).hexdigest() == row["sha256"]
            assert check_pdf(pdf, row["letter_id"]) == int(row["pages"])
    assert "Zoe" not in manifest
    later = replace(operator, now=operator.now + timedelta(days=2))
    assert take(later, action)[0].sha256 == told.sha256  # the day that they bear stays
    with acting_for(operator.organisation_id):
        sent = IssuedLetter.objects.filter(sent_at=operator.now)
        assert {read_typed(row["letter_id"]) for row in rows} == {one.letter_id for one in sent}
        waiting = Dispatch.objects.filter(channel="clinic", state="queued")
        assert waiting.count() == 3  # it is the clinic that hands over
        assert ContactRepair.objects.filter(channel="clinic").count() == 1
        given = AuditRow.objects.filter(event="clinic_letters_given_out")
        assert given.count() == 2
    note_hand_overs(operator, action, "hand_over", [one.pk for one in sent])
    with pytest.raises(ClinicLettersStay, match="None of the 1 letters could be made"):
        take(operator, action)
