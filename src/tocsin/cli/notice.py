"""`tocsin notice`: check, compare, draft from free text, write in another format."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user
from tocsin.cli.progress import progress
from tocsin.cli.registry_option import REGISTRY
from tocsin.services.exporting import EXPORT_FORMATS

if TYPE_CHECKING:
    from tocsin.formats.database_address import DatabaseTable
    from tocsin.match.figures import RevisionDiff
    from tocsin.services.work import Caller

_file = click.Path(path_type=Path)


@click.group()
def notice() -> None:
    """Check a notice, compare two revisions, draft one, write it elsewhere, or keep it."""


@notice.command()
@click.argument("file", type=_file)
def check(file: Path) -> None:
    """Validate a notice and say in sentences what it will and will not match."""
    from tocsin.services.notices import check_notice  # noqa: PLC0415

    for line in check_notice(file):
        click.echo(line)


@notice.command()
@click.argument("old", type=_file)
@click.argument("new", type=_file)
@click.option(
    "--registry", "-r", type=REGISTRY, metavar="FILE", help="Count the records that change."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (`tocsin schema diff`).")
def diff(old: Path, new: Path, registry: "Path | DatabaseTable | None", as_json: bool) -> None:
    """Compare two revisions: entries that changed and, with a registry, whom it moves.

    newly_in: was not affected, now affected or cannot_tell. newly_out: the other way round.
    contact_again: stays in, but with another verdict or other instructions.
    """
    from tocsin.services.matching import diff_revisions  # noqa: PLC0415
    from tocsin.services.notices import compare_notices, read_notices  # noqa: PLC0415

    before, after = read_notices([old]) + read_notices([new])
    if registry:
        with progress(4) as told:
            found = diff_revisions(before, after, registry, told)
    else:
        found = compare_notices(before, after)
    if as_json:
        click.echo(found.model_dump_json(indent=1))
    else:
        _print_diff(found)


@notice.command()
@click.argument("file", type=_file)
@click.option(
    "--format",
    "-f",
    "name",
    type=click.Choice(list(EXPORT_FORMATS)),
    required=True,
    help="What to write: yaml; csaf (CSAF 2.0), csaf-2.1, csaf-vex.",
)
@click.option("--out", "-o", type=_file, metavar="FILE", help="A file, or a folder to name it in.")
@click.option("--namespace", metavar="URL", help="CSAF: a web address that the publisher controls.")
@click.option(
    "--tlp", metavar="LABEL", help="CSAF: whom it may be passed on to (CLEAR, AMBER ...)."
)
@click.option(
    "--earlier",
    type=_file,
    multiple=True,
    metavar="FILE",
    help="CSAF: an earlier revision, for the dates of the history. Can be repeated.",
)
def export(
    file: Path,
    name: str,
    out: Path | None,
    namespace: str | None,
    tlp: str | None,
    earlier: tuple[Path, ...],
) -> None:
    """Write a notice in another format; read again, it is equal.

    CSAF has no place for lots, dates, countries or facts: they stand in words and in notes
    that Tocsin reads. Other readers see the whole product as affected.
    """
    from tocsin.services.exporting import (  # noqa: PLC0415
        ExportOptions,
        export_file_name,
        export_notice,
        write_export,
    )
    from tocsin.services.notices import read_notice  # noqa: PLC0415

    found = read_notice(file)
    options = ExportOptions(namespace, tlp, [read_notice(each) for each in earlier])
    text = export_notice(found, name, options)
    if out is None:
        click.echo(text, nl=False)
        return
    path = out / export_file_name(found, name) if out.is_dir() else out
    write_export(text, path)
    click.echo(f"Wrote {path}.", err=True)


@notice.command()
@click.argument("file", type=_file)
@click.option("--out", "-o", required=True, type=_file, metavar="NOTICE.yaml", help="A new file.")
@click.option(
    "--firm", metavar="NAME", help="The manufacturer, where the file has no `Firm:` line."
)
@click.option("--product", metavar="NAME", help="The product, where it has no `Product:` line.")
def draft(file: Path, out: Path, firm: str | None, product: str | None) -> None:
    """Draft a notice from a letter or a recall text (.txt, .html or .pdf).

    A grammar reads models, software versions, lots, serial numbers, dates, identifiers and what
    is excluded, in sentences and tables; nothing is guessed. The file may begin with the lines
    `Firm: ...`, `Product: ...` and `Date: ...`.

    Every entry is written with `reviewed: false` and with the pieces of text that it was read
    from. What could not be read stands under `unread`. Until a person compares an entry with
    the document and sets `reviewed: true`, no record is not_affected by it.

    Example: tocsin notice draft letter.pdf --firm Medtronic --out letter.yaml
    """
    from tocsin.formats.prose.draft import DraftHints  # noqa: PLC0415
    from tocsin.services.drafting import draft_notice, explain_draft, write_draft  # noqa: PLC0415

    drafted = draft_notice(file, DraftHints(firm=firm, product=product))
    write_draft(drafted, out)
    for line in explain_draft(drafted):
        click.echo(line, err=True)
    click.echo(f"Written: {out}. Check it with `tocsin notice check {out}`.", err=True)


@notice.command("add")
@click.argument("file", type=_file)
@as_user
def add(caller: "Caller", file: Path) -> None:
    """Keep the notices of a file in the store; any format that `tocsin match` reads."""
    from tocsin.services.kept_notices import add_notice  # noqa: PLC0415 - needs Django
    from tocsin.services.notices import read_notices  # noqa: PLC0415

    for each in read_notices([file]):
        add_notice(caller, each, file.name)
        click.echo(f"Kept: {each.notice}, revision {each.revision}.")


@notice.command("revise")
@click.argument("file", type=_file)
@as_user
def revise(caller: "Caller", file: Path) -> None:
    """Keep a further revision of a notice that is in the store; what is kept never changes."""
    from tocsin.services.kept_notices import add_notice_revision  # noqa: PLC0415
    from tocsin.services.notices import read_notices  # noqa: PLC0415

    for each in read_notices([file]):
        number = add_notice_revision(caller, each, file.name)
        click.echo(f"Kept: {each.notice}, revision {number}. Match its actions again.")


@notice.command("link")
@click.argument("name")
@click.argument("other")
@click.option(
    "--as-relation",
    "relation",
    default="same-event",
    help="same-event, supersedes, superseded-by, expands or related.",
)
@as_user
def link(caller: "Caller", name: str, other: str, relation: str) -> None:
    """Say that two kept notices speak of one matter."""
    from tocsin.services.kept_notices import link_notices  # noqa: PLC0415

    link_notices(caller, name, other, relation)
    click.echo(f"{name} and {other} are linked ({relation}).")


@notice.command("list")
@as_user
def list_all(caller: "Caller") -> None:
    """List the notices in the store."""
    from tocsin.services.kept_notices import list_notices  # noqa: PLC0415

    for line in list_notices(caller):
        linked = f"\tlinked: {', '.join(line.linked)}" if line.linked else ""
        click.echo(f"{line.name}\trevision {line.revision}\t{line.state}\t{line.title}{linked}")


def _print_diff(found: "RevisionDiff") -> None:
    click.echo(f"{found.notice}: revision {found.old_revision} to {found.new_revision}")
    for change in found.scope:
        click.echo(f"  {change.entry} {change.change}")
        if change.was:
            click.echo(f"    was: {change.was}")
        if change.now:
            click.echo(f"    now: {change.now}")
    if not found.scope:
        click.echo("  The scope is the same.")
    if found.instructions_changed:
        click.echo("  Instructions, remedy or hazard changed: who stays in must be told again.")
    for name, count in (found.records or {}).items():
        click.echo(
            f"  {name:<14}{count.records:>12,} records {count.quantity:>12,} units "
            f"{count.holders:>10,} holders"
        )
