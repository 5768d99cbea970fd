"""Where openFDA's recall and enforcement records stand: one alone, a page, a bulk file, lines.

Source: https://open.fda.gov/apis/device/recall/ and .../device/enforcement/.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tocsin.base.errors import NoticeUnreadable
from tocsin.formats.notice_file import parse_json

Record = dict[str, Any]

LINE_SUFFIXES = frozenset({".ndjson", ".jsonl"})
MAX_FILES = 200
MAX_BYTES = 400_000_000
MAX_RATIO = 200
_MAX_DEPTH = 4
_WRAPPERS = frozenset({"results", "record", "anatomy", "result"})
_NUMBERS = ("recall_number", "product_res_number", "res_event_number", "cfres_id")


def is_recall_record(tree: Any) -> bool:
    """Return whether a JSON value is one recall or enforcement record."""
    return isinstance(tree, dict) and (
        any(name in tree for name in _NUMBERS) or {"recalling_firm", "code_info"} <= set(tree)
    )


def is_openfda(tree: Any) -> bool:
    """Return whether a JSON value comes from openFDA: a record, a list of them, a page."""
    if isinstance(tree, list):
        return all(map(is_recall_record, tree))
    return isinstance(tree, dict) and (is_recall_record(tree) or not _WRAPPERS.isdisjoint(tree))


def find_records(tree: Any, where: Path) -> list[Record]:
    """Return the records of a JSON value: itself, a list of them, a page of results.

    Raises:
        NoticeUnreadable: if there is none.

    >>> find_records({"meta": {}, "results": [{"recall_number": "Z-1"}]}, Path("page.json"))
    [{'recall_number': 'Z-1'}]
    """
    if not (records := list(_records_in(tree))):
        raise NoticeUnreadable(
            f"The file {where} holds no recall or enforcement record of openFDA. Nothing was read."
        )
    return records


def _records_in(tree: Any, depth: int = 0) -> Iterator[Record]:
    if is_recall_record(tree):
        yield tree
    elif depth < _MAX_DEPTH:
        inside = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
        for each in inside:
            yield from _records_in(each, depth + 1)


def read_bulk_records(path: Path) -> Iterator[tuple[Record, Path]]:
    """Yield the records of a bulk file, a zip of JSON files or a record per line, with the place.

    Raises:
        NoticeUnreadable: if it is no such file, or larger than anything that openFDA gives.
    """
    if path.suffix.lower() in LINE_SUFFIXES:
        yield from _read_lines(path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(archive, path)
            for name in archive.namelist():
                if name.lower().endswith(".json"):
                    where = path / name
                    for record in find_records(_decode(archive.read(name), where), where):
                        yield record, where
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise NoticeUnreadable(f"The file {path} is no readable zip file: {error}.") from error


def _check_archive(archive: zipfile.ZipFile, path: Path) -> None:
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MAX_FILES or size > MAX_BYTES or size > MAX_RATIO * max(packed, 10_000):
        raise NoticeUnreadable(
            f"The zip file {path} would unpack to {len(members)} files with {size / 1e6:.0f} MB; "
            f"at most {MAX_FILES} files with {MAX_BYTES / 1e6:.0f} MB are read, and no more than "
            f"{MAX_RATIO} times its own size. Nothing was read."
        )


def _read_lines(path: Path) -> Iterator[tuple[Record, Path]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    where = Path(f"{path} line {number}")
                    for record in find_records(_decode(line, where), where):
                        yield record, where
    except OSError as error:
        raise NoticeUnreadable(f"The notice {path} cannot be opened: {error.strerror}.") from error


def _decode(raw: bytes, where: Path) -> Any:
    try:
        return parse_json(raw.decode("utf-8-sig"), where)
    except UnicodeDecodeError as error:
        raise NoticeUnreadable(f"The file {where} is not UTF-8 text.") from error
