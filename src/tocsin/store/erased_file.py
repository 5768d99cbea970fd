"""Erasures, noted outside the database: a restored backup has to repeat them.

A line of JSON per person: ``{"person", "at", "organisation"}``. It is on disk before the erasure
is committed. If the commit fails, the line stands all the same: somebody has asked for it.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Erased:
    """One erasure: the person's id, when (ISO 8601), of which organisation."""

    person: str
    at: str
    organisation: int


def note_erasure(path: Path, erased: Erased) -> None:
    """Append an erasure to the file, safely on disk before it returns.

    A line that a crash has cut short is ended first, so that it takes nothing with it.
    """
    is_new = not path.exists()
    is_cut = not is_new and not (b"\n" + path.read_bytes()).endswith(b"\n")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(
            b"\n" * is_cut + json.dumps(asdict(erased), separators=(",", ":")).encode() + b"\n"
        )
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read_erasures(path: Path) -> Iterator[Erased]:
    """Yield the erasures of a file, none if there is no file.

    A line that was cut short is passed over: its erasure was not committed either.
    """
    for line in path.read_bytes().splitlines() if path.exists() else ():
        with suppress(ValueError, TypeError):
            yield Erased(**json.loads(line))
