"""A browser at the desk without a server: Django's test client, signed in as a user.

    client = signed_in(make_user("anna", Role.AUTHOR))
    answer = client.get("/desk/actions/")

Every request goes as if over TLS. Whatever a test looks at, a page that leads to where the user's
roles may not go fails it.
"""

import re
from copy import copy
from functools import cache
from typing import Any

from django.test import Client
from django.test.client import ClientHandler
from django.urls import resolve

from tests.lib.people import make_organisation, make_user
from tocsin.services.rights import rights_table
from tocsin.store.models import User
from tocsin.store.roles import Role
from tocsin.web.routes import declared_on

HOST = "localhost"
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class DeskClient(Client):
    """A browser that speaks TLS; what goes wrong in a view is an answer 500, not an exception."""

    def __init__(self, *, checks_forms: bool = False) -> None:
        super().__init__(
            enforce_csrf_checks=checks_forms, raise_request_exception=False, SERVER_NAME=HOST
        )
        self.handler = one_handler(checks_forms=checks_forms)

    def __deepcopy__(self, _: dict[int, Any]) -> "DeskClient":
        """Return a browser with the same cookies."""
        made = DeskClient(checks_forms=self.handler.enforce_csrf_checks)
        made.cookies = copy(self.cookies)
        return made

    def generic(self, method: str, path: str, *args: Any, **extra: Any) -> Any:
        extra["secure"] = True
        answer = super().generic(method, path, *args, **extra)
        if answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
            _check_links(answer)
        return answer


@cache
def one_handler(*, checks_forms: bool) -> Any:
    """Return the application, one for all browsers: making it takes as long as some requests."""
    return ClientHandler(enforce_csrf_checks=checks_forms)


def _check_links(page: Any) -> None:
    """Check that a page leads only to where who looks may go."""
    caller = getattr(page.wsgi_request, "caller", None)
    links = re.findall(r'href="(/desk/[^"#?]*)', page.content.decode()) if caller else []
    for link in {re.sub(r"\d+", "1", each) for each in links}:
        declared = declared_on(resolve(link).func)
        right = rights_table().get(declared.right) if declared else None
        is_open = right is None or right.own or right.roles & caller.roles
        assert is_open, f"{page.wsgi_request.path} leads {sorted(caller.roles)} to {link}"


def signed_in(user_id: int, *, checks_forms: bool = False) -> DeskClient:
    """Return a browser in which a user is signed in."""
    client = DeskClient(checks_forms=checks_forms)
    client.force_login(User.objects.get(pk=user_id), backend=_BACKEND)
    return client


def team_at_desk(slug: str = "acme") -> dict[Role, DeskClient]:
    """Return a browser for each role of a new organisation, each another user's."""
    make_organisation(slug)
    return {role: signed_in(make_user(f"{role}-{slug}", role, organisation=slug)) for role in Role}
