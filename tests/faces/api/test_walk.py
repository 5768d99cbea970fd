"""An action from the notice to its released scope, by other software only; lists that are sent."""

from pathlib import Path

import pytest

from tests.lib.api_client import Answer, Software, software, software_of
from tests.lib.authenticator_app import App, Clock, clock
from tests.lib.people import give_app, make_user
from tests.services.lists import DEVICE_COLUMNS, write_list
from tocsin.api.views import REPLAYED
from tocsin.services.import_runs import finish_import
from tocsin.services.work import Caller
from tocsin.store.home import find_home
from tocsin.store.models import ListImport, Organisation, Signature
from tocsin.store.roles import Role

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("database")
LIST = "clinic list"
ROWS = [
    ("d1", "h1", "Medtronic", "MMT-723", "S1", "2.4A"),
    ("d2", "h2", "Medtronic", "MMT-723", "S2", ""),
]
CASES = Path(__file__).parents[3] / "src" / "tocsin" / "cases" / "data"


@pytest.fixture
def robot(database: str) -> Software:  # noqa: ARG001 - rows in it
    return software(Role.AUTHOR, Role.OPERATOR, Role.AUDITOR)


def done(answer: Answer, status: int = 200) -> Answer:
    assert answer.status == status, answer
    return answer


def send_list(robot: Software, folder: Path, **more: str) -> Answer:
    content = write_list(folder / "a.csv", DEVICE_COLUMNS, ROWS).read_bytes()
    return robot.send("/imports", content, **({"registry": LIST, "file_name": "a.csv"} | more))


def do_import(number: int) -> None:
    """Do what a worker does."""
    acme = Organisation.objects.get(slug="acme").pk
    caller = Caller("worker", acme, frozenset(), ListImport.everywhere.get(pk=number).started_at)
    finish_import(caller, number, lambda _done, _of: None)


def signer(name: str, role: Role, clock: Clock) -> tuple[Software, App]:
    user = make_user(name, role)
    return software_of(user), give_app(user, clock)


def test_an_action_is_run_to_its_release(robot: Software, tmp_path: Path, clock: Clock) -> None:
    done(robot.post("/registries", {"name": LIST}), 201)
    number = done(send_list(robot, tmp_path), 202).json["id"]
    do_import(number)
    seen = done(robot.get(f"/imports/{number}")).json["told"]
    assert (seen["state"], seen["n_accepted"]) == ("complete", 2)
    content = (CASES / "case_a.yaml").read_bytes()
    done(robot.send("/notices", content, file_name="case_a.yaml"), 201)
    name = robot.every("/notices")[0]["name"]
    action = done(
        robot.post("/actions", {"title": "Pumps", "notices": [name], "registries": [LIST]}), 201
    ).json["id"]
    assert done(robot.post(f"/actions/{action}/matches"), 201).json == {"id": 1}
    found = robot.every(f"/actions/{action}/verdicts", limit=1)
    assert [each["verdict"] for each in found] == ["affected", "cannot_tell"], found
    (asked,) = robot.every(f"/actions/{action}/triage")
    assert asked["column"] == "software_version"
    case = done(robot.get(f"/actions/{action}/triage/{asked['verdict_id']}")).json
    assert case["device_id"] == ROWS[1][0]
    told = {"device_id": ROWS[1][0], "column": "software_version", "value": "2.4A"}
    told |= {"told_by": "patient", "evidence": "by telephone"}
    assert done(robot.post(f"/actions/{action}/answers", told), 201).json[0]["now"] == "affected"
    assert robot.every(f"/actions/{action}/triage") == []
    assert len(robot.every(f"/actions/{action}/answers")) == 1
    tree = done(robot.post(f"/actions/{action}/explanations", {"device_id": ROWS[1][0]})).json
    assert tree[0]["reasoning"]["truth"] == "true"
    assert done(robot.post(f"/actions/{action}/matches"), 201).json == {"id": 2}
    (changed,) = robot.every(f"/actions/{action}/changes")
    assert (changed["was"], changed["now"]) == ("cannot_tell", "affected")
    assert done(robot.get(f"/actions/{action}/match/verification")).json == {"is_same": True}
    for part in ("country", "kind"):
        assert robot.every(f"/actions/{action}/figures/{part}")
    assert len(robot.every(f"/actions/{action}/contacts")) == 2
    release_scope(robot, action, clock)


def release_scope(robot: Software, action: int, clock: Clock) -> None:
    reviewer, reviewers_app = signer("rosa", Role.REVIEWER, clock)
    releaser, releasers_app = signer("rolf", Role.RELEASER, clock)
    preview = done(robot.get(f"/actions/{action}/preview")).json
    assert preview["hindrances"] == []
    seen = {"seen_sha256": preview["sha256"]}
    review, release = f"/actions/{action}/scope/review", f"/actions/{action}/scope/release"
    code = releasers_app.code()
    assert releaser.post(release, seen, code=code).code == "not_reviewed"
    assert reviewer.post(review, seen, code="000000").code == "proof_refused"
    code = reviewers_app.code()
    stale = {"seen_sha256": "0" * 64}
    assert reviewer.post(review, stale, code=code).code == "scope_not_seen"
    assert reviewer.post(review, seen, code=code).code == "proof_refused", "a code counts once"
    clock.next_code()
    signed = done(reviewer.post(review, seen, key="r", code=reviewers_app.code()))
    again = reviewer.post(review, seen, key="r", code="999999")
    assert (again.body, again.headers[REPLAYED]) == (signed.body, "true")
    assert robot.post(release, seen, code="123456").code == "not_allowed"
    clock.next_code()
    done(releaser.post(release, seen, code=releasers_app.code()))
    assert Signature.everywhere.count() == 2
    (subject,) = set(Signature.everywhere.values_list("subject", flat=True))
    shown = robot.every("/signatures", subject=subject)
    assert [each["meaning"] for each in shown] == ["reviewed", "released"]
    assert done(robot.get(f"/actions/{action}")).json["state"] == "scope_released"
    events = [each["event"] for each in robot.every(f"/actions/{action}/history")]
    assert events[0] == "action_opened"
    assert events[-1] == "scope_released"


def test_notices_are_read_and_written_in_every_format(robot: Software) -> None:
    content = (CASES / "case_a.yaml").read_bytes()
    done(robot.send("/notices", content, file_name="case_a.yaml"), 201)
    assert robot.send("/notices", content, file_name="case_a.yaml").code == "name_taken"
    (line,) = robot.every("/notices")
    name = line["name"]
    assert done(robot.get(f"/notices/{name}")).json["notice"] == name
    for written in ("yaml", "csaf", "csaf-2.1", "csaf-vex", "fhir"):
        told = done(robot.get(f"/notices/{name}/written/{written}")).json
        assert told["file_name"]
        if written == "csaf":
            again = robot.send("/notices/check", told["text"].encode(), file_name="a.json")
            assert done(again).json["sentences"]
    same = robot.send("/notices/revisions", content, file_name="case_a.yaml")
    assert done(same, 201).json == {"name": name, "revision": line["revision"]}
    assert robot.get(f"/notices/{name}/changes", old=1).json["scope"] == []


def test_what_cannot_be_read_is_told_without_where_it_lay(robot: Software) -> None:
    for path, name in (("/notices", "a.yaml"), ("/notices/check", "a.json")):
        answer = robot.send(path, b"\xff\xfe\x00", file_name=name)
        assert (answer.status, answer.code) == (422, "notice_unreadable")
        assert name in answer.json["detail"]
        assert "/tmp" not in answer.json["detail"]
    draft = robot.send(
        "/notices/draft",
        b"Product: Acme Pump, model X2\nFirm: Acme\nLots 17 and 18 are recalled.",
        file_name="letter.txt",
    )
    assert done(draft).json["notice"]["scope"]
    assert robot.send("/notices", b"x", file_name="../a.yaml").code == "fields_unfit"
    assert robot.send("/notices", b"", file_name="a.yaml").code == "body_unreadable"


def test_a_list_that_is_not_used_leaves_nothing(
    robot: Software,
    tmp_path: Path,
    settings_of_lists: None,  # noqa: ARG001
) -> None:
    done(robot.post("/registries", {"name": LIST}), 201)
    acme = Organisation.objects.get(slug="acme").pk
    work = find_home().folder / "work" / str(acme)

    def folders() -> int:
        return len(list(work.glob("import-*"))) if work.is_dir() else 0

    before = folders()
    assert send_list(robot, tmp_path, registry="none").code == "registry_unknown"
    assert send_list(robot, tmp_path, file_name="a.exe").code == "fields_unfit"
    assert robot.send("/imports", b"x" * 5000, registry=LIST, file_name="a.csv").status == 413
    assert folders() == before
    first = done(send_list(robot, tmp_path, key="k"), 202)
    assert send_list(robot, tmp_path, key="k").headers[REPLAYED] == "true"
    assert send_list(robot, tmp_path).code == "registry_busy"
    assert folders() == before + 1
    number = first.json["id"]
    done(robot.post(f"/imports/{number}/undo", {"reason": "wrong list"}))
    do_import(number)


@pytest.fixture
def settings_of_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "API_LIST_BYTES", 4000)


def test_nobody_is_shown_without_a_purpose(robot: Software) -> None:
    assert robot.post("/persons/x/access", {"purpose": "p"}).code == "fields_unfit"
    nobody = "3f0c2a52-6d1e-4d6b-9a3f-0a4b5c6d7e8f"
    assert robot.post(f"/persons/{nobody}/access", {"purpose": "call"}).code == "person_unknown"
    assert robot.post(f"/persons/{nobody}/access", {}).code == "fields_unfit"


def test_the_token_ends_itself(robot: Software) -> None:
    done(robot.post("/token/end"))
    assert robot.get("/actions").code == "api_token_refused"
