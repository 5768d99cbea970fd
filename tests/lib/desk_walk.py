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
    yield from walk_check(page, home)
    for step in UNUSUAL_STEPS:
        go_to_step(page, step)
        yield step
    page.click(GO)
    yield "fault"


def walk_check(page: Any, home: str) -> Iterator[str]:
    """Yield the name of every page of a check that ends in each of the three verdicts."""
    page.goto(f"{home}/check")
    yield "country"
    page.click(GO)
    yield "country with fault"
    page.select_option("#country_code", "FR")
    page.click(GO)
    page.check("#maker-other")
    yield "maker"
    page.click(".aside button")
    yield "bar code"
    page.fill("#value", "hello")
    page.click(GO)
    yield "bar code with fault"
    page.click("button[value='change:manufacturer']")
    choose(page, "Medtronic")
    page.click(GO)
    yield "device"
    choose(page, "723")
    page.click(GO)
    yield "software"
    page.fill("#value", "2.4A")
    page.click(GO)
    yield "review"
    page.click(GO)
    yield "affected"
    for verdict, version in (("cannot tell", None), ("not affected", "2.5")):
        page.click("button[value='change:review']")
        page.click("button[value='change:software_version']")
        if version is None:
            page.click("button[value='unknown']")
        else:
            page.fill("#value", version)
            page.click(GO)
        page.click(GO)
        yield verdict


def choose(page: Any, label: str) -> None:
    """Choose a radio by the text of its label."""
    page.get_by_label(label, exact=True).check()


def go_to_step(page: Any, step: str) -> None:
    """Go to a page of the check as the buttons "Change" and the languages do."""
    page.evaluate(
        """step => {
            const form = document.querySelector('.languages form');
            form.querySelector('[name=go]').value = 'change:' + step;
            form.submit();
        }""",
        step,
    )
    page.wait_for_load_state()
