"""The file of anchors: only ever appended to, by one process at a time, whatever went wrong before.

A writing that was cut short (a crash, a full disk) stays in the file as it is. The next anchor is
written behind it and names it, so that it is neither lost nor taken for an anchor.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.base.errors import TocsinError
from tocsin.store.audit.anchor import (
    Anchor,
    AnchorsUnreadable,
    hash_since,
    parse_anchor,
    read_anchors,
    sign_anchor,
    split_lines,
)

TAIL_BYTES = 65_536
"""How much of the end is read before appending: some hundred anchors."""
_N_TRIES, _WAIT_S = 100, 0.1


class AnchorsInUse(TocsinError):
    """Another process holds the file of anchors, and does not let go of it."""

    code = "anchors_in_use"


class AnchorsNotWritten(TocsinError):
    """An anchor could not be written."""

    code = "anchors_not_written"


@dataclass(frozen=True, slots=True)
class FileEnd:
    """What the next anchor continues.

    Attributes:
        last: the last anchor; None if there is none yet.
        since: the lines from that anchor on, or all lines if there is none.
        is_ended: whether the last line has its end.
    """

    last: Anchor | None
    since: tuple[bytes, ...]
    is_ended: bool

    @property
    def cut_short(self) -> tuple[bytes, ...]:
        """Return what stands behind the last anchor: writings that were cut short."""
        return self.since[1:] if self.last else self.since


class OpenAnchors:
    """A file of anchors that this process alone may append to."""

    def __init__(self, path: Path, file: FileIO) -> None:
        """Read the end of the file; never the whole of it."""
        self.path = path
        self._file = file
        self.end = _read_end(path, file)

    def append(self, trail: str, seq: int, head: bytes, at: str, key: Ed25519PrivateKey) -> Anchor:
        """Sign a head and write it to the end of the file, safely on disk before it returns.

        Raises:
            AnchorsNotWritten: if the disk refuses; what came through stays and is named next time.
        """
        after = hash_since(self.end.since)
        anchor = sign_anchor(Anchor(trail, seq, head.hex(), at, after), key)
        start = b"" if self.end.is_ended else b"\n"
        write_safely(self.path, self._file, start + anchor.line + b"\n")
        self.end = FileEnd(anchor, (anchor.line,), is_ended=True)
        return anchor


class AnchorFile:
    """Anchors, a line each, only ever appended to."""

    def __init__(self, path: Path) -> None:
        """Take the file's place; it need not exist yet."""
        self.path = path

    def lines(self) -> list[bytes]:
        """Return the lines as they stand; none if there is no file."""
        return split_lines(self.path.read_bytes()) if self.path.exists() else []

    def read(self) -> list[Anchor]:
        """Return all anchors in order, without asking whether they are genuine.

        Raises:
            AnchorsUnreadable: if there is a line that is no anchor, and no later anchor names it.
        """
        return read_anchors(self.path)

    @contextmanager
    def opened(self) -> Iterator[OpenAnchors]:
        """Lend the file for appending, to one process at a time.

        Raises:
            AnchorsInUse: if another process keeps it for ten seconds.
            AnchorsUnreadable: if no anchor stands in its last 64 KiB.
        """
        with opened_alone(self.path) as file:
            yield OpenAnchors(self.path, file)

    def append(self, trail: str, seq: int, head: bytes, at: str, key: Ed25519PrivateKey) -> Anchor:
        """Sign a head and write it to the end of the file, safely on disk before it returns."""
        with self.opened() as anchors:
            return anchors.append(trail, seq, head, at, key)


def last_anchor(path: Path) -> Anchor | None:
    """Return the last anchor of a file, by its end alone; None if there is none there."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        lines = split_lines(file.read())
    found = (parse_anchor(line) for line in reversed(lines))
    return next((anchor for anchor in found if anchor), None)


def read_end(path: Path) -> FileEnd:
    """Return the end of a file of anchors as it stands; never the whole of it is read.

    Raises:
        AnchorsUnreadable: if no anchor stands in its last 64 KiB.
        OSError: if it cannot be read.
    """
    if not path.exists():
        return FileEnd(None, (), is_ended=True)
    with FileIO(path) as file:
        return _read_end(path, file)


@contextmanager
def opened_alone(path: Path) -> Iterator[FileIO]:
    """Lend a file to read and append to; it is made if it is missing, but not its folder.

    Raises:
        AnchorsInUse: if another process keeps it for ten seconds.
        AnchorsNotWritten: if it cannot be opened.
    """
    is_new = not path.exists()
    try:
        file = FileIO(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "ab+")
    except OSError as error:
        raise _not_written(path, error) from error
    with file:
        _lock(path, file)
        if is_new:
            _keep_name(path)
        yield file


def write_safely(path: Path, file: FileIO, content: bytes) -> None:
    """Write to the end of a file, safely on disk before it returns.

    Raises:
        AnchorsNotWritten: if the disk refuses.
    """
    left = memoryview(content)
    try:
        while left:
            left = left[file.write(left) :]
        os.fsync(file.fileno())
    except OSError as error:
        raise _not_written(path, error) from error


def _lock(path: Path, file: FileIO) -> None:
    for _ in range(_N_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_WAIT_S)
        else:
            return
    raise AnchorsInUse(
        f"Another process holds {path} for {_N_TRIES * _WAIT_S:.0f} seconds. No anchor was "
        "written; the next one covers the same rows. Look for a process of Tocsin that hangs."
    )


def _keep_name(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_end(path: Path, file: FileIO) -> FileEnd:
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - TAIL_BYTES)
    tail = os.pread(file.fileno(), size - start, start)
    lines = split_lines(tail)
    if start:
        lines = lines[1:]  # may be half of a line
    is_ended = not tail or tail.endswith(b"\n")
    for place in range(len(lines) - 1, -1, -1):
        if anchor := parse_anchor(lines[place]):
            return FileEnd(anchor, tuple(lines[place:]), is_ended)
    if start:
        raise AnchorsUnreadable(
            f"The last {TAIL_BYTES // 1024} KiB of {path} hold no anchor. Nothing was written. "
            "Keep the file as it is, compare it with its second place, and put that one here."
        )
    return FileEnd(None, tuple(lines), is_ended)


def _not_written(path: Path, error: OSError) -> AnchorsNotWritten:
    return AnchorsNotWritten(
        f"{path} cannot be written: {error.strerror}. The audit trail is complete, but its end has "
        "no anchor there yet. Free the place or give the right to write; the next anchor covers "
        "the same rows."
    )
