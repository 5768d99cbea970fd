"""`tocsin schema`: what the files that we read and write look like."""

import json

import click

KINDS = ("notice", "registry", "holders", "output", "summary", "diff", "benchmark")


@click.command()
@click.argument("kind", type=click.Choice(KINDS), default="notice")
def schema(kind: str) -> None:
    """Print the JSON Schema of a file: notice, registry, holders, output, summary, diff, benchmark.

    For tables (registry, holders, output) it describes one row.
    """
    from tocsin.services.schemas import json_schema  # noqa: PLC0415

    click.echo(json.dumps(json_schema(kind), indent=1, ensure_ascii=False))
