"""A walk through every public page, as a visitor with a browser takes it."""

from collections.abc import Iterator
from typing import Any

GO = "#step .buttons .button >> nth=0"
NOTICES = (
    "medtronic-minimed-508-paradigm-2019",
    "animas-cartridge-2011",
    "medtronic-implantable-pump-2020",
)
UNUSUAL_STEPS = ("made_on", "country", "serial", "lot", "fact.retainer_ring")
"""Pages that no demonstration notice leads to, but others can."""


def walk(page: Any, address: str, language: str) -> Iterator[str]:
    """Yield the name of every page while the browser stands on it."""
    home = f"{address}/{language}"
    for name, path in {
        "start": "/", "unwell": "/unwell", "notices": "/notices",
        **{notice: f"/notices/{notice}" for notice in NOTICES},
    }.items():  # fmt: skip
        page.goto(home + path)
        yield name
    page.goto(f"{home}/letter")
    yield "letter"
    press(page, "main form .button")
    yield "letter with fault"
    page.fill("#letter", "T0000-0000-0000")
    page.fill("#code", "00000-00000")
    press(page, "main form .button")
    yield "unknown letter"
    yield from walk_check(page, home)
    for step in UNUSUAL_STEPS:
        go_to_step(page, step)
        yield step
    press(page, GO)
    yield "fault"


def walk_check(page: Any, home: str) -> Iterator[str]:
    """Yield the name of every page of a check that ends in each of the three verdicts."""
    page.goto(f"{home}/check")
    yield "country"
    press(page, GO)
    yield "country with fault"
    page.select_option("#country_code", "FR")
    press(page, GO)
    page.check("#maker-other")
    yield "maker"
    press(page, ".aside button")
    yield "bar code"
    page.fill("#value", "hello")
    press(page, GO)
    yield "bar code with fault"
    press(page, "button[value='change:manufacturer']")
    choose(page, "Medtronic")
    press(page, GO)
    yield "device"
    choose(page, "723")
    press(page, GO)
    yield "software"
    page.fill("#value", "2.4A")
    press(page, GO)
    yield "review"
    press(page, GO)
    yield "affected"
    for verdict, version in (("cannot tell", None), ("not affected", "2.5")):
        press(page, "button[value='change:review']")
        press(page, "button[value='change:software_version']")
        if version is None:
            press(page, "button[value='unknown']")
        else:
            page.fill("#value", version)
            press(page, GO)
        press(page, GO)
        yield verdict


def choose(page: Any, label: str) -> None:
    """Choose a radio by the text of its label."""
    page.get_by_label(label, exact=True).check()


def press(page: Any, selector: str) -> None:
    """Press a button of a form and wait for the page that follows."""
    with page.expect_navigation():
        page.click(selector)


def go_to_step(page: Any, step: str) -> None:
    """Go to a page of the check as the buttons "Change" and the languages do."""
    with page.expect_navigation():
        page.evaluate(
            """step => {
                const form = document.querySelector('.languages form');
                form.querySelector('[name=go]').value = 'change:' + step;
                form.submit();
            }""",
            step,
        )
