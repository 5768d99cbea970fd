"""The backup's file: a ZIP archive whose comment is the SHA-256 of everything before it.

Any program opens it in an emergency. A single changed bit anywhere, or a cut end, no longer fits
the comment; beyond that each member's size and SHA-256 stand in the manifest, which is the last
member.
"""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from tocsin.store.backup.errors import BackupUnreadable

FORMAT = 1
MANIFEST = "manifest.json"
_DIGITS = 64
_CHUNK = 1 << 20
_PARTIAL = ".tocsin-backup-"
_ABANDONED_AFTER_S = 86_400


@dataclass(frozen=True)
class TableCount:
    """A table as it was: number of rows, and SHA-256 of them in the order of their keys."""

    n_rows: int
    sha256: str


@dataclass(frozen=True)
class Member:
    """A file in the archive."""

    n_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says about itself.

    Attributes:
        made_at: when its moment was, ISO 8601 in UTC.
        version: of Tocsin that made it.
        database: ``sqlite`` or ``postgresql``.
        installation: the installation's uuid; empty if it had none yet.
        migrations: the changes of the tables that it had, as ``app name``.
        tables: every table that it holds, with its columns' order in `columns`.
        left_out: tables of the database that it does not hold.
        sequences: PostgreSQL's sequences: last value, and whether it was used.
        head: ``seq`` and ``hash`` of the audit trail's end at that moment; None if empty.
        anchor: the last anchor before it; None if there was none.
        members: the other files of the archive.
    """

    made_at: str
    version: str
    database: str
    installation: str
    migrations: list[str]
    tables: dict[str, TableCount]
    columns: dict[str, list[str]]
    left_out: list[str]
    sequences: dict[str, tuple[int, bool]]
    head: dict[str, Any] | None
    anchor: dict[str, Any] | None
    members: dict[str, Member]
    format: int = FORMAT

    @property
    def head_seq(self) -> int:
        """Return the place of the trail's end; 0 if it is empty."""
        return int(self.head["seq"]) if self.head else 0


@dataclass
class Archive:
    """A backup that is being written."""

    zip: zipfile.ZipFile
    folder: Path
    members: dict[str, Member] = field(default_factory=dict)

    def add(self, name: str, write: Callable[[Callable[[bytes], object]], object]) -> None:
        """Add a member; ``write`` is lent a function that takes its bytes piece by piece."""
        hashed, n_bytes = sha256(), 0
        with self.zip.open(name, "w", force_zip64=True) as file:

            def take(piece: bytes) -> None:
                nonlocal n_bytes
                hashed.update(piece)
                n_bytes += len(piece)
                file.write(piece)

            write(take)
        self.members[name] = Member(n_bytes, hashed.hexdigest())

    def add_file(self, name: str, path: Path) -> None:
        """Add a file of the disk."""

        def write(take: Callable[[bytes], object]) -> None:
            with path.open("rb") as file:
                while piece := file.read(_CHUNK):
                    take(piece)

        self.add(name, write)


@contextmanager
def written_archive(path: Path) -> Iterator[Archive]:
    """Write a backup: it appears at ``path`` when the block has ended well, private and on disk.

    What was left half-made by a killed backup more than a day ago is removed.
    """
    _remove_abandoned(path.parent)
    # Made by mkdtemp: nobody else may look into it.
    folder = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=path.parent))
    try:
        partial = folder / "archive"
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
            opened.comment = b"0" * _DIGITS
            yield Archive(opened, folder)
        with partial.open("r+b") as file:
            digest = _digest(file, partial.stat().st_size - _DIGITS)
            file.seek(-_DIGITS, os.SEEK_END)
            file.write(digest.encode())
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o600)
        partial.replace(path)
        sync_folder(path.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_manifest(archive: Archive, manifest: Manifest) -> None:
    """Add the manifest: the last member."""
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True, ensure_ascii=False)
    archive.zip.writestr(MANIFEST, text)


@contextmanager
def opened_archive(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a backup after reading all of it once.

    Raises:
        BackupUnreadable: if it is damaged, cut, or none.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            _check_digest(path, file, size)
            with zipfile.ZipFile(file) as opened:
                yield opened, _read_manifest(path, opened)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, KeyError) as error:
        raise _damaged(path, str(error)) from error
    except OSError as error:
        raise BackupUnreadable(
            f"The backup {path} cannot be read: {error.strerror or error}. Nothing was changed."
        ) from error


def read_member(path: Path, opened: zipfile.ZipFile, manifest: Manifest, name: str) -> IO[bytes]:
    """Return a member for reading.

    Raises:
        BackupUnreadable: if the manifest and the archive differ about it.
    """
    try:
        told, has = manifest.members[name], opened.getinfo(name)
    except KeyError as error:
        raise _damaged(path, f"{name} is missing") from error
    if has.file_size != told.n_bytes:
        raise _damaged(path, f"{name} has {has.file_size} bytes instead of {told.n_bytes}")
    return opened.open(name)


def check_members(path: Path, opened: zipfile.ZipFile, manifest: Manifest) -> None:
    """Read every member and compare it with the manifest.

    Raises:
        BackupUnreadable: naming the first that differs.
    """
    if set(opened.namelist()) != {*manifest.members, MANIFEST}:
        raise _damaged(path, "it does not hold the files that its manifest names")
    for name, told in manifest.members.items():
        with read_member(path, opened, manifest, name) as file:
            if _digest(file) != told.sha256:
                raise _damaged(path, f"{name} is not what was written")


def copy_member(
    path: Path, opened: zipfile.ZipFile, manifest: Manifest, name: str, to: Path
) -> None:
    """Write a member to the disk, private."""
    with (
        read_member(path, opened, manifest, name) as source,
        os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target,
    ):
        shutil.copyfileobj(source, target, _CHUNK)
        target.flush()
        os.fsync(target.fileno())


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: IO[bytes], n_bytes: int | None = None) -> str:
    hashed, left = sha256(), n_bytes
    while piece := file.read(_CHUNK if left is None else min(_CHUNK, left)):
        hashed.update(piece)
        left = None if left is None else left - len(piece)
    return hashed.hexdigest()


def _check_digest(path: Path, file: IO[bytes], size: int) -> None:
    if file.read(4) != b"PK\x03\x04" or size < _DIGITS:
        raise _damaged(path, "it does not begin as a backup does")
    file.seek(size - _DIGITS)
    told = file.read(_DIGITS)
    file.seek(0)
    if _digest(file, size - _DIGITS).encode() != told:
        raise _damaged(path, "its end does not fit its content")


def _read_manifest(path: Path, opened: zipfile.ZipFile) -> Manifest:
    try:
        fields = json.loads(opened.read(MANIFEST))
        if fields["format"] != FORMAT:
            raise BackupUnreadable(
                f"The backup {path} has format {fields['format']}; this version of Tocsin reads "
                f"{FORMAT}. It was made by version {fields['version']}: use that or a newer one."
            )
        tables = {name: TableCount(**count) for name, count in fields.pop("tables").items()}
        members = {name: Member(**member) for name, member in fields.pop("members").items()}
        return Manifest(tables=tables, members=members, **fields)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(path, f"its manifest cannot be read ({type(error).__name__})") from error


def _damaged(path: Path, what: str) -> BackupUnreadable:
    return BackupUnreadable(
        f"The backup {path} is damaged, incomplete or none of Tocsin's: {what}. Nothing was "
        "changed. Take another backup, or another copy of this one."
    )


def _remove_abandoned(folder: Path) -> None:
    now = datetime.now(tz=UTC).timestamp()
    for left in folder.glob(f"{_PARTIAL}*"):
        if now - left.stat().st_mtime > _ABANDONED_AFTER_S:
            shutil.rmtree(left, ignore_errors=True)
