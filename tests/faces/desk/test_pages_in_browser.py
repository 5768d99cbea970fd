"""Every public page in a real browser: axe, phone and desktop, right to left, keyboard, silence."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.lib.axe import find_violations
from tests.lib.desk_walk import GO, choose, press, walk, walk_check
from tocsin.services.languages import LANGUAGES

WIDTHS = {"phone": 360, "desktop": 1280}
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SMALL_TARGETS = """() => [...document.querySelectorAll(
        '.button, .plain, select, input[type=text], .choice, .masthead a, .languages a')]
    .filter(each => each.checkVisibility() && each.getAttribute('aria-hidden') !== 'true')
    .filter(each => each.getBoundingClientRect().height < 43.5)
    .map(each => each.outerHTML.slice(0, 90))"""
_LABEL_GAPS = """() => [...document.querySelectorAll('.choice')]
    .filter(each => each.checkVisibility()).map(each => {
        const radio = each.querySelector('input').getBoundingClientRect();
        const label = each.querySelector('label').getBoundingClientRect();
        return [radio.left - label.right, Math.abs(radio.top + radio.height / 2
            - label.top - label.height / 2)];
    })"""
_REFUSED = "Failed to load resource: the server responded with a status of 40"


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(chromium: Any, demo: str, language: str) -> None:
    context = chromium.new_context(
        viewport={"width": 360, "height": 760},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    found: dict[str, Any] = {}
    for name in walk(page, demo, language):
        if bad := find_violations(page, in_dark=True):
            found[name] = bad
    context.close()
    assert found == {}


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_pages_fit_ask_nothing_from_outside_and_log_nothing(
    chromium: Any, demo: str, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 760})
    page = context.new_page()
    said: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    wrong = {}
    for name in walk(page, demo, "en"):
        if page.evaluate(_OVERFLOW) > 0:
            wrong[name] = "wider than the screen"
        if small := page.evaluate(_SMALL_TARGETS):
            wrong[name] = f"hard to touch: {small}"
        assert urlsplit(page.url).query == "", "an answer stands in an address"
    stored = context.storage_state()
    context.close()
    assert wrong == {}
    refusals = [text for text in said if text.startswith(_REFUSED)]
    assert len(refusals) == 2, "the letter page refuses twice on this walk, and Chromium logs it"
    assert [text for text in said if text not in refusals] == []
    assert hosts == {urlsplit(demo).netloc}
    assert stored["origins"] == []
    assert [cookie["name"] for cookie in stored["cookies"]] == ["csrftoken"]


def test_large_print_and_right_to_left_keep_their_shape(chromium: Any, demo: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 760})
    page = context.new_page()
    wrong = {}
    for name in walk(page, demo, "de"):
        page.evaluate("document.documentElement.dir = 'rtl'")
        if page.evaluate(_OVERFLOW) > 0:
            wrong[name] = "wider than the screen"
        for beside, level in page.evaluate(_LABEL_GAPS):
            if not -1 <= beside <= 24 or level > 12:
                wrong[name] = f"radio {beside} px beside its label, {level} px off its line"
        page.evaluate("document.documentElement.dir = 'ltr'")
        page.evaluate("document.querySelector('#large').checked = true")
        if page.evaluate(_OVERFLOW) > 0:
            wrong[f"{name}, large"] = "wider than the screen"
        page.evaluate("document.querySelector('#large').checked = false")
    context.close()
    assert wrong == {}


def test_the_keyboard_alone_reaches_the_answer(chromium: Any, demo: str) -> None:
    page = chromium.new_page()
    page.goto(f"{demo}/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"

    def press_until(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                style = "getComputedStyle(document.activeElement)"
                assert page.evaluate(f"{style}.outlineStyle") == "solid", "focus is not seen"
                return
        pytest.fail(f"the keyboard does not reach {selector}")

    def enter() -> None:
        with page.expect_navigation():
            page.keyboard.press("Enter")

    press_until("main a.button")
    enter()
    press_until("#country_code")
    page.keyboard.type("Sweden")
    press_until("#step .button")
    enter()
    press_until("input[name=maker]")
    page.keyboard.press("ArrowDown")
    enter()
    assert page.locator("h1").inner_text() == "Which device is it?"
    press_until("input[name=device]")
    page.keyboard.press("Space")
    enter()
    assert page.locator("h1").inner_text() == "Check your answers"
    press_until("#step p.buttons .button")
    enter()
    assert page.locator("h1").inner_text() == "Your device is affected"
    page.close()


def test_a_fault_has_the_focus_and_leads_to_its_field(chromium: Any, demo: str) -> None:
    page = chromium.new_page()
    page.goto(f"{demo}/en/check")
    press(page, GO)
    page.locator(".summary:focus").wait_for()
    assert page.title().startswith("Error:")
    page.click(".summary a")
    page.locator("#country_code:focus").wait_for()
    page.close()


def test_the_language_can_be_changed_in_the_middle(chromium: Any, demo: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo}/en/check")
    page.select_option("#country_code", "SE")
    page.check("#large")
    press(page, GO)
    choose(page, "Medtronic")
    press(page, GO)
    press(page, ".languages >> text=Svenska")
    assert page.locator("html").get_attribute("lang") == "sv"
    assert page.locator("h1").inner_text() == "Vilken produkt är det?"
    assert page.locator("#large").is_checked()
    choose(page, "522")
    press(page, GO)
    press(page, GO)
    assert page.locator("h1").inner_text() == "Det gäller din produkt"
    context.close()


def test_what_is_printed_leaves_out_what_only_a_screen_needs(chromium: Any, demo: str) -> None:
    page = chromium.new_page()
    for name in walk_check(page, f"{demo}/en"):
        if name == "affected":
            break
    page.emulate_media(media="print")
    assert not page.locator(".languages").is_visible()
    assert not page.locator("#step button").first.is_visible()
    assert page.locator(".card.affected").is_visible()
    page.close()


def test_nothing_typed_is_in_the_log(chromium: Any, demo: str, demo_folder: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{demo}/en/check")
    page.select_option("#country_code", "US")
    press(page, GO)
    press(page, ".aside button")
    page.fill("#value", "ZZTOPSECRET99")
    press(page, GO)
    page.close()
    assert "ZZTOPSECRET99" not in (demo_folder / "serve.log").read_text("utf-8")
