"""What became of an action, at the desk: answers, what they ask of us, checks, the funnel."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.faces.desk.test_answer_page import complete, look, post
from tests.lib.desk_action import callers_of_team
from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.prepared import Prepare
from tests.lib.released_action import letter_of, release_one_pump
from tocsin.store.erasure import destroy_private
from tocsin.store.models import (
    Acknowledgement,
    AnswerFile,
    AuditRow,
    CheckedPerson,
    PassedOn,
    TriageAnswer,
    WorkItem,
)
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

Clients = dict[Role, DeskClient]


Arranged = tuple[Clients, tuple[int, int, str]]


def arrange(folder: Path) -> Arranged:
    """Release the letters of an action about one pump: who did, it, its recipient, the token."""
    team, callers = team_at_desk(), callers_of_team()
    action = release_one_pump(callers, folder)
    return team, (action, *letter_of(callers[Role.AUTHOR].organisation_id, action))


@pytest.fixture
def arranged(prepared: Prepare) -> Arranged:
    return prepared(arrange, Path)


@pytest.fixture
def team(arranged: Arranged) -> Clients:
    return arranged[0]


@pytest.fixture
def acme(team: Clients) -> int:  # noqa: ARG001 - its users
    """Return the organisation of the team."""
    return callers_of_team()[Role.AUTHOR].organisation_id or 0


@pytest.fixture
def letter(arranged: Arranged) -> tuple[int, int, str]:
    """Return an action whose letters are released, its recipient, and the letter's token."""
    return arranged[1]


def text_of(client: DeskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_before_anybody_has_answered_the_pages_say_so(
    team: Clients, letter: tuple[int, int, str]
) -> None:
    action, _, _ = letter
    auditor = team[Role.AUDITOR]
    assert "Nobody has answered yet" in text_of(auditor, f"/desk/actions/{action}/answers/")
    assert "No check was drawn yet" in text_of(auditor, f"/desk/actions/{action}/checks/")
    assert "In scope" in text_of(auditor, f"/desk/actions/{action}/funnel/")
    assert "There is no complaint" in text_of(auditor, "/desk/complaints/")
    assert "Draw a check</a>" not in text_of(auditor, f"/desk/actions/{action}/checks/")


def test_the_first_page_tells_that_all_sending_is_stopped(
    team: Clients,
    letter: tuple[int, int, str],  # noqa: ARG001 - an action that would send
) -> None:
    assert "All sending is stopped" not in text_of(team[Role.AUDITOR], "/desk/")
    team[Role.OPERATOR].post("/desk/sending/stop/", {"reason": "wrong"})
    assert "A releaser ends the stop" in text_of(team[Role.AUDITOR], "/desk/")
    assert '"/desk/sending/end-stop/"' in text_of(team[Role.RELEASER], "/desk/")
    assert "All sending is stopped" not in text_of(team[Role.ADMINISTRATOR], "/desk/")


def test_an_answer_is_seen_read_for_a_purpose_and_worked_off(
    team: Clients, acme: int, letter: tuple[int, int, str]
) -> None:
    action, _, token = letter
    told = {"device-0": "passed_on", "passed-on-0": "Zoe, 555-0199", "query": "Who pays?"}
    post(token, complete(look(token), problem="The inside was wet.", **told))
    operator, auditor = team[Role.OPERATOR], team[Role.AUDITOR]
    page = text_of(operator, f"/desk/actions/{action}/answers/")
    assert "Tell who has the device now" in page
    assert "Answer a question" in page
    assert '"/desk/complaints/"' in page
    home = text_of(operator, "/desk/")
    assert "One item of" in home
    assert f'"/desk/actions/{action}/answers/"' in home
    assert f'"/desk/actions/{action}/repairs/"' in home
    assert "Zoe" not in page
    with acting_for(acme):
        answer, passed = Acknowledgement.objects.get(), PassedOn.objects.get()
        item = WorkItem.objects.get(kind="query")
    words = f"/desk/answers/{answer.pk}/words/"
    assert "Who pays?" not in text_of(operator, words)
    assert "Who pays?" in operator.post(words, {"purpose": "a call back"}).content.decode()
    assert auditor.get(words).status_code == 403
    assert page.count(f'"{words}"') == 2, "from the item and from the answer"
    assert f"{words}" not in text_of(auditor, f"/desk/actions/{action}/answers/")
    to_whom = operator.post(f"/desk/passed-on/{passed.pk}/", {"purpose": "to tell them"})
    assert "Zoe, 555-0199" in to_whom.content.decode()
    close = f"/desk/actions/{action}"
    writing = f"{close}/passed-on/{passed.pk}/new-holder/"
    assert f'"{writing}"' in page
    form = text_of(operator, writing)
    assert "Or the id of a person who is known" in form
    assert "(optional)" not in form, "some of them are needed"
    refused = operator.post(writing, {"name": "Zoe", "kind": "payer"})
    assert (refused.status_code >= 400, "Nothing was changed" in refused.content.decode()) == (
        True,
        True,
    )
    operator.post(f"{close}/passed-on/{passed.pk}/close/", {"outcome": "told"})
    operator.post(f"{close}/work/{item.pk}/close/", {"outcome": "answered by telephone"})
    assert "2 closed" in text_of(operator, f"/desk/actions/{action}/answers/")
    complaint = re.search(r'href="(/desk/complaints/\d+/)"', text_of(operator, "/desk/complaints/"))
    assert complaint is not None
    assert "was wet" in operator.post(complaint[1], {"purpose": "to look"}).content.decode()
    csv = text_of(auditor, f"/desk/actions/{action}/answers.csv")
    assert len(csv.splitlines()) == 2


def test_a_paper_answer_is_entered_and_counts_in_the_funnel(
    team: Clients, acme: int, letter: tuple[int, int, str]
) -> None:
    action, recipient, _ = letter
    operator = team[Role.OPERATOR]
    address = f"/desk/recipients/{recipient}/answer/"
    page = text_of(operator, address)
    told = dict.fromkeys(set(re.findall(r'name="(do-\w+)"', page)), "done")
    told |= {"channel": "paper", "evidence": "file 7", "outcome": "answers", "knows": "on"}
    refused = operator.post(address, told)
    assert refused.status_code == 400
    assert "Say where this device is now" in refused.content.decode()
    told |= {"device-0": "have", "software_version-0": "2.4A"}
    kept = operator.post(address, told, follow=True)
    assert "The answer was kept." in kept.content.decode()
    with acting_for(acme):
        fact = TriageAnswer.objects.get()
    assert (fact.column, fact.new_value) == ("software_version", "2.4A")
    funnel = text_of(team[Role.AUDITOR], f"/desk/actions/{action}/funnel.csv").splitlines()
    assert funnel[0] == "split,value,in_scope,located,told,reached,understood,acted"
    assert funnel[1] == "all,,1,1,1,1,1,1"


def test_a_scan_is_kept_sealed_given_out_for_a_purpose_and_erased_with_the_person(
    team: Clients, acme: int, letter: tuple[int, int, str]
) -> None:
    action, recipient, _ = letter
    operator, auditor = team[Role.OPERATOR], team[Role.AUDITOR]
    scan = b"%PDF-1.7 Zoe wrote this"
    told = {"channel": "paper", "evidence": "file 7", "outcome": "refuses"}
    address = f"/desk/recipients/{recipient}/answer/"
    for wrong, why in (
        (b"MZ a program", "neither PDF, JPEG nor PNG"),
        (scan + bytes(5_000_000), "at most 5 MB"),
    ):
        refused = operator.post(address, told | {"file": SimpleUploadedFile("a.pdf", wrong)})
        assert refused.status_code == 400
        assert why in refused.content.decode()
    sent = {"file": SimpleUploadedFile("Zoe Doe.pdf", scan)}
    assert "was kept" in operator.post(address, told | sent, follow=True).content.decode()
    with acting_for(acme):
        row = AnswerFile.objects.get()
    assert b"Zoe" not in bytes(row.sealed)
    listed = f"/desk/actions/{action}/answers/{row.acknowledgement_id}/files/"
    again = operator.post(listed, {"file": SimpleUploadedFile("b.pdf", scan)}, follow=True)
    assert "The file is kept." in again.content.decode()
    empty = operator.post(listed, {})
    assert "No file arrived" in empty.content.decode()
    assert hashlib.sha256(scan).hexdigest() in text_of(auditor, listed)
    assert "Zoe" not in text_of(auditor, listed)
    opening, purpose = f"/desk/answer-files/{row.pk}/", {"purpose": "to compare"}
    assert auditor.post(opening, purpose).status_code == 403
    assert operator.post(opening, {"purpose": ""}).status_code == 400
    opened = operator.post(opening, purpose)
    assert opened.content == scan
    told_of = {"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff"}
    assert told_of.items() <= dict(opened.items()).items()
    assert opened["Content-Disposition"] == (
        f'attachment; filename="answer-{row.acknowledgement_id}-file-{row.pk}.pdf"'
    )
    assert "no-store" in opened["Cache-Control"]
    assert "default-src 'none'" in opened["Content-Security-Policy"]
    looks = AuditRow.objects.filter(event="answer_accessed")
    (told_look,) = (json.loads(bytes(each.body)) for each in looks)
    assert (told_look["new"], told_look["reason"]) == (
        {"answer": row.acknowledgement_id, "file": row.pk, "sha256": row.sha256},
        "to compare",
    )
    with acting_for(acme):
        destroy_private(str(row.acknowledgement.person_id), row.kept_at)
    gone = operator.post(opening, purpose)
    assert gone.status_code == 410
    assert "the file with them" in gone.content.decode()
    assert looks.count() == 1


def test_a_check_is_drawn_asked_and_inferred(
    team: Clients, acme: int, letter: tuple[int, int, str]
) -> None:
    action, _, _ = letter
    operator = team[Role.OPERATOR]
    drawn = operator.post(f"/desk/actions/{action}/checks/draw/", {"level": "A"}, follow=True)
    text = drawn.content.decode()
    assert "1 of 1" in text
    assert "the same people" in text
    with acting_for(acme):
        row = CheckedPerson.objects.get()
    wrong = operator.post(f"/desk/actions/{action}/checks/draw/", {"level": "B", "share": "7"})
    assert wrong.status_code == 400
    names = ("received", "understood", "followed", "depth")
    address = f"/desk/checks/{row.check_of_id}/persons/{row.person_id}/"
    kept = operator.post(address, dict.fromkeys(names, "yes"), follow=True)
    assert "100.00 %" in kept.content.decode()
    assert "0 of 1" in kept.content.decode()
