"""`tocsin letters`: a PDF for everybody whom a notice concerns, from files, without a database."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click

from tocsin.cli.pairs import read_pairs
from tocsin.cli.progress import counted_progress, progress

ROWS_SET_ASIDE = 4
_path = click.Path(path_type=Path)


@click.command(
    epilog=(
        "Example: tocsin letters notice.yaml --registry devices.csv --holders holders.csv "
        "--out letters. The folder then holds a PDF per letter, manifest.csv and work-items.csv."
    )
)
@click.argument("notice", type=_path)
@click.option("--registry", "-r", type=_path, required=True, metavar="FILE", help="The devices.")
@click.option("--holders", type=_path, required=True, metavar="FILE", help="Who holds them.")
@click.option("--out", "-o", type=_path, required=True, metavar="FOLDER", help="A new folder.")
@click.option("--language", metavar="CODE", help="Of all letters; without it each holder's own.")
@click.option(
    "--letters", "texts", type=_path, metavar="FOLDER", help="Your own texts, as YAML files."
)
@click.option("--from", "sender", metavar="LINE", help="Name and address of who writes.")
@click.option(
    "--field", "fields", multiple=True, metavar="NAME=VALUE", help="What the notice does not say."
)
@click.option(
    "--fonts",
    multiple=True,
    type=_path,
    envvar="TOCSIN_FONTS",
    metavar="FOLDER",
    help="Fonts for more scripts (Debian: /usr/share/fonts/truetype/noto); or TOCSIN_FONTS.",
)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="Of the letters; else today.")
def letters(
    notice: Path,
    registry: Path,
    holders: Path,
    out: Path,
    language: str | None,
    texts: Path | None,
    sender: str | None,
    fields: Sequence[str],
    fonts: Sequence[Path],
    processes: int,
    on: datetime | None,
) -> int:
    """Match a notice and make a letter for everybody whom it concerns.

    Each PDF meets PDF/UA-1 (it can be read aloud) and PDF/A-2a (it can be archived). Whoever gets
    no letter, because a name, an address, a text or a font is missing, stands in work-items.csv
    with what to do; nobody is left out silently. The exit code is 4 if there are any.
    """
    from tocsin.services.letter_files import (  # noqa: PLC0415
        LetterOptions,
        check_folder,
        letter_texts,
        make_letter_files,
        write_letters,
    )
    from tocsin.services.matching import match_registry, read_holders  # noqa: PLC0415
    from tocsin.services.notices import read_notices  # noqa: PLC0415

    check_folder(out)
    options = LetterOptions(
        on.date() if on else date.today(),  # noqa: DTZ011 - a letter bears the writer's own day
        language,
        sender,
        read_pairs("--field", "NAME=VALUE", fields),
        fonts,
        processes,
    )
    (read,) = read_notices([notice])[:1]
    found = letter_texts(read, texts)
    with (
        progress(6) as told,
        match_registry([read], registry, told=told) as run,
    ):
        told("reading the holders")
        loaded = read_holders(run, holders)
        outcomes = make_letter_files(run, holders, found, options)
        n_rejected = len(run.loaded.rejected) + len(loaded.rejected)
    with counted_progress("letters") as counted:
        n_letters, n_items = write_letters(outcomes, out, options, counted)
    click.echo(f"{n_letters:,} letters in {out}, listed in manifest.csv.", err=True)
    if n_items:
        click.echo(f"{n_items:,} persons got no letter: see work-items.csv.", err=True)
    if n_rejected:
        click.echo(
            f"{n_rejected:,} rows of the lists could not be read: `tocsin match` lists them.",
            err=True,
        )
    return ROWS_SET_ASIDE if n_items or n_rejected else 0
