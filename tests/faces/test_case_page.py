"""Pages of cases in a real browser: nothing runs over, on a phone, a desk, a dark screen or paper.

One start of Chromium measures every page at every width; each page lies in a frame of its own.
"""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lib.sample_pages import all_cases
from tocsin.match.figures import Count
from tocsin.render.case_page import (
    CasePage,
    FileLink,
    Table,
    VerdictFigures,
    render_case_page,
    render_index_page,
)

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="There is no Chromium here: apt-get install chromium to look at pages."
)

LONG = "Insulinpumpenkathetersystemzubehör" * 4


def _overlong() -> CasePage:
    """A page of words that cannot be broken and of the longest numbers."""
    many = Count(records=88_888_888, quantity=888_888_888, holders=88_888_888)
    table = Table(LONG, (LONG, "Settles"), ((LONG, 88_888_888),), note=LONG)
    return CasePage(
        title=LONG,
        subtitle=LONG,
        lead=(LONG, LONG),
        figures=(VerdictFigures(LONG, many, many, many, "quantity", LONG),),
        tables=(table, Table(LONG, (LONG,) * 6, ((LONG, 8, 8, 8, 8, 8),))),
        questions=table,
        assumptions=(LONG,),
        files=(FileLink(f"{LONG}.csv", LONG),),
        sources=(f"https://example.org/{LONG}",),
    )


PAGES = {
    **{name: render_case_page(page, index="index.html") for name, page in all_cases().items()},
    "index.html": render_index_page(all_cases()),
    "overlong": render_case_page(_overlong(), index="index.html"),
}
WIDTHS = (320, 360, 768, 1280)
SHOWN = [
    *((name, width, "ltr") for name in PAGES for width in WIDTHS),
    *((name, 360, "rtl") for name in PAGES),
]

MEASURE = """
onload = () => {
  const results = {};
  for (const frame of document.querySelectorAll('iframe')) {
    const page = frame.contentDocument, root = page.documentElement;
    root.dir = frame.dataset.way;
    const seen = [...page.querySelectorAll('svg.plot')].filter(s => s.getClientRects().length);
    const texts = seen.flatMap(s => [...s.querySelectorAll('text')]);
    const targets = page.querySelectorAll('nav a, .synthetic a, .files a, summary, h2 a');
    results[frame.id] = {
      overflow: root.scrollWidth - root.clientWidth,
      cut: [...page.querySelectorAll('.scroller')].filter(
        s => s.scrollWidth > s.clientWidth
      ).length,
      outside: texts.filter(t => {
        const box = t.getBoundingClientRect();
        return box.left < 0 || box.right > root.clientWidth;
      }).map(t => t.textContent),
      breadths: [...new Set(seen.map(s => s.classList[1]))],
      targets: Math.min(...[...targets].map(t => t.getBoundingClientRect().height)),
      ground: frame.contentWindow.getComputedStyle(page.body).backgroundColor,
    };
  }
  document.querySelector('pre').textContent = JSON.stringify(results);
};
"""


def _chromium(profile: Path, *arguments: str) -> str:
    fixed = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}")
    run = subprocess.run(
        [str(CHROMIUM), *fixed, *arguments], capture_output=True, text=True, timeout=120, check=True
    )
    return run.stdout


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    frames = "".join(
        f'<iframe id="{name} {width} {way} {scheme}" data-way="{way}" '
        f'style="width:{width}px;height:900px;border:0;color-scheme:{scheme}" '
        f'srcdoc="{html.escape(PAGES[name])}"></iframe>'
        for name, width, way in SHOWN
        for scheme in (("light", "dark") if (width, way) == (360, "ltr") else ("light",))
    )
    wrapper = folder / "wrapper.html"
    wrapper.write_text(
        f"<!DOCTYPE html><meta charset='utf-8'><pre></pre>{frames}<script>{MEASURE}</script>",
        encoding="utf-8",
    )
    dom = _chromium(folder / "profile", "--dump-dom", wrapper.as_uri())
    return json.loads(html.unescape(re.search(r"<pre>(.*?)</pre>", dom, re.DOTALL)[1]))


@pytest.mark.parametrize(("name", "width", "way"), SHOWN)
class TestEveryPage:
    def test_nothing_has_to_be_scrolled_sideways(self, measured, name, width, way):
        assert measured[f"{name} {width} {way} light"]["overflow"] <= 0

    def test_no_table_has_to_be_scrolled_either(self, measured, name, width, way):
        # Below 360 pixels a table of four columns may be scrolled by itself (WCAG 2.2, 1.4.10).
        if name != "overlong" and width >= 360:
            assert measured[f"{name} {width} {way} light"]["cut"] == 0

    def test_all_text_of_plots_lies_on_the_screen(self, measured, name, width, way):
        assert measured[f"{name} {width} {way} light"]["outside"] == []

    def test_one_drawing_of_each_plot_is_shown(self, measured, name, width, way):
        expected = "narrow" if width < 700 else "wide"
        assert measured[f"{name} {width} {way} light"]["breadths"] == [expected]

    def test_what_can_be_pressed_is_large_enough(self, measured, name, width, way):
        assert measured[f"{name} {width} {way} light"]["targets"] >= 44


@pytest.mark.parametrize("name", PAGES)
def test_a_dark_screen_gets_a_dark_page(measured, name):
    grounds = [measured[f"{name} 360 ltr {scheme}"]["ground"] for scheme in ("light", "dark")]
    assert grounds == ["rgb(251, 251, 249)", "rgb(20, 24, 28)"]


def test_every_page_prints_on_two_sheets(tmp_path):
    pages = {name: page for name, page in PAGES.items() if name != "overlong"}
    sheets = {}
    for name, page in pages.items():
        source, printed = tmp_path / "page.html", tmp_path / "page.pdf"
        source.write_text(page, encoding="utf-8")
        _chromium(
            tmp_path / "profile",
            "--no-pdf-header-footer",
            f"--print-to-pdf={printed}",
            source.as_uri(),
        )
        sheets[name] = len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes()))
    assert all(1 <= count <= 2 for count in sheets.values()), sheets
