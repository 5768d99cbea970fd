"""Every route x method: only what is declared is answered, and nothing is undeclared."""

import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import URLPattern, URLResolver

from tocsin.web.routes import PUBLIC, declared_on
from tocsin.web.urls import urlpatterns as all_patterns

# These have tables of their own: test_desk_routes.py and tests/faces/api/test_rights.py.
_ELSEWHERE = ("desk/", "api/")
urlpatterns = [
    pattern for pattern in all_patterns if not str(pattern.pattern).startswith(_ELSEWHERE)
]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
RIGHTS = {PUBLIC}
UNKNOWN_LETTER = "/en/answer/NONE"
NEVER_KEPT = {"/", "/en/check", "/a/NONE", "/en/answer", UNKNOWN_LETTER, "/l", "/en/letter"}
# One address for each route, in the order of the routes.
ADDRESSES = (
    "/",
    "/.well-known/csaf/provider-metadata.json",
    "/en/",
    "/en/unwell",
    "/en/check",
    "/a/NONE",
    "/en/answer",
    UNKNOWN_LETTER,
    "/l",
    "/en/letter",
    "/en/notices",
    "/en/notices.atom",
    "/en/notices.json",
    "/en/notices/animas-cartridge-2011",
)


def _routes(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns)
        else:
            yield pattern


ROUTES = list(_routes(list(urlpatterns)))


def test_every_route_declares_a_right() -> None:
    undeclared = [str(route.pattern) for route in ROUTES if declared_on(route.callback) is None]
    assert undeclared == []
    assert {declared_on(route.callback).right for route in ROUTES} <= RIGHTS


def test_every_route_has_an_address_in_the_table() -> None:
    assert len(ADDRESSES) == len(ROUTES)
    for address, route in zip(ADDRESSES, ROUTES, strict=True):
        assert route.resolve(address.removeprefix("/")) is not None, address


def _status(demo: str, method: str, path: str) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection(urlsplit(demo).netloc, timeout=30)
    connection.request(method, path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("address", "route"), list(zip(ADDRESSES, ROUTES, strict=True)),
                         ids=ADDRESSES)  # fmt: skip
def test_only_declared_methods_are_answered(
    demo: str, address: str, route: URLPattern, method: str
) -> None:
    declaration = declared_on(route.callback)
    status, _ = _status(demo, method, address)
    if method in {"GET", "HEAD"} and "GET" in declaration.methods:
        assert status in ({404} if address == UNKNOWN_LETTER else {200, 302})
    elif method == "POST" and "POST" in declaration.methods:
        assert status == 403  # no form of ours: its token is missing
    else:
        assert status in {403, 405}


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_has_careful_headers(demo: str, address: str) -> None:
    _, headers = _status(demo, "GET", address)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    kept = headers["Cache-Control"]
    assert kept == ("no-store, private" if address in NEVER_KEPT else "public, max-age=300")
    assert "Server" not in headers or not re.search(r"\d", headers["Server"])


@pytest.mark.parametrize(
    "address", ["/xx/", "/en/notices/none", "/en/nothing", "/.well-known/csaf/../../etc/passwd"]
)
def test_what_is_not_there_is_said_in_words(demo: str, address: str) -> None:
    status, headers = _status(demo, "GET", address)
    assert status == 404
    assert headers["Cache-Control"] == "no-store, private"


def test_other_hosts_are_refused(demo: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(demo).netloc, timeout=30)
    connection.request("GET", "/en/", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 400
    connection.close()
