"""A holders file -> its rows in small batches, each row with its line."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tocsin.compute.duck import duck_database
from tocsin.formats.registry_file import LoadedTable, load_holders
from tocsin.formats.registry_sources import Connection
from tocsin.formats.registry_sql import quoted
from tocsin.registry.schema import HOLDER_COLUMNS

HolderRow = Mapping[str, str | None]


@dataclass(frozen=True)
class NumberedRow:
    """A row and the line of the file that it stands in, where lines mean something."""

    line: int | None
    row: HolderRow


@contextmanager
def read_holder_batches(
    path: Path, today: date | None, at_once: int
) -> Iterator[tuple[LoadedTable, Iterator[list[NumberedRow]]]]:
    """Lend what became of a file, and its rows in lists of at most some size.

    Args:
        path: of what `load_holders` reads.
        today: tells which patients of a FHIR source are children.
        at_once: the size of a list.
    """
    with duck_database() as duck:
        loaded = load_holders(duck.connection, path, today)
        ours = [name for name in HOLDER_COLUMNS if name in loaded.columns]
        listed = ", ".join(map(quoted, ours))
        found = duck.connection.execute(f"SELECT {listed} FROM holders ORDER BY rowid")
        yield loaded, _numbered(found, ours, loaded, at_once)


def _numbered(
    found: Connection, ours: Sequence[str], loaded: LoadedTable, at_once: int
) -> Iterator[list[NumberedRow]]:
    row_no = 0
    while rows := found.fetchmany(at_once):
        yield [
            NumberedRow(loaded.line_of(row_no + place), dict(zip(ours, row, strict=True)))
            for place, row in enumerate(rows)
        ]
        row_no += len(rows)
