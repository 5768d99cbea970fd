"""`tocsin check` and `tocsin funnel`: what an action has reached."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user
from tocsin.cli.csv_file import csv_option, write_rows

if TYPE_CHECKING:
    from tocsin.services.work import Caller

_action = click.argument("action_id", type=int, metavar="ACTION")
_check = click.argument("check_id", type=int, metavar="CHECK")
_yes_or_no = click.Choice(["yes", "no"])


@click.group()
def check() -> None:
    """Draw an effectiveness check, keep its answers, and see what it allows one to say.

    Who was drawn and has not answered counts as one whom the notice has failed.
    """


@check.command()
@_action
@click.option(
    "--level",
    required=True,
    type=click.Choice(["A", "B", "C", "D", "E"]),
    help="Of 21 CFR 7.42: A everybody, B a part, C 10 %, D 2 %, E nobody.",
)
@click.option("--share", type=float, help="Which part, at level B, such as 0.25.")
@click.option("--audience", default="", help="Only patient, clinician, facility or distributor.")
@as_user
def draw(caller: "Caller", action_id: int, level: str, share: float | None, audience: str) -> None:
    """Draw a check from the frozen list of the last release."""
    from tocsin.report.check_levels import CheckLevel  # noqa: PLC0415
    from tocsin.services.effectiveness import draw_check  # noqa: PLC0415

    made = draw_check(caller, action_id, CheckLevel(level), share, audience)
    click.echo(f"Drawn as check {made}. `tocsin check show {made}` says whom to ask.")


@check.command("list")
@_action
@as_user
def list_all(caller: "Caller", action_id: int) -> None:
    """List the checks of an action."""
    from tocsin.services.effectiveness import list_checks  # noqa: PLC0415

    for number, level, drawn_at, n_listed in list_checks(caller, action_id):
        click.echo(f"{number:>8}  level {level}, {drawn_at:%Y-%m-%d}, of {n_listed:,} people")


@check.command()
@_check
@csv_option
@as_user
def show(caller: "Caller", check_id: int, csv: Path | None) -> None:
    """Show who was drawn, and what may be said of everybody on the list."""
    from tocsin.services.effectiveness import (  # noqa: PLC0415
        CHECK_COLUMNS,
        check_rows,
        read_check,
    )

    view = read_check(caller, check_id)
    click.echo(
        f"Check {check_id} of {view.title!r}, level {view.level}: {len(view.persons):,} of "
        f"{view.n_listed:,} people, drawn with seed {view.seed}."
    )
    if not view.can_be_repeated:
        click.echo("LIST AND SEED NO LONGER GIVE THESE PEOPLE: something was changed.")
    for each in view.persons:
        told = "to be asked"
        if each.answered_at is not None:
            told = ", ".join(f"{name} {_word(said)}" for name, said in each.answers.items())
        click.echo(f"  {each.person_id}  {each.stratum}  {told}")
    for one in view.inferences:
        click.echo(
            f"{one.question:<11}{one.n_good:>6,} of {one.n_drawn:,} ({one.n_silent:,} silent): "
            f"{100 * one.share:.1f} %, 95 % between {100 * one.low:.1f} and {100 * one.high:.1f}; "
            f"failed at most {one.most_failed:,} people"
        )
    write_rows(csv, CHECK_COLUMNS, check_rows(view))


@check.command()
@_check
@click.argument("person_id", metavar="PERSON")
@click.option("--received", required=True, type=_yes_or_no, help="They received our notice.")
@click.option("--understood", required=True, type=_yes_or_no, help="They can say what it asks.")
@click.option("--followed", required=True, type=_yes_or_no, help="They have done what it asks.")
@click.option("--depth", required=True, type=_yes_or_no, help="It reached who uses the device.")
@as_user
def answer(
    caller: "Caller",
    check_id: int,
    person_id: str,
    received: str,
    understood: str,
    followed: str,
    depth: str,
) -> None:
    """Keep what one person who was drawn has said."""
    from tocsin.services.effectiveness import keep_check_answer  # noqa: PLC0415

    told = {"received": received, "understood": understood, "followed": followed, "depth": depth}
    answers = {name: said == "yes" for name, said in told.items()}
    keep_check_answer(caller, check_id, person_id, answers)
    click.echo("Kept.")


@click.command()
@_action
@csv_option
@as_user
def funnel(caller: "Caller", action_id: int, csv: Path | None) -> None:
    """Show how many people were told, reached, understood and acted, whole and divided."""
    from tocsin.report.funnel import Stage  # noqa: PLC0415
    from tocsin.services.funnels import FUNNEL_COLUMNS, funnel_rows, read_funnel  # noqa: PLC0415

    view = read_funnel(caller, action_id)
    click.echo(f"{'':<26}" + "".join(f"{stage.word:>12}" for stage in Stage))
    for split, rows in [("all", [view.whole]), *view.splits.items()]:
        for row in rows:
            name = f"{split} {row.value or ('' if split == 'all' else 'unknown')}".strip()
            click.echo(f"{name:<26}" + "".join(f"{n:>12,}" for n in row.amounts))
    for outcome, n in view.outcomes.items():
        click.echo(f"{n:>8,}  {outcome.replace('_', ' ')}")
    write_rows(csv, FUNNEL_COLUMNS, funnel_rows(view))


def _word(said: bool | None) -> str:
    return {True: "yes", False: "no", None: "-"}[said]
