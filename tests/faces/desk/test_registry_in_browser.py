"""The registry's pages in a real browser: a list of 10,000 rows, links by keyboard alone, axe."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lib.axe import find_violations
from tests.lib.staff_server import Staff, running_staff
from tocsin.store.roles import Role

COLUMNS = ("Asset", "Patient No", "Maker", "Pump model", "SW", "Serial", "Country", "Shipped")
MODELS = ("MMT-722", "MMT-723", "MMT-754", "MMT-554CM")
LONG_MS = 120_000
_ACTION = """
from datetime import UTC, datetime
from tocsin.services.action_matching import match_action
from tocsin.services.actions import open_action
from tocsin.services.kept_notices import add_notice
from tocsin.services.samples import case_notices
from tocsin.services.work import Caller
from tocsin.store.models import Organisation
from tocsin.store.roles import Role
own = Organisation.objects.get(slug="acme").pk
caller = Caller("user:1", own, frozenset(Role), datetime.now(tz=UTC))
notices = case_notices("a")
for notice in notices:
    add_notice(caller, notice, "notice.yaml")
made = open_action(caller, "Pumps", [notice.notice for notice in notices], ["Clinic"], is_exercise=False)
match_action(caller, made)
"""  # noqa: E501 - a program of its own


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with running_staff(tmp_path_factory.mktemp("staff")) as running:
        yield running


def write_devices(path: Path) -> Path:
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for i in range(10_000):
            version = ("", "2.4A", "2.6A", "9.9")[i // 4 % 4]
            rows.writerow(
                [f"DEV{i if i % 500 else 7:05d}", f"P{i // 2}", "Medtronic", MODELS[i % 4], version,
                 f"SN{i:06d}", ("US", "FR")[i % 2], "03/04/2015"]
            )  # fmt: skip
    return path


def write_holders(path: Path, letter: str) -> Path:
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("holder_id", "name", "email", "address_lines"))
        for i in range(6):
            rows.writerow((f"{letter}{i}", f"Asa Lind{i}", f"p{i}@example.org", f"Street {i}|Town"))
    return path


def add_registry(page: Any, desk: str, name: str) -> str:
    page.goto(f"{desk}/registries/add/")
    page.fill("#id_name", name)
    page.click("main button.button")
    return str(page.url)


def send(page: Any, registry: str, path: Path, kind: int) -> None:
    page.goto(f"{registry}import/")
    page.check(f"#id_kind_{kind}")
    page.set_input_files("#id_list", str(path))
    page.click("main form button.button")


def agree(page: Any) -> None:
    page.wait_for_selector("text=Shall it be written?", timeout=LONG_MS)
    page.click("text=Yes, write")
    page.wait_for_selector("text=See the registry", timeout=LONG_MS)


FAULTS: list[tuple[str, str, str]] = []
"""What axe has found: page, rule, and the first place of it."""


def check_axe(page: Any) -> None:
    FAULTS.extend((page.url, rule, element) for rule, element in find_violations(page))


def import_devices(page: Any, registry: str, path: Path) -> None:
    """Send a list, say what its columns are, close the page in between, and agree."""
    send(page, registry, path, 0)
    here = page.url
    page.goto("about:blank")
    page.goto(here)
    page.click("text=Look at the columns", timeout=LONG_MS)
    check_axe(page)
    page.select_option("#id_c0", "device_id")
    page.select_option("#id_c7", "shipped_on")
    page.select_option("#id_o7", "month-day-year")
    page.click("main form button.button")
    check_axe(page)
    page.click("main form button.button")
    page.wait_for_selector("text=Shall it be written?", timeout=LONG_MS)
    assert "occurs more than once" in page.inner_text("main")
    check_axe(page)
    agree(page)


def test_a_list_of_ten_thousand_rows_and_links_by_keyboard(
    staff: Staff, chromium: Any, tmp_path: Path
) -> None:
    desk = f"{staff.address}/desk"
    page = staff.page(chromium, Role.OPERATOR)
    page.set_default_timeout(LONG_MS)  # a machine with other work to do
    clinic = add_registry(page, desk, "Clinic")
    import_devices(page, clinic, write_devices(tmp_path / "clinic pumps.csv"))
    page.goto(clinic)
    assert "9,979" in page.inner_text("main")
    pharmacy = add_registry(page, desk, "Pharmacy")
    for registry, letter in ((clinic, "P"), (pharmacy, "Q")):
        send(page, registry, write_holders(tmp_path / f"{letter}.csv", letter), 2)
        agree(page)
    page.goto(f"{desk}/persons/links/")
    page.click("text=Look for new ones")
    page.click("text=Decide them one by one")
    for decision in ("confirm", "reject", "confirm"):
        before = page.url
        check_axe(page)
        press_by_keyboard(page, decision)
        page.wait_for_url(lambda url, was=before: url != was, timeout=LONG_MS)
    page.goto(f"{desk}/persons/links/?state=confirmed")
    assert page.locator("tbody tr").count() == 2
    staff.run(_ACTION)
    page.goto(f"{desk}/registries/gaps/")
    assert "would settle" in page.inner_text("main")
    page.goto(f"{desk}/persons/")
    page.fill("#id_text", "p1@example.org")
    page.fill("#id_purpose", "they called")
    page.click("main form button.button")
    assert page.locator("ul.cards a").count() == 2  # the lists' one; which comes first is chance
    page.click("ul.cards a:has-text('P1 in Clinic')")
    assert "MMT-" in page.inner_text("main")
    check_axe(page)
    _look_at_all(staff, chromium, clinic)
    assert FAULTS == []


def press_by_keyboard(page: Any, value: str) -> None:
    """Walk to a button with the tabulator and press it; Chromium without a window has no Alt+C."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == value:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way by keyboard to {value}")


def _look_at_all(staff: Staff, browser: Any, clinic: str) -> None:
    """Check every page for faults of access, on a phone and on a wide screen, by each's reader."""
    desk = f"{staff.address}/desk"
    of_operator = [
        clinic, f"{clinic}import/", f"{desk}/registries/", f"{desk}/registries/add/",
        f"{desk}/registries/gaps/", f"{desk}/imports/1/", f"{desk}/persons/",
        f"{desk}/persons/links/", f"{desk}/persons/links/confirm-exact/", f"{desk}/jobs/",
    ]  # fmt: skip
    looked = [(Role.OPERATOR, address) for address in of_operator]
    looked += [(Role.AUDITOR, f"{desk}/audit/"), (Role.AUDITOR, f"{desk}/jobs/")]
    for width in (390, 1280):
        pages = {
            role: staff.page(browser, role, viewport={"width": width, "height": 900})
            for role in (Role.OPERATOR, Role.AUDITOR)
        }
        for role, address in looked:
            page = pages[role]
            page.goto(address)
            check_axe(page)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                FAULTS.append((address, "wider than the screen", str(wide)))
            if folder := os.environ.get("TOCSIN_SHOTS"):
                name = address.partition("/desk/")[2].strip("/").replace("/", "-")
                page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
