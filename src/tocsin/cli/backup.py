"""`tocsin backup` and `tocsin restore`."""

from pathlib import Path

import click

_file = click.Path(path_type=Path, dir_okay=False)
_folder = click.Path(path_type=Path, file_okay=False)
_passphrase_file = click.option(
    "--passphrase-file",
    type=_file,
    metavar="FILE",
    help="Its first line is the passphrase; else TOCSIN_KEYS_PASSPHRASE, else you are asked.",
)


@click.group(invoke_without_command=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="A new file, or a folder, in which it is named by its time.",
)
@click.option("--keep", type=int, metavar="N", help="Keep the newest N backups in the folder.")
@click.option("--keys-out", type=_file, metavar="FILE", help="Write the keys too, sealed, apart.")
@_passphrase_file
@click.pass_context
def backup(
    ctx: click.Context,
    out: Path | None,
    keep: int | None,
    keys_out: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Make a backup of the installation while work goes on, and verify it.

    The backup does not hold the keys: who steals it reads no person. Keep them apart, with
    --keys-out; without them nobody reads the persons again.
    """
    if ctx.invoked_subcommand is not None:
        return
    if out is None:
        raise click.UsageError("Say where with --out FILE, or verify one: backup verify FILE.", ctx)
    from tocsin.cli.passphrase import read_passphrase  # noqa: PLC0415
    from tocsin.services.installation import console_caller, open_outdated  # noqa: PLC0415

    passphrase = read_passphrase(passphrase_file, twice=True) if keys_out else ""
    open_outdated()
    from tocsin.services.backups import export_keys, make_backup  # noqa: PLC0415

    made = make_backup(console_caller(), out, keep)
    n_rows = sum(count.n_rows for count in made.manifest.tables.values())
    click.echo(f"{made.path}: {n_rows:,} rows in {len(made.manifest.tables)} tables, verified.")
    click.echo(f"audit trail up to row {made.manifest.head_seq}, SHA-256 {made.sha256}")
    for name in made.manifest.left_out:
        click.echo(f"left out: table {name}")
    for path in made.removed:
        click.echo(f"removed the older {path}")
    if keys_out:
        export_keys(console_caller(), keys_out, passphrase, made.manifest.installation)
        click.echo(f"{keys_out}: the keys, sealed. Keep it and its passphrase apart from backups.")


@backup.command()
@click.argument("file", type=_file)
def verify(file: Path) -> None:
    """Read a backup in full and say whether it would restore."""
    from tocsin.services.restoring import read_backup  # noqa: PLC0415

    manifest = read_backup(file)
    n_rows = sum(count.n_rows for count in manifest.tables.values())
    click.echo(
        f"{file} would restore: {manifest.database}, made at {manifest.made_at} by version "
        f"{manifest.version}, {n_rows:,} rows in {len(manifest.tables)} tables, audit trail up to "
        f"row {manifest.head_seq}."
    )


@click.command()
@click.argument("file", type=_file)
@click.option(
    "--into", required=True, type=_folder, metavar="DIR", help="The installation's new folder."
)
@click.option("--database", metavar="URL", help="An empty PostgreSQL database; else DATABASE_URL.")
@click.option("--keys", type=_file, metavar="FILE", help="The keys that --keys-out wrote.")
@click.option("--keys-from", type=_folder, metavar="DIR", help="Take the keys of this folder.")
@click.option("--without-keys", is_flag=True, help="New keys: the persons stay unreadable.")
@click.option("--old", type=_folder, metavar="DIR", help="The old folder, to compare with.")
@click.option("--move-aside", is_flag=True, help="If DIR is an installation, rename it first.")
@click.option("--reason", required=True, help="Why; it stands in the audit trail.")
@_passphrase_file
def restore(
    file: Path,
    into: Path,
    database: str | None,
    keys: Path | None,
    keys_from: Path | None,
    without_keys: bool,
    old: Path | None,
    move_aside: bool,
    reason: str,
    passphrase_file: Path | None,
) -> None:
    """Make an installation of a backup, in a new place.

    It comes up disarmed: it sends nothing until `tocsin sender arm`. All sessions are ended, and
    persons that were erased after the backup are erased again, as far as the old folder tells.
    """
    from tocsin.cli.passphrase import read_passphrase  # noqa: PLC0415
    from tocsin.services.restoring import RestoreOrder, restore_backup  # noqa: PLC0415

    passphrase = read_passphrase(passphrase_file, twice=False) if keys else ""
    order = RestoreOrder(
        file=file,
        into=into,
        database=database,
        keys=keys,
        passphrase=passphrase,
        keys_from=keys_from,
        is_without_keys=without_keys,
        old=old,
        moves_aside=move_aside,
        reason=reason,
    )
    for sentence in restore_backup(order):
        click.echo(sentence)
