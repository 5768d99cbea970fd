"""A clinic's letters as a file to print: the same letters by console, desk and API."""

import csv
from base64 import b64decode
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.faces.api.test_walk import done
from tests.lib.api_client import software_of
from tests.lib.authenticator_app import Clock, clock
from tests.lib.desk_action import callers_of_team
from tests.lib.desk_client import team_at_desk
from tests.lib.people import give_app
from tests.lib.released_action import relay, release_at_clinic
from tests.lib.terminal import Done, type_in
from tocsin.services.action_course import start_action
from tocsin.store.models import Dispatch
from tocsin.store.roles import Role

__all__ = ["clock", "relay"]
pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("relay")]
EMAIL, PASSWORD = "operator-acme@example.org", "a long walk by the canal"


def letters_in(content: bytes) -> list[tuple[str, str]]:
    """Return each letter that a file names, by what its PDF really is."""
    with ZipFile(BytesIO(content)) as archive:
        rows = list(csv.DictReader(StringIO(archive.read("manifest.csv").decode())))
        return [(row["letter_id"], sha256(archive.read(row["file"])).hexdigest()) for row in rows]


def take(*arguments: str) -> Done:
    asked = ["print", "clinic", *arguments, "--as", EMAIL, "--organisation", "acme"]
    return type_in(asked)


def test_a_clinic_gets_the_same_letters_however_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    clients, team = team_at_desk(), callers_of_team()
    action = release_at_clinic(team, tmp_path)
    start_action(team[Role.RELEASER], action)
    Dispatch.everywhere.update(not_before=team[Role.RELEASER].now)
    desk, robot = clients[Role.OPERATOR], software_of(team[Role.OPERATOR].user_id or 0)
    (clinic,) = robot.every(f"/actions/{action}/hand-overs")
    where = {name: clinic[name] for name in ("registry_id", "clinic_id")}

    told = done(robot.post(f"/actions/{action}/hand-over-letters", where)).json
    assert (told["n_letters"], len(told["left_out"]), told["n_more"]) == (2, 1, 0)
    content = b64decode(told["content"])
    assert sha256(content).hexdigest() == told["sha256"]
    letters = letters_in(content)
    assert len(letters) == 2

    page = f"/desk/actions/{action}/hand-overs/{where['registry_id']}/C1/"
    answer = desk.post(f"{page}letters.zip")
    assert letters_in(b"".join(answer)) == letters
    assert "Left out because they could not be made: 1." in desk.get(page).content.decode()

    assert type_in(["user", "password", EMAIL], PASSWORD, PASSWORD).code == 0
    app = give_app(team[Role.OPERATOR].user_id or 0, clock)
    assert type_in(["login", "--as", EMAIL], PASSWORD, app.code()).code == 0
    out, place = tmp_path / "letters.zip", (str(action), str(where["registry_id"]))
    refused = take(*place, "C2", "--out", str(out))
    assert (refused.code, out.exists()) == (3, False)
    assert "No letter of action" in refused.err
    found = take(*place, "C1", "--out", str(out))
    assert found.code == 4, "one could not be made"
    assert "U+4F60" in found.err
    assert letters_in(out.read_bytes()) == letters
