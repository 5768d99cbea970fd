"""`tocsin match` and `tocsin explain`."""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from tocsin.base.errors import UsageError
from tocsin.cli.pairs import read_pairs
from tocsin.cli.progress import progress
from tocsin.cli.registry_option import REGISTRY
from tocsin.cli.tree import print_tree

if TYPE_CHECKING:
    from tocsin.formats.database_address import DatabaseTable
    from tocsin.formats.registry_file import LoadedTable, ReadAs
    from tocsin.match.figures import MatchSummary
    from tocsin.services.matching import MatchOptions, MatchRun

ENGINES = ("duckdb", "sqlite", "postgres", "spark")
READY_ENGINES = ("duckdb",)
ROWS_SET_ASIDE = 4

_file = click.Path(path_type=Path)
_registry_option = click.option(
    "--registry",
    "-r",
    type=REGISTRY,
    required=True,
    metavar="FILE",
    help=(
        "The device records: CSV, Parquet, XLSX, FHIR R4 or R5 (a Bundle, NDJSON or a folder of "
        "them), or a table or view in a database: postgresql://user@host/database#table, "
        "sqlite:///file.db#table. `tocsin schema registry` lists the columns."
    ),
)
_mapping_option = click.option(
    "--mapping",
    type=_file,
    metavar="FILE.yaml",
    help="How a list with other column names is read: what `tocsin registry map` writes.",
)
_sheet_option = click.option(
    "--sheet", metavar="NAME", help="Which sheet of a workbook; without it the first."
)
_assume_option = click.option(
    "--assume",
    multiple=True,
    metavar="manufacturer=NAME",
    help="What holds for every record that does not say it. Printed in the summary.",
)
_encoding_option = click.option(
    "--encoding", metavar="NAME", help="How the CSV is encoded, if it is not UTF-8 (latin-1)."
)
_reviewed_option = click.option(
    "--as-if-reviewed",
    is_flag=True,
    help="Count unreviewed entries as reviewed, to measure a draft. Never act on it.",
)


@click.command(
    epilog=(
        "Example: tocsin match notice.yaml --registry devices.csv --holders holders.csv "
        "--out verdicts.csv. Without --out the rows go to standard output as CSV."
    )
)
@click.argument("notices", nargs=-1, required=True, type=_file, metavar="NOTICE...")
@_registry_option
@click.option("--holders", type=_file, metavar="FILE", help="Who they are: writes whom to contact.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="duckdb",
    show_default=True,
    help="Where to run.",
)
@click.option("--all", "keep_all", is_flag=True, help="List records that are not affected, too.")
@_reviewed_option
@_assume_option
@_mapping_option
@_sheet_option
@_encoding_option
@click.option("--out", "-o", type=_file, metavar="FILE", help="A .csv, .parquet or .json file.")
@click.option(
    "--fhir",
    "fhir_file",
    type=_file,
    metavar="FILE",
    help=(
        "Also write drafts for a health record: planned letters, flags on patients, requests for "
        "replacements. A .json transaction Bundle, or .ndjson."
    ),
)
@click.option(
    "--fhir-release",
    type=click.Choice(["R4", "R5"]),
    default="R4",
    show_default=True,
    help="The release of FHIR that --fhir writes.",
)
@click.option("--summary", "summary_file", type=_file, metavar="FILE.json", help="Figures as JSON.")
def match(
    notices: Sequence[Path],
    registry: "Path | DatabaseTable",
    holders: Path | None,
    engine: str,
    keep_all: bool,
    as_if_reviewed: bool,
    assume: Sequence[str],
    mapping: Path | None,
    sheet: str | None,
    encoding: str | None,
    out: Path | None,
    fhir_file: Path | None,
    fhir_release: Literal["R4", "R5"],
    summary_file: Path | None,
) -> int:
    """Find whom notices concern in a registry.

    NOTICE is a file in Tocsin's YAML or JSON, a CSAF advisory, or a folder of those. Each
    record gets a verdict per notice: affected, cannot_tell (with what would settle it) or, with
    --all, not_affected, each with the entry and the reason that decide it.
    """
    from tocsin.services.matching import (  # noqa: PLC0415
        MatchOptions,
        check_output,
        holders_of,
        match_registry,
        place_beside,
    )
    from tocsin.services.notices import read_notices  # noqa: PLC0415

    if engine not in READY_ENGINES:
        raise UsageError(
            f"The engine {engine} is not built yet; this version runs on duckdb. Leave it out."
        )
    if out:
        check_output(out)
    if fhir_file:
        from tocsin.services.fhir_requests import check_fhir_output, write_fhir  # noqa: PLC0415

        check_fhir_output(fhir_file)
    options = MatchOptions(
        keep_all,
        as_if_reviewed,
        read_pairs("--assume", "manufacturer=NAME", assume),
        _read_as(mapping, sheet, encoding),
    )
    with (
        progress(6) as told,
        match_registry(read_notices(notices), registry, options, told) as run,
    ):
        told("writing")
        persons = _write_contacts(run, registry, holders, out)
        _write_outputs(run, registry, out, summary_file)
        if fhir_file:
            known = holders_of(registry, holders)
            write_fhir(run, registry, known, fhir_file, fhir_release)
    _print_summary(run.summary, options)
    beside = out or place_beside(registry)
    rejected = beside.with_name(f"{beside.stem}.rejected.csv")
    code = _print_rejected(run.loaded, rejected, "were NOT judged")
    if persons is None:
        return code
    rejected = beside.with_name(f"{beside.stem}.holders.rejected.csv")
    return code or _print_rejected(persons, rejected, "can NOT be contacted")


def _read_as(mapping: Path | None, sheet: str | None, encoding: str | None) -> "ReadAs":
    from tocsin.services.registries import read_as  # noqa: PLC0415

    return read_as(mapping, sheet, encoding)


def _write_contacts(
    run: "MatchRun", registry: "Path | DatabaseTable", holders: Path | None, out: Path | None
) -> "LoadedTable | None":
    """Write whom to contact, a file per notice; return what became of the holders."""
    from tocsin.services.matching import (  # noqa: PLC0415
        contacts_csv,
        find_contacts,
        holders_of,
        place_beside,
        read_holders,
    )

    known = holders_of(registry, holders)
    if known is None:
        return None
    loaded = read_holders(run, known)
    beside = out or place_beside(registry)
    for number, notice in enumerate(run.matched.notices):
        lines = find_contacts(run, number, known)
        name = f"{beside.stem}.{notice.notice}.contacts.csv"
        beside.with_name(name).write_text(contacts_csv(lines), "utf-8")
    return loaded


def _write_outputs(
    run: "MatchRun", registry: "Path | DatabaseTable", out: Path | None, summary_file: Path | None
) -> None:
    from tocsin.services.matching import (  # noqa: PLC0415
        findings_csv,
        place_beside,
        write_verdicts,
    )

    beside = out or place_beside(registry)
    if out:
        write_verdicts(run, out)
    else:
        with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
            path = Path(folder) / "verdicts.csv"
            write_verdicts(run, path)
            with path.open("rb") as rows:
                shutil.copyfileobj(rows, sys.stdout.buffer)
            sys.stdout.flush()
    if run.findings:
        beside.with_name(f"{beside.stem}.findings.csv").write_text(
            findings_csv(run.findings), "utf-8"
        )
        n_records = sum(finding.records for finding in run.findings)
        click.echo(
            f"{n_records:,} values could not be read and count as unknown; their records were "
            f"judged all the same. They are listed in {beside.stem}.findings.csv.",
            err=True,
        )
    if summary_file:
        summary_file.write_text(run.summary.model_dump_json(indent=1) + "\n", "utf-8")


def _print_summary(summary: "MatchSummary", options: "MatchOptions") -> None:
    for warning in summary.warnings:
        click.echo(f"Warning: {warning}", err=True)
    for name, value in options.assumed.items():
        click.echo(f"Assumed for every record that does not say it: {name} {value}.", err=True)
    for figures in summary.notices:
        click.echo(f"{figures.notice}, revision {figures.revision}:", err=True)
        for verdict, count in figures.verdicts.items():
            units = f"{count.quantity:>12,}" if count.quantity else f"{'-':>12}"
            click.echo(
                f"  {verdict:<13}{count.records:>12,} records {units} units "
                f"{count.holders:>10,} holders",
                err=True,
            )
    if summary.gaps:
        click.echo(
            f"{summary.gaps:,} records name no product; they are listed once, as a gap.", err=True
        )


def _print_rejected(loaded: "LoadedTable", path: Path, what: str) -> int:
    """Write and tell what was set aside; return the exit code."""
    from tocsin.services.matching import rejected_csv  # noqa: PLC0415

    for note in loaded.notes:
        click.echo(note, err=True)
    if not loaded.rejected:
        return 0
    path.write_text(rejected_csv(loaded), "utf-8")
    click.echo(
        f"{len(loaded.rejected):,} of {loaded.n_in:,} rows could not be records and {what}; "
        f"they are in {path}, each with the reason. Correct them and match again.",
        err=True,
    )
    return ROWS_SET_ASIDE


@click.command()
@click.argument("notice_file", type=_file, metavar="NOTICE")
@_registry_option
@click.option("--device", "-d", required=True, metavar="ID", help="The record's device_id.")
@_reviewed_option
@_assume_option
@_mapping_option
@_sheet_option
@_encoding_option
def explain(
    notice_file: Path,
    registry: "Path | DatabaseTable",
    device: str,
    as_if_reviewed: bool,
    assume: Sequence[str],
    mapping: Path | None,
    sheet: str | None,
    encoding: str | None,
) -> None:
    """Show the whole reasoning about one device as a tree."""
    from tocsin.services.matching import MatchOptions, explain_device  # noqa: PLC0415
    from tocsin.services.notices import read_notice  # noqa: PLC0415

    options = MatchOptions(
        as_if_reviewed=as_if_reviewed,
        assumed=read_pairs("--assume", "manufacturer=NAME", assume),
        read_as=_read_as(mapping, sheet, encoding),
    )
    print_tree(explain_device(read_notice(notice_file), registry, device, options))
