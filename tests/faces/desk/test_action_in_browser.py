"""An action in a real browser: triage without a mouse or a script, a release by two, axe."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lib.authenticator_app import App, Clock
from tests.lib.axe import find_violations
from tests.lib.staff_server import Staff, running_staff
from tocsin.store.roles import Role

_ACTION = """
import json, time
from pathlib import Path
from tempfile import TemporaryDirectory
from allauth.mfa.totp.internal import auth
from tests.lib.authenticator_app import Clock
from tests.lib.desk_action import callers_of_team, fill_action
from tests.lib.people import give_app
from tocsin.store.roles import Role
callers = callers_of_team()
with TemporaryDirectory() as folder:
    action = fill_action(callers, Path(folder), 60)
# The code that confirms an app is one of some minutes ago, so that the one of now is unused.
auth.time = clock = Clock(time.time() - 300)
signers = (Role.REVIEWER, Role.RELEASER)
apps = {role: give_app(callers[role].user_id, clock).secret for role in signers}
print(json.dumps({"action": action, "secrets": apps}))
"""
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True)
class Served:
    """A server with an action, and the secrets of those who sign."""

    staff: Staff
    action: int
    secrets: dict[str, str]

    @property
    def address(self) -> str:
        """Return where the action's pages are."""
        return f"{self.staff.address}/desk/actions/{self.action}/"

    def code(self, role: Role) -> str:
        """Return what a signer's app shows now."""
        return App(self.secrets[str(role)], Clock(time.time())).code()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with running_staff(tmp_path_factory.mktemp("action")) as staff:
        made = json.loads(staff.run(_ACTION).splitlines()[-1])
        yield Served(staff, made["action"], made["secrets"])


def focused(page: Any) -> str:
    return str(page.locator(":focus").evaluate("each => each.name || each.innerText"))


def tab_to(page: Any, words: str) -> None:
    """Press the tab key until a link or button with these words has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if words in page.locator(":focus").inner_text():
            return
    raise AssertionError(f"{words} is not reached by the keyboard on {page.url}")


def test_triage_by_telephone_with_the_keyboard_alone_and_no_script(
    served: Served, chromium: Any
) -> None:
    page = served.staff.page(chromium, Role.OPERATOR, java_script_enabled=False)
    page.goto(served.address + "triage/")
    tab_to(page, "Begin with the first")
    page.keyboard.press("Enter")
    seen = []
    for version in ("1.1", "9.9"):
        page.wait_for_selector("text=Show whom to call")
        seen.append(page.inner_text("h1"))
        assert "Telephone" not in page.inner_text("main")
        page.keyboard.press("Enter")  # the button that shows whom to call has the focus
        page.wait_for_selector("text=Whom to call")
        page.keyboard.type(version)  # now the answer has it
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Saved for")
    told = page.inner_text(".told")
    assert "cannot tell became not affected" in told
    seen.append(page.inner_text("h1"))
    tab_to(page, "Skip to the next record")
    assert page.locator(":focus").get_attribute("accesskey") == "s"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/triage/\d+/$"))
    seen.append(page.inner_text("h1"))
    assert len(set(seen)) == 4
    page.goto(served.address + "triage/answers/")
    assert page.inner_text("main").count("software_version") == 2


def test_two_people_release_a_scope(served: Served, chromium: Any) -> None:
    for role, words, said in (
        (Role.REVIEWER, "Sign as reviewer", "Somebody else can release it now"),
        (Role.RELEASER, "Release the scope", "The scope is released"),
    ):
        page = served.staff.page(chromium, role)
        page.goto(served.address)
        if role is Role.REVIEWER:  # answers have changed the registry since the match
            match_again(served, chromium)
        page.goto(served.address + "release/")
        page.click(f"text={words}")
        page.click("main form button.button:not(.second)")
        assert "To sign, give the code" in page.inner_text(".summary")
        page.fill("#step_up_code", served.code(role))
        page.keyboard.press("Enter")
        page.wait_for_selector(f"text={said}")
    page.goto(served.address + "release/")
    text = page.inner_text("main")
    assert "Reviewer-Acme reviewed this on" in text
    assert "Releaser-Acme released this on" in text


def match_again(served: Served, chromium: Any) -> None:
    page = served.staff.page(chromium, Role.OPERATOR)
    page.goto(served.address + "match/")
    page.click("text=Match now")
    page.goto("about:blank")  # it goes on without the page
    until = time.monotonic() + 120
    while time.monotonic() < until:
        page.goto(served.address)
        if re.search(r"Match [2-9],", page.inner_text("main")):
            return
    raise AssertionError(page.inner_text("main"))


def test_axe_finds_nothing_and_every_page_fits(served: Served, chromium: Any) -> None:
    found: dict[str, Any] = {}
    for width in (390, 1280):
        size = {"width": width, "height": 900}
        operator = served.staff.page(chromium, Role.OPERATOR, viewport=size)
        releaser = served.staff.page(chromium, Role.RELEASER, viewport=size)
        author = served.staff.page(chromium, Role.AUTHOR, viewport=size)
        reviewer = served.staff.page(chromium, Role.REVIEWER, viewport=size)
        operator.goto(served.address + "devices/")
        device = operator.locator("tbody th a").first.get_attribute("href")
        operator.goto(served.address + "triage/")
        case = operator.locator("tbody th a").first.get_attribute("href")
        for page, address in (
            (operator, served.address),
            (operator, served.address + "devices/?verdict=affected"),
            (operator, served.staff.address + str(device)),
            (operator, served.address + "triage/"),
            (operator, served.staff.address + str(case)),
            (operator, served.staff.address + str(device) + "correct/"),
            (operator, served.address + "triage/answers/"),
            (operator, served.address + "differences/"),
            (operator, served.address + "match/"),
            (operator, served.address + "history/"),
            (operator, served.address + "start/"),
            (operator, served.address + "pause/"),
            (releaser, served.address + "release/"),
            (releaser, served.address + "release/release-scope/"),
            (releaser, served.address + "release/letters/"),
            (reviewer, served.address + "release/review-letters/"),
            (author, served.staff.address + "/desk/actions/"),
            (author, served.staff.address + "/desk/actions/open/"),
            (author, served.address + "add-notice/"),
        ):
            page.goto(address)
            if bad := find_violations(page):
                found[address] = bad
            if page.evaluate(_OVERFLOW) > 0:
                found[f"{address} at {width}"] = "is too wide"
    assert found == {}
