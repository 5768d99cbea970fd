"""`tocsin action triage, answer, answers, explain`: the records that cannot be told."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user
from tocsin.cli.csv_file import csv_option, write_rows
from tocsin.cli.tree import print_tree

if TYPE_CHECKING:
    from tocsin.services.work import Caller

_id = click.argument("action_id", type=int, metavar="ACTION")
_device = click.argument("device_id", metavar="DEVICE")
_registry = click.option(
    "--registry", metavar="NAME", help="Which one, if several have a record of this id."
)
_COLUMNS = ("registry", "device_id", "notice", "entry", "reason_code", "question", "column")


@click.command("triage")
@_id
@click.option("--run", type=int, metavar="NUMBER", help="Which match; without it the last.")
@csv_option
@as_user
def triage(caller: "Caller", action_id: int, run: int | None, csv: Path | None) -> None:
    """List the records that cannot be told, each with the question that would settle it."""
    from tocsin.services.triage import list_triage  # noqa: PLC0415 - needs Django

    lines = list_triage(caller, action_id, run)
    if csv is None:
        for line in lines:
            click.echo(f"{line.device_id}\t{line.column or '-'}\t{line.question}")
    write_rows(csv, _COLUMNS, map(asdict, lines))
    click.echo(f"{len(lines):,} records cannot be told.", err=True)


@click.command("answer")
@_id
@_device
@click.option("--column", required=True, metavar="NAME", help="Such as software_version.")
@click.option("--value", required=True, help="What it is; empty if nobody knows.")
@click.option("--told-by", required=True, help="patient, carer, clinic, pharmacy, record ...")
@click.option("--evidence", required=True, help="How it was told, without names.")
@_registry
@as_user
def answer(
    caller: "Caller",
    action_id: int,
    device_id: str,
    column: str,
    value: str,
    told_by: str,
    evidence: str,
    registry: str | None,
) -> None:
    """Let a record say what somebody has told, and show its verdict before and after.

    The state before it is kept. A wrong answer is undone by a further one.
    """
    from tocsin.services.triage import DeviceAnswer, answer_triage  # noqa: PLC0415

    told = DeviceAnswer(device_id, column, value, told_by, evidence, registry)
    found = answer_triage(caller, action_id, told)
    for one in found:
        click.echo(f"{one.notice}: {one.was} -> {one.now} ({one.reason_code})")


@click.command("answers")
@_id
@as_user
def answers(caller: "Caller", action_id: int) -> None:
    """List the answers of an action, and whether the records still say so."""
    from tocsin.services.triage import list_answers  # noqa: PLC0415

    for line in list_answers(caller, action_id):
        holds = "" if line.still_holds else "\tno longer holds"
        click.echo(
            f"{line.answered_at:%Y-%m-%d %H:%M}\t{line.device_id}\t{line.column}\t"
            f"{line.old_value or '-'} -> {line.new_value or '-'}\t{line.told_by}{holds}"
        )


@click.command("explain")
@_id
@_device
@_registry
@as_user
def explain(caller: "Caller", action_id: int, device_id: str, registry: str | None) -> None:
    """Show the whole reasoning about one record as it is now, a tree for each notice."""
    from tocsin.services.triage import explain_stored_device  # noqa: PLC0415

    for name, tree in explain_stored_device(caller, action_id, device_id, registry):
        click.echo(f"{name}:")
        print_tree(tree)


TRIAGE_COMMANDS = (triage, answer, answers, explain)
