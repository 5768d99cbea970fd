"""Logging in by a browser: password, app, security key, recovery code; and what it leaves."""

import json
from typing import Any

import pytest
from argon2 import Type, extract_parameters
from django.utils.module_loading import import_string

from tests.lib.accounts_client import Browser, pages
from tests.lib.authenticator_app import App, Clock, clock
from tests.lib.people import (
    AT_CONSOLE,
    PASSWORD,
    caller_of,
    give_app,
    make_organisation,
    make_user,
)
from tests.lib.security_key import SecurityKey
from tocsin.services.accounts import end_session, list_sessions
from tocsin.services.authenticators import make_recovery_codes
from tocsin.services.organisations import disable_user
from tocsin.store import settings_sign_in
from tocsin.store.audit.trail import read_rows
from tocsin.store.models import User
from tocsin.store.roles import Role

__all__ = ["clock", "pages"]
pytestmark = pytest.mark.usefixtures("database", "pages")
ANNA = "anna@example.org"


@pytest.fixture
def anna(database: str) -> int:  # noqa: ARG001 - made in its transaction
    make_organisation()
    return make_user("anna", Role.AUTHOR, password=PASSWORD)


@pytest.fixture
def browser() -> Browser:
    return Browser()


def rows() -> list[dict[str, Any]]:
    return [json.loads(row.body) for row in read_rows()]


def last_event() -> tuple[str, str, str, Any]:
    row = rows()[-1]
    return row["event"], row["actor"], row["subject"], row["new"].get("by")


def waits_for_second_factor(answer: dict[str, Any]) -> bool:
    return any(
        flow["id"] == "mfa_authenticate" and flow.get("is_pending")
        for flow in answer["data"]["flows"]
    )


def test_a_password_logs_in(anna: int, browser: Browser) -> None:
    status, _ = browser.log_in("Anna@Example.org", PASSWORD)
    assert (status, browser.is_logged_in()) == (200, True)
    assert last_event() == ("user_logged_in", f"user:{anna}", f"user:{anna}", "browser")
    assert User.objects.get(pk=anna).last_login is not None
    assert User.objects.get(pk=anna).password.startswith("argon2")


def test_wrong_password_and_unknown_address_read_the_same(anna: int, browser: Browser) -> None:
    wrong = browser.log_in(ANNA, "not the password")
    assert last_event() == ("sign_in_failed", "sign_in", f"user:{anna}", "password")
    unknown = browser.log_in("nobody@example.org", "not the password")
    assert last_event() == ("sign_in_failed", "sign_in", "user:unknown", "password")
    assert wrong == unknown
    assert wrong[0] == 400
    assert not browser.is_logged_in()
    assert "example.org" not in json.dumps(rows())


@pytest.mark.usefixtures("anna")
def test_guessing_a_password_is_stopped(browser: Browser) -> None:
    for _ in range(5):
        browser.log_in(ANNA, "not the password")
    status, answer = Browser().log_in(ANNA, PASSWORD)  # even the right one, from elsewhere
    assert status == 400
    assert answer["errors"][0]["code"] == "too_many_login_attempts"


def test_a_disabled_user_is_not_let_in_and_is_put_out(anna: int, browser: Browser) -> None:
    browser.log_in(ANNA, PASSWORD)
    assert browser.is_logged_in()
    disable_user(AT_CONSOLE, anna, "left the firm")
    assert not browser.is_logged_in()
    Browser().log_in(ANNA, PASSWORD)
    assert not Browser().is_logged_in()


def test_nobody_signs_up(browser: Browser) -> None:
    status, _ = browser.ask("post", "auth/signup", email="new@example.org", password=PASSWORD)
    assert status == 403
    assert not User.objects.filter(email="new@example.org").exists()


def test_with_an_app_the_password_alone_opens_nothing(
    anna: int, browser: Browser, clock: Clock
) -> None:
    app = give_app(anna, clock)
    status, answer = browser.log_in(ANNA, PASSWORD)
    assert (status, waits_for_second_factor(answer), browser.is_logged_in()) == (401, True, False)
    assert browser.ask("post", "auth/2fa/authenticate", code="000000")[0] == 400
    assert last_event() == ("sign_in_failed", "sign_in", f"user:{anna}", "totp")
    assert browser.ask("post", "auth/2fa/authenticate", code=app.code())[0] == 200
    assert browser.is_logged_in()
    assert last_event()[0] == "user_logged_in"


def test_a_code_logs_in_once(anna: int, browser: Browser, clock: Clock) -> None:
    app = give_app(anna, clock)
    browser.log_in(ANNA, PASSWORD)
    browser.ask("post", "auth/2fa/authenticate", code=app.code())
    other = Browser()
    other.log_in(ANNA, PASSWORD)
    assert other.ask("post", "auth/2fa/authenticate", code=app.code())[0] == 400
    assert not other.is_logged_in()


def test_a_recovery_code_logs_in_once(anna: int, browser: Browser, clock: Clock) -> None:
    give_app(anna, clock)
    codes = make_recovery_codes(caller_of(anna, None))
    browser.log_in(ANNA, PASSWORD)
    assert browser.ask("post", "auth/2fa/authenticate", code=codes[3])[0] == 200
    assert browser.is_logged_in()
    assert "recovery_code_used" in [row["event"] for row in rows()]
    other = Browser()
    other.log_in(ANNA, PASSWORD)
    assert other.ask("post", "auth/2fa/authenticate", code=codes[3])[0] == 400
    assert not other.is_logged_in()


def test_an_app_is_added_by_the_pages_and_leaves_its_row(
    anna: int, browser: Browser, clock: Clock
) -> None:
    browser.log_in_freshly(ANNA, PASSWORD)
    status, offer = browser.ask("get", "account/authenticators/totp")
    assert status == 404  # none yet: the secret to confirm comes with it
    app = App(offer["meta"]["secret"], clock)
    assert "Tocsin" in offer["meta"]["totp_url"]
    assert browser.ask("post", "account/authenticators/totp", code=app.code())[0] == 200
    added = [row for row in rows() if row["event"] == "authenticator_added"]
    assert [(row["actor"], row["new"]["by"]) for row in added] == [
        (f"user:{anna}", "totp"),
        (f"user:{anna}", "recovery_codes"),
    ]
    assert browser.ask("delete", "account/authenticators/totp")[0] == 200
    removed = [row["new"]["by"] for row in rows() if row["event"] == "authenticator_removed"]
    assert sorted(removed) == ["recovery_codes", "totp"]


@pytest.mark.usefixtures("anna")
def test_a_security_key_is_added_and_logs_in(browser: Browser) -> None:
    browser.log_in_freshly(ANNA, PASSWORD)
    key = SecurityKey("localhost")
    _, question = browser.ask("get", "account/authenticators/webauthn")
    answer = key.register(question["data"]["creation_options"])
    status, _ = browser.ask(
        "post", "account/authenticators/webauthn", name="blue key", credential=answer
    )
    assert status == 200
    assert "authenticator_added" in [row["event"] for row in rows()]
    other = Browser()
    assert waits_for_second_factor(other.log_in(ANNA, PASSWORD)[1])
    _, question = other.ask("get", "auth/webauthn/authenticate")
    stranger = SecurityKey("localhost", credential_id=key.credential_id)
    wrong = stranger.sign(question["data"]["request_options"])
    assert other.ask("post", "auth/webauthn/authenticate", credential=wrong)[0] == 400
    _, question = other.ask("get", "auth/webauthn/authenticate")
    right = key.sign(question["data"]["request_options"])
    assert other.ask("post", "auth/webauthn/authenticate", credential=right)[0] == 200
    assert other.is_logged_in()


@pytest.mark.usefixtures("anna")
def test_a_key_of_another_site_logs_nobody_in(browser: Browser) -> None:
    browser.log_in_freshly(ANNA, PASSWORD)
    key = SecurityKey("localhost", origin="https://localhost.evil.example")
    _, question = browser.ask("get", "account/authenticators/webauthn")
    answer = key.register(question["data"]["creation_options"])
    status, _ = browser.ask("post", "account/authenticators/webauthn", name="x", credential=answer)
    assert status == 400


def test_a_changed_password_ends_other_sessions_and_leaves_a_row(
    anna: int, browser: Browser
) -> None:
    browser.log_in(ANNA, PASSWORD)
    other = Browser()
    other.log_in(ANNA, PASSWORD)
    status, _ = browser.ask(
        "post",
        "account/password/change",
        current_password=PASSWORD,
        new_password="another walk by the sea",
    )
    assert (status, browser.is_logged_in(), other.is_logged_in()) == (200, True, False)
    assert last_event()[:3] == ("password_changed", f"user:{anna}", f"user:{anna}")
    assert Browser().log_in(ANNA, "another walk by the sea")[0] == 200


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    "weak", ["short walk", "1qaz2wsx3edc", "123456789012345", "anna@example.org"]
)
def test_a_weak_password_is_refused(browser: Browser, weak: str) -> None:
    browser.log_in(ANNA, PASSWORD)
    status, _ = browser.ask(
        "post", "account/password/change", current_password=PASSWORD, new_password=weak
    )
    assert status == 400
    assert "password_changed" not in [row["event"] for row in rows()]


def test_sessions_are_listed_and_revoked(anna: int, browser: Browser) -> None:
    browser.log_in(ANNA, PASSWORD)
    other = Browser()
    other.log_in(ANNA, PASSWORD)
    own = caller_of(anna, None)
    assert len(list_sessions(own)) == 2
    _, answer = browser.ask("get", "auth/sessions")
    others = [line["id"] for line in answer["data"] if not line["is_current"]]
    browser.ask("delete", "auth/sessions", sessions=others)
    assert (browser.is_logged_in(), other.is_logged_in()) == (True, False)
    assert last_event()[0] == "session_revoked"
    [line] = list_sessions(own)
    end_session(own, line.key)
    assert not browser.is_logged_in()


def test_an_address_cannot_be_changed_by_its_user(anna: int, browser: Browser) -> None:
    browser.log_in(ANNA, PASSWORD)
    assert browser.ask("post", "account/email", email="other@example.org")[0] in {400, 403, 409}
    assert browser.ask("delete", "account/email", email=ANNA)[0] in {400, 403, 409}
    assert User.objects.get(pk=anna).email == ANNA


@pytest.mark.usefixtures("anna")
def test_cookies_go_over_https_only_and_scripts_see_none(browser: Browser) -> None:
    browser.log_in(ANNA, PASSWORD)
    cookie = browser.client.cookies["sessionid"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert cookie["expires"] == ""  # gone with the browser
    plain = browser.client.get("/accounts/browser/v1/auth/session", secure=False)
    assert (plain.status_code, plain["Location"][:8]) == (301, "https://")


def test_what_a_page_changes_and_its_row_are_written_together(
    anna: int, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from allauth.mfa.models import Authenticator

    from tocsin.services import account_hooks

    def disk_full(*_: Any) -> None:
        raise OSError("disk full")

    browser.log_in_freshly(ANNA, PASSWORD)
    browser.client.raise_request_exception = False
    _, offer = browser.ask("get", "account/authenticators/totp")
    app = App(offer["meta"]["secret"], clock)
    monkeypatch.setattr(account_hooks, "note_account_event", disk_full)
    answer = browser.client.post(
        "/accounts/browser/v1/account/authenticators/totp",
        data={"code": app.code()},
        content_type="application/json",
        secure=True,
    )
    assert answer.status_code == 500
    assert not Authenticator.objects.filter(user_id=anna).exists()


def test_the_shipped_settings_hash_passwords_at_full_cost() -> None:
    """By far more than the least that OWASP names: 19 MiB, twice. Tests hash at the least cost."""
    (name,) = settings_sign_in.PASSWORD_HASHERS
    shipped = import_string(name)()
    cost = extract_parameters(shipped.encode(PASSWORD, shipped.salt()).removeprefix("argon2"))
    assert cost.type is Type.ID
    assert cost.memory_cost >= 19 * 1024
    assert cost.time_cost >= 2
