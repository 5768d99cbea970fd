"""`tocsin organisation`: who runs actions in this installation. Acts as the machine's console."""

import click


@click.group()
def organisation() -> None:
    """Add an organisation to the installation, or list them. For the machine's administrator."""


@organisation.command("add")
@click.argument("slug")
@click.argument("name")
def add(slug: str, name: str) -> None:
    """Add an organisation by a short name (SLUG) and its full NAME."""
    from tocsin.services.installation import console_caller, open_installation  # noqa: PLC0415

    open_installation()
    from tocsin.services.organisations import create_organisation  # noqa: PLC0415 - after set-up

    create_organisation(console_caller(), slug, name)
    click.echo(f"Organisation {slug} was added. Add its users next: tocsin user add.")


@organisation.command("list")
def list_all() -> None:
    """List the organisations."""
    from tocsin.services.installation import console_caller, open_installation  # noqa: PLC0415

    open_installation()
    from tocsin.services.organisations import list_organisations  # noqa: PLC0415 - after set-up

    for slug, name in list_organisations(console_caller()):
        click.echo(f"{slug}\t{name}")
