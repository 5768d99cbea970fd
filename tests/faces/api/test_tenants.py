"""Two organisations: what one has, the other's software neither sees nor changes."""

import pytest

from tests.lib.api_client import Software, software_of
from tests.lib.api_requests import OPERATIONS, plain_request
from tests.lib.authenticator_app import Clock, clock
from tests.services.sample_action_calls import ROWS, match
from tests.services.sample_answer_calls import answered
from tests.services.sample_calls import OF_ACME, PRIVATE, World
from tests.services.sample_notice_calls import NAME
from tests.services.sample_person_calls import propose
from tests.services.sample_registry_calls import LIST
from tests.services.snapshots import find_changes, take_snapshot
from tocsin.services.organisations import give_role
from tocsin.services.working_drafts import begin_draft
from tocsin.store.models import (
    Acknowledgement,
    Complaint,
    Dispatch,
    Job,
    ListImport,
    PassedOn,
    Person,
    PersonLink,
    Recipient,
    TriageAnswer,
    User,
    Verdict,
    WorkingDraft,
)
from tocsin.store.roles import Role

__all__ = ["clock"]
GUARDED = [each for each in OPERATIONS if "x-tocsin-service" in each[2]]


@pytest.fixture
def world(clock: Clock, database: str) -> World:  # noqa: ARG001 - rows in it
    return World(clock)


def everything_of(world: World, action_id: int) -> dict[str, object]:
    """Return ids and names of what acme has, by the names that requests have for them."""
    return {
        "action_id": action_id,
        "import_id": ListImport.everywhere.earliest("pk").pk,
        "job_id": Job.objects.earliest("pk").pk,
        "user_id": world.anna,
        "name": NAME,
        "notices": [NAME],
        "registries": [LIST],
        "registry": LIST,
        "device_id": ROWS[1][0],
        "subject": f"action:{action_id}",
        "verdict_id": Verdict.everywhere.earliest("pk").pk,
        "holder_id": ROWS[1][1],
        **answers_of_acme(),
    }


def answers_of_acme() -> dict[str, object]:
    """Return ids of what came of letters; 1 where nothing is kept."""
    kept = {
        "recipient_id": Recipient,
        "dispatch_id": Dispatch,
        "acknowledgement_id": Acknowledgement,
        "item_id": PassedOn,
        "complaint_id": Complaint,
        "draft_id": WorkingDraft,
    }
    return {name: getattr(model.everywhere.first(), "pk", 1) for name, model in kept.items()}


def strangers() -> tuple[Software, Software]:
    """Return software of the other organisation: with all roles but administrator, and with it."""
    users = User.objects.filter(email__startswith="olga").order_by("email")
    return tuple(software_of(user.pk, "other") for user in users)  # type: ignore[return-value]


def test_strangers_get_at_nothing_although_they_know_all_ids(world: World) -> None:
    action, _ = answered(world)
    begin_draft(world.having(Role.AUTHOR), None, NAME)
    everything = everything_of(world, action)
    for robot in strangers():
        before = take_snapshot()
        for method, path, operation in GUARDED:
            if operation["operationId"] == "end_this_token":
                continue
            known = everything | {"Idempotency-Key": operation["operationId"]}
            if operation["operationId"] == "add_registry":
                del known["name"]  # else it would find what it has made itself
            answer = plain_request(robot, method, path, operation, known)
            assert answer.status < 500, (path, answer)
            said = answer.body.decode().lower()
            assert PRIVATE not in said.replace(ROWS[1][0], ""), (path, said)
            if "is no such" not in said and "there is no" not in said:
                assert OF_ACME not in said or answer.status in {201, 422}, (path, said)
        changed = find_changes(before, take_snapshot())
        assert [each for each in changed if each.is_of_acme(world, with_users=False)] == []


def test_strangers_get_at_no_person_and_no_link(world: World) -> None:
    link = propose(world)
    person = Person.everywhere.earliest("pk").pk
    before = take_snapshot()
    for robot in strangers():
        for method, path, operation in GUARDED:
            if "/person" not in path:
                continue
            key = operation["operationId"]
            known = {"person_id": str(person), "link_id": link, "Idempotency-Key": key}
            answer = plain_request(robot, method, path, operation, known)
            assert answer.status in {200, 403, 404, 422}, (path, answer)
            assert PRIVATE not in answer.body.decode().lower()
            if "{" in path:
                assert answer.status in {403, 404}, (path, answer)
    changed = find_changes(before, take_snapshot())
    assert [each for each in changed if each.is_of_acme(world, with_users=False)] == []
    assert PersonLink.everywhere.get(pk=link).state == "proposed"
    assert not TriageAnswer.everywhere.exists()


def test_a_user_of_two_organisations_has_a_token_for_one(world: World) -> None:
    action = match(world)
    give_role(world.installation(world.other), world.anna, Role.AUDITOR)
    here, there = software_of(world.anna, OF_ACME), software_of(world.anna, "other")
    assert len(here.every("/actions")) == 1
    assert there.every("/actions") == []
    assert there.get(f"/actions/{action}").code == "action_unknown"
