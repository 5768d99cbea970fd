"""`tocsin dispatch`: what is sent to whom, where it stands, and what a person must decide."""

from typing import TYPE_CHECKING

import click

from tocsin.base.errors import UsageError
from tocsin.cli.caller import as_user
from tocsin.cli.dispatch_settling import SETTLING_COMMANDS

if TYPE_CHECKING:
    from tocsin.services.work import Caller

_action = click.argument("action_id", type=int, metavar="ACTION")
_dispatch = click.argument("dispatch_id", type=int, metavar="DISPATCH")


@click.group()
def dispatch() -> None:
    """Show what is sent to whom; pause it, settle what is unknown, note calls and posted letters.

    A dispatch is one letter to one person through one channel. What it may become stands in
    docs/reference/dispatch-states.md.
    """


@dispatch.command()
@_action
@as_user
def preview(caller: "Caller", action_id: int) -> None:
    """Say what a release of the locked letters would queue, before anybody signs it."""
    from tocsin.services.release_preview import read_dispatch_preview  # noqa: PLC0415

    found = read_dispatch_preview(caller, action_id)
    click.echo(f"{found.n_recipients:,} people on the list; ladder {found.urgency}.")
    for each in found.groups:
        click.echo(
            f"{each.n:>8,}  {each.letter:<34} {each.audience:<12} {each.country:<16} by "
            f"{each.channels}"
        )
    for audience, where, n in found.without_letter:
        click.echo(f"{n:>8,}  NO LETTER for {audience}, {where}: the release is refused")
    click.echo(f"{found.other_language:>8,}  get a letter in another language than theirs")
    click.echo(f"{found.unreachable:>8,}  can be reached by nothing: a task for each is opened")
    click.echo(f"{found.n_had:>8,}  have this very letter already: nothing is queued for them")
    click.echo(f"{found.n_without_holder:>8,}  devices have no known holder")
    for one in found.samples:
        click.echo(f"  for example {one.person}: {one.letter}, by {one.channels}")
    click.echo(
        f"The first may leave {found.delay_s / 60:.0f} minutes after the release, once the action "
        "is started."
    )
    for channel, hours in found.not_after_h.items():
        click.echo(f"By {channel} for {hours:.0f} hours after that; then it counts as failed.")


@dispatch.command()
@_action
@click.argument("person", metavar="PERSON")
@as_user
def sample(caller: "Caller", action_id: int, person: str) -> None:
    """Show the letter that a person of the preview would get; it is recorded who looked."""
    from tocsin.services.release_preview import access_sample_letter  # noqa: PLC0415

    found = access_sample_letter(caller, action_id, person)
    click.echo(f"{found.letter}, for {found.audience} {found.person}: {found.why}.")
    click.echo(f"\n{found.subject}\n\n{found.text}")


@dispatch.command("list")
@_action
@click.option("--state", default="", help="Only those in this state, such as unknown.")
@click.option("--channel", default="", help="Only those by this channel, such as e-mail.")
@click.option("--after", type=int, default=0, help="Only those behind this id.")
@click.option("--limit", type=int, default=100, show_default=True)
@as_user
def list_all(
    caller: "Caller", action_id: int, state: str, channel: str, after: int, limit: int
) -> None:
    """List the dispatches of an action."""
    from tocsin.outreach.channels import Channel  # noqa: PLC0415
    from tocsin.outreach.dispatch_states import DispatchState  # noqa: PLC0415
    from tocsin.services.dispatches import DispatchFilter, list_dispatches  # noqa: PLC0415

    _check_word("state", state, tuple(map(str, DispatchState)))
    _check_word("channel", channel, tuple(map(str, Channel)))
    wanted = DispatchFilter(state=state, channel=channel)
    for line in list_dispatches(caller, action_id, wanted, after, limit):
        click.echo(
            f"{line.dispatch_id:>8}  {line.person_id}  {line.channel:<10} {line.purpose:<10} "
            f"{line.state:<13} {line.letter}  {line.reply}"
        )


@dispatch.command()
@_dispatch
@as_user
def show(caller: "Caller", dispatch_id: int) -> None:
    """Show a dispatch with every try and all evidence."""
    from tocsin.services.dispatches import read_dispatch  # noqa: PLC0415

    view = read_dispatch(caller, dispatch_id)
    line = view.line
    click.echo(f"dispatch {line.dispatch_id}: {line.letter} to {line.person_id} by {line.channel}")
    click.echo(f"{line.state} since {line.state_at:%Y-%m-%d %H:%M:%S} UTC. {line.reply}")
    if view.sha256:
        click.echo(f"bytes {view.sha256}, Message-ID {view.message_id}")
    for attempt in view.attempts:
        click.echo(
            f"  {attempt.ended_at:%Y-%m-%d %H:%M:%S} {attempt.outcome:<15} "
            f"{attempt.code or '':>3} {attempt.reply}"
        )
    for evidence in view.evidence:
        click.echo(
            f"  {evidence.kept_at:%Y-%m-%d %H:%M:%S} {evidence.kind} tells {evidence.tells}: "
            f"{evidence.detail}"
        )
    for signature in view.signatures:
        click.echo(f"  {signature}")


@dispatch.command()
@_action
@as_user
def status(caller: "Caller", action_id: int) -> None:
    """Say where the sending of an action stands, and what keeps it from leaving."""
    from tocsin.services.dispatches import read_sending  # noqa: PLC0415

    found = read_sending(caller, action_id)
    click.echo(f"action {action_id} is {found.action_state.replace('_', ' ')}.")
    if found.is_exercise:
        click.echo("It is an exercise: nothing of it leaves the house.")
    if found.is_stopped:
        click.echo("ALL SENDING IS STOPPED here: `tocsin dispatch end-stop` lets it go on.")
    if found.disarmed_because:
        click.echo(
            f"The sender is disarmed: {'; '.join(found.disarmed_because)}. Whoever runs the "
            "machine arms it with `tocsin sender arm`."
        )
    for (channel, state), n in sorted(found.by_state.items()):
        click.echo(f"{n:>8,}  {channel:<10} {state.replace('_', ' ')}")
    click.echo(f"{found.n_open_repairs:>8,}  contacts to repair")
    if found.next_at and found.next_at > caller.now:
        click.echo(f"The next that waits may leave at {found.next_at:%Y-%m-%d %H:%M:%S} UTC.")
    elif found.next_at:
        click.echo(f"Something has waited since {found.next_at:%Y-%m-%d %H:%M:%S} UTC.")


@dispatch.command("conservation")
@_action
@as_user
def compare(caller: "Caller", action_id: int) -> int:
    """Compare manifest, frozen list, dispatches and relay log, person by person."""
    from tocsin.services.conservation import read_conservation  # noqa: PLC0415

    found = read_conservation(caller, action_id)
    click.echo(
        f"{found.n_listed:,} people listed, {found.n_dispatches:,} dispatches, "
        f"{found.n_settled:,} people settled."
    )
    if not found.faults:
        click.echo("All accounts agree.")
        return 0
    for fault in found.faults[:50]:
        click.echo(f"  {fault}")
    click.echo(f"{len(found.faults):,} places do not agree.")
    return 3


@dispatch.command()
@click.option("--reason", required=True, help="Why; it stands in the audit trail.")
@as_user
def stop(caller: "Caller", reason: str) -> None:
    """EMERGENCY STOP: let nothing more of the organisation leave, at once."""
    from tocsin.services.sending_stops import stop_sending  # noqa: PLC0415

    stop_sending(caller, reason)
    click.echo("Stopped: nothing more is begun. A message that is being handed over just now ends.")


@dispatch.command("end-stop")
@click.option("--reason", required=True, help="Why; it stands in the audit trail.")
@as_user
def end_stop(caller: "Caller", reason: str) -> None:
    """Let letters leave again after a stop."""
    from tocsin.services.sending_stops import end_sending_stop  # noqa: PLC0415

    end_sending_stop(caller, reason)
    click.echo("Letters may leave again.")


@dispatch.command("test")
@click.argument("letter_id", type=int, metavar="LETTER")
@as_user
def send_trial(caller: "Caller", letter_id: int) -> None:
    """Send a letter to your own address, with invented data."""
    from tocsin.services.trial_mails import send_test_mail  # noqa: PLC0415

    click.echo(f"Handed over: {send_test_mail(caller, letter_id)}")


def _check_word(what: str, told: str, known: tuple[str, ...]) -> None:
    """Check that a word is one that there is.

    Raises:
        UsageError: naming all of them.
    """
    if told and told not in known:
        raise UsageError(f"There is no {what} {told!r}. There are: {', '.join(known)}.")


for _command in SETTLING_COMMANDS:
    dispatch.add_command(_command)
