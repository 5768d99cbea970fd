"""Is this letter genuine? The right pair is told about; every wrong one gets the same words."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.lib.desk_client import DeskClient
from tests.lib.prepared import Prepare
from tests.lib.printed_letters import NAMES, codes_of, ready_batch, wait_to_be_printed
from tests.services.kept_actions import make_team
from tocsin.services.languages import LANGUAGES, catalogue_of
from tocsin.services.print_handover import given_out
from tocsin.store.models import BatchLetter, IssuedLetter
from tocsin.store.roles import Role

MISSING = "T0000-0000-0000"


@pytest.fixture
def letters(prepared: Prepare) -> list[tuple[str, str]]:
    """Return number and code of the letters of a batch that was handed over."""
    return prepared(arrange, Path)


def arrange(folder: Path) -> list[tuple[str, str]]:
    team = make_team()
    batch = ready_batch(team, wait_to_be_printed(team, folder))
    with given_out(team[Role.OPERATOR], batch):
        return codes_of(team, batch)


def ask(letter: str, code: str, language: str = "en") -> Any:
    return DeskClient().post(f"/{language}/letter", {"letter": letter, "code": code})


def test_the_right_pair_is_told_about_and_names_nobody(letters: list[tuple[str, str]]) -> None:
    letter, code = letters[0]
    for language in LANGUAGES:
        answer = ask(letter, code, language)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert catalogue_of(language).texts["letter_yes_title"] in text
        assert "/notices/medtronic-minimed-508-paradigm-2019" in text
        assert "no-store" in answer["Cache-Control"]
        assert not any(name.split()[0] in text for name in NAMES)
    assert ask(letter.lower().replace("-", " "), code.replace("0", "o")).status_code == 200


def test_whatever_is_wrong_the_same_is_done_and_said(letters: list[tuple[str, str]]) -> None:
    (letter, code), (other, _) = letters[:2]
    said, done = set(), set()
    ask(MISSING, code)  # the notices are read once
    for number, typed in ((MISSING, code), (letter, "0" * 10), (other, code), ("' OR 1=1", "%")):
        with CaptureQueriesContext(connection) as queries:
            answer = ask(number, typed)
        assert answer.status_code == 404
        assert "We have no such letter" in answer.content.decode()
        said.add(re.sub(r'value="[^"]*"', "", answer.content.decode()))
        done.add(len(queries))
    assert len(said) == len(done) == 1


def test_a_letter_that_has_not_left_is_unknown(letters: list[tuple[str, str]]) -> None:
    letter, code = letters[0]
    IssuedLetter.everywhere.update(sent_at=None)
    assert ask(letter, code).status_code == 404
    assert BatchLetter.everywhere.count() == 4


def test_nothing_typed_is_a_fault_beside_the_field_and_looking_is_free(
    letters: list[tuple[str, str]],
) -> None:
    missing = ask("", "")
    assert missing.status_code == 400
    assert "Type the letter number and the code." in missing.content.decode()
    page = DeskClient().get("/en/letter").content.decode()
    assert page.count("<script") == 0
    assert DeskClient().get("/l")["Location"] == "/en/letter"
    assert 'href="/en/letter"' in DeskClient().get("/en/").content.decode()
    assert len(letters) == 3
