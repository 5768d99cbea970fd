"""Every page of the desk in a real browser: axe, width, targets, right to left, silence, keyboard.

The demonstration is served for real, with the smallest of its cases loaded.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.lib.axe import find_violations
from tests.lib.desk_server import running_demo
from tests.lib.desk_tour import OPEN_PAGES, code_now, press, sign_in, sign_out, tour
from tocsin.services.demo_users import PASSWORD, demo_email
from tocsin.store.roles import Role

PHONE, DESKTOP = {"width": 390, "height": 800}, {"width": 1280, "height": 800}
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SMALL_TARGETS = """() => [...document.querySelectorAll(
        '.button, .plain, select, input:not([type=hidden]), textarea, .places a, summary')]
    .filter(each => each.checkVisibility() && !['checkbox', 'radio'].includes(each.type))
    .filter(each => each.getBoundingClientRect().height < 43.5)
    .map(each => each.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the demonstration, by the name that security keys are bound to."""
    with running_demo(tmp_path_factory.mktemp("desk"), cases="c") as address:
        yield address.replace("127.0.0.1", "localhost")


def _everywhere(page: Any, site: str, look: Callable[[Any], object]) -> dict[str, object]:
    """Look at every page, as whoever comes to it first; return what was found where."""
    found, seen = {}, {"account_logout"}
    for address in OPEN_PAGES:
        page.goto(site + address)
        if bad := look(page):
            found[address] = bad
    for role in Role:
        sign_in(page, site, role)
        for name in tour(page, site, seen):
            if bad := look(page):
                found[f"{name} as {role}"] = bad
        page.goto(f"{site}/desk/")
        sign_out(page)
    assert len(seen) > 20, "the tour has seen too few pages"
    return found


def test_axe_finds_nothing_and_pages_fit_can_be_touched_and_ask_nothing_from_outside(
    chromium: Any, site: str
) -> None:
    context = chromium.new_context(viewport=PHONE, reduced_motion="reduce")
    page = context.new_page()
    said: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: said.append(f"{page.url} {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url} {error}"))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))

    def look(page: Any) -> object:
        wrong: list[object] = [*page.evaluate(_SMALL_TARGETS), *find_violations(page, in_dark=True)]
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)
            for direction in ("rtl", "ltr"):
                page.evaluate(f"document.documentElement.dir = '{direction}'")
                if page.evaluate(_OVERFLOW) > 0:
                    wrong.append(f"wider than {size['width']} px, {direction}")
        page.set_viewport_size(PHONE)
        return wrong

    assert _everywhere(page, site, look) == {}
    stored = context.storage_state()
    context.close()
    # A link may lead to what the role may not open; then the page says so, with status 403.
    assert [line for line in said if "status of 403" not in line] == []
    assert hosts == {urlsplit(site).netloc}
    assert stored["origins"] == []


def test_the_keyboard_alone_signs_in_and_reaches_an_action(chromium: Any, site: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/desk/")
    assert page.url.startswith(f"{site}/desk/sign-in/?next=")

    def go_to(selector: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.locator(f"{selector}:focus").count():
                return
        pytest.fail(f"the keyboard does not reach {selector}")

    page.keyboard.press("Tab")
    assert page.locator("a.skip:focus").count() == 1
    go_to("#id_login")
    page.keyboard.type(demo_email(Role.AUTHOR))
    go_to("#id_password")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.title().startswith("Home")
    assert page.locator(".whoami").inner_text().split("\n")[1] in page.inner_text(".told")
    go_to(".places a")
    with page.expect_navigation():
        go_to(".places a:not([aria-current])")
        page.keyboard.press("Enter")
    assert page.locator(".places [aria-current]").count() == 1
    context.close()


def test_a_wrong_password_is_said_on_top_with_the_focus(chromium: Any, site: str) -> None:
    page = chromium.new_page()
    page.goto(f"{site}/desk/sign-in/")
    page.fill("#id_login", demo_email(Role.AUTHOR))
    page.fill("#id_password", "not the password")
    press(page, "main form .button")
    page.locator(".summary:focus").wait_for()
    assert page.title().startswith("Error:")
    assert "not the password" not in page.content()
    page.close()


def test_a_security_key_is_added_and_signs_in(chromium: Any, site: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    authenticators = context.new_cdp_session(page)
    authenticators.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "isUserVerified": True}
    options |= {"hasUserVerification": True, "automaticPresenceSimulation": True}
    authenticators.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, site, Role.PRIVACY_OFFICER)
    page.goto(f"{site}/desk/account/factors/keys/add/")
    if "/again/" in page.url:
        page.fill("#id_password", PASSWORD)
        press(page, "main form .button")
    page.fill("#id_name", "A key in a test")
    press(page, ".key button")
    assert page.locator("h1").inner_text() == "Your recovery codes"
    assert page.locator(".codes code").count() == 10
    sign_out(page)
    page.fill("#id_login", demo_email(Role.PRIVACY_OFFICER))
    page.fill("#id_password", PASSWORD)
    press(page, "main form .button")
    assert page.locator("h1").inner_text() == "Your second factor"
    press(page, ".key button")
    assert page.title().startswith("Home")
    context.close()


def test_an_app_is_added_by_its_secret(chromium: Any, site: str) -> None:
    page = chromium.new_page()
    sign_in(page, site, Role.OPERATOR)
    page.goto(f"{site}/desk/account/factors/app/add/")
    if "/again/" in page.url:
        page.fill("#id_password", PASSWORD)
        press(page, "main form .button")
    assert page.locator(".qr svg").is_visible()
    assert len(page.locator(".secret").inner_text()) == 32
    page.fill("#id_code", "000000")
    press(page, "main form .button")
    page.locator(".summary:focus").wait_for()
    page.close()


def test_a_forgotten_password_is_chosen_anew_by_mail(chromium: Any, site: str) -> None:
    page = chromium.new_page()
    page.goto(f"{site}/desk/sign-in/forgotten/")
    page.fill("#id_email", demo_email(Role.AUDITOR))
    press(page, "main form .button")
    assert page.locator("h1").inner_text() == "Look into your mail"
    page.goto(f"{site}/desk/demo/mail/")
    press(page, "tbody a")
    press(page, ".letter a")
    for field in ("#id_password1", "#id_password2"):
        page.fill(field, PASSWORD)
    press(page, "main form .button")
    assert page.locator("h1").inner_text() == "Your password is changed"
    sign_in(page, site, Role.AUDITOR)
    page.close()


def test_a_code_counts_once(chromium: Any, site: str) -> None:
    page = chromium.new_context().new_page()
    sign_in(page, site, Role.RELEASER)
    page.goto(f"{site}/desk/")
    sign_out(page)
    page.fill("#id_login", demo_email(Role.RELEASER))
    page.fill("#id_password", PASSWORD)
    press(page, "main form .button")
    used = code_now(page, site, Role.RELEASER)
    page.fill("#id_code", used)
    press(page, "main form .button")
    if page.title().startswith("Home"):  # the half minute was over: this one is used up now
        pytest.skip("the app has gone on to its next code")
    assert page.locator(".summary").is_visible()
    page.context.close()
