"""`tocsin registry`: read other people's lists, and prepare them for matching."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.base.errors import UsageError
from tocsin.cli.pairs import read_pairs
from tocsin.cli.registry_import import (
    add,
    agree,
    import_holders,
    import_records,
    imports,
    list_all,
    resume,
    undo,
)

if TYPE_CHECKING:
    from tocsin.registry.column_mapping import ColumnMapping
    from tocsin.registry.column_proposal import ColumnProposal
    from tocsin.services.registries import ListInspection

_file = click.Path(path_type=Path)
_sheet_option = click.option(
    "--sheet", metavar="NAME", help="Which sheet of a workbook; without it the first."
)
_encoding_option = click.option(
    "--encoding", metavar="NAME", help="How the CSV is encoded, if it is not UTF-8 (latin-1)."
)
ROWS_SET_ASIDE = 4
Ask = Callable[[str], str]


@click.group()
def registry() -> None:
    """Read a list with other people's column names; prepare it for matching, or import it."""


for _command in (add, list_all, import_records, import_holders, imports, agree, resume, undo):
    registry.add_command(_command)


@registry.command("map")
@click.argument("file", type=_file)
@click.option(
    "--out", "-o", type=_file, metavar="FILE.yaml", help="Where to save it; beside FILE without it."
)
@click.option("--accept", is_flag=True, help="Save what is sure without asking; leave the rest.")
@click.option(
    "--kind",
    type=click.Choice(["registry", "claims"]),
    help="What the list is; without it the columns tell.",
)
@click.option(
    "--constant",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="What holds for every record, such as manufacturer=Medtronic.",
)
@_sheet_option
@_encoding_option
def map_columns(
    file: Path,
    out: Path | None,
    accept: bool,
    kind: str | None,
    constant: Sequence[str],
    sheet: str | None,
    encoding: str | None,
) -> None:
    """Propose how the columns of a list are to be read, and save what you confirm.

    Each column is shown with what it may be, why, and three values. On a terminal you are asked
    about all that is not sure. Nothing is saved unless you confirm it or say --accept.
    """
    from tocsin.services.registries import (  # noqa: PLC0415
        inspect_list,
        mapping_of,
        missing_points,
        read_as,
        write_mapping,
    )

    constants = read_pairs("--constant", "COLUMN=VALUE", constant)
    inspected = inspect_list(file, read_as(sheet=sheet, encoding=encoding), kind)
    _print_proposals(inspected)
    asks = not accept and sys.stdin.isatty()
    if not accept and not asks:
        if out:
            raise UsageError(
                "Nothing was saved: without a terminal nobody can confirm the proposal. Say "
                "--accept to save what is sure."
            )
        click.echo("Nothing was saved. Say --accept to save what is sure, or use a terminal.")
        return
    confirmed = confirm_proposals(inspected, _prompt if asks else None)
    mapping = mapping_of(inspected, confirmed, constants)
    _print_undecided(inspected, mapping)
    points = missing_points(inspected, mapping)
    for point in points:
        click.echo(f"Note: {point}")
    if points:
        click.echo(
            "A value for the whole list: --constant COLUMN=VALUE. An order of dates: under `dates` "
            "in the mapping."
        )
    target = out or file.with_name(f"{file.stem}.mapping.yaml")
    if asks and not click.confirm(f"Save these {len(mapping.columns)} columns in {target}?"):
        click.echo("Nothing was saved.")
        return
    write_mapping(mapping, target)
    click.echo(
        f"Saved in {target}: {len(mapping.columns)} columns are read, {len(mapping.kept)} stay as "
        f"they are. Next: tocsin match NOTICE --registry {file} --mapping {target}"
    )


@registry.command()
@click.argument("file", type=_file)
@click.option(
    "--mapping", type=_file, metavar="FILE.yaml", help="What `tocsin registry map` has saved."
)
@click.option(
    "--out", "-o", type=_file, required=True, metavar="FILE.parquet", help="Where to write it."
)
@_sheet_option
@_encoding_option
def prepare(
    file: Path, mapping: Path | None, out: Path, sheet: str | None, encoding: str | None
) -> int:
    """Write a list as a Parquet registry with keys, sorted for matching.

    Verdicts are the same with and without it. What could not be read is listed in
    FILE.findings.csv, and rows that cannot be records in FILE.rejected.csv, beside it.
    """
    from tocsin.services.matching import findings_csv, rejected_csv  # noqa: PLC0415
    from tocsin.services.registries import prepare_registry, read_as  # noqa: PLC0415

    prepared = prepare_registry(file, read_as(mapping, sheet, encoding), out)
    loaded = prepared.loaded
    for note in loaded.notes:
        click.echo(note, err=True)
    click.echo(f"{loaded.n_accepted:,} records were written to {out}.")
    if prepared.findings:
        path = out.with_name(f"{out.stem}.findings.csv")
        path.write_text(findings_csv(prepared.findings), "utf-8")
        n_values = sum(finding.records for finding in prepared.findings)
        click.echo(
            f"{n_values:,} values could not be read and count as unknown; they are listed in "
            f"{path}.",
            err=True,
        )
    if not loaded.rejected:
        return 0
    path = out.with_name(f"{out.stem}.rejected.csv")
    path.write_text(rejected_csv(loaded), "utf-8")
    click.echo(
        f"{len(loaded.rejected):,} of {loaded.n_in:,} rows could not be records and were left "
        f"out; they are in {path}, each with the reason. Correct them and prepare again.",
        err=True,
    )
    return ROWS_SET_ASIDE


def _print_proposals(inspected: "ListInspection") -> None:
    from tocsin.registry.column_proposal import Confidence  # noqa: PLC0415

    words = {
        Confidence.SURE: "sure",
        Confidence.LIKELY: "likely",
        Confidence.AMBIGUOUS: "open",
        Confidence.NONE: "stays",
    }
    for note in inspected.notes:
        click.echo(f"Note: {note}")
    what = "claims" if inspected.kind == "claims" else "records"
    click.echo(f"{inspected.path.name}: {inspected.n_rows:,} rows of {what}.")
    for one in inspected.proposals:
        target = one.target or " or ".join(one.candidates) or "-"
        click.echo(f"  {one.name} -> {target} [{words[one.confidence]}]: {one.reason}.")
        if one.samples:
            click.echo(f"      such as {' | '.join(one.samples)}")
        if one.values:
            shown = ", ".join(f"{theirs} = {ours}" for theirs, ours in one.values[:6])
            more = " ..." if len(one.values) > 6 else ""
            click.echo(f"      read as {shown}{more}")
        if one.open_point:
            click.echo(f"      open: {one.open_point}")


def _print_undecided(inspected: "ListInspection", mapping: "ColumnMapping") -> None:
    open_columns = [
        f"{one.name} ({' or '.join(one.candidates)}?)"
        for one in inspected.proposals
        if one.candidates and one.name not in mapping.columns
    ]
    if open_columns:
        click.echo(
            f"Not decided, so they stay as they are: {', '.join(open_columns)}. Write them under "
            "`columns` if you know what they are."
        )


def _prompt(question: str) -> str:
    return str(click.prompt(question, default="", show_default=False)).strip()


def confirm_proposals(inspected: "ListInspection", ask: Ask | None) -> list["ColumnProposal"]:
    """Return the columns that are sure, and those that a person decides.

    Args:
        inspected: the list.
        ask: puts a question and returns the answer; None if nobody can be asked.
    """
    from tocsin.registry.column_proposal import Confidence  # noqa: PLC0415

    confirmed = [one for one in inspected.proposals if one.confidence is Confidence.SURE]
    if ask is None:
        return confirmed
    confirmed = [_ask_order(one, ask) for one in confirmed]
    for one in inspected.proposals:
        if one.confidence in {Confidence.LIKELY, Confidence.AMBIGUOUS}:
            taken = {other.target for other in confirmed}
            if chosen := _ask_target(inspected, one, taken, ask):
                confirmed.append(_ask_order(chosen, ask))
    return confirmed


def _ask_target(
    inspected: "ListInspection", one: "ColumnProposal", taken: set[str | None], ask: Ask
) -> "ColumnProposal | None":
    from tocsin.registry.column_mapping import ColumnMapping  # noqa: PLC0415
    from tocsin.services.registries import choose_target  # noqa: PLC0415

    kind = ColumnMapping(kind="claims" if inspected.kind == "claims" else "registry")
    choices = one.candidates or ((one.target,) if one.target else ())
    question = f"What is {one.name!r}? {', '.join(map(str, choices))}, another of our columns, or"
    while answer := ask(f"{question} Enter to leave it as it is"):
        if answer in taken:
            click.echo(f"{answer} is taken by another column.")
        elif kind.is_target(answer):
            return choose_target(inspected, one.name, answer)
        else:
            click.echo(f"{answer!r} is no column of ours; `tocsin schema registry` lists them.")
    return None


def _ask_order(one: "ColumnProposal", ask: Ask) -> "ColumnProposal":
    from dataclasses import replace  # noqa: PLC0415

    from tocsin.registry.column_dates import ORDERS  # noqa: PLC0415

    if not one.open_point:
        return one
    question = f"In which order are the dates of {one.name!r}? {', '.join(ORDERS)}, or"
    while answer := ask(f"{question} Enter to leave what can be two days unknown"):
        if answer in ORDERS:
            return replace(one, order=answer, open_point="")  # type: ignore[arg-type]
        click.echo(f"{answer!r} is none of these.")
    return one
