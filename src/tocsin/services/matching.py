"""Matching notices against a registry: the main job, for files and for data frames.

No rights are asked yet: this is the library and command line on one person's files.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tocsin.base.errors import DeviceNotFound, OutputRefused, UsageError
from tocsin.base.truth import Truth
from tocsin.base.verdict import verdict_of
from tocsin.compute.duck import Duck, duck_database
from tocsin.formats.database_address import (
    DatabaseTable,
    is_database_address,
    parse_database_address,
)
from tocsin.formats.fhir.files import is_fhir_source
from tocsin.formats.registry_file import (
    LoadedTable,
    ReadAs,
    Source,
    distinct_texts,
    is_quick,
    load_holders,
    load_registry,
    spoilt_texts,
)
from tocsin.match.figures import MatchSummary, RevisionDiff
from tocsin.notice.model import Notice
from tocsin.notice.revision import tells_differently
from tocsin.outreach.contacts import ContactLine, HolderVerdict, contact_lines
from tocsin.registry.findings import Finding, find_unreadable
from tocsin.services.notices import compare_notices

if TYPE_CHECKING:
    from tocsin.compute.verdict_table import Matched
    from tocsin.match.explain import Explanation

OUTPUT_SUFFIXES = (".csv", ".parquet", ".json")
Told = Callable[[str], None]


@dataclass(frozen=True)
class MatchOptions:
    """How to match.

    Attributes:
        keep_all: whether rows that are not affected are wanted too.
        as_if_reviewed: whether unreviewed entries count as reviewed, to measure a draft.
        assumed: what the user says about all records; only ``manufacturer``.
        read_as: how the registry's file is to be read.
    """

    keep_all: bool = False
    as_if_reviewed: bool = False
    assumed: Mapping[str, str] = field(default_factory=dict)
    read_as: ReadAs = field(default_factory=ReadAs)

    def warnings(self) -> list[str]:
        """Return what a reader of the figures must know."""
        warnings = []
        if self.as_if_reviewed:
            warnings.append(
                "Unreviewed entries were counted as if a person had confirmed them. Do not "
                "act on a not_affected of this match."
            )
        return warnings


@dataclass(frozen=True)
class MatchRun:
    """A finished match whose database is still open."""

    matched: "Matched"
    loaded: LoadedTable
    summary: MatchSummary
    findings: Sequence[Finding]


def _quiet(_step: str) -> None:
    return


@contextmanager
def match_registry(
    notices: Sequence[Notice],
    registry: Source,
    options: MatchOptions | None = None,
    told: Told = _quiet,
) -> Iterator[MatchRun]:
    """Match notices against a registry; the run's tables can be read until the block ends.

    Args:
        notices: at least one.
        registry: a CSV, Parquet or XLSX file, a file or folder of FHIR, a table of a database, or
            an Arrow table with the registry's columns.
        options: see `MatchOptions`.
        told: is called with a few words when a step begins.

    Raises:
        RegistryUnreadable, RegistryWithoutEvidence: if the registry must be refused.
        UsageError: if an assumption is not understood.
    """
    options = options or MatchOptions()
    if unknown := set(options.assumed) - {"manufacturer"}:
        raise UsageError(
            f"Only the manufacturer can be assumed, not {', '.join(sorted(unknown))}. "
            "Write --assume manufacturer=NAME."
        )
    with duck_database() as duck:
        told("reading the registry")
        loaded = _load_while_importing(duck, registry, options.read_as)
        if isinstance(registry, Path) and options.read_as.mapping is None:
            loaded = _with_keys(duck, registry, loaded)
        from tocsin.compute.udi_faults import find_faulty_udis  # noqa: PLC0415
        from tocsin.compute.verdict_table import (  # noqa: PLC0415
            count_gaps,
            count_verdicts,
            match_loaded,
        )

        told("looking for unreadable values")
        findings = find_unreadable(
            partial(distinct_texts, duck.connection),
            loaded.columns,
            partial(spoilt_texts, duck.connection),
        )
        told("matching")
        matched = match_loaded(
            duck,
            notices,
            as_if_reviewed=options.as_if_reviewed,
            keep_all=options.keep_all,
            assumed_manufacturer=options.assumed.get("manufacturer"),
        )
        told("counting")
        summary = MatchSummary(
            software_version=version("tocsin"),
            registry="" if isinstance(registry, pa.Table) else registry.name,
            records=loaded.n_accepted,
            rejected=len(loaded.rejected),
            gaps=count_gaps(matched),
            assumptions=dict(options.assumed),
            warnings=options.warnings(),
            notices=count_verdicts(matched),
        )
        findings += find_faulty_udis(duck)
        yield MatchRun(matched, loaded, summary, findings)


def _with_keys(duck: Duck, registry: Path, loaded: LoadedTable) -> LoadedTable:
    """Use the keys of a prepared registry; tell if it has some that do not hold."""
    from tocsin.compute.registry_keys import use_prepared_keys  # noqa: PLC0415

    note = use_prepared_keys(duck, registry, loaded)
    return replace(loaded, notes=(*loaded.notes, note)) if note else loaded


def _load_while_importing(duck: Duck, registry: Source, read_as: ReadAs) -> LoadedTable:
    """Load the registry in one thread while the relational engine is imported in another.

    The loading thread must import nothing: two threads that import can wait for each other.
    FHIR is read in Python, which a second thread would only slow down.
    """
    cursor = duck.connection.cursor()
    if not is_quick(registry, read_as):
        return load_registry(cursor, registry, read_as)
    pool, must_wait = ThreadPoolExecutor(1), True
    loading = pool.submit(load_registry, cursor, registry, read_as)
    try:
        import tocsin.compute.verdict_table  # noqa: F401, PLC0415

        return loading.result()
    except KeyboardInterrupt:
        cursor.interrupt()
        # An import that Ctrl-C broke off may keep a lock for which the thread waits for ever.
        must_wait = False
        raise
    finally:
        pool.shutdown(wait=must_wait)


def write_verdicts(
    run: MatchRun, path: Path, *, only: Truth | None = None, concerned_only: bool = False
) -> None:
    """Write the output rows as CSV, JSON or Parquet, whole or not at all.

    Args:
        run: a match.
        path: its suffix decides the format.
        only: just the rows of this truth; UNKNOWN gives the triage list with questions.
        concerned_only: whether to leave out rows that are not affected.

    Raises:
        OutputRefused: if the format is not known or the place cannot be written.
    """
    from tocsin.compute.verdict_table import output_relation, write_table  # noqa: PLC0415

    check_output(path)
    table = output_relation(run.matched, with_question=only is Truth.UNKNOWN)
    if only is not None:
        table = table.filter(table.verdict == str(verdict_of(only)))
    elif concerned_only:
        table = table.filter(table.verdict != str(verdict_of(Truth.FALSE)))
    write_table(run.matched.duck, table, path)


def check_output(path: Path) -> None:
    """Check that an output file can be written where it is asked for."""
    if path.suffix.lower() not in OUTPUT_SUFFIXES:
        raise OutputRefused(
            f"The output {path} must end in {', '.join(OUTPUT_SUFFIXES)}; nothing was written."
        )
    if not path.parent.is_dir():
        raise OutputRefused(f"The folder {path.parent} does not exist; nothing was written.")


def read_registry_name(text: str) -> Path | DatabaseTable:
    """Return what a user calls a registry by: a file or folder, or a table in a database.

    Raises:
        UsageError: if it is the address of a database and cannot be read.
    """
    return parse_database_address(text) if is_database_address(text) else Path(text)


def place_beside(registry: Path | DatabaseTable) -> Path:
    """Return the path beside which files about a registry are written."""
    return registry if isinstance(registry, Path) else registry.beside


def holders_of(registry: Path | DatabaseTable, holders: Path | None) -> Path | None:
    """Return the file that holds the holders: the given one, else a registry in FHIR itself."""
    if holders is None and isinstance(registry, Path) and is_fhir_source(registry):
        return registry
    return holders


def read_holders(run: MatchRun, holders: Path | pa.Table) -> LoadedTable:
    """Load the holders once for a run and return what became of them."""
    return load_holders(run.matched.duck.connection, holders, datetime.now(tz=UTC).date())


def find_contacts(run: MatchRun, notice_no: int, holders: Path | pa.Table) -> list[ContactLine]:
    """Return whom to contact about one notice, a line per person or organisation."""
    from tocsin.compute.verdict_table import holder_verdicts  # noqa: PLC0415

    duck = run.matched.duck
    existing = duck.connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name='holders'")
    if not existing.fetchall():
        read_holders(run, holders)
    result = duck.connection.execute("SELECT * FROM holders").to_arrow_table().to_pylist()
    known = {row["holder_id"]: row for row in result}
    concerned = [
        HolderVerdict(holder, clinic, verdict_of(Truth(truth)))
        for holder, clinic, truth in duck.rows(
            holder_verdicts(run.matched, notice_no).select("holder", "clinic", "truth")
        )
    ]
    return list(contact_lines(concerned, known, run.matched.notices[notice_no].languages))


def contacts_csv(lines: Sequence[ContactLine]) -> str:
    """Return contact lines as CSV whose cells cannot start a formula."""
    return rows_csv([f.name for f in fields(ContactLine)], (asdict(line) for line in lines))


def rejected_csv(loaded: LoadedTable) -> str:
    """Return the rows that were set aside as CSV: line, column, value, reason."""
    rows = (asdict(row) for row in loaded.rejected)
    return rows_csv(["line", "column", "value", "reason"], rows)


def findings_csv(findings: Sequence[Finding]) -> str:
    """Return the unreadable values as CSV: column, value, records, reason."""
    return rows_csv(["column", "value", "records", "reason"], (asdict(f) for f in findings))


def rows_csv(names: Sequence[str], rows: "Iterator[dict[str, Any]]") -> str:
    """Return rows as CSV whose cells cannot start a formula in a spreadsheet."""
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _guarded(value) for name, value in row.items()})
    return text.getvalue()


def _guarded(value: Any) -> Any:
    starts = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
    if isinstance(value, str) and value[:1] and value[0] in starts:
        return "'" + value
    return value


def explain_device(
    notice: Notice,
    registry: Path | DatabaseTable,
    device_id: str,
    options: MatchOptions | None = None,
) -> "Explanation":
    """Return the whole reasoning about one record of a registry as a tree.

    Raises:
        DeviceNotFound: if no accepted record has this id.
    """
    from tocsin.match.explain import explain_record  # noqa: PLC0415
    from tocsin.registry.record import read_record  # noqa: PLC0415

    options = options or MatchOptions()
    with duck_database() as duck:
        load_registry(duck.connection, registry, options.read_as)
        found = duck.connection.execute("SELECT * FROM registry WHERE device_id = ?", [device_id])
        rows = found.to_arrow_table().to_pylist()
    if not rows:
        raise DeviceNotFound(
            f"The registry {registry} has no usable record {device_id!r}. Check the id; a row "
            "that was set aside is listed in the rejected file of `tocsin match`."
        )
    record = read_record(rows[0])
    if maker := options.assumed.get("manufacturer"):
        record = record.with_assumed_manufacturer(maker)
    return explain_record(notice, record, as_if_reviewed=options.as_if_reviewed)


def diff_revisions(old: Notice, new: Notice, registry: Source, told: Told = _quiet) -> RevisionDiff:
    """Return what a revision changes, with the records of a registry."""
    with match_registry([old, new], registry, told=told) as run:
        return diff_matched(run, 0, 1)


def diff_matched(run: MatchRun, old: int, new: int) -> RevisionDiff:
    """Return what changes between two notices of a match, by their places."""
    from tocsin.compute.verdict_diff import count_changes  # noqa: PLC0415

    before, after = run.matched.notices[old], run.matched.notices[new]
    differently = tells_differently(before, after)
    counts = count_changes(run.matched, old, new, told_differently=differently)
    return compare_notices(before, after).model_copy(update={"records": counts})


def match_frame(
    notices: Sequence[Notice], registry: Any, options: MatchOptions | None = None
) -> pa.Table:
    """Return the verdicts of a registry given as a data frame, as an Arrow table.

    Args:
        notices: at least one.
        registry: an Arrow table, a Polars or a pandas data frame, or anything that offers the
            Arrow PyCapsule interface, with the columns of `registry.schema`.
        options: see `MatchOptions`.

    Returns:
        One row per record and notice, columns as `tocsin schema output`; call
        ``polars.from_arrow`` or ``.to_pandas()`` on it.
    """
    table = registry if isinstance(registry, pa.Table) else pa.table(registry)
    with match_registry(notices, table, options) as run:
        from tocsin.compute.verdict_table import output_relation  # noqa: PLC0415

        return run.matched.duck.arrow(output_relation(run.matched))
