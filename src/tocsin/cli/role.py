"""`tocsin role`: what users are in an organisation. Acts as the machine's console."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tocsin.services.work import Caller

_ROLES = (
    "author",
    "reviewer",
    "releaser",
    "operator",
    "auditor",
    "privacy_officer",
    "administrator",
)
"""As `store.roles` has them; a test compares. Named here so that --help needs no tables."""
_organisation = click.option(
    "--organisation", required=True, envvar="TOCSIN_ORGANISATION", metavar="SLUG", help="Where."
)


@click.group()
def role() -> None:
    """Give a user a role in an organisation, end it, or list who is what.

    For the administrator of the machine, on its console. What each role may do is in
    docs/reference/rights.md.
    """


@role.command("give")
@click.argument("email")
@click.argument("role", type=click.Choice(_ROLES))
@_organisation
def give(email: str, role: str, organisation: str) -> None:
    """Give the user with the address EMAIL a ROLE."""
    caller = _console(organisation)
    from tocsin.services.organisations import find_user_by_email, give_role  # noqa: PLC0415
    from tocsin.services.rights import parse_role  # noqa: PLC0415

    give_role(caller, find_user_by_email(email), parse_role(role))
    click.echo(f"The user is {role} in {organisation} now.")


@role.command("end")
@click.argument("email")
@click.argument("role", type=click.Choice(_ROLES))
@_organisation
@click.option("--reason", required=True, help="Why; it stands in the audit trail.")
def end(email: str, role: str, organisation: str, reason: str) -> None:
    """End a ROLE of the user with the address EMAIL."""
    caller = _console(organisation)
    from tocsin.services.organisations import end_role, find_user_by_email  # noqa: PLC0415
    from tocsin.services.rights import parse_role  # noqa: PLC0415

    end_role(caller, find_user_by_email(email), parse_role(role), reason)
    click.echo(f"The user is no {role} in {organisation} any more.")


@role.command("list")
@_organisation
def list_all(organisation: str) -> None:
    """List who is what in an organisation."""
    caller = _console(organisation)
    from tocsin.services.organisations import list_roles  # noqa: PLC0415 - after set-up

    for email, held in list_roles(caller):
        click.echo(f"{email}\t{held}")


def _console(organisation: str) -> "Caller":
    from tocsin.services.installation import console_caller, open_installation  # noqa: PLC0415

    open_installation()
    return console_caller(organisation)
