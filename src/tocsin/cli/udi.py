"""`tocsin udi`: what the bar code of a device says."""

import click


@click.command()
@click.argument("text")
def udi(text: str) -> None:
    """Say in words what a device identifier tells: device, lot, serial number and dates.

    TEXT is what the bar code holds or what is printed under it. Quote it, for the brackets.
    What is in doubt decides nothing in a match.
    """
    from tocsin.services.identifiers import explain_identifier  # noqa: PLC0415

    for line in explain_identifier(text):
        click.echo(line)
