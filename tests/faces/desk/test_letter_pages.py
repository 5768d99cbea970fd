"""Letters at the desk: the list, a text beside its source, the checklists, the way to the lock."""

from typing import Any

import pytest

from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.prepared import Prepare
from tests.services.kept_actions import keep_action, proven
from tests.services.lists import NOW
from tests.services.sample_dispatch_calls import with_relay
from tocsin.services.callers import user_caller
from tocsin.services.letter_approval import review_letter_version
from tocsin.services.letter_files import case_texts
from tocsin.services.letters import read_letter, write_letter_source, write_letter_version
from tocsin.services.list_imports import add_registry
from tocsin.services.samples import case_notices
from tocsin.services.work import Caller
from tocsin.store.roles import Role

Team = dict[Role, DeskClient]


@pytest.fixture
def team(prepared: Prepare) -> Team:
    return prepared(team_at_desk)


@pytest.fixture
def callers(team: Team) -> dict[Role, Caller]:
    return {
        role: user_caller(int(client.session["_auth_user_id"]), "acme", NOW)
        for role, client in team.items()
    }


@pytest.fixture
def letter(callers: dict[Role, Caller]) -> tuple[int, int]:
    """Keep case A's check-your-version letter in French for Belgium; return action and letter."""
    add_registry(callers[Role.OPERATOR], "list")
    action = keep_action(callers, case_notices("a"), "list")
    texts = {text.language: text for text in case_texts("a") if "check" in text.letter}
    write_letter_source(callers[Role.AUTHOR], action, texts["en"])
    belgian = texts["fr"].model_copy(update={"country": "BE"})
    return action, write_letter_version(callers[Role.AUTHOR], action, belgian)


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_letter_is_sent_to_oneself(team: Team, letter: tuple[int, int]) -> None:
    _, number = letter
    page = f"/desk/letters/{number}/test-mail/"
    author = team[Role.AUTHOR]
    assert page in said(author.get(f"/desk/letters/{number}/"))
    assert page not in said(team[Role.AUDITOR].get(f"/desk/letters/{number}/"))
    assert "@example.org and to nobody else" in said(author.get(page))
    refused = author.post(page, {"go": "1"})
    assert refused.status_code == 400
    assert "No relay is set up here" in said(refused)
    sent = with_relay(author.post)(page, {"go": "1"})
    assert sent.status_code == 302
    assert "The relay has taken it" in said(author.get(f"/desk/letters/{number}/"))


def test_a_letter_is_shown_with_what_stands_against_it(team: Team, letter: tuple[int, int]) -> None:
    action, number = letter
    listed = said(team[Role.AUDITOR].get(f"/desk/actions/{action}/letters/"))
    assert "patient-check-version" in listed
    assert "machine-prepared" in listed
    shown = said(team[Role.AUDITOR].get(f"/desk/letters/{number}/"))
    assert "kandel_moles" in shown
    assert "Not ticked on the checklist" in shown
    assert "<ins>" in shown
    assert "Go through the checklists" not in shown  # an auditor only looks
    assert "Go through the checklists" in said(team[Role.AUTHOR].get(f"/desk/letters/{number}/"))


def test_the_preview_is_a_pdf(team: Team, letter: tuple[int, int]) -> None:
    answer = team[Role.REVIEWER].get(f"/desk/letters/{letter[1]}/preview.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_checklist_and_steps_lead_to_the_authority(
    team: Team, letter: tuple[int, int], callers: dict[Role, Caller]
) -> None:
    address, author = f"/desk/letters/{letter[1]}", team[Role.AUTHOR]
    view = read_letter(callers[Role.AUTHOR], letter[1])
    ticks = {"seen": view.line.sha256, "items": list(view.checklist)}
    assert "The checklist is kept." in said(
        author.post(f"{address}/checklist/", ticks, follow=True)
    )
    seen = {"seen": view.line.sha256}
    handed = author.post(f"{address}/finish-translation/", seen, follow=True)
    assert "waits for its review" in said(handed)
    unsigned = team[Role.REVIEWER].post(f"{address}/review-letter-version/", seen)
    assert unsigned.status_code >= 400
    assert "To sign, give the code" in said(unsigned)
    reviewer = proven(callers[Role.REVIEWER])
    review_letter_version(reviewer, letter[1], view.line.sha256)
    told = seen | {"words": "FAMHP"}
    submitted = said(author.post(f"{address}/submit-letter-version/", told, follow=True))
    assert "The letter is submitted." in submitted
    assert "FAMHP" in submitted


def test_a_text_that_was_not_seen_is_refused(team: Team, letter: tuple[int, int]) -> None:
    ticks = {"seen": "0" * 64, "items": ["patient.tonight"]}
    answer = team[Role.AUTHOR].post(f"/desk/letters/{letter[1]}/checklist/", ticks)
    assert answer.status_code >= 400
    assert "Look at it again" in said(answer)
