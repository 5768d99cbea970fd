"""Idempotency-Key: a request is carried out once, however often and however much at once."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from tests.lib.api_client import Answer, Software, software
from tests.lib.databases import Opened
from tocsin.api.views import REPLAYED
from tocsin.services.rights import rights_table
from tocsin.store.audit.trail import read_rows
from tocsin.store.kept_replies import (
    LEASE,
    LIFE,
    Claimed,
    KeyReused,
    Reply,
    RequestUnderWay,
    claim_request,
    give_up_claim,
    keep_reply,
)
from tocsin.store.models import ApiToken, KeptReply, Registry
from tocsin.store.roles import Role

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ONE = {"name": "clinic list"}


@pytest.fixture
def robot(database: str) -> Software:  # noqa: ARG001 - rows in it
    return software(Role.OPERATOR, Role.AUTHOR)


def n_registries() -> int:
    return Registry.everywhere.count()


def test_the_same_request_gets_the_first_reply(robot: Software) -> None:
    first = robot.post("/registries", ONE, key="a")
    n_rows = len(list(read_rows()))
    again = robot.post("/registries", ONE, key="a")
    assert first.status == again.status == 201
    assert first.body == again.body
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert n_registries() == 1
    assert len(list(read_rows())) == n_rows


def test_another_request_under_the_same_key_is_refused(robot: Software) -> None:
    robot.post("/registries", ONE, key="a")
    for path, told in (("/registries", {"name": "other"}), ("/person-links/propose", None)):
        answer = robot.post(path, told, key="a")
        assert (answer.status, answer.code) == (409, "key_reused")
    assert n_registries() == 1


def test_each_token_has_keys_of_its_own(robot: Software) -> None:
    robot.post("/registries", ONE, key="a")
    other = software(Role.OPERATOR, name="second")
    assert other.post("/registries", {"name": "other"}, key="a").status == 201
    assert n_registries() == 2


def test_without_a_key_nothing_is_changed(robot: Software) -> None:
    for key in ("", " ", "ä", "x" * 256):
        robot.headers = {"Idempotency-Key": key}
        answer = robot.post("/registries", ONE, key=key or " ")
        assert (answer.status, answer.code) == (422, "fields_unfit")
        assert answer.json["errors"][0]["parameter"] == "Idempotency-Key"
    assert n_registries() == 0


def test_what_was_refused_can_be_sent_again(robot: Software) -> None:
    wanted = {"title": "Pumps", "notices": ["n"], "registries": ["clinic list"]}
    assert robot.post("/actions", wanted, key="a").code == "notice_unknown"
    assert not KeptReply.objects.exists()
    assert robot.post("/registries", ONE, key="a").status == 201


def test_a_reply_is_kept_for_a_day(robot: Software) -> None:
    robot.post("/registries", ONE, key="a")
    (kept,) = KeptReply.objects.all()
    assert kept.status == 201
    assert timedelta(hours=23) < kept.expires_at - datetime.now(tz=UTC) <= LIFE
    KeptReply.objects.update(expires_at=datetime.now(tz=UTC))
    assert robot.post("/registries", ONE, key="a").code == "registry_exists"
    assert not KeptReply.objects.exists()


def test_private_data_are_never_kept_as_a_reply() -> None:
    from tocsin.api.tables import TABLES

    reading_private = {
        name for name, right in rights_table().items() if {"person_accessed"} & right.events
    }
    for endpoint in (each for rows in TABLES.values() for each in rows):
        if endpoint.service_name in reading_private:
            assert not endpoint.keeps_reply, endpoint.name


@pytest.fixture
def token_id(robot: Software) -> int:  # noqa: ARG001 - has one
    return ApiToken.objects.get().pk


def claim(token_id: int, sha256: str = "a" * 64, now: datetime = NOW) -> Claimed | Reply:
    return claim_request(token_id, "k", sha256, now)


def test_who_has_died_is_followed_and_can_commit_no_more(token_id: int) -> None:
    first = claim(token_id)
    assert isinstance(first, Claimed)
    with pytest.raises(RequestUnderWay):
        claim(token_id, now=NOW + LEASE - timedelta(seconds=1))
    with pytest.raises(KeyReused):
        claim(token_id, "b" * 64)
    second = claim(token_id, now=NOW + LEASE)
    assert isinstance(second, Claimed)
    with pytest.raises(RequestUnderWay):
        keep_reply(first, Reply(201, b"1"))
    give_up_claim(first)
    keep_reply(second, Reply(201, b"2"))
    give_up_claim(second)
    assert claim(token_id, now=NOW + LEASE) == Reply(201, b"2")


def test_sent_many_times_at_once_it_is_carried_out_once(own_database: Opened) -> None:
    robot = software(Role.OPERATOR)
    n, answers = 8, list[Answer]()
    ready = threading.Barrier(n)

    def send() -> None:
        ready.wait(30)
        answers.append(robot.post("/registries", ONE, key="at-once"))
        connections["default"].close()

    threads = [threading.Thread(target=send) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    statuses = Counter(answer.status for answer in answers)
    assert sum(statuses.values()) == n
    assert set(statuses) <= {201, 409}, own_database
    assert statuses[201] >= 1
    assert len({answer.body for answer in answers if answer.status == 201}) == 1
    assert {a.code for a in answers if a.status == 409} <= {"request_under_way"}
    assert n_registries() == 1
    assert robot.post("/registries", ONE, key="at-once").headers[REPLAYED] == "true"
