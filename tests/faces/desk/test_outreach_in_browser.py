"""Pages of sending, letters and what came of them, with something on them: axe, width, both ways.

One action has its letter released and answered, another has a call and an unknown outcome.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lib.axe import find_violations
from tests.lib.staff_server import Staff, running_staff
from tocsin.store.roles import Role

PHONE, DESKTOP = {"width": 390, "height": 800}, {"width": 1280, "height": 800}
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_GAPS = """() => [...document.querySelectorAll('.choice, form input[type=radio]')]
    .map(each => each.matches('.choice') ? each : each.closest('label, div, li'))
    .filter(each => each && each.checkVisibility()).map(each => {
        const radio = each.querySelector('input').getBoundingClientRect();
        const page = document.documentElement.clientWidth;
        return [page - radio.right, radio.left];
    })"""
_MAKE = """
import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from tests.lib.desk_action import callers_of_team
from tests.lib.released_action import letter_of, release_one_pump
from tests.lib.sending import arrange_for
from tocsin.outreach.channels import Channel
from tocsin.outreach.reply import DeviceOutcome, DeviceReply, Doing, PersonOutcome, Reply
from tocsin.report.check_levels import CheckLevel
from tocsin.services.answer_files import add_answer_file
from tocsin.services.answer_forms import read_recipient_form
from tocsin.services.answers import enter_answer
from tocsin.services.effectiveness import draw_check
from tocsin.services.plans import lay_out_plan
from tocsin.services.release_preview import read_dispatch_preview
from tocsin.store.models import Dispatch, LetterVersion
from tocsin.store.roles import Role
team = callers_of_team()
operator = team[Role.OPERATOR]
with TemporaryDirectory() as folder:
    action = release_one_pump(team, Path(folder))
recipient, token = letter_of(operator.organisation_id, action)
form = read_recipient_form(operator, recipient)
reply = Reply(
    PersonOutcome.ANSWERS,
    {each.key: DeviceReply(DeviceOutcome.PASSED_ON, "", "Zoe") for each in form.devices},
    dict.fromkeys((key for key, _ in form.instructions), Doing.DONE),
    problem="It was wet.", query="Who pays?", is_confirmed=True,
)
kept = enter_answer(operator, recipient, reply, "paper", "file 7")
add_answer_file(operator, kept.acknowledgement_id, b"%PDF-1.7 a scan")
check = draw_check(operator, action, CheckLevel.A)
sent = arrange_for(operator.organisation_id, [Channel.TELEPHONE, Channel.LETTER])
Dispatch.everywhere.filter(channel="letter").update(state="unknown")
call, unknown = (
    Dispatch.everywhere.get(action_id=sent, channel=each).pk for each in ("telephone", "letter")
)
letter = LetterVersion.everywhere.filter(action_id=action).earliest("pk").pk
sample = read_dispatch_preview(operator, action).samples[0].person
print(json.dumps({"action": action, "recipient": recipient, "token": token, "check": check,
                  "sample": sample, "sent": sent, "call": call, "unknown": unknown,
                  "letter": letter}))
"""
_PAGES = (
        "actions/{sent}/sending/", "actions/{sent}/recipients/?sought=x",
        "actions/{sent}/repairs/", "actions/{sent}/calls/",
        "actions/{sent}/calls/{call}/", "actions/{sent}/print-batches/",
        "unknown/", "dispatches/{unknown}/",
        "dispatches/{unknown}/decide/", "sending/stop/", "actions/{action}/answers/",
        "actions/{action}/answers/1/files/", "answer-files/1/",
        "recipients/{recipient}/answer/", "answers/1/words/", "complaints/", "complaints/1/",
        "actions/{action}/checks/", "actions/{action}/checks/draw/", "checks/{check}/",
        "actions/{action}/funnel/", "actions/{action}/plan/", "actions/{action}/letters/",
        "letters/{letter}/",
)  # fmt: skip
_SIGNED = (
        "actions/{action}/release/letters/",
        "actions/{action}/release/letters/samples/{sample}/",
        "actions/{action}/release/review-letters/",
)  # fmt: skip


_WRITTEN = (
    "letters/new/", "letters/patient-affected/new/", "letters/patient-affected/source/",
    "letters/patient-affected/nl/BE/",
)  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A server with two actions, and what they are called."""

    staff: Staff
    ids: dict[str, Any]

    def at_desk(self, pages: Iterable[str]) -> Iterator[str]:
        for page in pages:
            yield f"{self.staff.address}/desk/{page.format(**self.ids)}"

    def addresses(self) -> Iterator[str]:
        yield from self.at_desk(_PAGES)
        for language in ("en", "de"):
            yield f"{self.staff.address}/{language}/answer/{self.ids['token']}"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with running_staff(tmp_path_factory.mktemp("outreach")) as staff:
        yield Served(staff, json.loads(staff.run(_MAKE).splitlines()[-1]))


def test_axe_finds_nothing_and_all_pages_fit(served: Served, chromium: Any) -> None:
    page = served.staff.page(chromium, Role.OPERATOR, viewport=PHONE)
    assert _what_is_bad(page, served.addresses()) == {}
    signer = served.staff.page(chromium, Role.REVIEWER, viewport=PHONE)
    assert _what_is_bad(signer, served.at_desk(_SIGNED)) == {}


def test_letters_are_written_without_a_script(served: Served, chromium: Any) -> None:
    home = f"{served.staff.address}/desk/actions/{served.ids['action']}/"
    looked = served.staff.page(chromium, Role.AUTHOR, viewport=PHONE)
    assert _what_is_bad(looked, (f"{home}{page}" for page in _WRITTEN)) == {}
    page = served.staff.page(chromium, Role.AUTHOR, viewport=PHONE, java_script_enabled=False)
    page.goto(f"{home}letters/patient-affected/new/")
    page.fill("#id_language", "nl")
    page.click("text=Go on")
    page.fill("#id_subject", "Stop met deze pomp")
    page.press("#id_subject", "Enter")  # checks, and saves nothing
    assert "not kept yet" in page.inner_text(".lead")
    page.click("text=Move down block 1")
    assert page.locator("fieldset:focus").inner_text().startswith("2.")
    page.click("text=Move up block 2")
    page.click("button[value=save]")
    assert page.inner_text(".told") == "The text is kept: version 1, a draft."
    assert page.input_value("#id_subject") == "Stop met deze pomp"


def _what_is_bad(page: Any, addresses: Iterable[str]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for address in addresses:
        answer = page.goto(address)
        assert answer.status == 200, (address, page.inner_text("main"))
        bad: list[object] = []
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)
            bad += find_violations(page, in_dark=True)
            for direction in ("rtl", "ltr"):
                page.evaluate(f"document.documentElement.dir = '{direction}'")
                if page.evaluate(_OVERFLOW) > 0:
                    bad.append(f"wider than {size['width']} px, {direction}")
                bad += [
                    f"radio {from_start} px from the start, {direction}"
                    for right, left in page.evaluate(_GAPS)
                    if (from_start := right if direction == "rtl" else left) > size["width"] / 2
                ]
        if bad:
            found[address] = bad
        page.set_viewport_size(PHONE)
    return found
