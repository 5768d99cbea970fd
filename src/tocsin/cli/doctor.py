"""`tocsin doctor`."""

import json
from dataclasses import asdict

import click


@click.command()
@click.option("--full", is_flag=True, help="Read all of the trail and the database; takes longer.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list, for programs.")
def doctor(full: bool, as_json: bool) -> int:
    """Say what is wrong with an installation and what to do, the most urgent first.

    Changes nothing. Exit code 0: all is well; 3: somebody must act.
    """
    from tocsin.services.health.examination import examine_installation  # noqa: PLC0415
    from tocsin.services.health.finding import Urgency  # noqa: PLC0415

    found = examine_installation(is_full=full)
    if as_json:
        rows = [asdict(one) | {"urgency": one.urgency.name.lower()} for one in found]
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        for one in found:
            click.echo(f"{one.urgency.name.lower()}: {one.found} {one.advice}")
    wrong = [one for one in found if one.urgency != Urgency.NOTE]
    if not wrong and not as_json:
        click.echo("Nothing is wrong.")
    return 3 if wrong else 0
