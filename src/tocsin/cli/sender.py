"""`tocsin sender`: whether letters may be sent from here, and sending them."""

from importlib import import_module

import click

_reason = click.option("--reason", required=True, help="Why; it stands in the audit trail.")


@click.group()
def sender() -> None:
    """Say whether letters may be sent from this installation.

    A restored or copied installation sends nothing until somebody arms it: two copies that send
    would tell people twice, or what was withdrawn. Only the administrator of the machine arms.
    """


@sender.command()
@_reason
def arm(reason: str) -> None:
    """Let letters be sent from this folder, machine and database."""
    from tocsin.services.installation import console_caller, open_installation  # noqa: PLC0415

    open_installation()
    from tocsin.services.arming import arm_sender  # noqa: PLC0415 - after Django is ready

    arm_sender(console_caller(), reason)
    click.echo("The sender is armed here. Make sure that no other copy of this installation is.")


@sender.command()
@_reason
def disarm(reason: str) -> None:
    """Let no letter be sent from here."""
    from tocsin.services.installation import console_caller, open_installation  # noqa: PLC0415

    open_installation()
    from tocsin.services.arming import disarm_sender  # noqa: PLC0415 - after Django is ready

    disarm_sender(console_caller(), reason)
    click.echo("The sender is disarmed: nothing is sent from here.")


@sender.command()
@click.option("--once", is_flag=True, help="Send what may leave now, then end.")
def run(*, once: bool) -> int:
    """Send what may leave, until it is stopped (Ctrl-C or SIGTERM).

    Several may run at once, here and on other machines. Each stops within a second, after the
    message that it is handing over. Killed at any moment, it loses nothing and repeats nothing.
    With --once it ends with 3 if something keeps due messages from leaving, and says what.
    """
    # By its name, as `tocsin.cli.main` finds commands: the faces do not import each other.
    is_free = import_module("tocsin.worker.command").send_until_stopped(once=once)
    return 0 if is_free else 3


@sender.command()
def status() -> int:
    """Say whether the sender is armed here, and if not, why."""
    from tocsin.services.installation import open_installation  # noqa: PLC0415

    open_installation()
    from tocsin.services.arming import read_arming  # noqa: PLC0415 - after Django is ready

    reasons = read_arming()
    if not reasons:
        click.echo("armed: letters may be sent from here.")
        return 0
    click.echo(f"disarmed: {'; '.join(reasons)}. Nothing is sent from here.")
    click.echo("If no other copy of this installation sends: tocsin sender arm --reason ...")
    return 3
