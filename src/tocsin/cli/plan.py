"""`tocsin plan`: the dated steps of an action, per country, and the clocks of the law."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user
from tocsin.cli.csv_file import csv_option, write_rows
from tocsin.cli.pairs import read_pairs

if TYPE_CHECKING:
    from tocsin.outreach.plan import Milestone, Shift
    from tocsin.services.work import Caller

_id = click.argument("action_id", type=int, metavar="ACTION")
_key = click.argument("key", metavar="MILESTONE")
_reason = click.option("--reason", required=True, help="Why; it stands in the audit trail.")
_COLUMNS = ("key", "what", "country", "audience", "by", "due_on", "reached_on", "after")


_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def plan() -> None:
    """Plan an action: milestones per country, who is late, and what the law's clocks ask.

    Moving one milestone moves every later one that is not yet reached, by as many working days of
    its own country.
    """


@plan.command("lay-out")
@_id
@click.argument("chain")
@click.option("--begins-on", type=_DAY, required=True, help="The day of the first step.")
@click.option("--country", "-c", multiple=True, required=True, metavar="CODE", help="Such as FR.")
@click.option(
    "--date",
    "dates",
    multiple=True,
    metavar="STEP=DAY",
    help="A step's own day, such as disseminated=2020-07-20 or FR/disseminated=2020-07-22.",
)
@as_user
def lay_out(
    caller: "Caller",
    action_id: int,
    chain: str,
    begins_on: datetime,
    country: Sequence[str],
    dates: Sequence[str],
) -> None:
    """Add a chain of steps: dhpc (letter to clinicians with a plan) or notice."""
    from tocsin.services.plans import lay_out_plan  # noqa: PLC0415 - needs Django

    pairs = read_pairs("--date", "STEP=YYYY-MM-DD", dates)
    given = {step: _DAY.convert(day, None, None).date() for step, day in pairs.items()}
    made = lay_out_plan(caller, action_id, chain, begins_on.date(), country, given)
    _print(made)


@plan.command()
@_id
@click.option("--country", "-c", multiple=True, required=True, metavar="CODE", help="Such as US.")
@click.option("--clock", "-k", multiple=True, required=True, metavar="NAME", help="Which apply.")
@as_user
def clocks(caller: "Caller", action_id: int, country: Sequence[str], clock: Sequence[str]) -> None:
    """Let clocks of the law run; docs/reference/clocks.md lists them with their sources."""
    from tocsin.services.plans import run_clocks  # noqa: PLC0415

    _print(run_clocks(caller, action_id, country, clock))


@plan.command()
@_id
@click.argument("event")
@click.argument("on", type=_DAY)
@_reason
@as_user
def event(caller: "Caller", action_id: int, event: str, on: datetime, reason: str) -> None:
    """Say on which day an event was or will be; clocks follow it."""
    from tocsin.services.plans import date_event  # noqa: PLC0415

    _print_shifts(date_event(caller, action_id, event, on.date(), reason))


@plan.command()
@_id
@_key
@click.argument("to", type=_DAY)
@_reason
@as_user
def shift(caller: "Caller", action_id: int, key: str, to: datetime, reason: str) -> None:
    """Move a milestone, and with it all later ones that are not yet reached."""
    from tocsin.services.plans import shift_milestone  # noqa: PLC0415

    _print_shifts(shift_milestone(caller, action_id, key, to.date(), reason))


@plan.command()
@_id
@_key
@click.argument("on", type=_DAY)
@click.option("--evidence", required=True, help="What shows it: a reference, a reply.")
@as_user
def reach(caller: "Caller", action_id: int, key: str, on: datetime, evidence: str) -> None:
    """Say that a milestone was reached."""
    from tocsin.services.plans import reach_milestone  # noqa: PLC0415

    reach_milestone(caller, action_id, key, on.date(), evidence)
    click.echo(f"{key} was reached on {on.date()}.")


@plan.command()
@_id
@csv_option
@click.option("--ics", type=click.Path(path_type=Path), help="Write a calendar file too.")
@as_user
def show(caller: "Caller", action_id: int, csv: Path | None, ics: Path | None) -> None:
    """Show the plan, who is late, and where patients would be told before their clinicians."""
    from tocsin.services.plans import read_plan  # noqa: PLC0415

    view = read_plan(caller, action_id)
    if not view.milestones:
        click.echo(
            f"Action {action_id} has no plan yet. `tocsin plan lay-out {action_id} dhpc "
            "--begins-on DAY -c COUNTRY` makes one."
        )
    _print(view.milestones)
    for late in view.late:
        waits = f"; {len(late.holds_up)} wait for it" if late.holds_up else ""
        click.echo(
            f"late: {late.milestone.key}, {late.n_days} days, by the {late.milestone.by}{waits}"
        )
    for country in view.patients_first:
        click.echo(
            f"In {country} patients would be told before their clinicians: shift one of them."
        )
    write_rows(csv, _COLUMNS, ({n: getattr(m, n) for n in _COLUMNS} for m in view.milestones))
    if ics:
        from tocsin.formats.calendar_file import write_calendar  # noqa: PLC0415

        now = datetime.now(tz=UTC)
        ics.write_bytes(write_calendar(view.milestones, view.title, action_id, now))
        click.echo(f"Written: {ics}.", err=True)


def _print(milestones: "Iterable[Milestone]") -> None:
    for each in milestones:
        state = (
            f"reached {each.reached_on}" if each.reached_on else str(each.due_on or "no day yet")
        )
        who = f" ({each.audience})" if each.audience else ""
        click.echo(f"{state}\t{each.key}\t{each.what}{who}, by the {each.by}")


def _print_shifts(shifts: "Sequence[Shift]") -> None:
    for each in shifts:
        click.echo(f"{each.key}: {each.was or 'no day'} -> {each.now}")
    if not shifts:
        click.echo("Nothing moved.")
