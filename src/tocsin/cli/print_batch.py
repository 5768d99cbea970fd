"""`tocsin print`: batches of printed letters, handed over once, and what is reported back."""

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from tocsin.base.errors import OutputRefused
from tocsin.cli.caller import as_user, prove

if TYPE_CHECKING:
    from tocsin.services.print_work import BatchLine
    from tocsin.services.work import Caller

_action = click.argument("action_id", type=int, metavar="ACTION")
_batch = click.argument("batch_id", type=int, metavar="BATCH")
_ASIDE = 4
_AT_ONCE = 1 << 20
_reason = click.option("--reason", required=True, help="Why; it stands in the audit trail.")
_out = click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="FILE.zip", help="A new file."
)


@click.group("print")
def print_group() -> None:
    """Make batches of printed letters, hand them over once, keep what the print house reports."""


@print_group.command("make")
@_action
@as_user
def make(caller: "Caller", action_id: int) -> None:
    """Gather the letters of an action that wait to be printed; the worker renders them."""
    from tocsin.services.print_batches import make_print_batch  # noqa: PLC0415

    batch_id = make_print_batch(caller, action_id)
    click.echo(
        f"Print batch {batch_id} is being made by `tocsin worker`; "
        f"`tocsin print show {batch_id}` says when it is ready."
    )


@print_group.command("list")
@_action
@as_user
def list_all(caller: "Caller", action_id: int) -> None:
    """List the batches of an action, the newest first."""
    from tocsin.services.print_batches import list_print_batches  # noqa: PLC0415

    found = list_print_batches(caller, action_id)
    if not found:
        click.echo("There is no batch. `tocsin print make` makes one of what waits.")
    for line in found:
        _tell(line)


@print_group.command()
@_batch
@as_user
def show(caller: "Caller", batch_id: int) -> None:
    """Show a batch: what is in it, what was set aside and why, what became of the letters."""
    from tocsin.services.print_batches import read_print_batch  # noqa: PLC0415

    view = read_print_batch(caller, batch_id)
    _tell(view.line)
    if view.line.sha256:
        click.echo(f"SHA-256 of its list {view.line.sha256}; {view.template}")
    if view.line.handed_over_at:
        click.echo(f"{view.line.account}.")
    for each in view.letters:
        click.echo(f"  {each.letter_id}  dispatch {each.dispatch_id:>8}  {each.outcome}")
    for each in view.set_aside:
        click.echo(f"  {each.letter_id}  dispatch {each.dispatch_id:>8}  SET ASIDE: {each.problem}")


@print_group.command("hand-over")
@_batch
@_out
@as_user
def hand_over(caller: "Caller", batch_id: int, out: Path) -> None:
    """Mark a batch as handed over, once, and write its file for the print house."""
    _give_out(caller, batch_id, out)


@print_group.command("again")
@_batch
@_out
@_reason
@as_user
def again(caller: "Caller", batch_id: int, out: Path, reason: str) -> None:
    """Write the very same file once more, with your signature."""
    _check_new(out)
    _give_out(prove(caller), batch_id, out, reason)


@print_group.command()
@_batch
@_reason
@as_user
def discard(caller: "Caller", batch_id: int, reason: str) -> None:
    """Give up a batch that was not handed over; its letters wait for another one."""
    from tocsin.services.print_batches import discard_print_batch  # noqa: PLC0415

    discard_print_batch(caller, batch_id, reason)
    click.echo(f"Print batch {batch_id} is discarded; its letters wait.")


@print_group.command("report")
@_batch
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_user
def keep_report(caller: "Caller", batch_id: int, path: Path) -> int:
    """Keep what the print house reports: CSV with letter_id, outcome, date.

    An outcome is printed, posted, spoiled or returned.
    """
    from tocsin.services.print_reports import keep_print_report  # noqa: PLC0415

    found = keep_print_report(caller, batch_id, path.read_bytes())
    for outcome, n in sorted(found.counts.items()):
        click.echo(f"{n:>8,}  {outcome}")
    click.echo(f"{found.n_known:>8,}  known before")
    click.echo(f"{len(found.set_aside):>8,}  set aside")
    for each in found.set_aside[:50]:
        click.echo(f"  {each.sentence}")
    click.echo(f"{found.account}.")
    return _ASIDE if found.set_aside else 0


@print_group.command()
@_batch
@_reason
@as_user
def close(caller: "Caller", batch_id: int, reason: str) -> None:
    """Say that nothing more is heard of a batch: who is not accounted for becomes unknown."""
    from tocsin.services.print_batches import close_print_batch  # noqa: PLC0415

    n_unaccounted = close_print_batch(caller, batch_id, reason)
    click.echo(
        f"Print batch {batch_id} is closed; {n_unaccounted} letters are unknown. "
        "`tocsin dispatch unknown` lists them."
    )


@print_group.command("clinic")
@_action
@click.argument("registry_id", type=int, metavar="REGISTRY")
@click.argument("clinic_id", metavar="CLINIC")
@_out
@as_user
def clinic(caller: "Caller", action_id: int, registry_id: int, clinic_id: str, out: Path) -> int:
    """Take the letters that wait at a clinic, at most 100, as PDFs for it to hand over.

    Ends with 4 if some of them could not be made. `tocsin dispatch clinics` lists the clinics.
    """
    from tocsin.services.clinic_letters import lent_clinic_letters  # noqa: PLC0415

    _check_new(out)
    with lent_clinic_letters(caller, action_id, registry_id, clinic_id) as (told, file):
        _keep(file, out)
    click.echo(f"{out}: {told.told} SHA-256 {told.sha256}")
    for each in told.left_out:
        click.echo(f"{each.dispatch_id:>8}  {each.because}", err=True)
    return _ASIDE if told.left_out else 0


def _give_out(caller: "Caller", batch_id: int, out: Path, reason: str = "") -> None:
    from tocsin.services.print_handover import given_out  # noqa: PLC0415

    _check_new(out)
    with given_out(caller, batch_id, reason) as (told, file):
        _keep(file, out)
    click.echo(f"{out}: {told.n_letters:,} letters, SHA-256 {told.sha256}")


def _keep(file: IO[bytes], out: Path) -> None:
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        while part := file.read(_AT_ONCE):
            target.write(part)


def _check_new(out: Path) -> None:
    """Check that the file can be made, before anything is marked as handed over."""
    if out.exists() or not out.parent.is_dir():
        why = "is there already" if out.exists() else "has no folder to lie in"
        raise OutputRefused(f"{out} {why}. Nothing was handed over. Name a new file.")


def _tell(line: "BatchLine") -> None:
    click.echo(
        f"print batch {line.batch_id}: {line.state.replace('_', ' ')}, {line.n_in:,} in = "
        f"{line.n_ready:,} ready + {line.n_set_aside:,} set aside, given out "
        f"{line.n_given_out} times"
    )
