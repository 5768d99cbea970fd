"""The editor in a real browser: case A's advisory read, edited, counted as it is typed, kept."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lib.axe import find_violations
from tests.lib.served_desk import EMAIL, PASSWORD, REGISTRY, serving_desk

ADVISORY = "csaf/icsma/icsma-19-178-01.json"
ENTRY = "CSAFPID-0009"
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_PATIENCE_MS = 120_000

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a desk with an author and a registry."""
    with serving_desk(tmp_path_factory.mktemp("editor")) as address:
        yield address


@pytest.fixture
def open_desk(chromium: Any, desk: str) -> Iterator[Callable[..., Any]]:
    """Return what opens a page of the desk in which the author is signed in."""
    contexts = []

    def begin(width: int, *, scripts: bool = True) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            bypass_csp=scripts,  # for axe
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.goto(f"{desk}/desk/sign-in/")
        page.fill("input[name=login]", EMAIL)
        page.fill("input[name=password]", PASSWORD)
        page.click("main form button")
        page.wait_for_load_state()
        page.goto(f"{desk}/desk/notices/")
        return page

    yield begin
    for context in contexts:
        context.close()


def read_advisory(page: Any, corpus: Path) -> None:
    """Begin a draft of the advisory."""
    page.click("text=Read a file")
    page.set_input_files("input[type=file]", str(corpus / ADVISORY))
    page.click("main form button.button")
    assert "The file was read" in page.locator(".told").inner_text()


def translate_title(page: Any, look: Callable[[str], None]) -> None:
    """Translate the title of a draft, and come back to the draft."""
    page.click("text=Translate into fr")
    page.locator("main form textarea").first.fill("Pompes")
    page.fill("#id_translator", "Anne Martin")
    look("translations")
    page.click('button:has-text("Save in the draft")')
    assert "translations into fr are saved" in page.locator(".told").inner_text()


def row(page: Any, name: str) -> list[int]:
    """Return the three counts of an entry, once they are there."""
    cells = page.locator(f'#counts tr:has(th:text-is("{name}")) td')
    cells.first.wait_for()
    return [int(text.replace(",", "")) for text in cells.all_inner_texts()]


def test_an_advisory_is_edited_with_live_counts_and_kept(
    open_desk: Callable[..., Any], corpus: Path
) -> None:
    page = open_desk(390)
    wrong: dict[str, Any] = {}

    def look(name: str) -> None:
        page.wait_for_load_state("networkidle")
        if bad := find_violations(page):
            wrong[name] = bad
        if page.evaluate(_OVERFLOW) > 0:
            wrong[f"{name}, width"] = "wider than the screen"

    look("list")
    read_advisory(page, corpus)
    before = row(page, ENTRY)
    assert min(before) > 0
    look("draft")
    page.click(f'a:has-text("Edit entry {ENTRY}")')
    assert row(page, ENTRY) == before
    with page.expect_response("**/counts/"):
        page.fill("#id_software", "2.0A or lower")
    page.wait_for_function(
        "was => document.querySelector('#counts').innerText.includes('\\t') && "
        "![...document.querySelectorAll('#counts tr')].some(each => each.innerText === was)",
        arg="\t".join([ENTRY, *map(str, before)]),
    )
    typed = row(page, ENTRY)
    assert typed[0] < before[0]
    assert sum(typed) == sum(before)
    look("entry")
    page.fill("#id_software", "the newest")
    page.click("button[value=save]")
    page.locator(".summary:focus").wait_for()
    assert page.input_value("#id_software") == "the newest"
    look("fault")
    page.fill("#id_software", "2.0A or lower")
    page.check("#id_is_confirmed")
    page.click("button[value=save]")
    assert row(page, ENTRY) == typed
    look("edited draft")
    translate_title(page, look)
    page.click("main .buttons >> text=Keep as a revision")
    look("check")
    page.click('button:has-text("Keep as a revision")')
    assert "Revision 1 of ICSMA-19-178-01 is kept." in page.locator(".told").inner_text()
    look("notice")
    page.click('button:has-text("Begin a draft")')
    look("next draft")
    page.click("article.part a:has-text('Contacts')")
    look("part")
    assert wrong == {}


def test_everything_works_without_scripts(open_desk: Callable[..., Any], corpus: Path) -> None:
    page = open_desk(1280, scripts=False)
    read_advisory(page, corpus)
    assert page.locator("#counts table").count() == 0
    page.click(f'a:has-text("Edit entry {ENTRY}")')
    page.fill("#id_software", "2.0A or lower")
    page.click("button[value=count]")
    assert page.input_value("#id_software") == "2.0A or lower"
    typed = row(page, ENTRY)
    page.check("#id_is_confirmed")
    page.click("button[value=save]")
    page.click("button:has-text('Count')")
    assert f"Device records in {REGISTRY}" in page.locator("caption").inner_text()
    cells = page.locator(f'tr:has(th:text-is("{ENTRY}")) td').all_inner_texts()
    assert [int(text.replace(",", "")) for text in cells] == typed
    page.click(".crumbs >> text=Draft of")
    page.click("button:has-text('Undo')")
    assert "The last edit was undone." in page.locator(".told").inner_text()
    assert "software 2.4A or lower" in page.locator("main").inner_text()
