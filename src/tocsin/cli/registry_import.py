"""`tocsin registry add, list, import, import-holders, imports, agree, resume, undo`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.base.errors import UsageError
from tocsin.cli.caller import as_user
from tocsin.cli.progress import counted_progress

if TYPE_CHECKING:
    from tocsin.services.list_imports import ImportTold
    from tocsin.services.work import Caller

ROWS_SET_ASIDE = 4
_file = click.Path(path_type=Path)


@click.command()
@click.argument("name")
@as_user
def add(caller: "Caller", name: str) -> None:
    """Add an empty registry to the store: a clinic's list, a pharmacy's, the maker's own."""
    from tocsin.services.list_imports import add_registry  # noqa: PLC0415

    add_registry(caller, name)
    click.echo(f"The registry {name!r} is there, and empty. Next: tocsin registry import FILE.")


@click.command("list")
@as_user
def list_all(caller: "Caller") -> None:
    """List the registries of the store."""
    from tocsin.services.list_imports import list_registries  # noqa: PLC0415

    for one in list_registries(caller):
        click.echo(f"{one.name}: revision {one.revision}")


@click.command("import")
@click.argument("file", type=_file)
@click.option("--into", required=True, metavar="NAME", help="Into which registry.")
@click.option(
    "--mapping", type=_file, metavar="FILE.yaml", help="What `tocsin registry map` has saved."
)
@click.option("--sheet", metavar="NAME", help="Which sheet of a workbook; without it the first.")
@click.option("--encoding", metavar="NAME", help="How the CSV is encoded, if it is not UTF-8.")
@click.option(
    "--complete/--update",
    "is_complete",
    default=False,
    help="Whether the file is the whole list: records that it lacks are then closed.",
)
@click.option("--yes", is_flag=True, help="Close them without asking.")
@click.option("--reason", default="", metavar="TEXT", help="Why most records are gone.")
@click.option(
    "--wait/--queue",
    "waits",
    default=None,
    help="Do it here, or leave it to `tocsin worker`; on a terminal it is done here.",
)
@as_user
def import_records(
    caller: "Caller",
    file: Path,
    into: str,
    mapping: Path | None,
    sheet: str | None,
    encoding: str | None,
    is_complete: bool,
    yes: bool,
    reason: str,
    waits: bool | None,
) -> int:
    """Import a list of devices as a new revision of a registry.

    Records that are as they were stay; what has changed is kept with its history. Rows that
    cannot be records, and findings, are listed in files that the command names. Nothing of an
    import is seen before all of it is there; killed, it goes on where it stopped.
    """
    if yes and not is_complete:
        raise UsageError("--yes goes with --complete: an update closes nothing.")
    from tocsin.services.registries import read_as  # noqa: PLC0415

    options = read_as(mapping, sheet, encoding)
    told = {
        "complete": is_complete,
        "sheet": sheet,
        "encoding": encoding,
        "mapping": options.mapping.model_dump(mode="json") if options.mapping else None,
        "agreed": yes,
        "reason": reason,
    }
    return _import(caller, into, file, "records", told, waits=waits)


@click.command("import-holders")
@click.argument("file", type=_file)
@click.option("--into", required=True, metavar="NAME", help="Into which registry.")
@click.option("--wait/--queue", "waits", default=None, help="Do it here, or leave it to a worker.")
@as_user
def import_holders(caller: "Caller", file: Path, into: str, waits: bool | None) -> int:
    """Import a list of holders: each is sealed with a key of their own.

    Columns as `tocsin schema holders` tells. What the file has no column for stays as it was.
    """
    return _import(caller, into, file, "holders", {}, waits=waits)


@click.command()
@as_user
def imports(caller: "Caller") -> None:
    """List the imports, the last first, and how far they are."""
    from tocsin.services.list_imports import list_imports  # noqa: PLC0415

    for one in list_imports(caller):
        click.echo(f"{one.number}: {one.source} into {one.registry!r}: {_state_of(one)}")


@click.command()
@click.argument("number", type=int)
@click.option("--reason", default="", metavar="TEXT", help="Why most records are gone.")
@as_user
def agree(caller: "Caller", number: int, reason: str) -> int:
    """Let an import go on that waits because it closes records."""
    from tocsin.services.list_imports import agree_to_import  # noqa: PLC0415

    agree_to_import(caller, number, reason)
    return _finish(caller, number)


@click.command()
@click.argument("number", type=int)
@as_user
def resume(caller: "Caller", number: int) -> int:
    """Go on with an import that was interrupted or given up."""
    from tocsin.services.list_imports import resume_import  # noqa: PLC0415

    resume_import(caller, number)
    return _finish(caller, number)


@click.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@as_user
def undo(caller: "Caller", number: int, reason: str) -> int:
    """Take back what an import has written that has not ended."""
    from tocsin.services.list_imports import undo_import  # noqa: PLC0415

    undo_import(caller, number, reason)
    return _finish(caller, number)


def _import(
    caller: "Caller",
    into: str,
    file: Path,
    kind: str,
    options: Mapping[str, object],
    *,
    waits: bool | None,
) -> int:
    from tocsin.services.import_files import discard_source, keep_source  # noqa: PLC0415
    from tocsin.services.list_imports import begin_import  # noqa: PLC0415

    kept = keep_source(file, caller.organisation_id or 0)
    try:
        begun = begin_import(caller, into, kind, kept, options)
    except BaseException:
        discard_source(kept, caller.organisation_id or 0)
        raise
    if waits is None:
        waits = sys.stdin.isatty()
    if not waits:
        click.echo(
            f"Import {begun.pk} waits for `tocsin worker`; `tocsin registry imports` tells how "
            f"far it is, `tocsin registry resume {begun.pk}` does it here."
        )
        return 0
    return _finish(caller, begun.pk)


def _finish(caller: "Caller", number: int) -> int:
    """Do an import until it has ended or nobody agrees; tell what became of it."""
    from tocsin.services.import_runs import finish_import  # noqa: PLC0415
    from tocsin.services.list_imports import agree_to_import  # noqa: PLC0415

    with counted_progress("rows") as told:
        done = finish_import(caller, number, told)
    if done.state == "waiting" and sys.stdin.isatty():
        click.echo(done.asks)
        if click.confirm("Close them?"):
            reason = ""
            if done.loses_most:
                reason = str(click.prompt("That is more than half. Why are they gone?"))
            agree_to_import(caller, number, reason)
            with counted_progress("rows") as told:
                done = finish_import(caller, number, told)
    said = _state_of(done)
    click.echo(said[:1].upper() + said[1:])
    for path in _lists_of(done):
        click.echo(f"See {path}")
    if done.state == "waiting":
        click.echo(
            f"{done.asks} Nothing was changed yet. Say `tocsin registry agree {number}`, or "
            "undo it."
        )
        return 3
    return ROWS_SET_ASIDE if done.n_rejected else 0


def _lists_of(done: "ImportTold") -> list[Path]:
    found = done.folder.glob("*.csv")
    return sorted(path for path in found if path.read_text("utf-8").count("\n") > 1)


def _state_of(one: "ImportTold") -> str:
    if one.state == "complete":
        unit = "records" if one.kind == "records" else "holders"
        vanished = f", {one.n_vanished:,} of the registry are not in the file"
        return (
            f"{one.state_in_words}: {one.n_read:,} rows were read, {one.n_accepted:,} accepted "
            f"and {one.n_rejected:,} set aside. {one.n_new:,} {unit} are new, {one.n_changed:,} "
            f"changed{vanished if one.kind == 'records' else ''}."
        )
    if one.state == "undone":
        return f"{one.state_in_words}. {one.problem}".strip()
    total = f" of {one.n_total:,}" if one.n_total else ""
    return f"{one.state_in_words} ({one.n_done:,}{total}) {one.problem}".strip()
