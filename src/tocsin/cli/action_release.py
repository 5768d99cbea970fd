"""`tocsin action preview, review-scope, release-scope ...`: look at it, then sign it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user, prove
from tocsin.cli.csv_file import csv_option, write_rows

if TYPE_CHECKING:
    from tocsin.services.scope_release import ScopePreview
    from tocsin.services.work import Caller

_id = click.argument("action_id", type=int, metavar="ACTION")
_seen = click.option(
    "--seen", metavar="SHA256", help="Sign what has this SHA-256; without it you are asked."
)
_SHOWN = 20


@click.command("preview")
@_id
@csv_option
@as_user
def preview(caller: "Caller", action_id: int, csv: Path | None) -> None:
    """Show what the signatures of a scope would stand for, with the records that would leave."""
    from tocsin.services.scope_release import read_scope_preview  # noqa: PLC0415 - needs Django

    seen = read_scope_preview(caller, action_id)
    _print(seen)
    names = ("registry_id", "device_id", "notice", "was", "now")
    rows = ({name: str(getattr(one, name)) for name in names} for one in seen.leavers)
    write_rows(csv, names, rows)


@click.command("review-scope")
@_id
@_seen
@as_user
def review_scope(caller: "Caller", action_id: int, seen: str | None) -> None:
    """Sign the scope of an action as its reviewer, after looking at it."""
    from tocsin.services import scope_release  # noqa: PLC0415

    digest = seen or _look(caller, action_id).sha256
    scope_release.review_scope(prove(caller), action_id, digest)
    click.echo("Signed as reviewer. Somebody else can release it now.")


@click.command("review-leavers")
@_id
@_seen
@as_user
def review_leavers(caller: "Caller", action_id: int, seen: str | None) -> None:
    """Sign the list of records that a new scope gives a lesser verdict."""
    from tocsin.services import scope_release  # noqa: PLC0415

    digest = seen or _look(caller, action_id).leavers_sha256
    n_leavers = scope_release.review_leavers(prove(caller), action_id, digest)
    click.echo(f"Signed: {n_leavers:,} records get a lesser verdict.")


@click.command("release-scope")
@_id
@_seen
@as_user
def release_scope(caller: "Caller", action_id: int, seen: str | None) -> None:
    """Release the scope of an action by the second signature, after looking at it."""
    from tocsin.services import scope_release  # noqa: PLC0415

    digest = seen or _look(caller, action_id).sha256
    scope_release.release_scope(prove(caller), action_id, digest)
    click.echo(f"The scope of action {action_id} is released.")


@click.command("review-letters")
@_id
@_seen
@as_user
def review_letters(caller: "Caller", action_id: int, seen: str | None) -> None:
    """Sign the locked letters of an action as their reviewer, after looking at the list."""
    from tocsin.services import letter_release  # noqa: PLC0415

    digest = seen or _look_at_letters(caller, action_id)
    letter_release.review_letters(prove(caller), action_id, digest)
    click.echo("Signed as reviewer. Somebody else can release them now.")


@click.command("release-letters")
@_id
@_seen
@as_user
def release_letters(caller: "Caller", action_id: int, seen: str | None) -> None:
    """Release the locked letters by the second signature; nothing is sent by it."""
    from tocsin.services import letter_release  # noqa: PLC0415

    digest = seen or _look_at_letters(caller, action_id)
    letter_release.release_letters(prove(caller), action_id, digest)
    click.echo(f"The letters of action {action_id} are released. `tocsin action start` sends them.")


def _look_at_letters(caller: "Caller", action_id: int) -> str:
    """Show which letters would be signed, and ask whether they are meant."""
    from tocsin.services.letter_release import read_letter_preview  # noqa: PLC0415

    seen = read_letter_preview(caller, action_id)
    for number, name in seen.letters:
        click.echo(f"  {number}\t{name}")
    for number, name, state in seen.unlocked:
        click.echo(f"  {number}\t{name}: {state}, not among them")
    for sentence in seen.hindrances:
        click.echo(f"Not yet: {sentence}")
    for sentence in seen.warnings:
        click.echo(f"Beware: {sentence}")
    click.confirm("Are these the letters that you sign?", abort=True, err=True)
    return seen.sha256


def _look(caller: "Caller", action_id: int) -> "ScopePreview":
    """Show what would be signed, and ask whether it is meant."""
    from tocsin.services.scope_release import read_scope_preview  # noqa: PLC0415

    seen = read_scope_preview(caller, action_id)
    _print(seen)
    click.confirm("Is this what you sign?", abort=True, err=True)
    return seen


def _print(seen: "ScopePreview") -> None:
    from tocsin.match.figures import MatchSummary  # noqa: PLC0415

    click.echo(f"Match {seen.run}: {seen.manifest['title']}")
    for line in seen.scope:
        click.echo(f"  {line}")
    for each in MatchSummary.model_validate_json(seen.manifest["figures"]).notices:
        for verdict, count in each.verdicts.items():
            click.echo(
                f"  {each.notice}: {verdict:<13}{count.records:>12,} records "
                f"{count.quantity:>12,} units {count.holders:>10,} holders"
            )
    click.echo("Samples:")
    for device, found, entry, code in seen.samples:
        click.echo(f"  {device}\t{found}\t{entry}\t{code}")
    if seen.leavers:
        click.echo(f"{len(seen.leavers):,} records get a lesser verdict than was released before:")
        for one in seen.leavers[:_SHOWN]:
            click.echo(f"  {one.device_id}\t{one.notice}\t{one.was.name} -> {one.now.name}")
        if len(seen.leavers) > _SHOWN:
            click.echo("  ... `tocsin action preview --csv FILE` writes them all.")
        click.echo(f"SHA-256 of their list: {seen.leavers_sha256}")
    for hindrance in seen.hindrances:
        click.echo(f"Not yet: {hindrance}")
    click.echo(f"SHA-256 of the scope: {seen.sha256}")


RELEASE_COMMANDS = (
    preview,
    review_scope,
    review_leavers,
    release_scope,
    review_letters,
    release_letters,
)
