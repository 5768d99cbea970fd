"""`tocsin complaint`: what people say has happened with a device."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user

if TYPE_CHECKING:
    from tocsin.services.work import Caller


@click.group()
def complaint() -> None:
    """Keep what people say has happened with a device, and list it.

    A complaint is never refused. From the moment when it is kept, clocks of the law may run.
    """


@complaint.command("open")
@click.argument("person_id", metavar="PERSON")
@click.option("--text", required=True, help="What happened, in their words.")
@click.option("--by", "channel", required=True, help="telephone, paper, clinic or e-mail.")
@click.option("--action", "action_id", type=int, help="The action that it came with.")
@click.option("--device", default="", help="Which device, if that was told.")
@click.option("--on", "happened_on", type=click.DateTime(["%Y-%m-%d"]), help="When it happened.")
@as_user
def open_one(
    caller: "Caller",
    person_id: str,
    text: str,
    channel: str,
    action_id: int | None,
    device: str,
    happened_on: datetime | None,
) -> None:
    """Keep a complaint of a person, by their id."""
    from tocsin.services.complaints import NewComplaint, open_complaint  # noqa: PLC0415

    day = happened_on.date() if happened_on else None
    told = NewComplaint(person_id, text, channel, device, day)
    click.echo(f"Kept as complaint {open_complaint(caller, action_id, told)}.")


@complaint.command("list")
@click.argument("action_id", type=int, metavar="[ACTION]", required=False)
@as_user
def list_all(caller: "Caller", action_id: int | None) -> None:
    """List the complaints, without the words of who made them."""
    from tocsin.services.complaints import list_complaints  # noqa: PLC0415

    found = list_complaints(caller, action_id)
    for line in found:
        happened = f"happened {line.happened_on}" if line.happened_on else "day not told"
        click.echo(
            f"{line.complaint_id:>8}  known since {line.aware_at:%Y-%m-%d %H:%M}  {happened}  "
            f"action {line.action_id or '-'}  {line.person_id}  {line.channel}  {line.device_id}"
        )
    click.echo(f"{len(found)} complaints.")


@complaint.command()
@click.argument("complaint_id", type=int, metavar="COMPLAINT")
@click.option("--purpose", required=True, metavar="TEXT", help="For what; it is kept.")
@as_user
def show(caller: "Caller", complaint_id: int, purpose: str) -> None:
    """Show the words of a complaint."""
    from tocsin.services.complaints import access_complaint  # noqa: PLC0415

    text = access_complaint(caller, complaint_id, purpose)
    click.echo(text or "There are no words that can still be read.")
