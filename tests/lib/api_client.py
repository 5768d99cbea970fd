"""Other software that calls the API: requests through the real WSGI application."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.lib.people import caller_of, make_organisation, make_user
from tocsin.services.api_tokens import WantedToken, add_token
from tocsin.store.models import Organisation
from tocsin.store.roles import Role

BASE = "/api/v1"
APPLICATION = WSGIHandler()
_KEYS = count()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Return the code of a problem."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        problem = self.json
        assert problem["status"] == self.status
        assert "Traceback" not in problem["detail"]
        return str(problem["code"])


@contextmanager
def _same_connection() -> Iterator[None]:
    """Let requests stay in the transaction of the test: they would close its connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def call(
    method: str, path: str, headers: dict[str, str], body: bytes = b"", query: str = ""
) -> Answer:
    """Return what the application answers to a request."""
    told: dict[str, str] = {}

    def start(status: str, answered: list[tuple[str, str]], _info: Any = None) -> None:
        told.update(answered)
        told["status"] = status

    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "CONTENT_LENGTH": str(len(body)),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }
    if "Content-Type" in headers:
        environ["CONTENT_TYPE"] = headers["Content-Type"]
    with _same_connection():
        answered = APPLICATION(environ, start)
        content = b"".join(answered)
        answered.close()
    return Answer(int(told.pop("status").split()[0]), told, content)


@dataclass
class Software:
    """Other software with a token."""

    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> Answer:
        return call("GET", f"{BASE}{path}", self._headers(), query=urlencode(query))

    def post(
        self, path: str, told: Any = None, *, key: str | None = None, code: str | None = None
    ) -> Answer:
        headers = self._headers(key, code)
        body = b""
        if told is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(told).encode()
        return call("POST", f"{BASE}{path}", headers, body)

    def send(self, path: str, content: bytes, *, key: str | None = None, **query: str) -> Answer:
        """Send a document."""
        headers = self._headers(key) | {"Content-Type": "application/octet-stream"}
        return call("POST", f"{BASE}{path}", headers, content, urlencode(query))

    def every(self, path: str, **query: Any) -> list[Any]:
        """Return the items of all pages of a list."""
        found: list[Any] = []
        while True:
            page = self.get(path, **query)
            assert page.status == 200, page
            found += page.json["items"]
            if page.json["next"] is None:
                return found
            query["cursor"] = page.json["next"]

    def _headers(self, key: str | None = None, code: str | None = None) -> dict[str, str]:
        told = {"Authorization": f"Bearer {self.token}", **self.headers}
        told["Idempotency-Key"] = key or f"key-{next(_KEYS)}"
        return told | ({"Tocsin-Code": code} if code else {})


def software(
    *roles: Role, name: str = "robot", organisation: str = "acme", **more: Any
) -> Software:
    """Return software that acts as a new user with these roles, and may write."""
    if not Organisation.objects.filter(slug=organisation).exists():
        make_organisation(organisation)
    return software_of(make_user(name, *roles, organisation=organisation), organisation, **more)


def software_of(user_id: int, organisation: str = "acme", **more: Any) -> Software:
    """Return software that acts as a user, with all roles that they have."""
    from datetime import UTC, datetime

    now = datetime.now(tz=UTC)
    roles = tuple(sorted(caller_of(user_id, organisation, now).roles))
    wanted = WantedToken(**{"name": "robot", "roles": roles, "may_write": True, **more})
    return Software(add_token(caller_of(user_id, None, now), organisation, wanted)[0])
