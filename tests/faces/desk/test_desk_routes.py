"""Every page of the desk x role x method, made from the routes themselves."""

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, reverse

from tests.lib.desk_client import DeskClient, signed_in, team_at_desk
from tests.lib.people import NOW, PASSWORD, make_organisation, make_user
from tests.lib.prepared import Prepare
from tocsin.services.organisations import give_role
from tocsin.services.rights import rights_table
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.models import Organisation
from tocsin.store.roles import Role
from tocsin.web.desk import account_urls
from tocsin.web.desk.urls import urlpatterns
from tocsin.web.routes import PUBLIC, Declaration, declared_on

pytestmark = pytest.mark.sqlite_is_enough
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# What stands in an address for each kind of part; nothing of it is there.
PARTS = {"int": "987654", "slug": "none", "str": "none", "path": "none", "uuid": "0" * 8}


def _routes(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns)
        else:
            yield pattern


def _is_open(route: URLPattern) -> bool:
    found = declared_on(route.callback)
    return found is not None and found.right == PUBLIC


def _address(route: URLPattern) -> str:
    text = str(route.pattern)
    if text.startswith("^"):
        return reverse(route.name or "", kwargs={"uidb36": "1", "key": "none"})
    return "/desk/" + re.sub(r"<(?:(\w+):)?\w+>", lambda m: PARTS[m[1] or "str"], text)


EVERY = list(_routes([*urlpatterns, *account_urls.urlpatterns]))
ACCOUNT = list(_routes(list(account_urls.urlpatterns)))
DESK = [each for each in EVERY if each not in ACCOUNT and not _is_open(each)]
OPEN = [each for each in EVERY if each not in DESK]


def _declaration(route: URLPattern) -> Declaration:
    found = declared_on(route.callback)
    assert found is not None, f"{route.pattern} declares nothing"
    return found


def _may(role: Role, right: str) -> bool:
    row = rights_table()[right]
    return row.own or role in row.roles


@pytest.fixture
def team(prepared: Prepare) -> dict[Role, DeskClient]:
    return prepared(team_at_desk)


@pytest.mark.parametrize("route", EVERY, ids=_address)
def test_every_route_declares_a_right_and_has_a_name(route: URLPattern) -> None:
    right = _declaration(route).right
    assert right in rights_table() or (right in {PUBLIC, account_urls.OWN} and route in OPEN)
    assert route.name
    assert set(_declaration(route).methods) <= {"GET", "POST"}


@pytest.mark.parametrize("route", DESK, ids=_address)
def test_only_who_has_the_right_opens_a_page(
    team: dict[Role, DeskClient], route: URLPattern
) -> None:
    declaration, address = _declaration(route), _address(route)
    wrong = []
    for role, client in team.items():
        for method in METHODS:
            with transaction.atomic():
                answer = getattr(client, method.lower())(address)
            asked = "GET" if method == "HEAD" else method
            if asked not in declaration.methods:
                expected = answer.status_code == 405
            elif not _may(role, declaration.right):
                expected = answer.status_code == 403
            else:
                expected = answer.status_code < 500 and answer.status_code != 405
            if not expected:
                wrong.append((str(role), method, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("route", DESK, ids=_address)
@pytest.mark.usefixtures("database")
def test_strangers_are_sent_to_sign_in_and_back(route: URLPattern) -> None:
    client, address = DeskClient(), _address(route)
    for method in _declaration(route).methods:
        answer = getattr(client, method.lower())(address)
        assert answer.status_code == 302
        there, _, wanted = answer["Location"].partition("?next=")
        assert there == reverse("account_login")
        assert wanted == (address if method == "GET" else "/desk/").replace("/", "%2F")
        assert "no-store" in answer["Cache-Control"]


def test_numbers_that_no_row_can_have_are_nothing_here(team: dict[Role, DeskClient]) -> None:
    wrong = []
    for route in DESK:
        declaration = _declaration(route)
        address = _address(route).replace(PARTS["int"], str(2**63))
        clients = [team[role] for role in Role if _may(role, declaration.right)]
        if address == _address(route) or not clients:
            continue
        for method in declaration.methods:
            with transaction.atomic():
                answer = getattr(clients[0], method.lower())(address)
            if answer.status_code >= 500:
                wrong.append((method, address))
    assert wrong == []


@pytest.mark.parametrize("route", OPEN, ids=_address)
def test_pages_of_signing_in_answer_strangers_and_users(
    team: dict[Role, DeskClient], route: URLPattern
) -> None:
    declaration, address = _declaration(route), _address(route)
    for client in (DeskClient(), team[Role.OPERATOR]):
        for method in METHODS:
            answer = getattr(client, method.lower())(address)
            asked = "GET" if method == "HEAD" else method
            if asked not in declaration.methods:
                assert answer.status_code == 405
            else:
                assert answer.status_code < 500, (method, address)
                assert "no-store" in answer["Cache-Control"]
    if declaration.right == account_urls.OWN:
        answer = DeskClient().get(address)
        assert answer.status_code in {302, 403, 404}


@pytest.mark.parametrize("route", EVERY, ids=_address)
@pytest.mark.usefixtures("database")
def test_forms_of_others_are_refused(route: URLPattern) -> None:
    if "POST" in _declaration(route).methods:
        assert DeskClient(checks_forms=True).post(_address(route)).status_code == 403


def test_pages_of_the_desk_run_only_scripts_of_ours(team: dict[Role, DeskClient]) -> None:
    for client, address in ((team[Role.AUTHOR], "/desk/"), (DeskClient(), "/desk/sign-in/")):
        policy = client.get(address)["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_what_is_not_there_is_said_at_the_desk(team: dict[Role, DeskClient]) -> None:
    answer = team[Role.ADMINISTRATOR].get("/desk/nothing/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_the_session_cookie_is_guarded_and_ends_with_the_browser(database: str) -> None:  # noqa: ARG001
    make_organisation()
    make_user("anna", Role.AUTHOR, password=PASSWORD)
    client = DeskClient()
    told = {"login": "anna@example.org", "password": PASSWORD}
    answer = client.post("/desk/sign-in/?next=/desk/account/", told)
    assert answer["Location"] == "/desk/account/"
    assert answer["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")
    cookie = answer.cookies["sessionid"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert cookie["expires"] == cookie["max-age"] == ""
    assert client.post("/desk/sign-out/").status_code == 302
    assert client.get("/desk/account/").status_code == 302


def test_next_leads_to_no_other_site(database: str) -> None:  # noqa: ARG001
    make_organisation()
    make_user("anna", Role.AUTHOR, password=PASSWORD)
    told = {"login": "anna@example.org", "password": PASSWORD}
    answer = DeskClient().post("/desk/sign-in/?next=https://evil.example/", told)
    assert "evil.example" not in answer.headers.get("Location", "")


def test_who_may_not_is_told_who_can_give_the_role(team: dict[Role, DeskClient]) -> None:
    answer = team[Role.OPERATOR].get("/desk/settings/users/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "not_allowed" in page
    assert "administrator-acme@example.org" in page


def test_a_user_of_two_organisations_chooses_one(database: str) -> None:  # noqa: ARG001
    make_organisation()
    make_organisation("other")
    user_id = make_user("anna", Role.AUTHOR)
    here = Organisation.objects.get(slug="other").pk
    give_role(Caller(CONSOLE, here, frozenset(), NOW), user_id, Role.AUDITOR)
    client = signed_in(user_id)
    assert client.get("/desk/settings/")["Location"] == (
        "/desk/organisation/?next=%2Fdesk%2Fsettings%2F"
    )
    chosen = client.post("/desk/organisation/?next=/desk/settings/", {"organisation": "other"})
    assert chosen["Location"] == "/desk/settings/"
    assert "Other" in client.get("/desk/settings/").content.decode()
    refused = client.post("/desk/organisation/", {"organisation": "third"})
    assert refused.status_code == 400
