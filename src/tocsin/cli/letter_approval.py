"""`tocsin letter tick, finish, review, submit, agree, lock ...`: look at it, then sign it."""

from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user, prove

if TYPE_CHECKING:
    from tocsin.services.work import Caller

_action = click.argument("action_id", type=int, metavar="ACTION")
_version = click.argument("version_id", type=int, metavar="LETTER")
_seen = click.option(
    "--seen", metavar="SHA256", help="The text that you looked at; without it you are asked."
)


@click.command()
@_version
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@click.option("--not-applicable", default="", metavar="WHY", help="Why they do not apply.")
@_seen
@as_user
def tick(
    caller: "Caller", version_id: int, items: tuple[str, ...], not_applicable: str, seen: str | None
) -> None:
    """Say that the text holds items of its checklists, or why they do not apply."""
    from tocsin.services.letter_approval import tick_letter  # noqa: PLC0415 - needs Django

    digest = _look(caller, version_id, seen)
    n_items = tick_letter(caller, version_id, digest, items, not_applicable)
    click.echo(f"Ticked: {n_items}.")


@click.command()
@_version
@as_user
def finish(caller: "Caller", version_id: int) -> None:
    """Say that a draft is complete and can be reviewed."""
    from tocsin.services.letter_approval import finish_translation  # noqa: PLC0415

    click.echo(f"Letter {version_id} is {finish_translation(caller, version_id)}.")


@click.command("return")
@_version
@click.option("--reason", required=True, metavar="SENTENCE", help="Why.")
@as_user
def give_back(caller: "Caller", version_id: int, reason: str) -> None:
    """Give a letter back to be written again."""
    from tocsin.services.letter_approval import return_letter_version  # noqa: PLC0415

    click.echo(f"Letter {version_id} is {return_letter_version(caller, version_id, reason)}.")


@click.command()
@_version
@_seen
@as_user
def review(caller: "Caller", version_id: int, seen: str | None) -> None:
    """Sign a letter as its reviewer, after comparing it with its source."""
    from tocsin.services.letter_approval import review_letter_version  # noqa: PLC0415

    digest = _look(caller, version_id, seen)
    state = review_letter_version(prove(caller), version_id, digest)
    click.echo(f"Letter {version_id} is {state}.")


@click.command()
@_version
@click.option("--authority", required=True, metavar="NAME", help="To which authority.")
@as_user
def submit(caller: "Caller", version_id: int, authority: str) -> None:
    """Say that a letter lies with an authority."""
    from tocsin.services.letter_approval import submit_letter_version  # noqa: PLC0415

    click.echo(f"Letter {version_id} is {submit_letter_version(caller, version_id, authority)}.")


@click.command()
@_version
@click.option("--reference", required=True, metavar="TEXT", help="Of the authority's answer.")
@_seen
@as_user
def agree(caller: "Caller", version_id: int, reference: str, seen: str | None) -> None:
    """Sign that the authority has agreed to this text."""
    from tocsin.services.letter_approval import agree_letter_version  # noqa: PLC0415

    digest = _look(caller, version_id, seen)
    state = agree_letter_version(prove(caller), version_id, digest, reference)
    click.echo(f"Letter {version_id} is {state}.")


@click.command()
@_version
@click.option("--reason", required=True, metavar="SENTENCE", help="Why none needs to agree.")
@_seen
@as_user
def waive(caller: "Caller", version_id: int, reason: str, seen: str | None) -> None:
    """Sign why no authority needs to agree to this text."""
    from tocsin.services.letter_approval import waive_letter_agreement  # noqa: PLC0415

    digest = _look(caller, version_id, seen)
    state = waive_letter_agreement(prove(caller), version_id, digest, reason)
    click.echo(f"Letter {version_id} is {state}.")


@click.command()
@_version
@_seen
@as_user
def lock(caller: "Caller", version_id: int, seen: str | None) -> None:
    """Lock a letter by your signature: its text never changes again."""
    from tocsin.services.letter_approval import lock_letter_version  # noqa: PLC0415

    digest = _look(caller, version_id, seen)
    click.echo(f"Letter {version_id} is {lock_letter_version(prove(caller), version_id, digest)}.")


@click.command()
@_action
@as_user
def preview(caller: "Caller", action_id: int) -> None:
    """Show which letters a release would let leave, and which are not locked yet."""
    from tocsin.services.letter_release import read_letter_preview  # noqa: PLC0415

    seen = read_letter_preview(caller, action_id)
    for number, name in seen.letters:
        click.echo(f"{number}\t{name}\tlocked")
    for number, name, state in seen.unlocked:
        click.echo(f"{number}\t{name}\t{state}, would not leave")
    for sentence in seen.hindrances:
        click.echo(f"Not yet: {sentence}")
    for sentence in seen.warnings:
        click.echo(f"Beware: {sentence}")
    click.echo(f"SHA-256 of the letters' manifest: {seen.sha256}")


def _look(caller: "Caller", version_id: int, seen: str | None) -> str:
    """Return the SHA-256 of the text that is meant; without one, show it and ask."""
    if seen is not None:
        return seen
    from tocsin.outreach.letter import letter_lines  # noqa: PLC0415
    from tocsin.services.letters import read_letter  # noqa: PLC0415

    view = read_letter(caller, version_id)
    for line in letter_lines(view.text):
        click.echo(f"  {line}")
    click.confirm("Is this the text that you mean?", abort=True, err=True)
    return view.line.sha256


APPROVAL_COMMANDS = (
    tick, finish, give_back, review, submit, agree, waive, lock, preview
)  # fmt: skip
