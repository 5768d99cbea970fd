"""`tocsin answer`: what people answer on paper or by telephone, and what it asks of us."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from tocsin.base.errors import UsageError
from tocsin.cli.caller import as_user
from tocsin.cli.csv_file import csv_option, write_rows
from tocsin.cli.pairs import read_pairs

if TYPE_CHECKING:
    from tocsin.outreach.reply import DeviceReply
    from tocsin.services.work import Caller

_action = click.argument("action_id", type=int, metavar="ACTION")
_recipient = click.argument("recipient_id", type=int, metavar="RECIPIENT")
_item = click.argument("item_id", type=int, metavar="ITEM")
_purpose = click.option("--purpose", required=True, metavar="TEXT", help="For what; it is kept.")
Choice = TypeVar("Choice", bound=StrEnum)


@click.group()
def answer() -> None:
    """Enter what people answer on paper or by telephone, and work off what it asks.

    `tocsin dispatch show` and the page of a dispatch name the recipient. First look at what they
    are asked (`tocsin answer form`), then enter what they said (`tocsin answer enter`).
    """


@answer.command("list")
@_action
@csv_option
@as_user
def list_all(caller: "Caller", action_id: int, csv: Path | None) -> None:
    """List the answers of an action, without any word of theirs."""
    from tocsin.services.answer_views import (  # noqa: PLC0415
        ANSWER_COLUMNS,
        answer_rows,
        list_acknowledgements,
    )

    lines = list_acknowledgements(caller, action_id)
    for line in lines:
        understood = "understood" if line.has_understood else "not shown to have understood"
        acted = "acted" if line.has_acted else "not yet acted"
        click.echo(
            f"{line.acknowledgement_id:>8}  {line.person_id}  {line.answered_at:%Y-%m-%d}  "
            f"{line.channel:<10} {line.outcome:<12} {understood}, {acted}"
        )
    click.echo(f"{len(lines)} answers.")
    write_rows(csv, ANSWER_COLUMNS, answer_rows(lines))


@answer.command()
@_recipient
@as_user
def form(caller: "Caller", recipient_id: int) -> None:
    """Show what a recipient is asked: devices, instructions, what is offered."""
    from tocsin.services.answer_forms import read_recipient_form  # noqa: PLC0415

    asked = read_recipient_form(caller, recipient_id)
    click.echo(f"{asked.letter}, {asked.language}, of action {asked.action_id}.")
    if asked.answered_at:
        click.echo(f"They answered on {asked.answered_at:%Y-%m-%d}; a new answer counts instead.")
    for device in asked.devices:
        end = f", serial number ends in {device.serial_end}" if device.serial_end else ""
        wanted = " and ".join(each.replace("_", " ") for each in device.asked_columns)
        ask = f"; ask for its {wanted}" if wanted else ""
        click.echo(f"device {device.key}: {device.product}{end}: {device.verdict}{ask}")
        for column, value in (known for each in device.asked for known in each.on_record):
            click.echo(f"  on record, but it does not settle it: {column} {value}")
    for key, text in asked.instructions:
        click.echo(f"instruction {key}: {text}")
    for line in asked.lines:
        said = f": {', '.join(line.doings)}" if line.doings else ""
        click.echo(f"line {line.key}: {line.text}{said}")
    if asked.offers:
        click.echo(f"They are offered: {', '.join(asked.offers)}.")


@answer.command()
@_recipient
@click.option("--by", "channel", required=True, help="paper, telephone or clinic.")
@click.option("--evidence", required=True, help="Where it can be seen; it names nobody.")
@click.option(
    "--outcome",
    default="answers",
    show_default=True,
    help="What became of them: answers, moved, deceased, wrong_person or refuses.",
)
@click.option(
    "--device",
    "devices",
    multiple=True,
    metavar="KEY=OUTCOME",
    help="Where a device is: have, used, returned, destroyed, passed_on or never_had.",
)
@click.option("--software", multiple=True, metavar="KEY=VERSION", help="As the device shows it.")
@click.option("--lot", "lots", multiple=True, metavar="KEY=LOT", help="As its package shows it.")
@click.option(
    "--told",
    multiple=True,
    metavar="KEY=COLUMN:VALUE",
    help="What else the form asks of a device, such as 1/R-20931=model:MMT-523.",
)
@click.option(
    "--cannot-find",
    multiple=True,
    metavar="KEY=COLUMN",
    help="What they looked for in vain; it asks for a call.",
)
@click.option("--passed-on", multiple=True, metavar="KEY=WHO", help="Who has it now.")
@click.option(
    "--did",
    multiple=True,
    metavar="KEY=HOW",
    help="How far they are with an instruction: done, not_yet, not_for_me or not_understood.",
)
@click.option(
    "--line-text",
    "line_texts",
    multiple=True,
    metavar="KEY=TEXT",
    help="What they wrote to a line of the reply form, such as how many.",
)
@click.option("--knows-first-step", is_flag=True, help="They said, unprompted, whom to call first.")
@click.option("--problem", default="", help="What went wrong with it; it becomes a complaint.")
@click.option("--query", default="", help="What they want to know.")
@click.option("--replacement/--no-replacement", default=None, help="Whether they want the offer.")
@click.option("--name", default="", help="Who answered.")
@as_user
def enter(
    caller: "Caller",
    recipient_id: int,
    channel: str,
    evidence: str,
    outcome: str,
    devices: tuple[str, ...],
    software: tuple[str, ...],
    lots: tuple[str, ...],
    told: tuple[str, ...],
    cannot_find: tuple[str, ...],
    passed_on: tuple[str, ...],
    did: tuple[str, ...],
    line_texts: tuple[str, ...],
    *,
    knows_first_step: bool,
    problem: str,
    query: str,
    replacement: bool | None,
    name: str,
) -> None:
    r"""Enter an answer that came on paper, by telephone or through the clinic.

    tocsin answer enter 12 --by telephone --evidence "file 7" --device 1/R-20931=have \
    --software 1/R-20931=2.4A --did ee067d9d9e=done --knows-first-step
    """
    from tocsin.outreach.reply import Doing, PersonOutcome, Reply  # noqa: PLC0415
    from tocsin.services.answers import enter_answer  # noqa: PLC0415

    doings = read_pairs("--did", "KEY=HOW", did)
    reply = Reply(
        _choice(PersonOutcome, "--outcome", outcome),
        _with_facts(_devices(devices, software, passed_on, lots), told, cannot_find),
        {key: _choice(Doing, "--did", how) for key, how in doings.items()},
        knows_first_step,
        problem,
        query,
        replacement,
        name,
        is_confirmed=True,
        line_texts=read_pairs("--line-text", "KEY=TEXT", line_texts),
    )
    kept = enter_answer(caller, recipient_id, reply, channel, evidence)
    if not kept.is_new:
        click.echo(f"Answer {kept.acknowledgement_id} says the same already. Nothing was changed.")
        return
    click.echo(f"Kept as answer {kept.acknowledgement_id}.")
    for device, verdicts in kept.verdicts.items():
        for each in verdicts:
            click.echo(f"{device} is {each.now} by {each.notice} now; it was {each.was}.")
    if kept.follows:
        click.echo(f"It asks of you: {', '.join(each.replace('_', ' ') for each in kept.follows)}.")


@answer.command()
@click.argument("acknowledgement_id", type=int, metavar="ANSWER")
@_purpose
@as_user
def words(caller: "Caller", acknowledgement_id: int, purpose: str) -> None:
    """Show the words of an answer."""
    from tocsin.services.answer_views import access_acknowledgement  # noqa: PLC0415

    told = access_acknowledgement(caller, acknowledgement_id, purpose)
    for name, text in told.items():
        click.echo(f"{name}: {text}")
    if not told:
        click.echo("There are no words that can still be read.")


@answer.command()
@_action
@click.option("--all", "with_closed", is_flag=True, help="What is closed, too.")
@as_user
def work(caller: "Caller", action_id: int, *, with_closed: bool) -> None:
    """List what the answers of an action ask of you."""
    from tocsin.services.answer_work import list_answer_work  # noqa: PLC0415

    lines = list_answer_work(caller, action_id)
    for line in lines:
        if line.closed_at is None:
            click.echo(f"{line.item_id:>8}  {line.kind:<10} {line.person_id}  {line.device_id}")
        elif with_closed:
            click.echo(
                f"{line.item_id:>8}  {line.kind:<10} {line.person_id}  {line.device_id}  closed "
                f"{line.closed_at:%Y-%m-%d}: {line.outcome}"
            )
    n_open = sum(line.closed_at is None for line in lines)
    click.echo(f"{n_open} open, {len(lines) - n_open} closed.")


@answer.command()
@_item
@click.option("--outcome", required=True, help="What became of it, in words that name nobody.")
@as_user
def close(caller: "Caller", item_id: int, outcome: str) -> None:
    """Say what became of a help, a query or a version; `passed-on` closes devices."""
    from tocsin.services.answer_work import close_work_item  # noqa: PLC0415

    close_work_item(caller, item_id, outcome)
    click.echo("Closed.")


@answer.command("passed-on")
@_item
@click.option("--purpose", metavar="TEXT", help="To see who has it now; it is kept.")
@click.option("--outcome", help="To close it: told, was told already, or cannot be found.")
@as_user
def passed_on_item(
    caller: "Caller", item_id: int, purpose: str | None, outcome: str | None
) -> None:
    """Show to whom a device was passed on, or say what became of it."""
    from tocsin.services.answer_work import access_passed_on, close_passed_on  # noqa: PLC0415

    if (purpose is None) == (outcome is None):
        raise UsageError("Give --purpose to see who has the device, or --outcome to close it.")
    if outcome is not None:
        close_passed_on(caller, item_id, outcome)
        click.echo("Closed.")
        return
    text = access_passed_on(caller, item_id, purpose or "")
    click.echo(text or "There are no words that can still be read.")


def _devices(
    devices: tuple[str, ...],
    software: tuple[str, ...],
    passed_on: tuple[str, ...],
    lots: tuple[str, ...],
) -> dict[str, "DeviceReply"]:
    """Return what was said of each device.

    Raises:
        UsageError: if a version, a lot or a new holder is told of a device whose place is not.
    """
    from tocsin.outreach.reply import DeviceOutcome, DeviceReply  # noqa: PLC0415

    outcomes = read_pairs("--device", "KEY=OUTCOME", devices)
    versions = read_pairs("--software", "KEY=VERSION", software)
    holders = read_pairs("--passed-on", "KEY=WHO", passed_on)
    lot_of = read_pairs("--lot", "KEY=LOT", lots)
    if unplaced := (versions.keys() | holders.keys() | lot_of.keys()) - outcomes.keys():
        raise UsageError(f"Say with --device where {', '.join(sorted(unplaced))} is now.")
    return {
        key: DeviceReply(
            _choice(DeviceOutcome, "--device", told),
            versions.get(key, ""),
            holders.get(key, ""),
            lot_of.get(key, ""),
        )
        for key, told in outcomes.items()
    }


def _with_facts(
    devices: dict[str, "DeviceReply"], told: tuple[str, ...], cannot_find: tuple[str, ...]
) -> dict[str, "DeviceReply"]:
    """Return what was said of devices, with what else was told or not found.

    Raises:
        UsageError: if it is about a device whose place is not told, or names no column.
    """
    found = dict(devices)
    for option, texts in (("--told", told), ("--cannot-find", cannot_find)):
        for text in texts:
            ((key, fact),) = read_pairs(option, "KEY=COLUMN:VALUE", [text]).items()
            if key not in found:
                raise UsageError(f"Say with --device where {key} is now.")
            column, _, value = fact.partition(":")
            before = found[key]
            if option == "--cannot-find":
                found[key] = replace(before, not_found=(*before.not_found, column))
            elif value.strip():
                found[key] = replace(before, told={**before.told, column: value})
            else:
                raise UsageError(f"--told {text!r} is not of the form KEY=COLUMN:VALUE.")
    return found


def _choice(kind: type[Choice], option: str, told: str) -> Choice:
    """Return a choice by its word.

    Raises:
        UsageError: if there is no such choice.
    """
    try:
        return kind(told)
    except ValueError as error:
        known = ", ".join(kind)
        raise UsageError(f"{option}: {told[:40]!r} is none of {known}.") from error
