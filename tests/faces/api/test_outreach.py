"""By other software: drafts of notices, calls, decisions, answers and what they ask, checks."""

from pathlib import Path

import pytest

from tests.faces.api.test_walk import done
from tests.lib.api_client import Software, software_of
from tests.lib.authenticator_app import Clock, clock
from tests.lib.desk_action import callers_of_team
from tests.lib.desk_client import team_at_desk
from tests.lib.people import give_app
from tests.lib.released_action import letter_of, release_one_pump
from tests.lib.sending import arrange_for, list_one_more
from tests.services.sample_dispatch_calls import LOG, NOTIFICATION
from tocsin.formats.notice_file import write_notice
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.samples import case_notices
from tocsin.services.work import Caller
from tocsin.store.models import AuditRow, Dispatch, KeptReply
from tocsin.store.roles import Role

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("database")
Team = dict[Role, Caller]


@pytest.fixture
def team(database: str, clock: Clock) -> Team:  # noqa: ARG001 - made in its transaction
    team_at_desk()
    return callers_of_team()


def robot_of(team: Team, role: Role) -> Software:
    return software_of(team[role].user_id or 0)


def test_an_answer_is_entered_read_for_a_purpose_and_worked_off(team: Team, tmp_path: Path) -> None:
    action = release_one_pump(team, tmp_path)
    recipient, _ = letter_of(team[Role.OPERATOR].organisation_id, action)
    robot, auditor = robot_of(team, Role.OPERATOR), robot_of(team, Role.AUDITOR)
    asked = done(robot.get(f"/recipients/{recipient}/form")).json
    (device,) = asked["devices"]
    told = {"channel": "telephone", "evidence": "file 7", "outcome": "answers"}
    refused = robot.post(f"/recipients/{recipient}/answers", told)
    assert (refused.status, refused.code) == (422, "reply_refused")
    told |= {
        "devices": {device["key"]: {"outcome": "passed_on", "passed_on_to": "Zoe, 555-0199"}},
        "instructions": {each["key"]: "done" for each in asked["instructions"]},
        "problem": "It was wet inside.",
        "query": "Who pays?",
    }
    kept = done(robot.post(f"/recipients/{recipient}/answers", told, key="a"), 201)
    assert kept.json["follows"][:1] == ["complaint"]
    again = robot.post(f"/recipients/{recipient}/answers", told, key="a")
    assert again.body == kept.body
    (answer,) = auditor.every(f"/actions/{action}/acknowledgements")
    assert (answer["acknowledgement_id"], answer["channel"]) == (
        kept.json["acknowledgement_id"],
        "telephone",
    )
    reading = f"/acknowledgements/{answer['acknowledgement_id']}/access"
    assert auditor.post(reading, {"purpose": "x"}).code == "not_allowed"
    words = done(robot.post(reading, {"purpose": "a call back"})).json["words"]
    assert words["query"] == "Who pays?"
    work = {each["kind"]: each for each in robot.every(f"/actions/{action}/answer-work")}
    passed = f"/passed-on/{work['passed_on']['item_id']}"
    found = done(robot.post(f"{passed}/access", {"purpose": "to tell them"})).json
    assert found == {"passed_on_to": "Zoe, 555-0199"}
    refused = robot.post(f"{passed}/new-holder", {"name": "Zoe", "kind": "payer"})
    assert refused.code == "no_letter_for_new_holder"
    done(robot.post(f"{passed}/close", {"outcome": "told"}))
    done(robot.post(f"/answer-work/{work['query']['item_id']}/close", {"outcome": "answered"}))
    assert robot.post(f"{passed}/close", {"outcome": "told"}).code == "work_item_unknown"
    (complaint,) = auditor.every("/complaints")
    wet = robot.post(f"/complaints/{complaint['complaint_id']}/access", {"purpose": "to report"})
    assert done(wet).json == {"text": "It was wet inside."}
    assert not any(b"555-0199" in bytes(each.body) for each in KeptReply.objects.all())
    funnel = done(auditor.get(f"/actions/{action}/funnel")).json
    assert (funnel["whole"]["in_scope"], funnel["whole"]["reached"]) == (1, 1)
    more = {"person_id": answer["person_id"], "text": "Again.", "channel": "paper"}
    done(robot.post("/complaints", {**more, "happened_on": "2026-01-02"}), 201)
    assert len(auditor.every("/complaints", limit=1)) == 2
    check_everybody(robot, action, answer["person_id"])


def check_everybody(robot: Software, action: int, person: str) -> None:
    number = done(robot.post(f"/actions/{action}/checks", {"level": "A"}), 201).json["id"]
    (line,) = robot.every(f"/actions/{action}/checks")
    assert (line["check_id"], line["n_listed"]) == (number, 1)
    said = dict.fromkeys(("received", "understood", "followed", "depth"), True)
    told = {"person_id": person, **said}
    done(robot.post(f"/checks/{number}/answers", told))
    seen = done(robot.get(f"/checks/{number}")).json
    assert seen["can_be_repeated"] is True
    assert seen["inferences"][-1]["n_good"] == 1


def test_calls_are_noted_and_an_unknown_outcome_is_decided(team: Team, clock: Clock) -> None:
    organisation = team[Role.OPERATOR].organisation_id or 0
    action = arrange_for(organisation, [Channel.TELEPHONE, Channel.LETTER, Channel.CLINIC])
    Dispatch.everywhere.filter(channel="letter").update(state=DispatchState.UNKNOWN)
    robot = robot_of(team, Role.OPERATOR)
    app = give_app(team[Role.OPERATOR].user_id or 0, clock)
    (call,) = robot.every(f"/actions/{action}/by-hand/telephone")
    (line,) = robot.every(f"/actions/{action}/dispatches", state="unknown")
    assert line["recipient_id"] != call["recipient_id"]
    done(robot.get(f"/recipients/{call['recipient_id']}/form"))
    place = f"/dispatches/{call['dispatch_id']}"
    sheet = done(robot.post(f"{place}/call-sheet")).json
    assert sheet["script"]
    assert AuditRow.objects.filter(event="person_accessed").count() == 1
    assert done(robot.post(f"{place}/call", {"outcome": "spoken"})).json == {"state": "spoken"}
    assert robot.post(f"{place}/call-sheet").code == "not_by_hand"
    (unknown,) = robot.every("/unknown-dispatches")
    deciding = f"/dispatches/{unknown['line']['dispatch_id']}/decision"
    told = {"decision": "other_way", "reason": "the relay is gone", "channel": "telephone"}
    assert robot.post(deciding, told, code="000000").code == "proof_refused"
    decided = done(robot.post(deciding, told, code=app.code())).json
    assert len(decided["queued"]) == 1
    taken = done(robot.send("/relay-log", LOG.encode(), file_name="mail.log")).json
    assert (taken["n_read"], taken["n_set_aside"], taken["n_undecided"]) == (1, 1, 0)
    taken = done(robot.send("/notifications", NOTIFICATION, file_name="a.eml")).json
    assert (taken["n_read"], taken["n_set_aside"]) == (1, 1)
    assert robot.every("/unknown-dispatches") == []
    state = done(robot.get(f"/actions/{action}/sending")).json
    assert {"channel": "telephone", "state": "spoken", "n": 1} in state["dispatches"]
    assert done(robot.get(f"/actions/{action}/conservation")).json["n_dispatches"] == 4
    (clinic,) = robot.every(f"/actions/{action}/hand-overs")
    where = {name: clinic[name] for name in ("registry_id", "clinic_id")}
    (one,) = done(robot.post(f"/actions/{action}/hand-over-list", where)).json["letters"]
    told = {"event": "hand_over", "dispatch_ids": [one["dispatch_id"]]}
    assert done(robot.post(f"/actions/{action}/hand-overs", told)).json == {"n_letters": 1}
    assert robot.every(f"/actions/{action}/repairs") == []
    left = str(list_one_more(action).person_id)
    (found,) = robot.every(f"/actions/{action}/recipients", sought=left, without_dispatch="true")
    assert (found["person_id"], found["n_dispatches"]) == (left, 0)


def test_a_notice_is_written_entry_by_entry(team: Team) -> None:
    robot = robot_of(team, Role.AUTHOR)
    notice = case_notices("a")[0]
    sent = robot.send("/drafts/import", write_notice(notice).encode(), file_name="a.yaml")
    (draft,) = done(sent, 201).json["draft_ids"]
    seen = done(robot.get(f"/drafts/{draft}")).json
    told = {"seen": seen["version"], "fields": {"entry": "more", "sense": "affects"}}
    assert robot.post(f"/drafts/{draft}/entries", told).code == "fields_refused"
    told["fields"] |= {"models": "MMT-999"}  # type: ignore[operator]
    version = done(robot.post(f"/drafts/{draft}/entries", told)).json["id"]
    named = {"seen": version, "name": "more"}
    version = done(robot.post(f"/drafts/{draft}/entries/confirm", named)).json["id"]
    stale = {"seen": 1, "part": "identity", "changes": {"title": "Other"}}
    head = done(robot.post(f"/drafts/{draft}/head", stale | {"seen": version})).json["id"]
    assert robot.post(f"/drafts/{draft}/head", stale).code == "draft_moved"
    undone = done(robot.post(f"/drafts/{draft}/undo", {"seen": head})).json["id"]
    assert done(robot.get(f"/drafts/{draft}")).json["working"]["head"]["title"] == notice.title
    saved = done(robot.post(f"/drafts/{draft}/save", {"seen": undone, "over": 0})).json
    (line,) = robot.every(f"/notices/{notice.notice}/revisions")
    assert line["number"] == saved["id"]
    assert robot.every("/drafts") == []
