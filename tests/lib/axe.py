"""axe on a page in a real browser: what keeps people from using it."""

from typing import Any

import pytest

_LOAD = "typeof axe === 'undefined'"
_FIND = """async more => {
    const found = await axe.run(document, {resultTypes: ['violations'], ...more});
    return found.violations.map(each => [each.id, each.nodes[0].html.slice(0, 200)]);
}"""
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def find_violations(page: Any, *, in_dark: bool = False) -> list[list[str]]:
    """Return which rule is broken, and by which element first.

    Args:
        page: of a context that bypasses the CSP and has reduced motion: else a colour may be
            caught between light and dark.
        in_dark: whether to look at it in dark, too, which differs in nothing but colours.
    """
    if page.evaluate(_LOAD):
        page.evaluate(pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT)
    found: list[list[str]] = page.evaluate(_FIND, {})
    if in_dark:
        page.emulate_media(color_scheme="dark")
        found += page.evaluate(_FIND, _COLOURS)
        page.emulate_media(color_scheme="light")
    return found
