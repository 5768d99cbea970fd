"""As whom a command acts: `--as EMAIL --organisation SLUG`, after a password or `tocsin login`.

@registry.command("add")
@click.argument("name")
@as_user
def add(caller: Caller, name: str) -> None:
add_registry(caller, name)                     # one service
release_letters(prove(caller), ...)            # one that signs: asks for a code first
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from tocsin.base.errors import TocsinError, UsageError
from tocsin.cli.login_file import forget_token, read_token

if TYPE_CHECKING:
    from tocsin.services.work import Caller

Command = Callable[..., Any]
_AS = click.option(
    "--as", "email", envvar="TOCSIN_USER", metavar="EMAIL", help="As whom; or TOCSIN_USER."
)
_ORGANISATION = click.option(
    "--organisation",
    envvar="TOCSIN_ORGANISATION",
    metavar="SLUG",
    help="For which organisation; or TOCSIN_ORGANISATION.",
)


class SignInNeeded(TocsinError):
    """Nobody is there to type a password, and there is no session at this terminal."""

    code = "sign_in_needed"


def as_user(command: Command) -> Command:
    """Return a command that acts as a user in an organisation; it gets the ``caller`` first."""

    @wraps(command)
    def run(*args: Any, email: str | None, organisation: str | None, **options: Any) -> Any:
        return command(caller_from(email, organisation), *args, **options)

    return _AS(_ORGANISATION(run))


def as_themselves(command: Command) -> Command:
    """Return a command about a user's own account: it always asks for the password."""

    @wraps(command)
    def run(*args: Any, email: str | None, **options: Any) -> Any:
        caller = _own_caller(email, None, with_token=False)
        return command(caller, *args, **options)

    return _AS(run)


def caller_from(email: str | None, organisation: str | None) -> "Caller":
    """Return the user that a command's options name, as the caller of services.

    Raises:
        UsageError: if an option is missing.
        TocsinError: if the user cannot be let in, or has no role there.
    """
    if not organisation:
        raise UsageError("Say for which organisation: --organisation SLUG, or TOCSIN_ORGANISATION.")
    return _own_caller(email, organisation, with_token=True)


def prove(caller: "Caller") -> "Caller":
    """Return the caller with a proof for one service that signs, after asking for a code.

    Raises:
        TocsinError: if the code is wrong, used, or there is no authenticator app.
    """
    from tocsin.services.step_up import prove_by_totp  # noqa: PLC0415 - needs Django

    code = ask("Code of your authenticator app, to sign", hide=False)
    return prove_by_totp(replace(caller, now=local_now()), code)


def ask(what: str, *, hide: bool = True, twice: bool = False) -> str:
    """Return what somebody types; a secret is not shown.

    Raises:
        SignInNeeded: if nobody is there.
    """
    try:
        typed: str = click.prompt(what, hide_input=hide, confirmation_prompt=twice, err=True)
    except click.Abort as error:
        if sys.stdin.isatty():
            raise
        raise SignInNeeded(
            f"{what}: nobody is there to type it. Nothing was changed. Run `tocsin login` at a "
            "terminal first; a code can only be typed."
        ) from error
    return typed


def local_now() -> datetime:
    """Return the time with the zone of this machine: it is printed beside signatures."""
    return datetime.now().astimezone()


def _own_caller(email: str | None, organisation: str | None, *, with_token: bool) -> "Caller":
    from tocsin.services.installation import (  # noqa: PLC0415 - needs Django
        installation_folder,
        open_installation,
    )

    if not email:
        raise UsageError("Say as whom: --as EMAIL, or TOCSIN_USER.")
    open_installation()
    from tocsin.services.callers import (  # noqa: PLC0415 - after set-up
        TokenRefused,
        sign_in,
        user_caller,
        user_of_token,
    )

    now = local_now()
    token = read_token(installation_folder(), email, now) if with_token else None
    if token is not None:
        try:
            return user_caller(user_of_token(token, email, now), organisation, now)
        except TokenRefused:
            forget_token(installation_folder(), email)
    user_id = sign_in(email, ask("Password"), _ask_second_factor, local_now())
    return user_caller(user_id, organisation, local_now())


def _ask_second_factor() -> str:
    return ask("Code of your authenticator app, or a recovery code", hide=False)
