"""Pages: well-formed whatever the text, nothing from outside, readable in their colours."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest

from tests.lib.hostile_text import HOSTILE
from tests.lib.sample_pages import all_cases, case_a, case_b
from tocsin.base.verdict import Verdict
from tocsin.match.figures import Count, NoticeFigures
from tocsin.render.canvas import _LOOKS
from tocsin.render.case_page import (
    CasePage,
    FileLink,
    Plot,
    Section,
    Table,
    VerdictFigures,
    render_case_page,
    render_index_page,
)
from tocsin.render.svg import Bar, bars

CSS = (files("tocsin.render") / "templates" / "page.css").read_text("utf-8")


class _Outline(HTMLParser):
    """Which elements a page has, with attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, name):
        return [attributes[name] for _, attributes in self.elements if name in attributes]


def _hostile_page(text: str) -> CasePage:
    table = Table(text, (text, text), ((text, 1), (text, 2)), note=text)
    wide = Table(text, (text,) * 5, ((text,) * 5,))
    return CasePage(
        title=text,
        subtitle=text,
        lead=(text, text),
        figures=(
            VerdictFigures(text, Count(records=1), Count(), Count(quantity_unknown=2), unit=text),
            VerdictFigures(text, Count(records=1), Count(), Count(), plotted="quantity", unit=text),
        ),
        plots=(Plot(text, bars(text, [Bar(text, 1, text)], text), table, text),),
        tables=(table, wide),
        questions=table,
        sections=(Section(text, (text,)),),
        assumptions=(text,),
        files=(
            FileLink(text, text),
            FileLink("javascript:alert(1)", text),
            FileLink("//e.vil", ""),
        ),
        sources=(text, f"https://example.org/?{text}"),
    )


PAGES = {
    **{name: render_case_page(page, index="index.html") for name, page in all_cases().items()},
    "index.html": render_index_page(all_cases()),
    **{
        f"hostile {number}": render_case_page(_hostile_page(text), index=text)
        for number, text in enumerate(HOSTILE)
    },
    **{
        f"hostile index {number}": render_index_page({text: _hostile_page(text)}, title=text)
        for number, text in enumerate(HOSTILE)
    },
    "empty": render_case_page(CasePage("t", "s", ())),
}


@pytest.mark.parametrize("name", PAGES)
class TestEveryPage:
    def test_it_is_well_formed(self, name):
        ET.fromstring(PAGES[name])

    def test_it_runs_and_fetches_nothing(self, name):
        outline = _Outline(PAGES[name])
        tags = {tag for tag, _ in outline.elements}
        assert not tags & {"script", "img", "iframe", "object", "embed", "form", "base"}
        assert not [
            attribute
            for _, attributes in outline.elements
            for attribute in attributes
            if attribute.startswith("on") or attribute in {"src", "srcset", "style"}
        ]
        assert [link["href"] for link in outline.all("link")] == ["data:,"]
        assert "url(" not in CSS
        assert "@import" not in CSS
        policy = next(m["content"] for m in outline.all("meta") if "http-equiv" in m)
        assert policy.startswith("default-src 'none'")

    def test_its_links_stay_beside_it_or_are_sources(self, name):
        for link in _Outline(PAGES[name]).all("a"):
            assert re.match(r"\./|#|https://", link["href"])

    def test_ids_are_unique_and_references_hold(self, name):
        outline = _Outline(PAGES[name])
        ids = outline.values("id")
        if not name.startswith("hostile"):
            assert len(ids) == len(set(ids))
        for attribute in ("aria-labelledby", "aria-describedby"):
            assert set(outline.values(attribute)) <= set(ids)
        anchors = {a["href"][1:] for a in outline.all("a") if a["href"].startswith("#")}
        assert anchors <= set(ids)

    def test_it_has_a_language_landmarks_and_headings_in_order(self, name):
        outline = _Outline(PAGES[name])
        tags = [tag for tag, _ in outline.elements]
        assert outline.all("html") == [{"lang": "en"}]
        assert [tags.count(tag) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
        assert tags.index("a") < tags.index("header")  # the skip link comes first
        headings = [tag for tag in tags if re.fullmatch("h[1-6]", tag)]
        assert headings == ["h1", *["h2"] * (len(headings) - 1)]

    def test_no_text_of_a_page_is_taken_for_a_template(self, name):
        assert "49" not in PAGES[name] or not name.startswith("hostile 4")


class TestCasePage:
    def test_it_says_that_people_are_synthetic_only_if_they_are(self):
        page = case_a()
        assert "All people here are synthetic" in render_case_page(page)
        assert "All people" not in render_case_page(replace(page, synthetic=False))
        assert "All people here are synthetic" in render_index_page({"a.html": page})

    def test_what_matters_comes_first(self):
        text = _Outline(render_case_page(case_b())).text
        places = [
            text.index(part)
            for part in (
                "cartridges at 31\u202f270 customers are affected since",
                "How many are concerned",
                "by week of shipment",
                "What each revision changes",
                "Who is contacted, and how",
                "What would settle them",
                "F201501, is invented",
                "diff_1_2.csv",
                "002_ff67a83a3eaf6247.txt",
            )
        ]
        assert places == sorted(places)

    def test_numbers_of_cells_and_prose_are_set_alike(self):
        page = render_case_page(case_b())
        assert "21\u202f889" in page
        assert "384\u202f000 cartridges" in page
        assert not re.search(r"\d,\d{3}", page.split("Sources")[0].split("</style>")[1])

    def test_what_is_not_markup_is_escaped_even_as_a_plot(self):
        plot = Plot("t", "<svg onload='alert(1)'></svg>", Table("c", ("a",), ()))
        assert "<svg onload" not in render_case_page(CasePage("t", "s", (), plots=(plot,)))

    def test_figures_are_those_of_the_match_and_add_up(self):
        figures = VerdictFigures.of_notice(
            "Notice",
            NoticeFigures(
                notice="n",
                revision=1,
                records=10,
                verdicts={
                    Verdict.AFFECTED: Count(records=3, quantity=30, holders=2),
                    Verdict.NOT_AFFECTED: Count(records=7, quantity=5, quantity_unknown=1),
                },
            ),
            plotted="quantity",
            unit="boxes",
        )
        assert figures.whole == Count(records=10, quantity=35, holders=2, quantity_unknown=1)
        assert figures.parts.amounts == (30, 0, 5)
        assert figures.plotted_unit == "boxes"

    def test_things_counted_differently_are_plotted_apart(self):
        one = VerdictFigures("1", Count(records=1), Count(), Count())
        page = CasePage("t", "s", (), figures=(one, one, replace(one, plotted="quantity")))
        assert len(page.figure_plots) == 2

    def test_missing_quantities_are_said_once_or_for_each(self):
        def figures(label, unknown):
            return VerdictFigures(label, Count(quantity_unknown=unknown), Count(), Count())

        def gaps(*all_figures):
            return CasePage("t", "s", (), figures=all_figures).quantity_gaps

        assert gaps(figures("1", 120), figures("2", 120)) == (
            "120 records state no quantity and are in no sum of quantities.",
        )
        assert gaps(figures("1", 0), figures("2", 1)) == (
            "2: 1 record states no quantity and is in no sum of quantities.",
        )
        assert gaps() == gaps(figures("1", 0)) == ()

    def test_a_table_must_be_rectangular(self):
        with pytest.raises(ValueError, match="a row has 1 cells, the header has 2"):
            Table("c", ("a", "b"), (("x",),))
        with pytest.raises(ValueError, match="no such columns"):
            Table("c", ("a", "b"), (), numeric=(2,))

    def test_columns_of_numbers_stand_at_the_right(self):
        table = Table("c", ("a", "b", "d"), (("x", 1, "2.4A"), ("y", 2, "-")), numeric=(2,))
        assert [table.is_numeric(column) for column in range(3)] == [False, True, True]


def _colours(dark: bool) -> dict[str, str]:
    light, dark_block = CSS.split("@media screen and (prefers-color-scheme: dark)")
    named = dict(re.findall(r"--([\w-]+): (#\w{6});", light))
    if dark:
        named |= dict(re.findall(r"--([\w-]+): (#\w{6});", dark_block.split("@media")[0]))
    return named


def _contrast(one: str, other: str) -> float:
    """Contrast as WCAG 2.2 defines it."""

    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class TestStyle:
    @pytest.mark.parametrize("dark", [False, True])
    def test_text_and_drawings_can_be_told_from_their_ground(self, dark):
        colours = _colours(dark)
        for ground in ("paper", "raised", "window"):
            for text in ("ink", "quiet", "link"):
                assert _contrast(colours[text], colours[ground]) >= 4.5
        for part in ("affected", "cannot-tell", "outline", "plain"):
            assert _contrast(colours[part], colours["paper"]) >= 3
        for ground in ("window", "cannot-tell-ground", "cleared"):
            for part in ("affected", "cannot-tell"):
                assert _contrast(colours[part], colours[ground]) >= 3

    def test_a_drawing_without_the_sheet_has_the_same_colours(self):
        looks = " ".join(_LOOKS.values())
        assert set(re.findall(r"#\w{6}", looks)) <= set(_colours(dark=False).values())

    def test_every_kind_that_is_drawn_has_a_colour_of_the_sheet(self):
        drawn = {kind for kind, look in _LOOKS.items() if "#" in look}
        assert drawn <= set(re.findall(r"\.p-([\w-]+)", CSS))

    def test_nothing_knows_left_from_right(self):
        physical = r"(margin|padding|border|inset)-(left|right)|[{;\s](left|right)\s*:"
        assert not re.search(physical, CSS)
        assert not re.search(r"(text-align|float):\s*(left|right)", CSS)
