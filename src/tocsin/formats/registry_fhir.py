"""A Bundle, NDJSON or folder of FHIR -> a DuckDB table of text columns."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from tocsin.formats.fhir.load import FhirTable, load_fhir_holders, load_fhir_registry
from tocsin.formats.registry_sources import Connection, Rejected, SourceOptions, SourceRead


def create_from_fhir(
    connection: Connection, table: str, path: Path, options: SourceOptions
) -> SourceRead:
    """Create a table of device records; see `registry_sources`.

    Raises:
        RegistryUnreadable: if the source must be refused, or holds no device.
    """
    loaded = load_fhir_registry(connection, table, path)
    options.check(loaded.columns)
    return _read(loaded)


def create_holders_from_fhir(
    connection: Connection, table: str, path: Path, today: date | None
) -> SourceRead:
    """Create a table of holders; ``today`` tells who is a child."""
    return _read(load_fhir_holders(connection, table, path, today))


def _read(loaded: FhirTable) -> SourceRead:
    return SourceRead(loaded.columns, tuple(_rejected(loaded)), loaded.notes, lambda _: None)


def _rejected(loaded: FhirTable) -> Iterable[Rejected]:
    for broken in loaded.broken:
        yield Rejected(broken.place.line, broken.what, broken.place.file, broken.why)
