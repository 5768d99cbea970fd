"""What went wrong is told as RFC 9457 has it, and hostile requests are only refused."""

import importlib
import json
import logging
import pkgutil

import pytest
from django.db import OperationalError

import tocsin
from tests.lib.api_client import BASE, Software, call, software
from tests.lib.hostile_text import HOSTILE
from tocsin.api.bodies import read_json
from tocsin.api.problems import BodyUnreadable
from tocsin.api.statuses import status_of, status_table
from tocsin.base.errors import TocsinError
from tocsin.services import kept_notices
from tocsin.services.list_imports import RegistryExists
from tocsin.store.roles import Role
from tocsin.web.log_lines import CarefulFormatter

FAULT = ZeroDivisionError("the secret of zwetschge")
NO_ADDRESS = {"media_type_unknown"}
OPTIONAL = {"tocsin.services.oidc_hooks"}


@pytest.fixture
def robot(database: str) -> Software:  # noqa: ARG001 - rows in it
    return software(*(role for role in Role if role is not Role.ADMINISTRATOR))


def all_errors() -> list[type[TocsinError]]:
    for module in pkgutil.walk_packages(tocsin.__path__, "tocsin."):
        if "migrations" not in module.name and module.name not in OPTIONAL:
            importlib.import_module(module.name)
    found, open_ones = set[type[TocsinError]](), [TocsinError]
    while open_ones:
        for each in open_ones.pop().__subclasses__():
            found.add(each)
            open_ones.append(each)
    return [each for each in found if each.__module__.startswith("tocsin.")]


def test_every_code_has_the_status_that_its_name_promises() -> None:
    errors = all_errors()
    codes = {each.code for each in errors}
    assert set(status_table()) <= codes, "the table names a code that no error has"
    for each in errors:
        status = status_of(each)
        if each.exit_code == 1:
            assert status == 500
        elif each.code.endswith("_unknown") and each.code not in NO_ADDRESS:
            assert status == 404, each
        elif each.code.endswith(("_busy", "_exists", "_taken", "not_now")):
            assert status in {409, 503}, each


def test_the_sentence_is_that_of_the_command_line(robot: Software) -> None:
    robot.post("/registries", {"name": "clinic"})
    answer = robot.post("/registries", {"name": "clinic"})
    assert answer.json == {
        "type": "/api/v1/openapi.json#/components/responses/Problem409",
        "title": "Conflict",
        "status": 409,
        "detail": "There is already a registry 'clinic'. Nothing was changed.",
        "code": RegistryExists.code,
    }


def test_fields_are_pointed_at(robot: Software) -> None:
    told = {"title": 7, "notices": ["n", 8], "registries": [], "typo~/x": 1}
    answer = robot.post("/actions", told)
    assert (answer.status, answer.code) == (422, "fields_unfit")
    pointers = {each["pointer"] for each in answer.json["errors"]}
    assert pointers == {"#/title", "#/notices/1", "#/registries", "#/typo~0~1x"}
    assert robot.post("/actions").json["errors"][0]["pointer"] == "#"
    assert robot.get("/actions/x").json["errors"] == [
        {
            "detail": "Input should be a valid integer, unable to parse string as an integer",
            "parameter": "action_id",
        }
    ]


HOSTILE_BODIES = [
    (b"", "fields_unfit"),
    (b"{", "body_unreadable"),
    (b'{"name": "a"} x', "body_unreadable"),
    (b'{"name": "a", "name": "b"}', "body_unreadable"),
    (b'{"name": "\xff"}', "body_unreadable"),
    (b'{"name": NaN}', "body_unreadable"),
    (b'{"name": ' + b"9" * 5000 + b"}", "body_unreadable"),
    (b'{"name": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", "body_unreadable"),
    (b'{"name": ' + b'{"a":' * 9_000 + b"1" + b"}" * 9_000 + b"}", "body_unreadable"),
    (b'{"name": "' + b"a" * 100_000 + b'"}', "body_too_large"),
    (b'{"name": "a\\u0000b"}', "fields_unfit"),
    (b'{"name": "\\ud800"}', "fields_unfit"),
    (b'{"name": 1e999}', "fields_unfit"),
    (b'"name"', "fields_unfit"),
    (b"null", "fields_unfit"),
    (b"[1]", "fields_unfit"),
    (b'{"name": true}', "fields_unfit"),
    (b'{"name": "\\u001b[2J"}', "fields_unfit"),
]


def test_hostile_bodies_are_refused(robot: Software) -> None:
    for body, code in HOSTILE_BODIES:
        headers = {
            "Authorization": f"Bearer {robot.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": "k",
        }
        answer = call("POST", f"{BASE}/registries", headers, body)
        assert answer.code == code, body[:80]
        assert answer.status == {"body_unreadable": 400, "body_too_large": 413}.get(code, 422)
    assert robot.get("/registries").json["items"] == []


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "", "x" * 200])
def test_other_kinds_of_bodies_are_refused(robot: Software, kind: str) -> None:
    headers = {
        "Authorization": f"Bearer {robot.token}",
        "Content-Type": kind,
        "Idempotency-Key": "k",
    }
    answer = call("POST", f"{BASE}/registries", headers, b'{"name": "a"}')
    assert (answer.status, answer.code) == (415, "media_type_unknown")


def test_hostile_texts_are_refused_or_kept_as_they_are(robot: Software) -> None:
    kept = []
    for text in HOSTILE:
        answer = robot.post("/registries", {"name": text})
        if answer.status == 201:
            kept.append(text)
        else:
            assert answer.code in {"fields_unfit", "usage", "registry_exists"}, answer
    assert sorted(each["name"] for each in robot.every("/registries")) == sorted(kept)


HOSTILE_PATHS = [
    "/actions/0",
    "/actions/-1",
    f"/actions/{10**30}",
    f"/actions/{2**63 - 1}",
    "/actions/1\x00",
    "/actions/%00",
    "/notices/a\x00b",
    "/notices/..%2f..%2fetc",
    "/notices/" + "a" * 3000,
    "/jobs/\uff11",
    "/figures",
    "/actions/1/figures/serial",
    "/../../etc/passwd",
    "/\udcff",
]


def test_hostile_addresses_are_refused(robot: Software) -> None:
    headers = {"Authorization": f"Bearer {robot.token}"}
    for path in HOSTILE_PATHS:
        raw = f"{BASE}{path}".encode("utf-8", "surrogateescape").decode("latin-1")
        answer = call("GET", raw, headers)
        assert answer.status in {404, 422}, path
        assert answer.code


def test_hostile_headers_are_refused(robot: Software) -> None:
    for name, value in (
        ("Authorization", "Bearer \udcff"),
        ("Authorization", "Bearer " + "a" * 100_000),
        ("Authorization", "Basic YTpi"),
        ("Authorization", "Bearer"),
        ("Tocsin-Code", "123456\x00"),
    ):
        headers = {"Authorization": f"Bearer {robot.token}", "Idempotency-Key": "k", name: value}
        headers["Content-Type"] = "application/json"
        body = json.dumps({"seen_sha256": "0" * 64}).encode()
        answer = call("POST", f"{BASE}/actions/1/scope/review", headers, body)
        assert answer.status in {401, 422}
        assert answer.code


def test_many_fields_in_an_address_are_refused(robot: Software) -> None:
    query = "&".join(f"f{number}=1" for number in range(500))
    answer = call("GET", f"{BASE}/actions", {"Authorization": f"Bearer {robot.token}"}, query=query)
    assert answer.status in {400, 422}
    assert answer.code


def test_a_fault_of_ours_tells_nothing_of_what_was_sent(
    robot: Software, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise FAULT

    monkeypatch.setattr(kept_notices.Notice.objects, "order_by", fail)
    answer = robot.get("/notices")
    assert (answer.status, answer.code) == (500, "our_fault")
    assert "ZeroDivisionError" in answer.json["detail"]
    assert "zwetschge" not in answer.body.decode()
    record = logging.getLogger("django.request").makeRecord(
        "django.request", logging.ERROR, "f", 1, "API", (), (type(FAULT), FAULT, None)
    )
    assert "zwetschge" not in CarefulFormatter().format(record)


def test_a_database_that_is_away_is_told_so(
    robot: Software, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(kept_notices.Notice.objects, "order_by", fail)
    answer = robot.get("/notices")
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (
        503,
        "database_busy",
        "60",
    )


def test_what_is_no_json_is_named_by_its_place() -> None:
    with pytest.raises(BodyUnreadable, match="line 2, column 3"):
        read_json(b"{\n  x: 1}")
    with pytest.raises(BodyUnreadable, match="byte 3"):
        read_json(b'{"\xff": 1}')


def test_an_unknown_address_is_a_problem_too(database: str) -> None:  # noqa: ARG001
    for path in ("/api/v1/nothing", "/api/v1/", "/api/v1/actions/1/nothing/"):
        for method in ("GET", "POST"):
            answer = call(method, path, {})
            assert (answer.status, answer.code) == (404, "address_unknown")
