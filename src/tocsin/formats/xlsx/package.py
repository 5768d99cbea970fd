"""An XLSX workbook opened with care: which sheets it has, and a bound on all that is read.

A workbook is a ZIP folder of XML files. Nothing is read that would unpack to more than a real
workbook can hold, and no XML that declares entities.
Source: ECMA-376, Office Open XML, parts 1 (SpreadsheetML) and 2 (packages).
"""

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.parsers import expat

from tocsin.base.errors import RegistryUnreadable

MAX_SHEET_BYTES = 4_000_000_000
MAX_TEXT_BYTES = 384_000_000
MAX_SMALL_BYTES = 32_000_000
# Real sheets shrink 10 to 40 times, a bomb up to 1,032 times.
MAX_RATIO = 250
RATIO_COUNTS_FROM_BYTES = 50_000_000
CHUNK_BYTES = 1 << 18

_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
Attributes = dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its name, where its cells are, and whether it is shown."""

    name: str
    part: str
    shown: bool


@dataclass(frozen=True)
class Workbook:
    """An open workbook.

    Attributes:
        path: the file.
        folder: the open ZIP folder.
        sheets: sheets with cells, in the workbook's order.
        since_1904: whether day numbers count from 1904.
        strings_part: where the shared texts are, if there are any.
        styles_part: where the number formats are, if there are any.
    """

    path: Path
    folder: zipfile.ZipFile
    sheets: tuple[Sheet, ...]
    since_1904: bool
    strings_part: str | None
    styles_part: str | None

    @contextmanager
    def open_part(self, part: str, max_bytes: int) -> Iterator[IO[bytes]]:
        """Open a part, if it is not larger than it may be."""
        with _open_part(self.folder, self.path, part, max_bytes) as file:
            yield file


@contextmanager
def open_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook and close it at the end.

    Raises:
        RegistryUnreadable: if it is no workbook, locked with a password, damaged, or a bomb.
    """
    try:
        with path.open("rb") as file:
            head = file.read(8)
        if head.startswith(_OLD_OR_LOCKED):
            raise RegistryUnreadable(
                f"The file {path} is locked with a password or in the format of Excel before "
                "2007. Open it, and save it as an .xlsx workbook without a password. Nothing was "
                "read."
            )
        if not head.startswith(b"PK"):
            raise RegistryUnreadable(
                f"The file {path} is no .xlsx workbook, whatever its name says; perhaps it is CSV "
                "or HTML. Save it as an .xlsx workbook or as CSV. Nothing was read."
            )
        with zipfile.ZipFile(path) as folder:
            yield _read_workbook(path, folder)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError) as error:
        raise damaged(path, str(error) or "it ends too early") from error
    except OSError as error:
        raise RegistryUnreadable(
            f"The file {path} cannot be opened: {error.strerror}. Check the name."
        ) from error


def damaged(path: Path, why: str) -> RegistryUnreadable:
    """Return the refusal of a workbook that cannot be read."""
    return RegistryUnreadable(
        f"The workbook {path} is damaged: {why}. Open it in a spreadsheet program, save it anew "
        "and try again. Nothing was read."
    )


def parse_xml(
    path: Path,
    file: IO[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    data: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Parse XML piece by piece; yield after each piece.

    Names lose their prefix. A document type is refused: workbooks have none, bombs do.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 16

    def refuse(*_: object) -> None:
        raise RegistryUnreadable(
            f"The workbook {path} declares an XML document type, which no spreadsheet program "
            "writes and which can be an attack. Nothing was read."
        )

    def first(name: str, attributes: Attributes) -> None:
        if ":" in name:  # a few programs write <x:row>
            parser.StartElementHandler = lambda tag, values: start(tag.rpartition(":")[2], values)
            if end:
                parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
        else:
            parser.StartElementHandler = start
        start(name.rpartition(":")[2], attributes)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = first
    if end:
        parser.EndElementHandler = end
    if data:
        parser.CharacterDataHandler = data
    try:
        while piece := file.read(CHUNK_BYTES):
            parser.Parse(piece, False)  # noqa: FBT003 - expat takes no name
            yield
        parser.Parse(b"", True)  # noqa: FBT003 - as above
    except expat.ExpatError as error:
        raise damaged(path, f"its XML cannot be read ({error})") from error
    yield


@contextmanager
def _open_part(
    folder: zipfile.ZipFile, path: Path, part: str, max_bytes: int
) -> Iterator[IO[bytes]]:
    try:
        info = folder.getinfo(part)
    except KeyError as error:
        raise damaged(path, f"its part {part} is missing") from error
    size, packed = info.file_size, max(info.compress_size, 1)
    if size > max_bytes or (size > RATIO_COUNTS_FROM_BYTES and size > MAX_RATIO * packed):
        raise RegistryUnreadable(
            f"The part {part} of the workbook {path} would unpack from {packed:,} to {size:,} "
            "bytes; that is more than a workbook of people and devices holds, and can be an "
            "attack. Nothing was read. If the workbook is real, save the sheet as CSV."
        )
    if info.flag_bits & 1:
        raise damaged(path, f"its part {part} is encrypted")
    with folder.open(info) as file:
        yield file


def _read_small(
    folder: zipfile.ZipFile, path: Path, part: str, start: Callable[[str, Attributes], None]
) -> None:
    with _open_part(folder, path, part, MAX_SMALL_BYTES) as file:
        for _ in parse_xml(path, file, start):
            pass


def _read_relations(folder: zipfile.ZipFile, path: Path, part: str) -> list[tuple[str, str, str]]:
    """Return id, last word of the type, and target of a part's relations."""
    where = posixpath.join(posixpath.dirname(part), "_rels", posixpath.basename(part) + ".rels")
    found: list[tuple[str, str, str]] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            full = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found.append((attributes.get("Id", ""), kind, full.lstrip("/")))

    _read_small(folder, path, where, start)
    return found


def _read_workbook(path: Path, folder: zipfile.ZipFile) -> Workbook:
    roots = _read_relations(folder, path, "")
    part = next((target for _, kind, target in roots if kind == "officeDocument"), None)
    if part is None:
        raise damaged(path, "it does not say where its workbook is")
    if part.endswith(".bin"):
        raise RegistryUnreadable(
            f"The file {path} is a binary workbook (.xlsb). Save it as .xlsx. Nothing was read."
        )
    relations = _read_relations(folder, path, part)
    cells = {key: target for key, kind, target in relations if kind == "worksheet"}
    sheets: list[Sheet] = []
    since_1904 = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal since_1904
        if name == "workbookPr":
            since_1904 = attributes.get("date1904", "0") in {"1", "true", "on"}
        elif name == "sheet":
            key = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            if key in cells:  # a sheet that is only a chart has no cells
                shown = attributes.get("state", "visible") == "visible"
                sheets.append(Sheet(attributes.get("name", ""), cells[key], shown))

    _read_small(folder, path, part, start)
    if not sheets:
        raise damaged(path, "it has no sheet with cells")
    by_kind = {kind: target for _, kind, target in relations}
    return Workbook(
        path,
        folder,
        tuple(sheets),
        since_1904,
        by_kind.get("sharedStrings"),
        by_kind.get("styles"),
    )
