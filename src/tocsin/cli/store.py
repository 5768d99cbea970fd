"""`tocsin store`: make an installation and keep its database up to date."""

import click


@click.group()
def store() -> None:
    """Make an installation for a team, and keep its database up to date.

    The installation lies in the folder that TOCSIN_HOME names (`tocsin-data` where you stand by
    default): a SQLite database and the keys. DATABASE_URL names another database, such as
    postgresql://tocsin@localhost/tocsin.
    """


@store.command()
def init() -> None:
    """Make the folder, its keys and the tables; what exists is kept."""
    from tocsin.services.installation import (  # noqa: PLC0415 - needs Django
        console_caller,
        create_installation,
    )

    place, steps = create_installation()
    from tocsin.services.organisations import list_organisations  # noqa: PLC0415 - after set-up

    click.echo(f"The installation is in {place}; {len(steps)} changes of its tables were made.")
    click.echo("Keep a copy of its keys (*.key) apart from the database: without them nobody can")
    click.echo("read the persons in a backup.")
    if not list_organisations(console_caller()):
        click.echo('Next: tocsin organisation add SLUG "NAME"; or `tocsin serve`, and the first')
        click.echo("page of the desk asks for all that is needed.")


@store.command()
def upgrade() -> None:
    """Bring the tables up to this version of Tocsin. Make a backup first."""
    from tocsin.services.installation import open_outdated, upgrade_database  # noqa: PLC0415

    open_outdated()
    steps = upgrade_database()
    for step in steps:
        click.echo(f"done: {step}")
    click.echo(f"{len(steps)} changes were made; the tables are those of this version.")
