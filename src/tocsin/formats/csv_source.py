"""Other people's CSV: find out how a file is written before it is read.

Nothing is guessed silently: what is not surely UTF-8 (or UTF-16 with its mark) is refused
with a sentence that says how to go on.
"""

import codecs
import csv
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tocsin.base.errors import RegistryUnreadable
from tocsin.registry.column_names import is_known_name

DELIMITERS = (",", ";", "\t", "|")
HEAD_BYTES = 1 << 18
MAX_LINE_BYTES = 8_000_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class CsvSource:
    """A CSV file ready for a strict reader.

    Attributes:
        path: UTF-8 text, perhaps a converted copy.
        delimiter: one of comma, semicolon, tab and bar.
        columns: header names, trimmed, as written.
        notes: sentences for the user about what was converted.
    """

    path: Path
    delimiter: str
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()


def inspect_csv(
    path: Path, known: Mapping[str, str], work_folder: Path, encoding: str | None = None
) -> CsvSource:
    """Return how a CSV file is written.

    Args:
        path: the file.
        known: the columns that we know; the delimiter that finds most of them is taken.
        work_folder: where a converted copy may be written.
        encoding: what the user says it is; None to find out.

    Raises:
        RegistryUnreadable: if it is missing, empty, no text, or its header is unusable.
    """
    head = _read_head(path)
    notes: list[str] = []
    source = path
    found = encoding or next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    if found not in {"utf-8", "utf-8-sig"}:
        source = _convert(path, found, work_folder)
        head = _read_head(source)
        notes.append(f"{path.name} was read as {found}.")
    elif b"\x00" in head[:4096]:
        raise RegistryUnreadable(
            f"The file {path} contains NUL bytes in its first lines; it is no UTF-8 text. If it "
            "is UTF-16, say --encoding utf-16. Nothing was read."
        )
    header = _header_line(head, path)
    try:
        by_delimiter = {mark: _column_names(header, mark) for mark in DELIMITERS}
    except csv.Error as error:
        raise RegistryUnreadable(f"The header of {path} is no CSV: {error}.") from error
    delimiter = max(DELIMITERS, key=lambda mark: _known_columns(by_delimiter[mark], known))
    columns = by_delimiter[delimiter]
    _check_header(columns, path)
    return CsvSource(source, delimiter, columns, tuple(notes))


def _read_head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise RegistryUnreadable(
            f"The file {path} cannot be opened: {error.strerror}. Check the name."
        ) from error
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise RegistryUnreadable(f"The file {path} is empty. There is nothing to match.")
    return head


def _convert(path: Path, encoding: str, work_folder: Path) -> Path:
    target = work_folder / f"{path.stem}.utf-8.csv"
    try:
        with (
            path.open("r", encoding=encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as copy,
        ):
            shutil.copyfileobj(source, copy, 1 << 20)
    except LookupError as error:
        raise RegistryUnreadable(f"The encoding {encoding!r} is not known.") from error
    except UnicodeError as error:
        raise RegistryUnreadable(f"The file {path} is not {encoding} text: {error}.") from error
    return target


def _header_line(head: bytes, path: Path) -> str:
    line = head.removeprefix(codecs.BOM_UTF8).splitlines()[0]
    if not line.strip():
        raise RegistryUnreadable(
            f"The first line of {path} is empty; it must name the columns. Nothing was read."
        )
    if len(line) >= HEAD_BYTES - 4:
        raise RegistryUnreadable(
            f"The first line of {path} is longer than {HEAD_BYTES} bytes; it is no header line."
        )
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RegistryUnreadable(not_utf8(path, 1)) from error


def not_utf8(path: Path, line: int | None) -> str:
    """Return the sentence for a file that is not UTF-8."""
    where = f" (line {line})" if line else ""
    return (
        f"The file {path} is not UTF-8 text{where}; it may be Latin-1 or Windows-1252. It was "
        "refused, so that no name or number is misread. Say --encoding latin-1 (or "
        "windows-1252), or save it as UTF-8."
    )


def _column_names(header: str, delimiter: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in next(csv.reader([header], delimiter=delimiter)))


def _known_columns(names: tuple[str, ...], known: Mapping[str, str]) -> tuple[int, int, int]:
    """Return how many columns of ours a header has, how many that may be, and how many at all."""
    return len(set(names) & set(known)), sum(map(is_known_name, set(names))), len(names)


def _check_header(columns: tuple[str, ...], path: Path) -> None:
    folded = [name.casefold() for name in columns]  # to a database, LOT and lot are one
    repeated = sorted({name for name in columns if name and folded.count(name.casefold()) > 1})
    if repeated:
        raise RegistryUnreadable(
            f"The header of {path} names {', '.join(repeated)} more than once. Rename one of "
            "them; nothing was read."
        )
    if "" in columns:
        place = columns.index("") + 1
        raise RegistryUnreadable(
            f"Column {place} in the header of {path} has no name. Name it; nothing was read."
        )
