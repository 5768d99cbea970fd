"""`tocsin demo` and `tocsin sample`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.progress import progress

if TYPE_CHECKING:
    from tocsin.services.demo import CaseOutcome, Send
    from tocsin.services.sent_case import SentCase

_QUICK = 600
_SENDING_STEPS = 7

_folder = click.Path(path_type=Path, file_okay=False)
_seed_option = click.option(
    "--seed", default=1, show_default=True, help="The same seed gives the same people."
)


@click.command()
@click.option("--out", default=Path("out/demo"), show_default=True, type=_folder, metavar="DIR")
@_seed_option
@click.option("--quick", is_flag=True, help=f"With at most {_QUICK:,} people of each case.")
@click.option(
    "--people", type=click.IntRange(1), metavar="N", help="With at most so many of each case."
)
@click.option(
    "--send/--no-send", default=True, help="Whether letters are sent to a server of its own."
)
def demo(out: Path, seed: int, *, quick: bool, people: int | None, send: bool) -> None:
    """Run the three golden cases end to end and leave pages to look at.

    A: a security recall without a fix. B: a lot recall in three revisions. C: a
    discontinuation with scarce stock. All people are synthetic; files of an earlier demo in
    the folder are replaced. The letters are released by two signatures in a store of their own
    (DIR/store), sent to a mail server that is started for it on this machine, bounced and
    answered by invented people; the funnel that comes of it is counted from the store.
    """
    from tocsin.services.demo import STEPS_PER_CASE, run_demo  # noqa: PLC0415
    from tocsin.services.samples import CASES  # noqa: PLC0415

    n_people = people or (_QUICK if quick else None)
    n_steps = len(CASES) * (STEPS_PER_CASE + (_SENDING_STEPS if send else 0)) + send
    with progress(n_steps, delay_s=0) as told, _sending(out, seed, told, may_send=send) as sender:
        opening = _opening(out / "store") if sender else ""
        outcomes = run_demo(out, seed, told, n_people, sender, opening)
    for outcome in outcomes:
        _tell_figures(outcome)
        if outcome.sent is not None:
            _tell_sent(outcome.sent)
    click.echo(f"Open {out / 'index.html'} in a browser. Figures: {out / 'summary.json'}.")
    if opening:
        click.echo(opening)


@contextmanager
def _sending(
    out: Path, seed: int, told: Callable[[str], None], *, may_send: bool
) -> "Iterator[Send | None]":
    """Yield what sends a case's letters, from a store of its own; None if none are to be sent."""
    if not may_send:
        yield None
        return
    from tocsin.services.demo_store import make_demo_store  # noqa: PLC0415 - needs Django

    told("the store of the demonstration")
    make_demo_store(out / "store")
    from tocsin.services.demo_sending import demo_team, send_case  # noqa: PLC0415 - after set-up

    with demo_team() as (team, mailbox):
        yield lambda sample: send_case(sample, team, mailbox, seed, told)


def _opening(store: Path) -> str:
    """Return how to open the store at the desk."""
    from tocsin.services.demo_users import opening_words  # noqa: PLC0415 - after set-up

    return opening_words(store)


def _tell_figures(outcome: "CaseOutcome") -> None:
    revised = len(outcome.figures) > 1
    for figures in outcome.figures:
        click.echo(
            f"Case {outcome.case.upper()}{f' revision {figures.revision}' if revised else ''}:"
        )
        for verdict, count in figures.verdicts.items():
            n, units, holders = count.records, count.quantity, count.holders
            click.echo(f"  {verdict:<13}{n:>10,} records {units:>11,} units {holders:>8,} holders")


def _tell_sent(sent: "SentCase") -> None:
    from tocsin.services.sent_case import printed_funnel  # noqa: PLC0415

    click.echo("  Sent to a mail server on this machine, bounced and answered by invented people:")
    for name, *cells in printed_funnel(sent):
        click.echo(f"  {name:<13}" + "".join(f"{cell:>12}" for cell in cells))
    click.echo("  " + "; ".join(f"{what} {n:,}" for what, n in sent.counts.items()) + ".")
    n = len(sent.faults)
    told = f"do not agree in {n} places, the first: {sent.faults[0]}" if n else "agree"
    click.echo(f"  List, dispatches and what was sent {told}, person by person.")


@click.command()
@click.argument("case", type=click.Choice(["a", "b", "c"], case_sensitive=False))
@click.option("--out", required=True, type=_folder, metavar="DIR", help="A new or empty folder.")
@_seed_option
def sample(case: str, out: Path, seed: int) -> None:
    """Write the synthetic registry, holders and notices of a golden case."""
    from tocsin.services.samples import write_sample  # noqa: PLC0415

    for path in write_sample(case.lower(), out, seed):
        click.echo(path)
