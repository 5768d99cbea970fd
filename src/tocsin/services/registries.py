"""Other people's lists: proposing how to read them, and preparing them for matching."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tocsin.base.errors import OutputRefused, RegistryUnreadable
from tocsin.compute.duck import Duck, duck_database
from tocsin.formats.registry_file import (
    LoadedTable,
    ReadAs,
    distinct_texts,
    load_registry,
    read_source,
    spoilt_texts,
)
from tocsin.formats.registry_mapping import read_mapping, render_mapping
from tocsin.formats.registry_sql import quoted
from tocsin.registry.column_dates import SURE_FORMS
from tocsin.registry.column_facts import ColumnFacts
from tocsin.registry.column_mapping import ColumnMapping
from tocsin.registry.column_proposal import (
    ColumnProposal,
    Confidence,
    looks_like_claims,
    propose,
    with_details,
)
from tocsin.registry.findings import Finding, find_unreadable
from tocsin.registry.schema import COLUMNS, EVIDENCE_COLUMNS

MAX_TEXTS = 100_000


@dataclass(frozen=True)
class ListInspection:
    """What a file of somebody else holds, and how its columns may be read.

    Attributes:
        path: the file.
        sheet: the sheet that was asked for.
        kind: ``registry`` or ``claims``.
        n_rows: its rows.
        facts: what is known of each column.
        proposals: one per column, in the file's order.
        notes: sentences about how the file was read.
    """

    path: Path
    sheet: str | None
    kind: str
    n_rows: int
    facts: Sequence[ColumnFacts]
    proposals: Sequence[ColumnProposal]
    notes: Sequence[str]


def read_as(
    mapping: Path | None = None, sheet: str | None = None, encoding: str | None = None
) -> ReadAs:
    """Return how a registry's file is to be read, with the mapping of a file.

    Raises:
        MappingUnfit: if the mapping cannot be read.
    """
    return ReadAs(encoding, sheet, read_mapping(mapping) if mapping else None)


def inspect_list(path: Path, options: ReadAs, kind: str | None = None) -> ListInspection:
    """Return how a list's columns may be read; nothing is decided by it.

    Args:
        path: a file of any format that a registry may have.
        options: its encoding and sheet.
        kind: ``registry`` or ``claims``; None to find out.

    Raises:
        RegistryUnreadable: if it cannot be read, or has no rows.
    """
    with duck_database() as duck:
        read = read_source(duck.connection, "list", path, options, COLUMNS, lambda _: None)
        facts = [_facts(duck, column) for column in read.columns]
    n_rows = facts[0].n_rows if facts else 0
    if n_rows == 0:
        raise RegistryUnreadable(f"The file {path} has a header but no rows.")
    found = kind or ("claims" if looks_like_claims(facts) else "registry")
    return ListInspection(
        path, options.sheet, found, n_rows, facts, propose(facts, found), read.notes
    )


def _facts(duck: Duck, column: str) -> ColumnFacts:
    name = quoted(column)
    filled = f"nullif(trim({name}), '')"
    counts = duck.connection.execute(
        f"SELECT count(*), count({filled}), count(DISTINCT {filled}) FROM list"  # noqa: S608 - ours
    ).fetchone() or (0, 0, 0)
    texts = duck.connection.execute(
        f"""SELECT {filled} AS text FROM list WHERE text IS NOT NULL
        GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MAX_TEXTS}"""  # noqa: S608 - ours
    ).fetchall()
    return ColumnFacts(column, counts[0], counts[1], [text for (text,) in texts], counts[2])


def choose_target(inspected: ListInspection, name: str, target: str) -> ColumnProposal:
    """Return the proposal of a column after a person has said what it is."""
    place = [one.name for one in inspected.facts].index(name)
    proposal = inspected.proposals[place]
    chosen = ColumnProposal(
        name, target, Confidence.SURE, "a person has said so", samples=proposal.samples
    )
    return with_details(chosen, inspected.facts[place])


def mapping_of(
    inspected: ListInspection,
    confirmed: Sequence[ColumnProposal],
    constants: Mapping[str, str] | None = None,
) -> ColumnMapping:
    """Return the mapping of the columns that were confirmed; the others stay as they are."""
    taken = [one for one in confirmed if one.target]
    names = {one.name for one in taken}
    has_key = any(one.target == "device_id" for one in taken)
    return ColumnMapping(
        kind="claims" if inspected.kind == "claims" else "registry",
        made_from=inspected.path.name,
        sheet=inspected.sheet,
        columns={one.name: str(one.target) for one in taken},
        dates={one.name: one.order for one in taken if one.order},
        decimals={one.name: one.decimal for one in taken if one.decimal},
        values={one.name: dict(one.values) for one in taken if one.values},
        constants=dict(constants or {}),
        number_rows=not has_key and inspected.kind == "registry",
        kept=tuple(one.name for one in inspected.facts if one.name not in names),
    )


def missing_points(inspected: ListInspection, mapping: ColumnMapping) -> list[str]:
    """Return sentences about what a mapping leaves open and what follows from it."""
    targets = {*mapping.columns.values(), *mapping.constants}
    points = []
    if mapping.kind == "registry" and not targets & set(EVIDENCE_COLUMNS):
        points.append(
            "No column names a product (model, catalogue number, product, UDI): nothing could be "
            "decided with this mapping."
        )
    if mapping.kind == "registry" and "manufacturer" not in targets:
        points.append(
            "No column names the manufacturer: where no UDI or code proves it, records stay "
            "'cannot tell'. If one firm made all of these devices, say which."
        )
    if "holder_id" not in targets:
        points.append("No column says who has the device, so nobody can be contacted from it.")
    if mapping.number_rows:
        points.append(
            "No column is a key: records are numbered by the row they stand in, which means "
            "something only as long as the file stays as it is."
        )
    points += [
        f"{one.name}: {one.open_point}; such dates count as unknown. If you know the order, say it "
        "for this column."
        for one in inspected.proposals
        if one.open_point and mapping.dates.get(one.name) == SURE_FORMS
    ]
    return points


def write_mapping(mapping: ColumnMapping, path: Path) -> None:
    """Write a mapping as YAML.

    Raises:
        OutputRefused: if the place cannot be written.
    """
    if not path.parent.is_dir():
        raise OutputRefused(f"The folder {path.parent} does not exist; nothing was written.")
    path.write_text(render_mapping(mapping), "utf-8")


@dataclass(frozen=True)
class PreparedRegistry:
    """What became of a list: how it was loaded, and which of its values cannot be read."""

    loaded: LoadedTable
    findings: Sequence[Finding]


def prepare_registry(path: Path, options: ReadAs, out: Path) -> PreparedRegistry:
    """Write a Parquet registry with keys, sorted for matching; return what became of the list.

    Args:
        path: a file of any format that a registry may have.
        options: its encoding, sheet and mapping.
        out: ends in ``.parquet``.

    Raises:
        RegistryUnreadable, RegistryWithoutEvidence, MappingUnfit: if the list is refused.
        OutputRefused: if the place cannot be written.
    """
    if out.suffix.lower() != ".parquet":
        raise OutputRefused(f"The registry {out} must end in .parquet; nothing was written.")
    if not out.parent.is_dir():
        raise OutputRefused(f"The folder {out.parent} does not exist; nothing was written.")
    from tocsin.compute.prepared_registry import write_prepared  # noqa: PLC0415

    with duck_database() as duck:
        loaded = load_registry(duck.connection, path, options)
        findings = find_unreadable(
            partial(distinct_texts, duck.connection),
            loaded.columns,
            partial(spoilt_texts, duck.connection),
        )
        write_prepared(duck, loaded.columns, out)
    return PreparedRegistry(loaded, findings)
