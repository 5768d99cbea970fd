"""`tocsin user`: users of the installation, and what each does with their own account.

Adding, disabling and new passwords are the console's; second factors and sessions are the user's
own, after their password: nobody else may see the secret that they will sign with.
"""

import io
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_themselves, ask

if TYPE_CHECKING:
    from tocsin.services.work import Caller

_REASON = click.option("--reason", required=True, help="Why; it stands in the audit trail.")


@click.group()
def user() -> None:
    """Add, list and disable users; their passwords, second factors and sessions.

    A user is never deleted, and an address never used again. `add`, `list`, `disable`, `enable`,
    `password`, `lost-device` and `log-out` are for the administrator of the machine; the others
    are for the user.
    """


@user.command("add")
@click.argument("email")
@click.argument("name")
def add(email: str, name: str) -> None:
    """Add a user by address and full NAME, which is printed beside their signatures."""
    caller = _console()
    from tocsin.services.organisations import add_user  # noqa: PLC0415 - after set-up

    add_user(caller, email, name)
    click.echo("The user was added. Next: tocsin user password EMAIL, and tocsin role give.")


@user.command("list")
@click.option("--organisation", metavar="SLUG", help="Only users of one, with their roles.")
def list_all(organisation: str | None) -> None:
    """List users: address, name, whether they can log in, roles."""
    caller = _console(organisation)
    from tocsin.services.organisations import list_users  # noqa: PLC0415 - after set-up

    for line in list_users(caller):
        state = "active" if line.is_active else "disabled"
        click.echo(f"{line.email}\t{line.name}\t{state}\t{', '.join(line.roles)}")


@user.command("disable")
@click.argument("email")
@_REASON
def disable(email: str, reason: str) -> None:
    """Let a user log in no more. Nothing of what they did is deleted."""
    caller = _console()
    from tocsin.services.organisations import disable_user, find_user_by_email  # noqa: PLC0415

    disable_user(caller, find_user_by_email(email), reason)
    click.echo("The user can log in no more.")


@user.command("enable")
@click.argument("email")
@_REASON
def enable(email: str, reason: str) -> None:
    """Let a disabled user log in again, with the password and second factors of before."""
    caller = _console()
    from tocsin.services.organisations import enable_user, find_user_by_email  # noqa: PLC0415

    enable_user(caller, find_user_by_email(email), reason)
    click.echo("The user can log in again.")


@user.command("password")
@click.argument("email")
def password(email: str) -> None:
    """Give a user a new password, typed twice; their sessions end.

    At least 12 characters and none of the known ones. There is no way to give it as an argument:
    it would stand in the list of processes.
    """
    caller = _console()
    from tocsin.services.accounts import hash_password, reset_password  # noqa: PLC0415
    from tocsin.services.organisations import find_user_by_email  # noqa: PLC0415

    user_id = find_user_by_email(email)
    reset_password(caller, user_id, hash_password(user_id, ask("New password", twice=True)))
    click.echo("The password was changed. Next, by the user: tocsin user totp --as EMAIL.")


@user.command("lost-device")
@click.argument("email")
@_REASON
def lost_device(email: str, reason: str) -> None:
    """Remove all second factors of a user who has lost them, after checking who asks."""
    caller = _console()
    from tocsin.services.authenticators import remove_authenticators  # noqa: PLC0415
    from tocsin.services.organisations import find_user_by_email  # noqa: PLC0415

    n_removed = remove_authenticators(caller, find_user_by_email(email), reason)
    click.echo(f"{n_removed} second factors were removed.")


@user.command("log-out")
@click.argument("email")
@_REASON
def log_out(email: str, reason: str) -> None:
    """End all sessions of a user at once."""
    caller = _console()
    from tocsin.services.accounts import end_all_sessions  # noqa: PLC0415 - after set-up
    from tocsin.services.organisations import find_user_by_email  # noqa: PLC0415

    click.echo(f"{end_all_sessions(caller, find_user_by_email(email), reason)} sessions ended.")


@user.command("totp")
@as_themselves
def totp(caller: "Caller") -> None:
    """Add your authenticator app: shows a QR code, and asks for a code before it counts."""
    from tocsin.services.authenticators import begin_totp, confirm_totp  # noqa: PLC0415

    offer = begin_totp(caller)
    click.echo(_qr_code(offer.url))
    click.echo(f"Or type this into the app: {offer.secret}")
    confirm_totp(caller, offer.secret, ask("Code that the app shows now", hide=False))
    click.echo("Your authenticator app was added. Next: tocsin user recovery-codes.")


@user.command("recovery-codes")
@as_themselves
def recovery_codes(caller: "Caller") -> None:
    """Show ten new recovery codes once; older ones count no more.

    Each opens a session once when your app is lost. None of them signs anything.
    """
    from tocsin.services.authenticators import make_recovery_codes  # noqa: PLC0415

    for code in make_recovery_codes(caller):
        click.echo(code)
    click.echo("Keep them apart from your phone; they are not shown again.", err=True)


@user.command("sessions")
@click.option("--end", "key", metavar="KEY", help="End this one, such as web:12.")
@as_themselves
def sessions(caller: "Caller", key: str | None) -> None:
    """List your open sessions, or end one of them."""
    from tocsin.services.accounts import end_session, list_sessions  # noqa: PLC0415

    if key:
        end_session(caller, key)
        click.echo(f"Session {key} has ended.")
        return
    for line in list_sessions(caller):
        click.echo(f"{line.key}\t{line.opened_at:%Y-%m-%d %H:%M} UTC\t{line.place}")


def _qr_code(text: str) -> str:
    from qrcode import QRCode  # noqa: PLC0415 - only here

    code = QRCode(border=2)
    code.add_data(text)
    drawn = io.StringIO()
    code.print_ascii(out=drawn, invert=True)
    return drawn.getvalue()


def _console(organisation: str | None = None) -> "Caller":
    from tocsin.services.installation import console_caller, open_installation  # noqa: PLC0415

    open_installation()
    return console_caller(organisation)
