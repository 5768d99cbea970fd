"""Restoring a backup into a new place: all checked before, nothing half-made after.

Everything is built in a folder beside the new one, `.NAME.restoring`, and renamed at the end. An
empty PostgreSQL database is marked while it is filled: what a killed restore leaves there is
cleared away by the next one.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from tocsin.base.errors import first_line
from tocsin.services.installation import open_outdated, upgrade_database
from tocsin.store.backup import loading
from tocsin.store.backup.container import (
    Manifest,
    copy_member,
    file_sha256,
    opened_archive,
    sync_folder,
)
from tocsin.store.backup.errors import BackupUnfit, RestoreFailed, RestoreRefused
from tocsin.store.backup.making import (
    ANCHORS,
    DATABASE,
    ERASED,
    backup_trail,
    read_lines,
    verify_backup,
)
from tocsin.store.backup.old_place import OldPlace, check_same_trail, read_old_place
from tocsin.store.backup.sealed_keys import open_keys, put_keys
from tocsin.store.erased_file import read_erasures
from tocsin.store.home import HOME_VARIABLE, KEY_FILES, Home

read_backup = verify_backup
_BROKEN = (DatabaseError, sqlite3.Error, psycopg.Error, OSError)


@dataclass(frozen=True)
class RestoreOrder:
    """What is to be restored from where into where.

    Attributes:
        file: the backup.
        into: the folder of the new installation.
        database: URL of an empty PostgreSQL database; None: DATABASE_URL.
        keys: file of sealed keys, with its passphrase.
        keys_from: a folder that still has the keys.
        is_without_keys: go on with new keys; no person can be read.
        old: the folder that the new one takes the place of, if it is elsewhere.
        moves_aside: rename an installation that is at ``into``, and compare with it.
        reason: why, for the audit trail.
    """

    file: Path
    into: Path
    reason: str
    database: str | None = None
    keys: Path | None = None
    passphrase: str = field(default="", repr=False)
    keys_from: Path | None = None
    is_without_keys: bool = False
    old: Path | None = None
    moves_aside: bool = False


def restore_backup(order: RestoreOrder) -> list[str]:
    """Make an installation of a backup; return what happened, a sentence each.

    Right: the console. Leaves database_restored on top of the restored trail, and a new anchor.

    Raises:
        BackupUnreadable: if the backup is not sound.
        BackupUnfit: if it is of a newer version or another installation.
        RestoreRefused: if the place is not free or keys are missing; nothing was changed.
        RestoreFailed: if the disk or the database failed; nothing was put in place.
    """
    manifest = verify_backup(order.file)
    into = order.into.resolve()
    is_moved = _check_place(into, order)
    url = _database_url(manifest, order)
    old_home = Home((order.old or into).resolve()) if order.old or is_moved else None
    old = read_old_place(old_home) if old_home else None
    keys = _find_keys(order, manifest, into if is_moved else None)
    side = Home(into.with_name(f".{into.name}.restoring"))
    digest = file_sha256(order.file)
    with _whole_or_not_at_all(side):
        _point_to(side, url)
        if not (url and loading.is_settled(side, url, digest)):
            _build_folder(side, order, manifest, old, keys)
            again = _build_database(side, order, manifest, old, digest)
        else:
            again = []
        _anchor()
        aside = _put_in_place(side, into, is_moved=is_moved)
    return list(_sentences(order, manifest, old, aside, again))


def _check_place(into: Path, order: RestoreOrder) -> bool:
    """Return whether an installation must be moved aside."""
    if not into.exists() or (into.is_dir() and not any(into.iterdir())):
        return False
    if order.moves_aside and Home(into).is_complete:
        return True
    raise RestoreRefused(
        f"There is something in {into} already. It was not touched and nothing was restored. "
        "Choose another folder; or stop everything that runs there and add --move-aside, which "
        "renames an installation before the new one takes its place."
    )


def _database_url(manifest: Manifest, order: RestoreOrder) -> str | None:
    """Return the URL of the PostgreSQL database to fill; None for SQLite in the folder."""
    url = order.database or os.environ.get("DATABASE_URL")
    is_postgres = bool(url) and str(url).startswith(("postgres://", "postgresql://"))
    if manifest.database == "postgresql" and is_postgres:
        return url
    if manifest.database == "sqlite" and not url:
        return None
    raise BackupUnfit(
        f"The backup is of {'PostgreSQL' if manifest.database == 'postgresql' else 'SQLite'}, and "
        f"the database to restore into is {'PostgreSQL' if is_postgres else 'SQLite'}. Nothing was "
        "changed. Give an empty database with --database postgresql://..., or, for SQLite, leave "
        "DATABASE_URL and --database away."
    )


def _find_keys(order: RestoreOrder, manifest: Manifest, moved: Path | None) -> dict[str, str]:
    """Return the files of keys by name; none to make new ones."""
    if order.is_without_keys:
        return {}
    if order.keys:
        opened = open_keys(order.keys, order.passphrase)
        if manifest.installation and opened.installation not in {"", manifest.installation}:
            raise RestoreRefused(
                f"The keys in {order.keys} belong to installation {opened.installation}, the "
                f"backup to {manifest.installation}. Nothing was changed."
            )
        return opened.files
    folder = order.keys_from or moved
    if folder is None or not Home(folder.resolve()).is_complete:
        raise RestoreRefused(
            "A backup holds no keys, and without them nobody can read its persons. Nothing was "
            "changed. Give --keys FILE (from `tocsin backup --keys-out`), --keys-from DIR (a "
            "folder that still has them), or --without-keys to go on without persons."
        )
    names = [*KEY_FILES, "settings.toml"]
    return {name: (folder / name).read_text() for name in names if (folder / name).is_file()}


@contextmanager
def _whole_or_not_at_all(side: Home) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise RestoreFailed(
            f"The restore did not end: {first_line(error)}. Nothing was put in place, and the old "
            "place is as it was. Free what it lacks (disk, rights, a database that runs) and run "
            "the same command again."
        ) from error
    finally:
        if settings.configured:  # it may have failed before the database was opened
            connections.close_all()
        if not (side.folder / loading.MARK).exists():
            shutil.rmtree(side.folder, ignore_errors=True)


def _point_to(side: Home, url: str | None) -> None:
    """Point this process to the installation that is being built, before Django is made ready."""
    os.environ[HOME_VARIABLE] = str(side.folder)
    if url:
        os.environ["DATABASE_URL"] = url
    else:
        os.environ.pop("DATABASE_URL", None)


def _build_folder(
    side: Home, order: RestoreOrder, manifest: Manifest, old: OldPlace | None, keys: dict[str, str]
) -> None:
    shutil.rmtree(side.folder, ignore_errors=True)
    side.folder.parent.mkdir(parents=True, exist_ok=True)
    side.folder.mkdir(mode=0o700)
    put_keys(side, keys)
    side.create()
    with opened_archive(order.file) as (opened, _):
        if manifest.database == "sqlite":
            copy_member(order.file, opened, manifest, DATABASE, side.database)
        copy_member(order.file, opened, manifest, ANCHORS, side.anchors)
        if old:
            rows = backup_trail(order.file, opened, manifest, side.database)
            check_same_trail(rows, old.anchors, manifest.head_seq)
        lines = dict.fromkeys(read_lines(order.file, opened, manifest, ERASED))
        lines |= dict.fromkeys(old.erased if old else [])
    if lines:
        side.erased.touch(mode=0o600)
        side.erased.write_bytes(b"".join(line + b"\n" for line in lines))


def _build_database(
    side: Home, order: RestoreOrder, manifest: Manifest, old: OldPlace | None, digest: str
) -> list[str]:
    """Fill the database, bring it up to this version, settle it; return who was erased again."""
    open_outdated()
    if manifest.database == "postgresql":
        loading.fill_postgres(order.file, manifest, digest)
    upgrade_database()
    from tocsin.services.installation import console_caller  # noqa: PLC0415
    from tocsin.services.restored import check_keys, settle_restore  # noqa: PLC0415

    if not order.is_without_keys:
        check_keys(side)
    facts = {
        "backup": digest,
        "made_at": manifest.made_at,
        "head": manifest.head,
        "lost_events": _n_lost(manifest, old),
        "is_without_keys": order.is_without_keys,
    }
    erased = {one.person: one.at for one in read_erasures(side.erased)}
    identity: UUID = uuid4()
    if manifest.database == "postgresql":
        loading.write_mark(side, digest, identity)
    return settle_restore(console_caller(), identity, erased, facts, order.reason)


def _anchor() -> None:
    open_outdated()
    from tocsin.services.anchoring import anchor_trail  # noqa: PLC0415

    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        loading.unmark_database()
    anchor_trail(datetime.now(tz=UTC))


def _put_in_place(side: Home, into: Path, *, is_moved: bool) -> Path | None:
    """Rename the new folder, and before it the one that is there; return its new name."""
    connections.close_all()
    aside = None
    if is_moved:
        aside = into.with_name(f"{into.name}.before-{datetime.now(tz=UTC):%Y%m%dT%H%M%S.%fZ}")
        into.rename(aside)
    side.folder.rename(into)
    sync_folder(into.parent)
    (into / loading.MARK).unlink(missing_ok=True)
    return aside


def _n_lost(manifest: Manifest, old: OldPlace | None) -> int | None:
    return max(0, old.last_seq - manifest.head_seq) if old else None


def _sentences(
    order: RestoreOrder,
    manifest: Manifest,
    old: OldPlace | None,
    aside: Path | None,
    again: list[str],
) -> Iterator[str]:
    yield f"Restored into {order.into}: the state of {manifest.made_at}."
    if aside:
        yield f"The installation that was there is now {aside}."
    if old is None:
        yield (
            "There was no old folder to compare with (--old): how many events are lost, and who "
            "was erased since the backup, cannot be told."
        )
    elif lost := _n_lost(manifest, old):
        yield (
            f"At least {lost} events after it are lost: the old audit trail had reached row "
            f"{old.last_seq}, the backup's ends with row {manifest.head_seq}."
        )
    if again:
        yield f"{len(again)} persons that were erased since were erased again."
    if order.is_without_keys:
        yield "The keys are new: no person of the backup can be read; old anchors have the old key."
    yield "All sessions are ended. The sender is disarmed until `tocsin sender arm`."
