"""`tocsin dispatch unknown, decide, bounces, relay-log, calls, call, clinics, letters, repairs`."""

import mailbox
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user, prove

if TYPE_CHECKING:
    from tocsin.services.heard_back import Heard
    from tocsin.services.work import Caller

_action = click.argument("action_id", type=int, metavar="ACTION")
_dispatch = click.argument("dispatch_id", type=int, metavar="DISPATCH")
_AT_ONCE = 500
_file = click.argument("path", type=click.Path(exists=True, path_type=Path))


@click.command("unknown")
@click.argument("action_id", type=int, metavar="[ACTION]", required=False)
@as_user
def list_open(caller: "Caller", action_id: int | None) -> None:
    """List the dispatches whose outcome nobody knows, with the evidence."""
    from tocsin.services.unknown_outcomes import list_unknown  # noqa: PLC0415

    found = list_unknown(caller, action_id)
    for each in found:
        line = each.line
        click.echo(
            f"{line.dispatch_id:>8}  action {line.action_id}  {line.person_id}  {line.channel}  "
            f"since {each.since:%Y-%m-%d %H:%M:%S}  {each.message_id}"
        )
        for evidence in each.evidence:
            click.echo(f"          {evidence.kind} tells {evidence.tells}: {evidence.detail}")
    click.echo(
        f"{len(found)} are unknown. Import the relay's log; what stays is for you to decide."
    )


@click.command("decide")
@_dispatch
@click.argument(
    "decision", type=click.Choice(["accepted", "not_accepted", "send_copy", "other_way"])
)
@click.option("--reason", required=True, help="Why; it stands in the audit trail.")
@click.option("--channel", default="", help="For other_way: letter, telephone, clinic.")
@as_user
def decide(caller: "Caller", dispatch_id: int, decision: str, reason: str, channel: str) -> None:
    """Decide about an unknown outcome, with your signature.

    accepted: it was. not_accepted: it was not, and leaves now. send_copy: send it as a possible
    copy, which says so. other_way: by another channel.
    """
    from tocsin.outreach.channels import Channel  # noqa: PLC0415
    from tocsin.services.unknown_outcomes import Decision, decide_unknown  # noqa: PLC0415

    chosen = Channel(channel) if channel else None
    done = decide_unknown(prove(caller), dispatch_id, Decision(decision), reason, chosen)
    click.echo(f"Dispatch {dispatch_id} is {done.state.replace('_', ' ')} now.")
    for queued in done.queued:
        click.echo(f"Dispatch {queued} was queued.")


@click.command("bounces")
@_file
@as_user
def read_bounces(caller: "Caller", path: Path) -> None:
    """Keep what notifications tell: a file with one message, an mbox, or a Maildir."""
    from tocsin.services.heard_back import keep_notifications  # noqa: PLC0415

    messages = _messages(path)
    for start in range(0, len(messages), _AT_ONCE):
        _tell(keep_notifications(caller, messages[start : start + _AT_ONCE]))
    if not messages:
        click.echo("There is no message.")


@click.command("relay-log")
@_file
@as_user
def read_log(caller: "Caller", path: Path) -> None:
    """Keep what a Postfix log tells of our mails: it settles what is unknown."""
    from tocsin.services.heard_back import keep_relay_log  # noqa: PLC0415
    from tocsin.services.sent_evidence import relay_lines  # noqa: PLC0415

    _tell(keep_relay_log(caller, relay_lines(path.read_bytes())))


@click.command("receipts")
@click.argument("vendor_id", type=int, metavar="VENDOR")
@_file
@as_user
def read_vendor(caller: "Caller", vendor_id: int, path: Path) -> None:
    """Keep what a vendor's receipts tell of messages and letters: JSON objects, one a line."""
    from tocsin.services.vendor_receipts import keep_receipts  # noqa: PLC0415

    _tell(keep_receipts(caller, vendor_id, path.read_bytes()))


@click.command("calls")
@_action
@as_user
def list_calls(caller: "Caller", action_id: int) -> None:
    """List the calls that are to be made now, by ids."""
    from tocsin.outreach.channels import Channel  # noqa: PLC0415
    from tocsin.services.hand_deliveries import list_by_hand  # noqa: PLC0415

    for line in list_by_hand(caller, action_id, Channel.TELEPHONE):
        click.echo(f"{line.dispatch_id:>8}  {line.person_id}  called {line.n_tries} times")


@click.command("call")
@_dispatch
@click.option(
    "--outcome",
    type=click.Choice(["spoken", "no_answer", "call_later", "wrong_number", "not_them"]),
    help="How the call ended; without it, number and script are shown.",
)
@as_user
def call(caller: "Caller", dispatch_id: int, outcome: str | None) -> None:
    """Show number and script of one call, or note how it ended."""
    from tocsin.outreach.call_outcomes import CallOutcome  # noqa: PLC0415
    from tocsin.services.hand_deliveries import access_call, note_call  # noqa: PLC0415

    if outcome:
        state = note_call(caller, dispatch_id, CallOutcome(outcome))
        click.echo(f"Dispatch {dispatch_id} is {state.replace('_', ' ')} now.")
        return
    sheet = access_call(caller, dispatch_id)
    click.echo(f"{sheet.name}, {sheet.phone} ({sheet.language}), called {sheet.n_calls} times")
    for part in sheet.script.parts:
        click.echo(f"\n== {part.title}")
        for line in part.lines:
            click.echo("  ".join(filter(None, (line.text, line.hint and f"({line.hint})"))))
            click.echo("".join(f"   [ ] {answer}\n" for answer in line.answers), nl=False)
    click.echo("\n== How the call ends: --outcome")
    for end in sheet.script.ends:
        click.echo(f"{end.outcome:<14}{end.means}. {end.follows}")
    for warning in sheet.script.warnings:
        click.echo(warning, err=True)


@click.command("clinic")
@_dispatch
@click.argument("event", type=click.Choice(["hand_over", "confirm", "give_up"]))
@as_user
def clinic(caller: "Caller", dispatch_id: int, event: str) -> None:
    """Note that the clinic has handed a letter over, has confirmed it, or could not."""
    from tocsin.services.hand_deliveries import note_clinic  # noqa: PLC0415

    state = note_clinic(caller, dispatch_id, event)
    click.echo(f"Dispatch {dispatch_id} is {state.replace('_', ' ')} now.")


@click.command("clinics")
@_action
@as_user
def list_clinics(caller: "Caller", action_id: int) -> None:
    """List the clinics that hand letters over, with how many wait at each."""
    from tocsin.services.hand_overs import list_hand_overs  # noqa: PLC0415

    for line in list_hand_overs(caller, action_id):
        click.echo(
            f"{line.registry_id:>6}  {line.clinic_id:<20} {line.n_waiting:>6,} wait  "
            f"{line.n_handed_over:>6,} handed over  {line.n_confirmed:>6,} confirmed"
        )


@click.command("letters")
@_action
@click.argument("event", type=click.Choice(["printed", "spoilt", "posted", "returned"]))
@click.argument("dispatch_ids", type=int, nargs=-1, metavar="DISPATCH...")
@as_user
def letters(caller: "Caller", action_id: int, event: str, dispatch_ids: tuple[int, ...]) -> None:
    """Note what became of printed letters; of all of them, or of none."""
    from tocsin.services.hand_deliveries import note_letters  # noqa: PLC0415

    n = note_letters(caller, action_id, event, dispatch_ids)
    click.echo(f"{n} letters are {event} now.")


@click.command("repairs")
@_action
@as_user
def list_tasks(caller: "Caller", action_id: int) -> None:
    """List the contacts that somebody must repair."""
    from tocsin.services.contact_repairs import list_repairs  # noqa: PLC0415

    for line in list_repairs(caller, action_id):
        click.echo(
            f"{line.repair_id:>8}  {line.person_id}  {line.channel or 'no channel':<10}  "
            f"{line.because}"
        )


@click.command("repair")
@click.argument("repair_id", type=int, metavar="TASK")
@click.option("--outcome", required=True, help="What was found, in words that name nobody.")
@as_user
def close(caller: "Caller", repair_id: int, outcome: str) -> None:
    """Close a task to repair a contact; who can be reached now is told."""
    from tocsin.services.contact_repairs import close_repair  # noqa: PLC0415

    n = close_repair(caller, repair_id, outcome)
    click.echo(f"Closed. {n} dispatches were queued.")


SETTLING_COMMANDS = (
    list_open,
    decide,
    read_bounces,
    read_log,
    read_vendor,
    list_calls,
    call,
    clinic,
    list_clinics,
    letters,
    list_tasks,
    close,
)


def _messages(path: Path) -> list[bytes]:
    if path.is_dir():
        return [bytes(each) for each in mailbox.Maildir(path, create=False)]
    from tocsin.services.sent_evidence import split_messages  # noqa: PLC0415

    return split_messages(path.read_bytes())


def _tell(heard: "Heard") -> None:
    for what, n in sorted(heard.counts.items()):
        click.echo(f"{n:>8,}  {what}")
    click.echo(f"{heard.n_known:>8,}  known before")
    click.echo(f"{heard.n_unmatched:>8,}  of no dispatch of ours")
    for alarm in heard.alarms:
        click.echo(f"ALARM: {alarm}")
