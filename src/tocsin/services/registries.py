"""Other people's lists: proposing how to read them, and preparing them for matching."""

from pathlib import Path

from tocsin.formats.registry_file import ReadAs
from tocsin.formats.registry_mapping import read_mapping


def read_as(
    mapping: Path | None = None, sheet: str | None = None, encoding: str | None = None
) -> ReadAs:
    """Return how a registry's file is to be read, with the mapping of a file.

    Raises:
        MappingUnfit: if the mapping cannot be read.
    """
    return ReadAs(encoding, sheet, read_mapping(mapping) if mapping else None)
