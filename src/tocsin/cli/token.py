"""`tocsin token`: tokens with which other software acts as you, through the API."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_themselves

if TYPE_CHECKING:
    from tocsin.services.work import Caller


@click.group()
def token() -> None:
    """Make, list and revoke tokens with which other software acts as you, through the API.

    A token may less than you, for one organisation and for a time; docs/how-to/api.md says how to
    use it. Each of these asks for your password.
    """


@token.command("add")
@click.argument("name")
@click.option("--for", "organisation", required=True, metavar="SLUG", help="Which organisation.")
@click.option("--role", "-r", multiple=True, required=True, help="Which of your roles; several.")
@click.option("--service", "-s", multiple=True, help="Only these services of docs rights; several.")
@click.option("--write/--read-only", default=False, show_default=True, help="May it change things?")
@click.option(
    "--days", default=90, show_default=True, type=click.IntRange(1, 366), help="How long."
)
@as_themselves
def add(
    caller: "Caller",
    name: str,
    organisation: str,
    role: Sequence[str],
    service: Sequence[str],
    write: bool,
    days: int,
) -> None:
    """Make a token called NAME. It is shown once: put it where the other software reads it."""
    from tocsin.services.api_tokens import WantedToken, add_token  # noqa: PLC0415 - after set-up

    wanted = WantedToken(name, tuple(role), tuple(service), write, days)
    made, until = add_token(caller, organisation, wanted)
    click.echo(made)
    click.echo(f"It is shown only now, and can be used until {until:%Y-%m-%d %H:%M}.", err=True)


@token.command("list")
@as_themselves
def list_all(caller: "Caller") -> None:
    """List your tokens: what each may, until when, when it was last used."""
    from tocsin.services.api_tokens import list_tokens  # noqa: PLC0415 - after set-up

    for line in list_tokens(caller):
        state = f"until {line.expires_at:%Y-%m-%d}" if line.is_open else "ended"
        used = f"{line.last_used_at:%Y-%m-%d %H:%M} UTC" if line.last_used_at else "never"
        what = "may write" if line.may_write else "reads only"
        only = f", only {', '.join(line.services)}" if line.services else ""
        click.echo(
            f"{line.token_id}\t{line.name}\t{line.organisation}: {', '.join(line.roles)}{only}\t"
            f"{what}\t{state}\tlast used {used}"
        )


@token.command("revoke")
@click.argument("token_id", type=int, metavar="TOKEN")
@as_themselves
def revoke(caller: "Caller", token_id: int) -> None:
    """End a token at once, by its number in the list."""
    from tocsin.services.api_tokens import revoke_token  # noqa: PLC0415 - after set-up

    revoke_token(caller, token_id)
    click.echo(f"Token {token_id} opens nothing any more.")
