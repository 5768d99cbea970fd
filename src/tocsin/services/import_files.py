"""The files of an import: the copied source, what was staged of it, and what was set aside.

They lie in the installation's folder, one folder per import, where only its owner may look. The
copy and what was made of it are removed when the import is done; what was set aside and what is
wrong with the list stay for whoever mends it.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tocsin.base.errors import RegistryUnreadable, TocsinError
from tocsin.store.home import find_home

REJECTED, FINDINGS = "rejected.csv", "findings.csv"
INSPECTION = "inspection.json"
LIST_SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".parquet", ".json", ".ndjson")
"""How the name of a list may end that somebody sends us."""
_SOURCE, _STAGED = "source", "staged"
_AT_ONCE = 1 << 20


class NoSpace(TocsinError):
    """The disk is full, or the folder cannot be written."""

    code = "no_space"


class ListTooLarge(TocsinError):
    """A list is larger than this installation takes."""

    code = "list_too_large"


@dataclass(frozen=True)
class KeptSource:
    """A file that is to be imported, copied into a folder of its own.

    Attributes:
        folder: the name of that folder.
        name: the file's own name.
    """

    folder: str
    name: str
    sha256: str


def keep_source(path: Path, organisation_id: int) -> KeptSource:
    """Copy a file, or a folder of files, into the work folder of an organisation.

    Raises:
        RegistryUnreadable: if it cannot be read.
        NoSpace: if it cannot be written; nothing of it is left.
    """
    if not path.exists():
        raise RegistryUnreadable(f"There is no file {path}. Nothing was imported.")
    folder = f"import-{secrets.token_hex(8)}"
    target = work_folder(organisation_id, folder)
    try:
        digest = _copy(path, target / _SOURCE)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise NoSpace(
            f"{path.name} could not be copied for the import: {error.strerror}. Nothing was "
            "imported, and the copy was removed. Make room or check the rights, and try again."
        ) from error
    return KeptSource(folder, path.name, digest)


def keep_stream(
    blocks: Iterable[bytes], name: str, organisation_id: int, most_bytes: int
) -> KeptSource:
    """Write a list that somebody sends into the work folder of an organisation, block by block.

    Raises:
        RegistryUnreadable: if its name is none of a list, or it is empty.
        ListTooLarge: if it has more bytes than are taken.
        NoSpace: if it cannot be written. In each case nothing of it is left.
    """
    name = check_list_name(name)
    folder = f"import-{secrets.token_hex(8)}"
    target = work_folder(organisation_id, folder)
    try:
        digest = _write_blocks(blocks, target / _SOURCE, name, most_bytes)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise NoSpace(
            f"{name} could not be kept for the import: {error.strerror}. Nothing was imported, "
            "and nothing of it was left. Make room or check the rights, and send it again."
        ) from error
    except TocsinError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return KeptSource(folder, name, digest)


def upload_folder() -> Path:
    """Return where a list lies while it is being sent."""
    return find_home().work_folder(0, "uploads")


def check_list_name(name: str) -> str:
    """Return the name of a file that somebody sends, without folders.

    Raises:
        RegistryUnreadable: if it does not end as a list does.
    """
    own = "".join(each for each in name.replace("\\", "/").rpartition("/")[2] if each.isprintable())
    own = own.strip().lstrip(".")[-120:]
    if not own.lower().endswith(LIST_SUFFIXES):
        raise RegistryUnreadable(
            f"{own or 'The file'!r} is no list that can be read: its name must end in "
            f"{', '.join(LIST_SUFFIXES)}. Nothing was kept. Save it as CSV or XLSX and "
            "send it again."
        )
    return own


def too_large(most_bytes: int) -> ListTooLarge:
    """Return the error of a list with too many bytes."""
    return ListTooLarge(
        f"The list is larger than {most_bytes / 1_000_000:,.0f} MB, the most that this "
        "installation takes through a browser. Nothing was kept. Send it in parts, save it as "
        "Parquet, or let whoever runs the server import it with `tocsin registry import`."
    )


def discard_source(kept: KeptSource, organisation_id: int) -> None:
    """Remove a copy of which no import came."""
    shutil.rmtree(work_folder(organisation_id, kept.folder), ignore_errors=True)


def work_folder(organisation_id: int, folder: str) -> Path:
    """Return the folder of an import."""
    return find_home().work_folder(organisation_id, folder)


def folder_of(organisation_id: int, folder: str) -> Path:
    """Return where the folder of an import lies, if there is still one."""
    return find_home().folder / "work" / str(organisation_id) / folder


def source_in(folder: Path, name: str) -> Path:
    """Return the copied file, or folder of files."""
    return folder / _SOURCE / name


def staged_in(folder: Path, mark: str = "") -> Path:
    """Return where the rows to be written lie.

    Each staging has a folder of its own, under its mark: a worker that was taken for dead, and
    still writes, can spoil nothing of its successor's.
    """
    staged = folder / _STAGED / mark if mark else folder / _STAGED
    staged.mkdir(mode=0o700, exist_ok=True, parents=True)
    return staged


def clear_staged(folder: Path) -> None:
    """Remove what was staged, so that it can be made anew."""
    shutil.rmtree(folder / _STAGED, ignore_errors=True)


def clear_work(folder: Path) -> None:
    """Remove the copy of the source and all that was made of it but the lists for people."""
    for name in (_SOURCE, _STAGED):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / INSPECTION).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _write_blocks(blocks: Iterable[bytes], target: Path, name: str, most_bytes: int) -> str:
    target.mkdir(mode=0o700)
    digest, n_bytes = hashlib.sha256(), 0
    descriptor = os.open(target / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as copy:
        for block in blocks:
            n_bytes += len(block)
            if n_bytes > most_bytes:
                raise too_large(most_bytes)
            digest.update(block)
            copy.write(block)
    if n_bytes == 0:
        raise RegistryUnreadable(f"The list {name} is empty. Nothing was kept.")
    return digest.hexdigest()


def _copy(path: Path, target: Path) -> str:
    """Copy files so that only their owner may read them; return the hash of their contents."""
    target.mkdir(mode=0o700)
    digest = hashlib.sha256()
    if path.is_file():
        _copy_file(path, target / path.name, digest)
        return digest.hexdigest()
    (target / path.name).mkdir(mode=0o700)
    for file in sorted(found for found in path.iterdir() if found.is_file()):
        digest.update(file.name.encode() + b"\0")
        _copy_file(file, target / path.name / file.name, digest)
    return digest.hexdigest()


def _copy_file(path: Path, target: Path, digest: "hashlib._Hash") -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with path.open("rb") as source, os.fdopen(descriptor, "wb") as copy:
        while block := source.read(_AT_ONCE):
            digest.update(block)
            copy.write(block)
