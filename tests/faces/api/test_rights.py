"""Every endpoint x role x method: who is let in is who stands in the table of rights."""

import pytest
from django.urls import URLPattern, URLResolver

from tests.lib.api_client import BASE, Software, call, software, software_of
from tests.lib.api_requests import DOCUMENT, OPERATIONS, plain_request
from tests.lib.people import make_organisation, make_user
from tocsin.api.tables import TABLES
from tocsin.api.urls import urlpatterns
from tocsin.services.rights import rights_table
from tocsin.store.roles import Role

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
NOT_IN_TABLES = {"check": (200, ""), "post_receipts": (403, "receipt_unsigned")}
"""What asks for no token, and its answer to a stranger: vendors sign what they send."""
GUARDED = [each for each in OPERATIONS if "x-tocsin-service" in each[2]]
REFUSED = {"not_allowed", "not_granted", "no_role_here"}


def test_every_endpoint_names_a_service_of_the_table() -> None:
    rows = [each for endpoints in TABLES.values() for each in endpoints]
    assert len(rows) == len(GUARDED)
    for each in rows:
        assert each.service_name in rights_table()
        right = rights_table()[each.service_name]
        if each.is_reading:
            assert not right.events, f"{each.name} reads by GET and leaves something behind"
        elif each.is_repeatable:
            assert each.keeps_reply == bool(right.events)
    told = {operation["operationId"] for _, _, operation in OPERATIONS}
    assert told - {each.name for each in rows} == set(NOT_IN_TABLES)
    assert len(told) == len(OPERATIONS)


def test_every_route_is_an_operation_of_the_document() -> None:
    def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> set[str]:
        found: set[str] = set()
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                found |= routes(pattern.url_patterns, prefix + str(pattern.pattern))
            else:
                found.add(prefix + str(pattern.pattern))
        return found

    said = {path.replace("{", "<").replace("}", ">") for path in DOCUMENT["paths"]}
    own = {f"{BASE}/{route}" for route in routes(list(urlpatterns))}
    assert own - said == {f"{BASE}/openapi.json", f"{BASE}/^(.*)$"}
    assert said <= own


@pytest.mark.parametrize("role", list(Role))
def test_only_who_stands_in_the_table_is_let_in(database: str, role: Role) -> None:  # noqa: ARG001
    robot = software(role)
    for method, path, operation in GUARDED:
        if operation["operationId"] == "end_this_token":
            continue
        right = rights_table()[operation["x-tocsin-service"]]
        answer = plain_request(robot, method, path, operation)
        assert answer.status < 500, answer
        code = answer.code if answer.status >= 400 else ""
        assert code != "fields_unfit", answer
        assert (code in REFUSED) == (role not in right.roles), (path, answer)


def test_without_a_token_nothing_is_answered(database: str) -> None:  # noqa: ARG001
    for method, path, operation in OPERATIONS:
        for token in ("", "tocsin_none", "x"):
            answer = plain_request(Software(token), method, path, operation)
            if operation["operationId"] in NOT_IN_TABLES:
                code = answer.code if answer.status >= 400 else ""
                assert (answer.status, code) == NOT_IN_TABLES[operation["operationId"]]
            else:
                assert (answer.status, answer.headers["WWW-Authenticate"][:6]) == (401, "Bearer")
                assert answer.code in {"token_missing", "api_token_refused"}


def test_only_declared_methods_are_answered(database: str) -> None:  # noqa: ARG001
    for path, methods in DOCUMENT["paths"].items():
        declared = {method.upper() for method in methods}
        filled = path.replace("{", "").replace("}", "")
        for method in METHODS:
            answer = call(method, filled, {})
            if method in declared:
                assert answer.status in {401, 422}
            else:
                assert answer.status == 405
                assert set(answer.headers["Allow"].split(", ")) == declared
                assert method == "HEAD" or answer.code == "method_not_allowed"


def test_a_reading_token_reads_and_changes_nothing(database: str) -> None:  # noqa: ARG001
    make_organisation()
    user = make_user("robot", *(role for role in Role if role is not Role.ADMINISTRATOR))
    reading = software_of(user, may_write=False)
    for method, path, operation in GUARDED:
        right = rights_table()[operation["x-tocsin-service"]]
        if Role.ADMINISTRATOR in right.roles and len(right.roles) == 1:
            continue
        answer = plain_request(reading, method, path, operation)
        code = answer.code if answer.status >= 400 else ""
        is_ended = operation["operationId"] == "end_this_token"
        assert (code == "not_granted") == (bool(right.events) and not is_ended), (path, answer)
        if is_ended:
            assert answer.status == 200
            reading = software_of(user, may_write=False)


def test_cookies_mean_nothing_here(database: str) -> None:  # noqa: ARG001 - rows in it
    cookie = {"Cookie": "sessionid=x; csrftoken=y"}
    answer = call("GET", f"{BASE}/actions", cookie)
    assert (answer.status, answer.code) == (401, "token_missing")
    assert "Set-Cookie" not in call("POST", f"{BASE}/actions", {}).headers


def test_headers_of_every_answer(database: str) -> None:  # noqa: ARG001 - rows in it
    robot = software(Role.OPERATOR)
    for answer in (robot.get("/actions"), robot.get("/nothing"), robot.get("/openapi.json")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers
