"""The option `--csv FILE`: a list as a file that a spreadsheet opens without running anything."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

csv_option = click.option(
    "--csv", type=click.Path(path_type=Path), metavar="FILE", help="Write them as CSV too."
)


def write_rows(path: Path | None, names: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as CSV, whole or not at all; without a path nothing is written."""
    if path is None:
        return
    from tocsin.services.exporting import write_export  # noqa: PLC0415
    from tocsin.services.matching import rows_csv  # noqa: PLC0415

    write_export(rows_csv(names, iter(rows)), path)
    click.echo(f"Written: {path}.", err=True)
