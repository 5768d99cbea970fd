"""Numbers, lines and plots: well-formed whatever the text, and honest in what they show."""

import re
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from tests.lib.hostile_text import HOSTILE
from tocsin.render.canvas import NARROW, WIDE
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

SVG = "{http://www.w3.org/2000/svg}"


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
