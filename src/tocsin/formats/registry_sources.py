"""Which files can be read as a registry: one table of outside formats, by how files are named.

A reader creates a DuckDB table of text columns, one row per row of the file, in its order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import duckdb

from tocsin.base.errors import RegistryUnreadable
from tocsin.formats.fhir.files import is_fhir_source

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Rejected:
    """A row that was set aside: where, what and why."""

    line: int | None
    column: str
    value: str
    reason: str


def _accept(_columns: Sequence[str]) -> None:
    return


@dataclass(frozen=True)
class SourceOptions:
    """What a reader needs to know.

    Attributes:
        known: the columns that we know, with their meaning.
        targets: their column -> ours, where somebody has mapped it; else names are ours.
        encoding: how a text file is encoded; None to find out.
        sheet: the sheet of a workbook; None for the first one.
        header_row: the row of a workbook's header; None to look for it.
        numbers_as_typed: their columns in which a workbook's numbers lost nothing.
        check: is called with the columns before the rows are read; raises to refuse.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    numbers_as_typed: Sequence[str] = ()
    check: Callable[[Sequence[str]], None] = _accept


def next_line(row: int) -> int:
    """Return the line of a row below one line of header."""
    return row + 2


@dataclass(frozen=True)
class SourceRead:
    """What became of a file.

    Attributes:
        columns: of the table, in the file's order.
        rejected: rows that could not be read.
        notes: sentences for the user.
        line_of: row of the table, from 0 -> line of the file; None where lines mean nothing.
    """

    columns: tuple[str, ...]
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    line_of: Callable[[int], int | None] = next_line


Reader = Callable[[Connection, str, Path, SourceOptions], SourceRead]


@dataclass(frozen=True)
class RegistrySource:
    """One outside format.

    Attributes:
        name: as users call it.
        suffixes: how its files end, in lower case.
        reader: module and function that reads it; imported when it is needed.
        folders: whether a folder is read by it, too.
        quick: whether it imports nothing and may be read beside other imports.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str
    folders: bool = False
    quick: bool = False

    def load_reader(self) -> Reader:
        """Import and return the function that reads it."""
        module, _, function = self.reader.partition(":")
        reader: Reader = getattr(import_module(module), function)
        return reader


CSV = RegistrySource(
    "CSV", (".csv", ".tsv", ".txt"), "tocsin.formats.registry_csv:create_from_csv", quick=True
)
FHIR = RegistrySource(
    "FHIR", (".json", ".ndjson"), "tocsin.formats.registry_fhir:create_from_fhir", folders=True
)
SOURCES: tuple[RegistrySource, ...] = (
    CSV,
    RegistrySource(
        "Parquet",
        (".parquet", ".pq"),
        "tocsin.formats.registry_parquet:create_from_parquet",
        quick=True,
    ),
    FHIR,
    RegistrySource("XLSX", (".xlsx", ".xlsm"), "tocsin.formats.registry_xlsx:create_from_xlsx"),
)
_SAVE_AS = {
    ".xls": "a workbook of Excel before 2007",
    ".xlsb": "a binary workbook",
    ".ods": "an OpenDocument workbook",
    ".numbers": "a Numbers document",
    ".accdb": "an Access database",
    ".mdb": "an Access database",
}


def find_source(path: Path) -> RegistrySource:
    """Return the format of a file or folder; what is not known otherwise is taken for CSV.

    Raises:
        RegistryUnreadable: if it is known that we cannot read it.
    """
    suffix = path.suffix.lower()
    if is_fhir_source(path):
        return FHIR
    if suffix in _SAVE_AS:
        raise RegistryUnreadable(
            f"The file {path} is {_SAVE_AS[suffix]}. Save it as .xlsx or as CSV. Nothing was read."
        )
    return next((source for source in SOURCES if suffix in source.suffixes), CSV)
