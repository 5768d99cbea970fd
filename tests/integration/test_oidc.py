"""Logging in by an organisation's own provider: a real one, over TLS, with the real pages."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.lib.databases import DATABASES
from tests.lib.desk_server import CHROMIUM, free_port
from tests.lib.oidc_provider import Certificate, Provider, make_certificate, running_provider
from tests.lib.places import Place

SIGN_IN, HOME = "/desk/sign-in/", "/desk/"
_SETTINGS = """
[site]
host = "localhost"
[oidc]
name = "Acme"
issuer = "{issuer}"
client_id = "{client}"
client_secret = "{secret}"
"""


@dataclass
class Site:
    """An installation that is served over TLS, and the provider that it trusts."""

    place: Place
    address: str
    provider: Provider
    made: Certificate
    users: dict[str, int]
    code: str

    def browser(self) -> httpx.Client:
        """Return a browser of its own: it follows no redirect by itself."""
        return self.made.client(base_url=self.address)

    def trail(self) -> list[tuple[str, str, str, Any]]:
        """Return event, actor, subject and way of each row of the audit trail."""
        rows = self.place.execute("SELECT body FROM store_auditrow ORDER BY seq")
        bodies = [json.loads(bytes(row[0])) for row in rows]
        return [(b["event"], b["actor"], b["subject"], b["new"].get("by")) for b in bodies]


@pytest.fixture(scope="module", params=DATABASES)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("oidc")
    made, port = make_certificate(folder), free_port()
    address = f"https://localhost:{port}"
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").create("oidc")
    place = Place(folder / "home", url)
    place.tocsin("store", "init")
    told = json.loads(place.run("tests.integration.oidc_users"))
    with running_provider(made) as provider:
        client, secret = provider.register(f"{address}/desk/sign-in/own/own/back/")
        settings = place.home / "settings.toml"
        settings.touch(mode=0o600)
        settings.write_text(
            _SETTINGS.format(issuer=provider.address, client=client, secret=secret), "utf-8"
        )
        assert "changes were made" in place.tocsin("store", "upgrade")
        for name in (*told["users"], "stranger"):
            provider.add_user(name, email=f"{name}@example.org", email_verified=True)
        with serving(place, port, made, folder / "log"):
            yield Site(place, address, provider, made, **told)


class serving:  # noqa: N801 - reads as a word of the with statement
    """Serve an installation over TLS, as a server with a certificate does, until the block ends."""

    def __init__(self, place: Place, port: int, made: Certificate, log: Path) -> None:
        self.log, self.port = log, port
        tls = [f"--certfile={made.certificate}", f"--keyfile={made.key}"]
        command = [sys.executable, "-m", "gunicorn", "tocsin.web.wsgi:application", *tls]
        command += [f"--bind=localhost:{port}", "--threads=2", "--worker-class=gthread"]
        environment = place.environment | {
            "TOCSIN_PUBLIC_URL": f"https://localhost:{port}",
            "REQUESTS_CA_BUNDLE": str(made.certificate),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        with log.open("wb") as out:
            self.server = subprocess.Popen(
                [*command, "--no-control-socket"], env=environment, stdout=out, stderr=out
            )

    def __enter__(self) -> None:
        for _ in range(600):
            if "Listening at" in self.log.read_text() and self.server.poll() is None:
                return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        self.server.wait(30)


def begin(browser: httpx.Client) -> str:
    """Press the button of the page for signing in; return where the provider asks."""
    page = browser.get(SIGN_IN)
    assert page.status_code == 200
    form = re.search(r'<form method="post" action="([^"]*/own/own/[^"]*)">(.*?)</form>', page.text)
    assert form, page.text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form[2])
    assert token
    answer = browser.post(
        unescape(form[1]),
        data={"csrfmiddlewaretoken": token[1]},
        headers={"Referer": f"{browser.base_url}{SIGN_IN}"},
    )
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def agree(browser: httpx.Client, asked: str, subject: str) -> str:
    """Say at the provider who one is; return where it sends the browser back to."""
    assert browser.get(asked).status_code == 200
    answer = browser.post(asked, data={"sub": subject})
    assert answer.status_code == 302
    return answer.headers["Location"]


def is_logged_in(browser: httpx.Client) -> bool:
    answer = browser.get(HOME)
    assert answer.status_code in {200, 302}
    return SIGN_IN not in answer.headers.get("Location", "")


def test_a_known_user_logs_in(site: Site) -> None:
    before = len(site.trail())
    with site.browser() as browser:
        back = agree(browser, begin(browser), "anna")
        answer = browser.get(back)
        assert (answer.status_code, answer.headers["Location"]) == (302, HOME)
        assert is_logged_in(browser)
        cookie = next(each for each in browser.cookies.jar if each.name == "sessionid")
        assert cookie.secure
    user = f"user:{site.users['anna']}"
    assert site.trail()[before:] == [("user_logged_in", user, user, "oidc")]
    assert site.place.rows_of("socialaccount_socialaccount") == []
    assert site.place.rows_of("socialaccount_socialtoken") == []


def test_the_code_is_bound_to_who_asked_for_it(site: Site) -> None:
    """PKCE (RFC 7636): the provider of these tests does not check it, so that we do."""
    with site.browser() as browser:
        asked = begin(browser)
        browser.get(agree(browser, asked, "anna"))
    wanted, given = site.provider.asked_to_authorize[-1], site.provider.asked_for_tokens[-1]
    digest = hashlib.sha256(given["code_verifier"].encode()).digest()
    assert wanted["code_challenge_method"] == "S256"
    assert wanted["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert len(wanted["state"]) >= 16
    assert "openid" in wanted["scope"].split()


@pytest.mark.parametrize(
    ("subject", "claims"),
    [
        ("stranger", {}),
        ("anna", {"email_verified": False}),
        ("other", {"email": "nobody@example.org", "email_verified": True}),
        ("nameless", {"email_verified": True}),
    ],
    ids=["not added here", "address not confirmed", "another address", "no address"],
)
def test_who_was_not_added_here_is_refused(
    site: Site, subject: str, claims: dict[str, object]
) -> None:
    if claims:
        site.provider.add_user(subject, **{"email": f"{subject}@example.org"} | claims)
    if subject == "nameless":
        site.provider.add_user(subject, email_verified=True)
    before, users = len(site.trail()), site.place.rows_of("store_user")
    with site.browser() as browser:
        answer = browser.get(agree(browser, begin(browser), subject))
        assert answer.status_code == 200
        assert "You are not signed in" in answer.text
        assert not is_logged_in(browser)
    site.provider.add_user("anna", email="anna@example.org", email_verified=True)
    assert site.trail()[before:] == [("sign_in_failed", "sign_in", "user:unknown", "oidc")]
    assert site.place.rows_of("store_user") == users
    assert "example.org" not in str(site.place.rows_of("store_auditrow"))


def test_who_was_disabled_is_not_let_in(site: Site) -> None:
    before = len(site.trail())
    with site.browser() as browser:
        answer = browser.get(agree(browser, begin(browser), "carla"))
        assert answer.headers["Location"] == "/desk/sign-in/disabled/"
        assert not is_logged_in(browser)
    assert "user_logged_in" not in [row[0] for row in site.trail()[before:]]


def test_who_has_a_second_factor_here_is_asked_for_it(site: Site) -> None:
    with site.browser() as browser:
        answer = browser.get(agree(browser, begin(browser), "ben"))
        where = answer.headers["Location"]
        assert urlsplit(where).path == "/desk/sign-in/code/"
        assert not is_logged_in(browser)
        page = browser.get(where)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        code = {"code": site.code, "csrfmiddlewaretoken": token[1]}
        browser.post(where, data=code, headers={"Referer": f"{browser.base_url}{where}"})
        assert is_logged_in(browser)
    assert "recovery_code_used" in [row[0] for row in site.trail()]


def test_an_answer_counts_once_and_only_for_who_asked(site: Site) -> None:
    before = len(site.trail())
    with site.browser() as browser, site.browser() as thief:
        back = agree(browser, begin(browser), "anna")
        assert thief.get(back).status_code == 401
        assert not is_logged_in(thief)
        forged = re.sub(r"code=[^&]+", "code=guessed", back)
        assert browser.get(forged).status_code == 401
        assert not is_logged_in(browser)
        assert browser.get(back).status_code == 401  # its state was used up by the forged one
    told = [row[0] for row in site.trail()[before:]]
    assert told == ["sign_in_failed"] * 3


def test_who_cancels_at_the_provider_comes_back_to_a_page(site: Site) -> None:
    before = len(site.trail())
    with site.browser() as browser:
        asked = begin(browser)
        back = browser.post(asked, data={"action": "deny"}).headers["Location"]
        # RFC 6749, 4.1.2.1: the state comes back with an error, too; this provider forgets it.
        state = parse_qs(urlsplit(asked).query)["state"][0]
        answer = browser.get(f"{back}&state={state}", follow_redirects=True)
        assert (answer.status_code, "You are not signed in" in answer.text) == (200, True)
        assert not is_logged_in(browser)
    assert site.trail()[before:] == []


def test_a_real_browser_goes_through(site: Site) -> None:
    """Chromium applies our content policy to the redirect that follows the button."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox"], handle_sigint=False
        )
        page = chromium.new_context(ignore_https_errors=True).new_page()
        page.goto(f"{site.address}{SIGN_IN}")
        page.get_by_role("button", name="Sign in with Acme").click()
        page.locator("input[name=sub]").fill("anna")
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url(f"{site.address}{HOME}**")
        chromium.close()
