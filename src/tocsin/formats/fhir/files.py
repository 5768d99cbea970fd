"""The files of a FHIR source: one file, or a folder of a bulk export or of pages."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from tocsin.base.errors import RegistryUnreadable

DOCUMENT_SUFFIXES = (".json",)
LINE_SUFFIXES = (".ndjson", ".jsonl")
MAX_LINE_BYTES = 32_000_000
MAX_DOCUMENT_BYTES = 1_000_000_000
_HEAD_BYTES = 4096


def is_fhir_source(path: Path) -> bool:
    """Return whether a path is read as FHIR: a folder, or JSON or NDJSON, perhaps with .gz.

    >>> is_fhir_source(Path("Device.ndjson.gz")), is_fhir_source(Path("devices.csv"))
    (True, False)
    """
    return _suffix(path) in (*DOCUMENT_SUFFIXES, *LINE_SUFFIXES) or path.is_dir()


def _suffix(path: Path) -> str:
    lowered = path.name.lower().removesuffix(".gz")
    return "." + lowered.rpartition(".")[2] if "." in lowered else ""


def list_files(path: Path) -> tuple[list[Path], list[str]]:
    """Return the files of a source by name, and the names of those that are not read.

    Raises:
        RegistryUnreadable: if there is none.
    """
    if not path.is_dir():
        return [path], []
    inside = sorted(item for item in path.iterdir() if item.is_file())
    read = [item for item in inside if _suffix(item) in (*DOCUMENT_SUFFIXES, *LINE_SUFFIXES)]
    if not read:
        raise RegistryUnreadable(
            f"The folder {path} holds no .ndjson, .jsonl or .json file (with or without .gz). "
            "Nothing was read. Give the folder of the export itself."
        )
    return read, [item.name for item in inside if item not in read]


@dataclass(frozen=True)
class Line:
    """A line of NDJSON; ``raw`` is None where it is too long."""

    number: int
    raw: bytes | None


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacking it if it is gzipped.

    Raises:
        RegistryUnreadable: if it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        return cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb")
    except OSError as error:
        raise RegistryUnreadable(
            f"The file {path} cannot be opened: {error.strerror}. Check the name."
        ) from error


def has_lines(path: Path) -> bool:
    """Return whether a file is NDJSON: by its name, unless its first line opens a document."""
    if _suffix(path) not in LINE_SUFFIXES:
        return False
    with open_bytes(path) as file:
        head = file.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    first, newline, _ = head.partition(b"\n")
    return not (newline and first.strip() in {b"{", b"["})


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a file that are not empty."""
    number = 0
    with open_bytes(path) as file:
        while raw := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            if len(raw) > MAX_LINE_BYTES and not raw.endswith(b"\n"):
                _skip_line(file)
                yield Line(number, None)
            elif raw.strip():
                yield Line(number, raw)


def _skip_line(file: IO[bytes]) -> None:
    while (more := file.readline(1 << 20)) and not more.endswith(b"\n"):
        pass


def read_document(path: Path) -> str:
    """Return the text of a document.

    Raises:
        RegistryUnreadable: if it is too large or not UTF-8.
    """
    with open_bytes(path) as file:
        raw = file.read(MAX_DOCUMENT_BYTES + 1)
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise RegistryUnreadable(
            f"The file {path} has more than {MAX_DOCUMENT_BYTES // 1_000_000} MB as one JSON "
            "document. Export it as NDJSON, which is read line by line. Nothing was read."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RegistryUnreadable(
            f"The file {path} is not UTF-8 text (byte {error.start}), as JSON must be. Nothing "
            "was read. Save it as UTF-8."
        ) from error
