"""A whole action in a browser: a list, an advisory, triage, two signatures, the public's answer.

With TOCSIN_SCREENSHOTS=FOLDER the pages are kept there as pictures, phone and desktop.
"""

import json
import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faces.desk.test_registry_in_browser import (
    LONG_MS,
    add_registry,
    check_axe,
    import_devices,
    write_devices,
)
from tests.lib.authenticator_app import App, Clock
from tests.lib.desk_walk import GO, choose, press
from tests.lib.staff_server import Staff, running_staff
from tocsin.base.verdict import Verdict
from tocsin.match.engines.reference import match_records
from tocsin.notice.model import Notice
from tocsin.registry.record import read_record
from tocsin.store.roles import Role

pytestmark = pytest.mark.corpus
ADVISORY = "csaf/icsma/icsma-19-178-01.json"
NOTICE = "ICSMA-19-178-01"
_SIGNERS = """
import json, time
from allauth.mfa.totp.internal import auth
from tests.lib.authenticator_app import Clock
from tests.lib.desk_action import callers_of_team
from tests.lib.people import give_app
from tocsin.store.roles import Role
callers = callers_of_team()
auth.time = clock = Clock(time.time() - 300)
signers = (Role.REVIEWER, Role.RELEASER)
print(json.dumps({role: give_app(callers[role].user_id, clock).secret for role in signers}))
"""
_START = """
from tests.lib.desk_action import callers_of_team
from tests.services.kept_actions import lock_letter, proven
from tocsin.services.action_course import start_action
from tocsin.services.letter_release import release_letters, review_letters
from tocsin.store.roles import Role
team = callers_of_team()
seen = lock_letter(team, 1)
review_letters(proven(team[Role.REVIEWER]), 1, seen)
release_letters(proven(team[Role.RELEASER]), 1, seen)
start_action(team[Role.OPERATOR], 1)
"""
_RELEASED = f"""
from tocsin.services.public_notices import released_notices
print(released_notices().find("{NOTICE}").notice.model_dump_json())
"""
# Model and software version, as somebody types them; an empty version is "I don't know".
TWELVE = (
    ("MMT-508", ""), ("MMT-511", ""), ("MMT-712", ""), ("MMT-722", ""), ("MMT-722K", ""),
    ("MMT-523", "2.4A"), ("MMT-523", "2.5B"), ("MMT-723", ""), ("MMT-554CM", "2.7A"),
    ("MMT-754", "2.6A"), ("MMT-754", "2.7A"), ("MMT-1884", ""),
)  # fmt: skip


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with running_staff(tmp_path_factory.mktemp("whole")) as running:
        yield running


def keep_picture(page: Any, name: str) -> None:
    """Keep what a page looks like on a phone and on a desk, if somebody asked for it."""
    folder = os.environ.get("TOCSIN_SCREENSHOTS")
    if folder:
        was = page.viewport_size
        for kind, width, height in (("phone", 390, 844), ("desktop", 1280, 900)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=str(Path(folder) / f"desk_{name}_{kind}.png"))
        page.set_viewport_size(was)


def sign(staff: Staff, chromium: Any, role: Role, secret: str, words: str) -> None:
    """Let a signer sign the scope of the action, with a code of the app."""
    page = staff.page(chromium, role)
    page.goto(f"{staff.address}/desk/actions/1/release/")
    keep_picture(page, f"release_{role}")
    page.click(f"text={words}")
    page.fill("#step_up_code", App(secret, Clock(time.time())).code())
    page.keyboard.press("Enter")
    page.wait_for_selector(".told")


def match(staff: Staff, chromium: Any, number: int) -> None:
    """Match the action as a job, and wait for its run."""
    page = staff.page(chromium, Role.OPERATOR)
    page.goto(f"{staff.address}/desk/actions/1/match/")
    page.click("text=Match now")
    until = time.monotonic() + 180
    while time.monotonic() < until:
        page.goto(f"{staff.address}/desk/actions/1/")
        if f"Match {number}," in page.inner_text("main"):
            keep_picture(page, "action")
            check_axe(page)
            return
        time.sleep(0.5)
    raise AssertionError(page.inner_text("main"))


def edit_advisory(staff: Staff, chromium: Any, corpus: Path) -> None:
    """Read the advisory into a draft, narrow an entry, and keep the draft as a revision."""
    page = staff.page(chromium, Role.AUTHOR)
    page.set_default_timeout(LONG_MS)
    page.goto(f"{staff.address}/desk/notices/")
    page.click("text=Read a file")
    page.set_input_files("input[type=file]", str(corpus / ADVISORY))
    page.click("main form button.button")
    page.locator("#counts td").first.wait_for()
    keep_picture(page, "editor")
    page.click('a:has-text("Edit entry") >> nth=0')
    page.check("#id_is_confirmed")
    page.click("button[value=save]")
    page.click("main .buttons >> text=Keep as a revision")
    page.click('button:has-text("Keep as a revision")')
    assert f"Revision 1 of {NOTICE} is kept." in page.locator(".told").inner_text()


def open_action(staff: Staff, chromium: Any) -> None:
    page = staff.page(chromium, Role.AUTHOR)
    page.goto(f"{staff.address}/desk/actions/open/")
    page.fill("#id_title", "MiniMed 508 and Paradigm")
    page.click(f'label:has-text("{NOTICE}")')
    page.click('label:has-text("Clinic")')
    page.click("main form button.button")
    page.wait_for_url(re.compile(r"/actions/1/"))


def answer_ten(staff: Staff, chromium: Any) -> None:
    """Answer ten records at triage, one after the other."""
    page = staff.page(chromium, Role.OPERATOR)
    page.set_default_timeout(LONG_MS)
    page.goto(f"{staff.address}/desk/actions/1/triage/")
    check_axe(page)
    page.click("text=Begin with the first")
    for number in range(10):
        if number == 0:
            keep_picture(page, "triage")
        page.fill("#id_value", ("2.4A", "9.9")[number % 2])
        page.fill("#id_evidence", "read from the screen, by telephone")
        page.click("main form button.button:not(.second)")
        page.wait_for_selector("text=Saved for")
    page.goto(f"{staff.address}/desk/actions/1/triage/answers/")
    assert page.locator("main tbody tr").count() == 10


def ask_the_public_page(page: Any, address: str, model: str, version: str) -> Verdict:
    """Type a device into the public check, and return what the page says."""
    page.goto(f"{address}/en/check")
    page.select_option("#country_code", "US")
    press(page, GO)
    choose(page, "Medtronic")
    press(page, GO)
    choose(page, "Another device")
    page.fill("#model", model)
    press(page, GO)
    while page.locator("#value").count():
        if version:
            page.fill("#value", version)
            press(page, GO)
        else:
            press(page, "button[value='unknown']")
    press(page, GO)
    title = page.inner_text("main h1")
    keep_picture(page, f"answer_{model}")
    titles = {
        "Your device is affected": Verdict.AFFECTED,
        "We cannot tell yet": Verdict.CANNOT_TELL,
        "Your device is not affected by these notices": Verdict.NOT_AFFECTED,
    }
    return titles[title]


def test_from_a_list_to_the_publics_answer(
    staff: Staff, chromium: Any, corpus: Path, tmp_path: Path
) -> None:
    operator = staff.page(chromium, Role.OPERATOR)
    clinic = add_registry(operator, f"{staff.address}/desk", "Clinic")
    import_devices(operator, clinic, write_devices(tmp_path / "clinic pumps.csv"))
    operator.goto(clinic)
    keep_picture(operator, "registry")
    edit_advisory(staff, chromium, corpus)
    open_action(staff, chromium)
    match(staff, chromium, 1)
    answer_ten(staff, chromium)
    match(staff, chromium, 2)
    secrets = json.loads(staff.run(_SIGNERS).splitlines()[-1])
    sign(staff, chromium, Role.REVIEWER, secrets[Role.REVIEWER], "Sign as reviewer")
    sign(staff, chromium, Role.RELEASER, secrets[Role.RELEASER], "Release the scope")
    staff.run(_START)
    notice = Notice.model_validate_json(staff.run(_RELEASED).splitlines()[-1])
    public = chromium.new_context(java_script_enabled=False).new_page()
    told, expected = [], []
    for model, version in TWELVE:
        told.append(ask_the_public_page(public, staff.address, model, version))
        row = {"device_id": "asked", "manufacturer": "Medtronic", "model": model}
        record = read_record({**row, "software_version": version})
        expected.append(next(match_records([notice], [record])).verdict)
    assert told == expected
    assert set(told) == set(Verdict), "the twelve are to show every verdict"
    assert datetime.now(tz=UTC).date().isoformat()[:4] in public.inner_text("main")
