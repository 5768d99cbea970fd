"""One page per case, and one that leads to them: values in, HTML out.

A page is one file: its style sheet and plots are in it, it has no script and asks for nothing
outside. It serves a phone, a desk and two sides of A4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tocsin.base.verdict import Verdict
from tocsin.match.figures import Count, NoticeFigures
from tocsin.render.lines import printable
from tocsin.render.number import format_number, format_share, with_thin_separators
from tocsin.render.svg import VerdictParts, stacked_bar

Cell = int | str
Measure = Literal["records", "quantity", "holders"]

_VERDICTS = (Verdict.AFFECTED, Verdict.CANNOT_TELL, Verdict.NOT_AFFECTED)


@dataclass(frozen=True)
class VerdictFigures:
    """How much falls under each verdict: of a notice, or of one of its revisions.

    Attributes:
        label: whose figures they are, such as "Revision 2: six lots, any ship date".
        affected: what is in scope.
        cannot_tell: what the records are too poor to decide.
        not_affected: what is cleared.
        plotted: which of the numbers the plot shows.
        unit: what a quantity counts, such as "cartridges".
    """

    label: str
    affected: Count
    cannot_tell: Count
    not_affected: Count
    plotted: Measure = "records"
    unit: str = "units"

    @classmethod
    def of_notice(
        cls,
        label: str,
        figures: NoticeFigures,
        *,
        plotted: Measure = "records",
        unit: str = "units",
    ) -> "VerdictFigures":
        """Return the figures of one notice as a match reports them."""
        affected, cannot_tell, not_affected = (
            figures.verdicts.get(verdict, Count()) for verdict in _VERDICTS
        )
        return cls(label, affected, cannot_tell, not_affected, plotted, unit)

    @property
    def counts(self) -> tuple[tuple[str, Count], ...]:
        """Each verdict in words, with its count; most urgent first."""
        counts = (self.affected, self.cannot_tell, self.not_affected)
        words = (verdict.replace("_", " ") for verdict in _VERDICTS)
        return tuple(zip(words, counts, strict=True))

    @property
    def whole(self) -> Count:
        """All that was judged."""
        counts = [count for _, count in self.counts]
        return Count(
            records=sum(count.records for count in counts),
            quantity=sum(count.quantity for count in counts),
            holders=sum(count.holders for count in counts),
            quantity_unknown=sum(count.quantity_unknown for count in counts),
        )

    @property
    def plotted_unit(self) -> str:
        """What the plot counts."""
        return {"records": "device records", "quantity": self.unit, "holders": "holders"}[
            self.plotted
        ]

    @property
    def parts(self) -> VerdictParts:
        """The amounts that the plot shows."""
        amounts: list[int] = [getattr(count, self.plotted) for _, count in self.counts]
        return VerdictParts(self.label, *amounts)


@dataclass(frozen=True)
class Table:
    """Rows of cells under a header; the first cell names its row.

    Attributes:
        caption: what the table says; it is also the heading above it.
        header: the name of each column.
        rows: numbers given as `int` are written with thin separators.
        numeric: columns that stand at the right, counted from 0; columns of nothing but
            `int` do anyway.
        note: a sentence below the table.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        """Check that every row has a cell for every column.

        Raises:
            ValueError: if one has not, or a numeric column does not exist.
        """
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(
                    f"Table {self.caption!r}: a row has {len(row)} cells, the header has "
                    f"{len(self.header)}."
                )
        if any(not 0 <= column < len(self.header) for column in self.numeric):
            raise ValueError(f"Table {self.caption!r}: no such columns as {self.numeric}.")

    def is_numeric(self, column: int) -> bool:
        """Whether a column stands at the right."""
        cells = [row[column] for row in self.rows]
        return column in self.numeric or (
            bool(cells) and all(isinstance(cell, int) for cell in cells)
        )


@dataclass(frozen=True)
class Plot:
    """A drawing of `tocsin.render.svg`, and the same numbers as a table."""

    title: str
    svg: Markup
    table: Table
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A heading and paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class FileLink:
    """A file beside the page: its name, relative to the page, and what it is."""

    name: str
    what: str


@dataclass(frozen=True)
class CasePage:
    """What a page about one case says, in this order.

    Attributes:
        title: the case.
        subtitle: what kind of action it is, and when.
        lead: the sentences that matter: who is concerned, how many cannot be told and
            what would settle them. The first one is set large.
        figures: of each notice or revision; plotted together.
        plots: further plots.
        tables: differences between revisions, who is contacted, and the like.
        questions: the triage list: each question with the number it would settle.
        sections: anything else that has to be said in words.
        assumptions: what we invented.
        files: what the run has written.
        sources: where the facts come from; web addresses become links.
        synthetic: whether all people are invented. It is said wherever it is so.
    """

    title: str
    subtitle: str
    lead: tuple[str, ...]
    figures: tuple[VerdictFigures, ...] = ()
    plots: tuple[Plot, ...] = ()
    tables: tuple[Table, ...] = ()
    questions: Table | None = None
    sections: tuple[Section, ...] = ()
    assumptions: tuple[str, ...] = ()
    files: tuple[FileLink, ...] = ()
    sources: tuple[str, ...] = ()
    synthetic: bool = True

    @property
    def figure_plots(self) -> tuple[Markup, ...]:
        """The figures as plots: one for each thing that is counted."""

        def counted(figures: VerdictFigures) -> str:
            return figures.plotted_unit

        return tuple(
            stacked_bar(f"Verdicts, in {unit}", [figures.parts for figures in group], unit)
            for unit, group in groupby(self.figures, counted)
        )

    @property
    def quantity_gaps(self) -> tuple[str, ...]:
        """What the sums of quantities leave out, in sentences."""
        unknown = {figures.label: figures.whole.quantity_unknown for figures in self.figures}
        if len(set(unknown.values())) == 1:
            # Revisions judge the same records: to say it once is enough.
            unknown = {"": next(iter(unknown.values()))}
        return tuple(
            f"{label}{': ' if label else ''}{_say_records(count)} no quantity and "
            f"{'is' if count == 1 else 'are'} in no sum of quantities."
            for label, count in unknown.items()
            if count
        )


def _say_records(count: int) -> str:
    return f"{format_number(count)} {'record states' if count == 1 else 'records state'}"


def render_case_page(page: CasePage, *, index: str = "") -> str:
    """Return the page of one case as HTML.

    Args:
        page: what it says.
        index: the address of the page that leads to all cases, relative to this one.
    """
    template = _environment().get_template("case_page.html.j2")
    return template.render(
        page=page, index=index, synthetic=page.synthetic, invented=bool(page.assumptions)
    )


def render_index_page(
    pages: Mapping[str, CasePage], *, title: str = "Whom does it concern?", closing: str = ""
) -> str:
    """Return the page that leads to the pages of cases, as HTML.

    Args:
        pages: address of a page, relative to this one -> what it says; in this order.
        title: the heading.
        closing: a sentence at the end, such as how to see more.
    """
    synthetic = any(page.synthetic for page in pages.values())
    template = _environment().get_template("index_page.html.j2")
    return template.render(
        pages=pages, title=title, closing=closing, synthetic=synthetic, invented=False
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tocsin.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["number"] = format_number
    environment.filters["share"] = format_share
    environment.filters["printable"] = printable
    environment.filters["prose"] = with_thin_separators
    return environment


def _finalize(value: object) -> object:
    """Return a value as a template may write it: no character that HTML cannot carry."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value
