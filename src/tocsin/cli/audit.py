"""`tocsin audit`: the audit trail verified, listed, anchored, and taken elsewhere."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tocsin.services.work import Caller

Command = Callable[..., Any]
FAULTS = 3
_DAYS = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


def _as_auditor(command: Command) -> Command:
    """Return a command that acts as a user, or as the console; it gets the ``caller`` first."""

    @click.option("--as", "email", metavar="EMAIL", help="As this user; without it, the console.")
    @click.option("--organisation", metavar="SLUG", help="For this organisation; or all of them.")
    @wraps(command)
    def run(*args: Any, email: str | None, organisation: str | None, **options: Any) -> Any:
        from tocsin.cli.caller import caller_from  # noqa: PLC0415

        caller = caller_from(email, organisation) if email else _console(organisation)
        return command(caller, *args, **options)

    return run


@click.group()
def audit() -> None:
    """Verify, list, anchor or export the audit trail of an installation.

    Every change leaves a row in it. An anchor is its end, signed, in a file outside the database
    (anchors.jsonl in the installation's folder; TOCSIN_ANCHOR_COPY=FILE names a second place, on
    other storage). A trail that was cut or made anew no longer holds the rows of its anchors.
    """


@audit.command()
@_as_auditor
def verify(caller: "Caller") -> int:
    """Check the whole trail: chain, index and anchors. Ends with 3 if something is wrong.

    It is one chain for all organisations, and is always checked as a whole.
    """
    from tocsin.services.auditing import verify_trail  # noqa: PLC0415 - after set-up

    found = verify_trail(caller)
    for fault in found.faults:
        click.echo(f"WRONG: {fault}")
    if found.n_faults > len(found.faults):
        click.echo(f"... and {found.n_faults - len(found.faults)} faults more.")
    click.echo(f"{found.n_rows} rows and {found.n_anchors} anchors were read.")
    if found.last:
        click.echo(
            f"The last anchor was taken at {found.last.at}, of row {found.last.seq}; "
            f"{found.n_rows_after} rows were written after it."
        )
    else:
        click.echo("There is no anchor: the trail could be cut or made anew without trace.")
    if found.n_cut_short:
        click.echo(
            f"{found.n_cut_short} lines of the anchors were cut short when they were written; "
            "later anchors name them."
        )
    click.echo(f"{found.n_faults} faults." if found.n_faults else "Nothing is wrong.")
    return FAULTS if found.n_faults else 0


@audit.command()
def anchor() -> int:
    """Sign the end of the trail now. A worker does so every minute."""
    _console(None)
    from tocsin.services.anchoring import anchor_trail  # noqa: PLC0415 - after set-up

    taken = anchor_trail(datetime.now(tz=UTC))
    if taken.anchor is None:
        click.echo("The trail is empty: there is nothing to sign.")
        return 0
    done = "was signed now" if taken.is_new else "was signed before"
    click.echo(f"Row {taken.anchor.seq} {done}; the anchor is of {taken.anchor.at}.")
    if taken.problem:
        click.echo(f"tocsin: {taken.problem}", err=True)
        return FAULTS
    return 0


@audit.command()
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="A new folder."
)
def export(out: Path) -> int:
    """Write the trail, its anchors, the public key and the program that checks them.

    An auditor takes the folder away and checks it without Tocsin: README.txt in it says how.
    """
    caller = _console(None)
    from tocsin.services.auditing import export_trail  # noqa: PLC0415 - after set-up

    exported = export_trail(caller, out)
    click.echo(f"{exported.n_rows} rows and {exported.n_lines} lines of anchors are in {out}.")
    if exported.problem:
        click.echo(f"tocsin: the end of it has no anchor. {exported.problem}", err=True)
        return FAULTS
    return 0


@audit.command("list")
@_as_auditor
@click.option("--event", metavar="NAME", help="Only this event, such as user_added.")
@click.option("--subject", metavar="TABLE[:ID]", help="Only what was done to this.")
@click.option("--actor", metavar="WHO", help="Only what user:17, console or worker did.")
@click.option("--from", "since", type=_DAYS, help="Not before this day or time (UTC).")
@click.option("--until", type=_DAYS, help="Before this day or time (UTC).")
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many rows.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, for a spreadsheet.")
def list_rows(
    caller: "Caller",
    event: str | None,
    subject: str | None,
    actor: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    as_csv: bool,
) -> None:
    """List rows of the trail, newest first."""
    from tocsin.services.auditing import (  # noqa: PLC0415 - after set-up
        list_trail,
        trail_csv,
        wanted_rows,
    )

    wanted = wanted_rows(event, subject, actor, (_utc(since), _utc(until)), limit)
    lines = list_trail(caller, wanted)
    if as_csv:
        click.echo(trail_csv(lines), nl=False)
        return
    for line in lines:
        why = f"  ({line.reason})" if line.reason else ""
        values = " ".join(f"{name}={value}" for name, value in line.new.items())
        click.echo(
            f"{line.seq:>6}  {line.at}  {line.actor}  {line.event}  {line.subject}", nl=False
        )
        click.echo(f"  {values}{why}" if values else why)
    click.echo(f"{len(lines)} rows.", err=True)


def _console(organisation: str | None) -> "Caller":
    from tocsin.services.installation import (  # noqa: PLC0415 - needs Django
        console_caller,
        open_installation,
    )

    open_installation()
    return console_caller(organisation)


def _utc(told: datetime | None) -> datetime | None:
    return told.replace(tzinfo=UTC) if told else None
