"""What the demonstration shows of letters that were sent: the funnel as table, plot and CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.render.case_page import Cell, Plot, Table
from tocsin.render.svg import Bar, bars
from tocsin.report.funnel import FunnelRow, Stage

_TITLE = "How far the letters have come"


@dataclass(frozen=True)
class SentCase:
    """What the store holds of a case when its letters were sent and answered.

    Attributes:
        whole, audiences: the funnel, as `services.funnels` reads it, and one for each audience.
        csv: all of it, split and by day.
        counts: words -> how many, each counted in the store.
        faults: where the accounts of the sending do not agree; none is what it must be.
        assumptions: how the invented people behave.
    """

    whole: FunnelRow
    audiences: Sequence[FunnelRow]
    csv: str
    counts: Mapping[str, int]
    faults: Sequence[str]
    assumptions: tuple[str, ...]


def printed_funnel(sent: SentCase) -> list[tuple[str, ...]]:
    """Return the funnel whole and by audience, as rows of texts under a head."""
    rows = [("all", sent.whole), *((row.value, row) for row in sent.audiences)]
    head = ("", *(stage.word for stage in Stage))
    return [head, *((name, *(f"{n:,}" for n in row.amounts)) for name, row in rows)]


def funnel_plot(sent: SentCase) -> Plot:
    """Return the funnel as a plot with the same figures as a table."""
    amounts = sent.whole.amounts
    drawn = [
        Bar(stage.word, n, f"{100 * n / amounts[0]:.1f} %" if amounts[0] else "")
        for stage, n in zip(Stage, amounts, strict=True)
    ]
    head = ("For whom", *(stage.word for stage in Stage))
    rows: list[tuple[Cell, ...]] = [("all", *amounts)]
    rows += [(row.value, *row.amounts) for row in sent.audiences]
    agree = "The accounts agree person by person." if not sent.faults else sent.faults[0]
    return Plot(
        title=_TITLE,
        svg=bars(_TITLE, drawn, "people"),
        note=f"Sent to a mail server on this machine. {agree}",
        table=Table(caption=_TITLE, header=head, rows=tuple(rows)),
    )


def counts_table(sent: SentCase) -> Table:
    """Return what became of the dispatches, and what the answers ask for."""
    return Table(
        caption="What became of the letters, and what the answers ask for",
        header=("What", "How many"),
        rows=tuple(sent.counts.items()),
    )
