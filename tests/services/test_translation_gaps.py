"""Who releases letters is told what their readers would find in English on the page behind them."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lib.prepared import Prepare
from tests.lib.released_action import release_one_pump
from tests.services.kept_actions import lock_one, make_team
from tocsin.services.letter_release import read_letter_preview
from tocsin.services.work import Caller
from tocsin.store.roles import Role


@dataclass(frozen=True)
class World:
    """An action of case A with letters in English."""

    team: dict[Role, Caller]
    action: int


@pytest.fixture
def world(prepared: Prepare) -> World:
    return prepared(arrange, Path)


def arrange(folder: Path) -> World:
    team = make_team()
    return World(team, release_one_pump(team, folder))


@pytest.mark.sqlite_is_enough
def test_letters_lead_to_texts_that_are_translated_or_there_is_a_warning(world: World) -> None:
    team, action = world.team, world.action
    assert read_letter_preview(team[Role.RELEASER], action).warnings == []
    lock_one(team, action, {"letter": "patient-affected", "audience": "patient", "language": "fr"})
    (reviewed_by_nobody,) = read_letter_preview(team[Role.RELEASER], action).warnings
    assert "in `fr` lead to a page on which 12 of 12 texts" in reviewed_by_nobody
    assert "machine-prepared and reviewed by nobody" in reviewed_by_nobody
    lock_one(team, action, {"letter": "patient-affected", "audience": "patient", "language": "it"})
    (missing,) = read_letter_preview(team[Role.RELEASER], action).warnings
    assert "in `it` lead to a page on which 12 of 12 texts" in missing
    assert "the first is 'MiniMed 508 and MiniMed Paradigm" in missing
