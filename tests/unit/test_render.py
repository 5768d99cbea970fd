"""Plots and pages: well-formed whatever the text, honest in numbers, readable in colours."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from tests.lib.sample_pages import all_cases, case_a, case_b
from tocsin.base.verdict import Verdict
from tocsin.match.figures import Count, NoticeFigures
from tocsin.render.canvas import _LOOKS, NARROW, WIDE
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
from tocsin.render.lines import text_rem, wrap_text
from tocsin.render.number import format_number, format_share, with_thin_separators
from tocsin.render.svg import (
    Bar,
    Point,
    VerdictParts,
    Window,
    bars,
    columns_over_time,
    stacked_bar,
)

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></svg><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ]]> <!-- &amp; &#60;",
    "a\x00b\x0bc\ufffe \u202emirrored",
    "W" * 300,
    "",
)
SVG = "{http://www.w3.org/2000/svg}"
CSS = (files("tocsin.render") / "templates" / "page.css").read_text("utf-8")


def _drawings(markup: Markup) -> list[ET.Element]:
    """The drawings of a plot: for all else, and for a phone."""
    return list(ET.fromstring(f"<body>{markup}</body>"))


def _texts(drawing: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in drawing.iter(f"{SVG}text")]


def _percent(element: ET.Element, name: str) -> float:
    return float(element.attrib[name].removesuffix("%"))


def _rem(element: ET.Element, name: str) -> float:
    return float(element.attrib[name].removesuffix("rem"))


def _all_plots(text: str = "label") -> list[Markup]:
    return [
        stacked_bar(text, [VerdictParts(text, 45_000, 120, 7_954_880)], text),
        stacked_bar(text, [VerdictParts(text, 2_231, 627, 2_500)], text),
        bars(text, [Bar(text, 712, text), Bar(text, 0)], text),
        columns_over_time(text, [Point(text, n) for n in range(60)], text, Window(3, 9, text)),
        columns_over_time(text, [Point(text, n) for n in range(5)], text, Window(3, 4, text)),
    ]


class TestNumbers:
    def test_digits_stand_in_groups_that_do_not_break(self):
        assert format_number(1_234_567) == "1\u202f234\u202f567"
        assert format_number(999) == "999"

    def test_something_is_never_shown_as_nothing(self):
        assert format_share(1, 8_000_000) == "<\u202f0.1\u202f%"
        assert format_share(7_999_999, 8_000_000) == ">\u202f99.9\u202f%"
        assert format_share(0, 0) == ""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("45,000, then 384,000.", "45_000, then 384_000."),
            ("(8,000,000)", "(8_000_000)"),
            ("models 523, 723", "models 523, 723"),
            ("lot B1,234 and 1,234B", "lot B1,234 and 1,234B"),
            ("1,23 and 12,34,567 and 1234,567", "1,23 and 12,34,567 and 1234,567"),
        ],
    )
    def test_only_whole_numbers_of_prose_are_set_anew(self, text, shown):
        assert with_thin_separators(text) == shown.replace("_", "\u202f")


class TestLines:
    @pytest.mark.parametrize("text", [*HOSTILE, "Revision 1: lot B201575, B201576 or F201501"])
    def test_every_line_fits_and_no_word_is_lost(self, text):
        lines = wrap_text("label", text, 18)
        assert lines
        assert all(text_rem("label", line) <= 18 for line in lines)
        assert "".join(lines).replace(" ", "") == re.sub(
            r"[ \t\n]", "", text.replace("\x00", "\ufffd").replace("\x0b", "\ufffd")
        ).replace("\ufffe", "\ufffd")

    def test_a_grouped_number_stays_on_one_line(self):
        assert "8\u202f000\u202f000" in " ".join(wrap_text("label", "of 8\u202f000\u202f000", 6))


class TestPlots:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_stays_text(self, text):
        for plot in _all_plots(text):
            for drawing in _drawings(plot):
                tags = {element.tag.removeprefix(SVG) for element in drawing.iter()}
                assert tags <= {
                    *("svg", "title", "desc", "defs", "pattern"),
                    *("rect", "line", "text", "tspan"),
                }
                assert not [
                    name for each in drawing.iter() for name in each.attrib if name.startswith("on")
                ]

    def test_a_drawing_says_what_it_is(self):
        for plot in _all_plots():
            for drawing in _drawings(plot):
                ids = [e.attrib["id"] for e in drawing.iter() if "id" in e.attrib]
                assert drawing.attrib["role"] == "img"
                assert drawing.attrib["aria-labelledby"] in ids
                assert drawing.attrib["aria-describedby"] in ids
                assert drawing.find(f"{SVG}title").text == "label"
                assert drawing.find(f"{SVG}desc").text

    def test_no_two_parts_share_an_id(self):
        plots = Markup().join(_all_plots())
        ids = re.findall(r' id="([^"]+)"', plots)
        assert len(ids) == len(set(ids)) > 0
        assert set(re.findall(r"url\(#([^)]+)\)", plots)) <= set(ids)

    def test_the_same_plot_is_drawn_the_same_again(self):
        assert _all_plots() == _all_plots()

    @pytest.mark.parametrize("text", ["label", "Paradigm Veo 554/754, B201575", "W" * 90])
    def test_all_text_lies_within_the_drawing(self, text):
        for plot in _all_plots(text):
            for drawing, breadth in zip(_drawings(plot), (WIDE, NARROW), strict=True):
                for element in drawing.iter(f"{SVG}text"):
                    kind = element.attrib["class"].removeprefix("p-")
                    long = text_rem(kind, "".join(element.itertext()))
                    start = _percent(element, "x") / 100 * breadth.rem + _rem(element, "dx")
                    start -= {"start": 0, "middle": 0.5, "end": 1}[
                        element.attrib["text-anchor"]
                    ] * long
                    if kind == "muted" and element.text == text == "W" * 90:
                        continue  # a label of a point is short by contract
                    # What it may stand out lies within the margin of the page.
                    assert start >= -1
                    assert start + long <= breadth.rem + 1

    def test_a_small_part_is_enlarged_and_the_same_for_all_rows(self):
        rows = [
            VerdictParts("1", 45_000, 0, 7_955_000),
            VerdictParts("2", 384_000, 0, 7_616_000),
        ]
        for drawing in _drawings(stacked_bar("t", rows, "cartridges")):
            widths = [
                _percent(rect, "width")
                for rect in drawing.iter(f"{SVG}rect")
                if rect.attrib["class"] == "p-affected" and "%" in rect.attrib["width"]
            ]
            assert widths == [0.562, 11.25, 4.8, 96.0]
            assert sum("enlarged 20 times" in text for text in _texts(drawing)) == 1

    @pytest.mark.parametrize(
        ("parts", "n_bars"),
        [
            ((500, 0, 4_500), 1),  # a tenth can be seen
            ((499, 0, 4_501), 2),
            ((0, 1, 7_999_999), 2),
            ((0, 0, 10), 1),
            ((0, 0, 0), 1),
            ((350, 0, 0), 1),
        ],
    )
    def test_there_is_a_second_bar_only_where_it_helps(self, parts, n_bars):
        for drawing in _drawings(stacked_bar("t", [VerdictParts("r", *parts)], "u")):
            grounds = [
                rect
                for rect in drawing.iter(f"{SVG}rect")
                if rect.attrib["class"] == "p-not-affected" and rect.attrib["width"] == "100%"
            ]
            assert len(grounds) == n_bars

    def test_every_amount_is_written_and_named(self):
        for drawing in _drawings(stacked_bar("t", [VerdictParts("r", 2_231, 627, 2_500)], "u")):
            texts = " ".join(_texts(drawing))
            for shown in ("affected", "cannot tell", "not affected", "41.6", "11.7", "46.7"):
                assert shown in texts
            for amount in (2_231, 627, 2_500):
                assert format_number(amount) in texts
            assert "affected 2\u202f231" in drawing.find(f"{SVG}desc").text

    def test_verdicts_differ_by_more_than_colour(self):
        drawing = _drawings(stacked_bar("t", [VerdictParts("r", 5, 5, 5)], "u"))[0]
        fills = {
            rect.attrib["class"]: rect.attrib["fill"]
            for rect in drawing.iter(f"{SVG}rect")
            if rect.attrib["class"].startswith("p-") and "hatch" not in rect.attrib["class"]
        }
        assert fills["p-cannot-tell"].startswith("url(#")
        assert fills["p-affected"] != fills["p-not-affected"]

    def test_amounts_over_time_are_written_where_they_fit(self):
        few = columns_over_time("t", [Point(str(n), n) for n in range(8)], "pumps")
        many = columns_over_time("t", [Point(str(n), n * 1_000) for n in range(52)], "pumps")
        assert all(str(n) in _texts(_drawings(few)[1]) for n in range(8))
        assert "52\u202f000 pumps" in _texts(_drawings(many)[0])

    def test_the_window_stands_out(self):
        points = [Point(f"w{n}", 10) for n in range(10)]
        plot = columns_over_time("t", points, "pumps", Window(2, 4, "shipped then"))
        for drawing in _drawings(plot):
            kinds = [rect.attrib["class"] for rect in drawing.iter(f"{SVG}rect")]
            assert kinds.count("p-affected") == 3
            assert kinds.count("p-window") == 1
            assert "shipped then" in _texts(drawing)
            assert "30 of 100" in drawing.find(f"{SVG}desc").text

    @pytest.mark.parametrize("window", [Window(-1, 2, ""), Window(2, 1, ""), Window(0, 3, "")])
    def test_a_window_outside_is_refused(self, window):
        with pytest.raises(ValueError, match="does not lie within 3 points"):
            columns_over_time("t", [Point("a", 1)] * 3, "u", window)

    def test_nothing_can_be_drawn(self):
        for plot in (
            stacked_bar("t", [], "u"),
            bars("t", [], "u"),
            columns_over_time("t", [], "u"),
        ):
            assert len(_drawings(plot)) == 2


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
        for ground in ("paper", "raised"):
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
