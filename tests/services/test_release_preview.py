"""Who signs letters sees whom they reach, by which way, and letters as they would come."""

import re
from pathlib import Path

import pytest

from tests.lib.desk_action import callers_of_team
from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.prepared import Prepare
from tests.lib.released_action import relay, release_pumps
from tocsin.services.letter_release import read_letter_preview
from tocsin.services.release_preview import (
    NotInPlan,
    access_sample_letter,
    read_dispatch_preview,
)
from tocsin.services.rights import NotAllowed
from tocsin.services.work import Caller
from tocsin.store.audit.trail import read_rows
from tocsin.store.roles import Role

__all__ = ["relay"]
pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("relay")]
SERIALS = ("ZWETSCHGE77", "MIRABELLE88", "REINECLAUDE99")
PUMPS = [
    (f"D{i}", f"H{i}", "Medtronic", "MMT-523", serial, "2.4A") for i, serial in enumerate(SERIALS)
]
PEOPLE = [
    ("H0", "person", "Zoe Example", "zoe@x.example", "", "en"),
    ("H1", "person", "Yann Example", "yann@x.example", "1 Example Street", "fr"),
    ("H2", "person", "Xenia Example", "", "", "en"),
]
Arranged = tuple[dict[Role, DeskClient], dict[Role, Caller], int]


def arrange(folder: Path) -> Arranged:
    clients, callers = team_at_desk(), callers_of_team()
    return clients, callers, release_pumps(callers, folder, PUMPS, PEOPLE)


@pytest.fixture
def arranged(prepared: Prepare) -> Arranged:
    return prepared(arrange, Path)


def test_numbers_are_those_that_are_signed(arranged: Arranged) -> None:
    _, team, action = arranged
    told = read_dispatch_preview(team[Role.AUDITOR], action)
    assert (told.n_recipients, told.unreachable, told.other_language) == (3, 1, 1)
    assert dict(told.by_audience) == {"patient": 3}
    assert dict(told.by_letter) == {"patient-affected en": 3}
    assert sum(told.by_country.values()) == sum(group.n for group in told.groups) == 3
    assert told.by_channel["e-mail"] == 2
    assert set(told.not_after_h) == set(told.by_channel)
    assert told.n_had == 2, "they are released already; who is reached by nothing had nothing"
    assert [one.letter for one in told.samples] == ["patient-affected en"]
    signed = read_letter_preview(team[Role.AUDITOR], action).manifest["dispatch"]["counts"]
    assert signed["by"]["letter"] == told.by_letter
    assert (signed["people"], signed["other_language"]) == (3, 1)


def test_a_sample_is_the_letter_and_leaves_who_looked(arranged: Arranged) -> None:
    _, team, action = arranged
    person = read_dispatch_preview(team[Role.REVIEWER], action).samples[0].person
    found = access_sample_letter(team[Role.REVIEWER], action, person)
    assert "MMT-523" in found.text
    assert "https://tocsin.example/a/XXXXXXXX" in found.text
    assert any(f"...{serial[-3:]}" in found.text for serial in SERIALS)
    whole = found.subject + found.text
    assert not any(told in whole for told in (*SERIALS, "Example", "x.example"))
    last = list(read_rows())[-1].body.decode()
    assert "person_accessed" in last
    assert person in last
    with pytest.raises(NotAllowed):
        access_sample_letter(team[Role.AUTHOR], action, person)
    with pytest.raises(NotInPlan, match="'nobody'"):
        access_sample_letter(team[Role.RELEASER], action, "nobody")


def test_who_signs_sees_both_at_the_desk(arranged: Arranged) -> None:
    clients, _, action = arranged
    place = f"/desk/actions/{action}/release/letters/"
    page = clients[Role.REVIEWER].get(place).content.decode()
    assert "3 people are on the list" in page
    assert "1 can be reached by nothing" in page
    assert "1 get a letter in another language" in page
    assert "https://tocsin.example" in page
    sample = re.search(rf'href="({place}samples/[^"]+)"', page)
    assert sample is not None
    assert "MMT-523" in clients[Role.RELEASER].get(sample[1]).content.decode()
    assert sample[1] not in clients[Role.AUTHOR].get(place).content.decode()
    signing = clients[Role.REVIEWER].get(f"/desk/actions/{action}/release/review-letters/")
    assert "to 3 people" in signing.content.decode()
    assert "Letter: patient-affected en" in signing.content.decode()
