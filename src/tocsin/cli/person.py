"""`tocsin person`: one person at a time, for a purpose; the same person in two lists."""

from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user

if TYPE_CHECKING:
    from tocsin.services.work import Caller

_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; it names nobody.")


@click.group()
def person() -> None:
    """Show or erase one person, and decide who is the same person in two lists.

    Whoever looks at a person's data, or decides something about them, is noted in the audit trail.
    """


@person.command()
@click.argument("person_id")
@click.option("--purpose", required=True, metavar="TEXT", help="For what; it is kept.")
@as_user
def show(caller: "Caller", person_id: str, purpose: str) -> None:
    """Show one person's name and addresses."""
    from tocsin.services.persons import access_person  # noqa: PLC0415

    shown = access_person(caller, person_id, purpose)
    for name, text in shown.private.items():
        click.echo(f"{name}: {text}")
    click.echo(f"{shown.kind}{', a minor' if shown.is_minor else ''}")
    click.echo(f"country: {shown.country or 'unknown'}, language: {shown.language or 'unknown'}")
    for registry, holder_id in shown.holder_ids.items():
        click.echo(f"in {registry!r} as {holder_id}")
    if shown.addressee_id != shown.person_id:
        click.echo(f"Write to person {shown.addressee_id} instead.")


@person.command()
@click.argument("person_id")
@_REASON
@as_user
def erase(caller: "Caller", person_id: str, reason: str) -> int:
    """Erase one person's private data for good."""
    from tocsin.services.persons import erase_person  # noqa: PLC0415

    erasure = erase_person(caller, person_id, reason)
    if erasure.held_because:
        click.echo(
            f"Nothing was erased: {'; '.join(erasure.held_because)}. The wish is noted; ask again "
            "when that has ended."
        )
        return 3
    click.echo("The private data were erased; nobody can read them any more.")
    return 0


@person.command()
@click.option("--propose", is_flag=True, help="Look for new ones first.")
@as_user
def links(caller: "Caller", propose: bool) -> None:
    """List who may be, or is, the same person in two lists, with reasons."""
    from tocsin.services.person_links import list_links, propose_links  # noqa: PLC0415

    if propose:
        click.echo(f"{len(propose_links(caller))} links are new.")
    for link in list_links(caller):
        reasons = ", ".join(link.reasons)
        click.echo(f"{link.pk}: {link.state}: {link.one_id} and {link.other_id} ({reasons})")


@person.command("confirm-link")
@click.argument("link", type=int)
@_REASON
@as_user
def confirm(caller: "Caller", link: int, reason: str) -> None:
    """Say that two persons are one: they are contacted once."""
    from tocsin.services.person_links import confirm_link  # noqa: PLC0415

    confirm_link(caller, link, reason)
    click.echo(f"Link {link} is confirmed.")


@person.command("reject-link")
@click.argument("link", type=int)
@_REASON
@as_user
def reject(caller: "Caller", link: int, reason: str) -> None:
    """Say that two persons are not one."""
    from tocsin.services.person_links import reject_link  # noqa: PLC0415

    reject_link(caller, link, reason)
    click.echo(f"Link {link} is rejected.")


@person.command("undo-link")
@click.argument("link", type=int)
@_REASON
@as_user
def undo(caller: "Caller", link: int, reason: str) -> None:
    """Separate again two persons that were taken for one."""
    from tocsin.services.person_links import undo_link  # noqa: PLC0415

    undo_link(caller, link, reason)
    click.echo(f"Link {link} is undone; the persons are two again.")
