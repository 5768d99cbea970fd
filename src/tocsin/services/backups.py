"""Backups of the installation: made while work goes on, verified, a few of them kept."""

from dataclasses import dataclass
from pathlib import Path

from tocsin.base.errors import TocsinError
from tocsin.services.work import Caller, Work, service
from tocsin.store.backup.container import Manifest, file_sha256, opened_archive
from tocsin.store.backup.errors import BackupFailed
from tocsin.store.backup.making import verify_backup, write_backup
from tocsin.store.backup.sealed_keys import seal_keys
from tocsin.store.home import find_home

ENDING = ".tocsin-backup"


@dataclass(frozen=True)
class Made:
    """A backup that was made and verified.

    Attributes:
        path: where it is.
        manifest: what it says about itself.
        sha256: of the file.
        removed: older backups that gave way to it.
    """

    path: Path
    manifest: Manifest
    sha256: str
    removed: tuple[Path, ...]


@service
def note_backup(work: Work, event: str, sha256: str, facts: dict[str, object]) -> None:
    """Leave the row of a backup that was made, or of keys that were copied. Right: the console.

    Leaves backup_made or keys_exported.
    """
    work.record(event, f"backup:{sha256[:16]}", new={"sha256": sha256, **facts})


def make_backup(caller: Caller, out: Path, keep: int | None = None) -> Made:
    """Write a backup, verify what was written, then remove the oldest beyond ``keep``.

    Right: the console. Nobody waits for it: its row in the audit trail is written at the end.

    Args:
        caller: the console.
        out: a file that does not exist yet, or a folder, in which the backup is named by its time.
        keep: how many backups of this installation stay in the folder.

    Raises:
        BackupFailed: if none could be made; nothing is left then, and nothing removed.
    """
    in_folder = out.is_dir()
    if keep is not None and not (in_folder and keep > 0):
        raise BackupFailed(
            f"--keep needs a folder that exists, and at least 1; {out} with {keep} is not that. No "
            "backup was made and none removed."
        )
    name = f"tocsin-{caller.now:%Y%m%dT%H%M%SZ}{ENDING}"
    path = out / name if in_folder else out
    written = write_backup(find_home(), path, caller.now)
    manifest = verify_backup(path)
    digest = file_sha256(path)
    if keep is not None and written.installation:
        removed = _remove_older(out, path, written.installation, keep)
    else:
        removed = ()
    facts = {"head": manifest.head_seq, "made_at": manifest.made_at}
    note_backup(caller, "backup_made", digest, facts)
    return Made(path, manifest, digest, removed)


def export_keys(caller: Caller, path: Path, passphrase: str, installation: str) -> None:
    """Write the installation's keys apart, sealed with a passphrase. Right: the console.

    Raises:
        BackupFailed: if there is something at ``path`` already.
    """
    if path.exists():
        raise BackupFailed(
            f"There is something at {path} already. It was not touched and no keys were written."
        )
    seal_keys(find_home(), passphrase, installation, caller.now.isoformat(), path)
    note_backup(caller, "keys_exported", file_sha256(path), {})


def _remove_older(folder: Path, newest: Path, installation: str, keep: int) -> tuple[Path, ...]:
    """Remove the oldest of this installation's backups; others, and unreadable ones, stay."""
    own = []
    for path in folder.glob(f"tocsin-*{ENDING}"):
        try:
            with opened_archive(path) as (_, manifest):
                if manifest.installation == installation:
                    own.append((manifest.made_at, path))
        except TocsinError:
            continue
    ordered = [path for _, path in sorted(own, reverse=True) if path != newest]
    removed = tuple(ordered[keep - 1 :])
    for path in removed:
        path.unlink()
    return removed
