"""`tocsin letter`: write the letters of an action, and lead each version to its lock."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user
from tocsin.cli.letter_approval import APPROVAL_COMMANDS

if TYPE_CHECKING:
    from tocsin.outreach.letter import LetterText
    from tocsin.services.letters import LetterView
    from tocsin.services.work import Caller

_action = click.argument("action_id", type=int, metavar="ACTION")
_version = click.argument("version_id", type=int, metavar="LETTER")
_file = click.argument("file", type=click.Path(path_type=Path))


@click.group()
def letter() -> None:
    """Write the letters of an action: a source, its versions per language and country, the lock.

    A letter's version has a number, which `tocsin letter list` shows. What is possible in which
    state stands in docs/reference/letter-states.md; who may do it in docs/reference/rights.md.
    """


@letter.command()
def kinds() -> None:
    """List the letters that can be written, and for whom each is."""
    from tocsin.outreach.letter_kinds import letter_kinds  # noqa: PLC0415 - loads its table

    for key, kind in letter_kinds().items():
        click.echo(f"{key}\t{kind.audience}\t{kind.meaning}")


@letter.command()
@_action
@_file
@as_user
def source(caller: "Caller", action_id: int, file: Path) -> None:
    """Keep a source text; all versions that hang on an older one become drafts again."""
    from tocsin.formats.letter_file import read_letter_file  # noqa: PLC0415
    from tocsin.services.letters import write_letter_source  # noqa: PLC0415 - needs Django

    written = write_letter_source(caller, action_id, read_letter_file(file))
    click.echo(f"The source has revision {written.revision}.")
    for number, name in written.reopened:
        click.echo(f"  draft again: {number}\t{name}")


@letter.command()
@_action
@_file
@as_user
def write(caller: "Caller", action_id: int, file: Path) -> None:
    """Keep a version: the text of a letter in a language, for a country or for all."""
    from tocsin.formats.letter_file import read_letter_file  # noqa: PLC0415
    from tocsin.services.letters import write_letter_version  # noqa: PLC0415 - needs Django

    made = write_letter_version(caller, action_id, read_letter_file(file))
    click.echo(f"Letter {made} is a draft. Next: tocsin letter finish {made}.")


@letter.command("list")
@_action
@as_user
def list_all(caller: "Caller", action_id: int) -> None:
    """List the letters of an action, each with where it stands."""
    from tocsin.services.letters import list_letters  # noqa: PLC0415 - needs Django

    lines = list_letters(caller, action_id)
    if not lines:
        click.echo("There is no letter yet. `tocsin letter source` keeps the first source text.")
    for line in lines:
        marks = [str(line.state)]
        marks += ["machine-prepared"] if line.prepared_by == "machine" else []
        marks += [line.why_reopened] if line.why_reopened else []
        where = f"{line.language}\t{line.country or '-'}"
        click.echo(f"{line.version_id}\t{line.key}\t{where}\t{'; '.join(marks)}")


@letter.command()
@_version
@click.option(
    "--against",
    type=click.Choice(["agreed", "source"]),
    help="Show the difference instead of the text.",
)
@as_user
def show(caller: "Caller", version_id: int, against: str | None) -> None:
    """Show a letter's text, its checklist, its signatures and what is possible now."""
    from tocsin.services.letters import read_letter  # noqa: PLC0415 - needs Django

    view = read_letter(caller, version_id)
    if against is None:
        _print_text(view.text)
    elif against == "agreed" and view.last_agreed is None:
        click.echo("No text of this letter has been agreed to before.")
    else:
        other = view.source if against == "source" else view.last_agreed
        _print_diff(other, view.text)
    _print_standing(view)


def _print_text(text: "LetterText") -> None:
    from tocsin.outreach.letter import letter_lines  # noqa: PLC0415

    for line in letter_lines(text):
        click.echo(f"  {line}")


def _print_diff(old: "LetterText | None", new: "LetterText") -> None:
    from tocsin.outreach.letter import letter_lines  # noqa: PLC0415

    before = letter_lines(old) if old else []
    for line in difflib.unified_diff(before, letter_lines(new), lineterm="", n=1):
        click.echo(f"  {line}")


def _print_standing(view: "LetterView") -> None:
    line = view.line
    click.echo(f"Letter {line.version_id}: {line.key} {line.language} {line.country}: {line.state}")
    if line.why_reopened:
        click.echo(f"  {line.why_reopened}")
    if line.authority:
        click.echo(f"  Authority: {line.authority} {line.reference}")
    for reading in view.readings:
        bound = "" if reading.bound is None else f" (bound {reading.bound:g})"
        click.echo(f"  Reading: {reading.index.replace('_', ' ')} {reading.value:g}{bound}")
    ticked = {tick.item: tick for tick in view.ticks if tick.is_of_this_text}
    for item, words in view.checklist.items():
        tick = ticked.get(item)
        said = "open" if tick is None else f"ticked by {tick.ticked_by}"
        if tick is not None and not tick.applies:
            said = f"does not apply ({tick.reason}), {tick.ticked_by}"
        click.echo(f"  {item}: {words}: {said}")
    for fault in view.faults:
        click.echo(f"  Not yet: {fault}")
    for signature in view.signatures:
        click.echo(f"  {signature}")
    allowed = ", ".join(name.replace("_", " ") for name in view.allowed)
    click.echo(f"Possible now: {allowed or 'only another version'}.")
    click.echo(f"SHA-256 of the text: {line.sha256}")


for _command in APPROVAL_COMMANDS:
    letter.add_command(_command)
