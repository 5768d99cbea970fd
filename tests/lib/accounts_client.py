"""A browser's part in logging in: django-allauth's JSON interface, through Django's test client.

The pages of the product are not written yet; what they stand on is asked here as they will ask it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.test.utils import modify_settings, override_settings
from django.urls import include, path

from tests.lib.desk_client import one_handler

urlpatterns = [path("accounts/", include("allauth.headless.urls"))]
_BASE = "/accounts/browser/v1"


@pytest.fixture
def pages() -> Iterator[None]:
    """Serve allauth's interface for the time of a test."""
    with (
        override_settings(ROOT_URLCONF=__name__, HEADLESS_CLIENTS=("browser",), HEADLESS_ONLY=True),
        modify_settings(INSTALLED_APPS={"append": "allauth.headless"}),
    ):
        yield


class Browser:
    """One browser, with its cookies."""

    def __init__(self) -> None:
        self.client = Client(SERVER_NAME="localhost", **{"wsgi.url_scheme": "https"})
        self.client.handler = one_handler(checks_forms=False)

    def ask(self, method: str, where: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """Return status and JSON of an answer."""
        kwargs: dict[str, Any] = {"data": body, "content_type": "application/json"}
        answer = getattr(self.client, method)(
            f"{_BASE}/{where}", secure=True, **(kwargs if method != "get" else {})
        )
        return answer.status_code, answer.json()

    def log_in(self, email: str, password: str) -> tuple[int, dict[str, Any]]:
        return self.ask("post", "auth/login", email=email, password=password)

    def log_in_freshly(self, email: str, password: str) -> None:
        """Log in, and give the password again, as changes of second factors want it."""
        self.log_in(email, password)
        assert self.ask("post", "auth/reauthenticate", password=password)[0] == 200

    def is_logged_in(self) -> bool:
        return self.ask("get", "auth/session")[0] == 200
