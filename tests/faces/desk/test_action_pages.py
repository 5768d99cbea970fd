"""The pages of an action, with Django's client: what each shows, and what each lets one do."""

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.lib.desk_action import DeskAction, make_desk_action
from tests.lib.prepared import Prepare
from tests.services.kept_actions import proven
from tocsin.outreach.action_states import ActionState, service_words
from tocsin.services.action_matching import read_run
from tocsin.services.action_work import action_events
from tocsin.services.actions import HistoryLine, read_action
from tocsin.services.job_runs import run_next
from tocsin.services.scope_release import read_scope_preview, release_scope, review_scope
from tocsin.services.signatures import list_signatures
from tocsin.services.triage import list_answers
from tocsin.services.triage_queue import list_open_questions
from tocsin.services.verdict_list import WantedVerdicts, list_verdicts
from tocsin.store.models import Action, AuditRow
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for
from tocsin.web.desk.action_words import tell

STAFF = [role for role in Role if role is not Role.ADMINISTRATOR]
WITH_DEVICES = [role for role in STAFF if role is not Role.PRIVACY_OFFICER]


@pytest.fixture
def desk(prepared: Prepare) -> DeskAction:
    return prepared(make_desk_action, Path)


def state_of(desk: DeskAction) -> str:
    return read_action(desk.callers[Role.AUDITOR], desk.action_id).line.state


def test_everybody_sees_the_action_and_only_what_they_may_do(desk: DeskAction) -> None:
    figures = read_run(desk.callers[Role.AUDITOR], desk.action_id).summary.notices[0].verdicts
    for role in STAFF:
        text = desk.text(role)
        assert "Leaking cartridges" in text
        assert f"{figures['affected'].records:,}" in text
        assert "by country" in text
        assert ("Match again" in text) == (role in {Role.AUTHOR, Role.OPERATOR})
        assert ("Affected list" in text) == (role in WITH_DEVICES)
        assert "matched the action: match 1" in text
        for way in re.findall(r'<li><a href="([^"]+)">', text.split('class="ways"')[1]):
            assert desk.clients[role].get(way).status_code == 200, (role, way)
    assert desk.clients[Role.ADMINISTRATOR].get(desk.address).status_code == 403
    listed = desk.clients[Role.AUDITOR].get("/desk/actions/").content.decode()
    assert "Leaking cartridges" in listed
    assert "Open an action" not in listed
    assert "opened the action" in desk.text(Role.AUDITOR, "history/")


def test_whatever_happens_to_an_action_is_told_in_words() -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    made_by_worker = {"mails_made", "letters_ordered", "letters_made"}  # on the page of history
    for event in action_events() | made_by_worker:
        (told,) = tell([HistoryLine(at, "worker", event, {}, {}, None)], {})
        assert told.who == "The worker"
        assert told.what != service_words(event), f"{event} has no words of its own"
    (old,) = tell([HistoryLine(at, "worker", "seal_broken", {}, {}, None)], {})
    assert old.what == "seal broken", "an older version's"


def test_an_action_is_opened_and_takes_more(desk: DeskAction) -> None:
    author = desk.clients[Role.AUTHOR]
    form = author.get("/desk/actions/open/").content.decode()
    assert "pump list" in form
    bad = author.post("/desk/actions/open/", {"title": "", "registries": ["pump list"]})
    assert bad.status_code == 400
    assert 'href="#id_title"' in bad.content.decode()
    told = {"title": "Second", "notices": ["ICSMA-19-178-01"], "registries": ["pump list"]}
    notice = desk.text(Role.AUTHOR, "add-notice/")
    assert "all that there are already" in notice
    name = read_action(desk.callers[Role.AUTHOR], desk.action_id).notices[0][0]
    made = author.post("/desk/actions/open/", {**told, "notices": [name]}, follow=True)
    assert "The action is opened" in made.content.decode()
    assert "was never matched" in made.content.decode()


def test_a_match_runs_as_a_job_and_the_page_follows_it(desk: DeskAction) -> None:
    operator = desk.clients[Role.OPERATOR]
    told = operator.post(desk.address + "match/", follow=True).content.decode()
    assert "Waits for the worker" in told
    assert run_next(lambda _claim: None) is not None
    text = desk.text(Role.OPERATOR)
    assert "Waits for the worker" not in text
    assert "Match 2" in text
    assert "From match 1 to match 2" in desk.text(Role.AUDITOR, "differences/")


def test_the_list_is_filtered_ordered_and_kept_as_csv(desk: DeskAction) -> None:
    caller = desk.callers[Role.AUDITOR]
    everything = list_verdicts(caller, desk.action_id, WantedVerdicts(), limit=5000)
    text = desk.text(Role.AUDITOR, "devices/?verdict=affected&sort=-model")
    affected = [line for line in everything.lines if line.verdict == "affected"]
    assert f"1 to {min(50, len(affected))} of {len(affected)}" in text
    assert 'aria-sort="descending"' in text
    assert "verdict=affected" in text
    assert affected[0].reason[:30] in text
    kept = desk.clients[Role.AUDITOR].get(desk.address + "devices.csv?verdict=affected")
    rows = list(csv.DictReader(io.StringIO(b"".join(kept.streaming_content).decode())))
    assert {row["device_id"] for row in rows} == {line.device_id for line in affected}
    assert "attachment" in kept["Content-Disposition"]
    assert "no-store" in kept["Cache-Control"]
    for asked in ("?page=x", "?match=99"):
        assert desk.clients[Role.AUDITOR].get(desk.address + "devices/" + asked).status_code in {
            400,
            409,
        }
    assert "No record fits" in desk.text(Role.AUDITOR, "devices/?device=nobody")
    one = affected[0]
    page = desk.text(Role.AUDITOR, f"devices/{one.verdict_id}/")
    assert one.device_id in page
    assert "affected:" in page
    assert "All that this holder has" in page


def first_case(desk: DeskAction) -> int:
    page = list_open_questions(desk.callers[Role.OPERATOR], desk.action_id)
    return page.lines[0].verdict_id


def told(value: str) -> dict[str, str]:
    return {"value": value, "told_by": "patient", "evidence": "By telephone.", "save": "1"}


def test_a_record_is_answered_by_telephone_and_the_next_one_comes(desk: DeskAction) -> None:
    operator, caller = desk.clients[Role.OPERATOR], desk.callers[Role.OPERATOR]
    lines = list_open_questions(caller, desk.action_id).lines
    assert "Begin with the first" in desk.text(Role.OPERATOR, "triage/")
    address = f"triage/{lines[0].verdict_id}/"
    page = desk.text(Role.OPERATOR, address)
    assert "Show whom to call" in page
    assert 'accesskey="s"' in page
    looked = AuditRow.objects.filter(event="person_accessed").count()
    shown = operator.post(desk.address + address, {"shown": "1"})
    assert "Telephone" in shown.content.decode()
    assert AuditRow.objects.filter(event="person_accessed").count() > looked
    wrong = operator.post(desk.address + address, told("?!"))
    assert wrong.status_code == 400
    assert "cannot be read as software_version" in wrong.content.decode()
    saved = operator.post(desk.address + address, told("1.1"))
    assert saved.status_code == 302
    there = f"{desk.address}triage/{lines[1].verdict_id}/?last={lines[0].verdict_id}"
    assert saved["Location"] == there
    after = operator.get(there).content.decode()
    assert "cannot tell became affected" in after
    assert "Correct the answer before this one" in after
    corrected = operator.post(
        f"{desk.address}devices/{lines[0].verdict_id}/correct/",
        told("9.9") | {"column": "software_version"},
        follow=True,
    )
    assert "affected became not affected" in corrected.content.decode()
    answers = list_answers(caller, desk.action_id)
    assert [line.still_holds for line in answers] == [False, True]
    assert "no longer holds" in desk.text(Role.AUDITOR, "triage/answers/")


def test_who_may_not_call_sees_the_question_only(desk: DeskAction) -> None:
    number = first_case(desk)
    text = desk.text(Role.AUDITOR, f"triage/{number}/")
    assert "Show whom to call" not in text
    assert "Save and go on" not in text
    answer = desk.clients[Role.AUDITOR].post(f"{desk.address}triage/{number}/", told("1.1"))
    assert answer.status_code == 403
    assert list_answers(desk.callers[Role.AUDITOR], desk.action_id) == []


def release(desk: DeskAction) -> None:
    seen = read_scope_preview(desk.callers[Role.AUDITOR], desk.action_id)
    review_scope(proven(desk.callers[Role.REVIEWER]), desk.action_id, seen.sha256)
    release_scope(proven(desk.callers[Role.RELEASER]), desk.action_id, seen.sha256)


def put(desk: DeskAction, state: ActionState) -> None:
    with acting_for(desk.callers[Role.AUDITOR].organisation_id):
        Action.objects.filter(pk=desk.action_id).update(state=str(state))


def test_a_signature_without_a_proof_changes_nothing(desk: DeskAction) -> None:
    page = desk.text(Role.REVIEWER, "release/")
    assert "Sign as reviewer" in page
    assert "Nobody yet" in page
    seen = read_scope_preview(desk.callers[Role.AUDITOR], desk.action_id)
    form = desk.text(Role.REVIEWER, "release/review-scope/")
    assert seen.sha256 in form
    answer = desk.clients[Role.REVIEWER].post(
        desk.address + "release/review-scope/", {"seen": seen.sha256}
    )
    assert answer.status_code == 400
    assert "To sign, give the code" in answer.content.decode()
    assert read_scope_preview(desk.callers[Role.AUDITOR], desk.action_id).subject == ""


def test_who_has_signed_stands_on_the_page(desk: DeskAction) -> None:
    release(desk)
    text = desk.text(Role.RELEASER, "release/")
    seen = read_scope_preview(desk.callers[Role.AUDITOR], desk.action_id)
    for line in list_signatures(desk.callers[Role.AUDITOR], seen.subject):
        assert line.printed_name in text
        assert str(line.meaning) in text
    assert "This scope was released on" in text
    assert state_of(desk) == "scope_released"


def test_an_action_is_led_to_its_end_with_reasons(desk: DeskAction) -> None:
    release(desk)
    assert "No letter of action" in desk.text(Role.RELEASER, "release/letters/")
    put(desk, ActionState.LETTERS_RELEASED)
    releaser = desk.clients[Role.RELEASER]
    early = releaser.post(desk.address + "start/", {"go": "1"})
    assert early.status_code == 409
    assert "has no released letters" in early.content.decode()
    put(desk, ActionState.RUNNING)
    steps = (
        ("pause/", {"reason": "wrong addresses"}, "paused"),
        ("resume/", {"reason": "right again"}, "running"),
        ("complete/", {"reason": "all are reached"}, "firm_complete"),
        ("terminate/", {"reason": "letter of 1 March"}, "authority_terminated"),
        ("reopen/", {"reason": "a carton was found"}, "reopened"),
    )
    for page, asked, state in steps:
        assert releaser.get(desk.address + page).status_code == 200
        assert releaser.post(desk.address + page, {"reason": " "}).status_code == 400
        done = releaser.post(desk.address + page, asked, follow=True)
        assert done.status_code == 200
        assert state_of(desk) == state
    assert "letter of 1 March" in desk.text(Role.AUDITOR)
    again = releaser.post(desk.address + "pause/", {"reason": "again"})
    assert again.status_code == 409
    assert "Possible now" in again.content.decode()
