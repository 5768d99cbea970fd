"""`tocsin login` and `tocsin logout`: a session of a user at this terminal."""

from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_themselves, local_now
from tocsin.cli.login_file import forget_token, keep_token, read_token

if TYPE_CHECKING:
    from tocsin.services.work import Caller


@click.command()
@as_themselves
@click.pass_context
def login(context: click.Context, caller: "Caller") -> None:
    """Open a session at this terminal: for ten hours, commands ask for no password.

    What they need lies in a file under your home that only you can read. A signature still asks
    for a code. End it with `tocsin logout`, or see all with `tocsin user sessions`.
    """
    from tocsin.services.callers import open_terminal_session  # noqa: PLC0415 - needs Django
    from tocsin.services.installation import installation_folder  # noqa: PLC0415

    token, until = open_terminal_session(caller)
    keep_token(installation_folder(), _email(context), token, until)
    click.echo(f"You are logged in at this terminal until {until:%H:%M}.")


@click.command()
@click.option("--as", "email", envvar="TOCSIN_USER", required=True, metavar="EMAIL", help="Who.")
def logout(email: str) -> None:
    """End the session at this terminal."""
    from tocsin.services.installation import (  # noqa: PLC0415 - needs Django
        installation_folder,
        open_installation,
    )

    open_installation()
    from tocsin.services.accounts import end_session  # noqa: PLC0415 - after set-up
    from tocsin.services.callers import session_key_of, user_caller, user_of_token  # noqa: PLC0415

    now = local_now()
    token = read_token(installation_folder(), email, now)
    key = session_key_of(token, now) if token else None
    if token and key:
        end_session(user_caller(user_of_token(token, email, now), None, now), key)
    forget_token(installation_folder(), email)
    click.echo("The session at this terminal has ended." if key else "There was no session.")


def _email(context: click.Context) -> str:
    return str(context.params["email"])
