"""Everything about one person in one file: devices with verdicts, letters, accesses."""

import pytest

from tests.lib.authenticator_app import Clock, clock
from tests.services.sample_calls import PRIVATE, World
from tests.services.sample_dispatch_calls import run_action
from tests.services.sample_person_calls import person_of
from tocsin.services.person_file import access_person_file
from tocsin.services.persons import erase_person
from tocsin.services.triage import explain_stored_device
from tocsin.store.roles import Role

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("database")


def test_everything_about_a_person_stands_in_one_file(clock: Clock) -> None:
    world = World(clock)
    action = run_action(world)
    operator, person = world.having(Role.OPERATOR), person_of(world, 1)
    first = access_person_file(operator, person, "to call them")
    assert first.shown.private["email"] == f"{PRIVATE}1@example.org"
    (device,) = first.devices
    assert (device.device_id, device.serial) == (f"{PRIVATE}-d1", f"{PRIVATE}1")
    (verdict,) = device.verdicts
    ((_, explained),) = explain_stored_device(operator, action, device.device_id)
    assert verdict.action_id == action
    assert explained.text.startswith(f"{verdict.verdict}: ")
    (letter,) = first.dispatches
    assert (letter.action_id, letter.channel, letter.state) == (action, "letter", "queued")
    assert first.held_because == ("a letter to them is under way",)
    assert [each.event for each in first.accesses] == ["person_accessed"]
    second = access_person_file(operator, person, "again")
    assert [each.reason for each in second.accesses] == ["again", "to call them"]


def test_an_erased_person_keeps_a_file_without_a_name(clock: Clock) -> None:
    world = World(clock)
    run_action(world)
    officer, person = world.having(Role.PRIVACY_OFFICER), person_of(world, 2)
    asked = erase_person(officer, person, "asked by letter")
    file = access_person_file(officer, person, "to look after the wish")
    assert file.held_because == asked.held_because
    assert file.erasure_asked_at is not None
    assert {each.event for each in file.accesses} == {"person_accessed", "erasure_held"}
