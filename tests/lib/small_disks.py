"""Databases whose disk can be made full, and given room again, while something works in them.

PostgreSQL gets a disk of its own in memory, which only somebody who may mount one can give it;
SQLite counts its own pages and says the same as on a full disk.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
from django.db import connection
from django.db.backends.signals import connection_created

from tests.lib.databases import Opened
from tests.lib.postgres import Postgres, server_account

_DISK_BYTES = 64 * 1024 * 1024
_PLENTY = 1_000_000
_PAGES = "pages of a full disk"
_PIECE = b"\0" * 65_536


class NoSmallDisk(RuntimeError):
    """Nobody here may mount a disk."""


class Disk(Protocol):
    """The disk of a database."""

    def fill(self) -> None:
        """Leave no room."""

    def free(self) -> None:
        """Give room again."""


class _PagesOfSqlite:
    """Pages that a connection may use: counted anew by each, so each new one is told as well."""

    def __init__(self) -> None:
        self._n_pages = _PLENTY

    def fill(self) -> None:
        self._allow(1)  # smaller than it is: then as it is
        connection_created.connect(self._tell, weak=False, dispatch_uid=_PAGES)

    def free(self) -> None:
        connection_created.disconnect(dispatch_uid=_PAGES)
        self._allow(_PLENTY)

    def _allow(self, n_pages: int) -> None:
        self._n_pages = n_pages
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {n_pages}")

    def _tell(self, **_told: object) -> None:
        self._allow(self._n_pages)


class _MountedDisk:
    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self) -> None:
        with self._filler.open("ab", buffering=0) as file:
            while os.fstatvfs(file.fileno()).f_bfree:
                file.write(_PIECE)

    def free(self) -> None:
        self._filler.unlink()


@contextmanager
def disk_of_sqlite() -> Iterator[Disk]:
    """Lend the disk of the SQLite database that Django has open."""
    pages = _PagesOfSqlite()
    yield pages
    pages.free()


@contextmanager
def disk_of_postgres(server: Postgres, opened: Opened) -> Iterator[Disk]:
    """Move a database to a small disk of its own, and lend that; drop the database at the end.

    Raises:
        NoSmallDisk: if nobody here may mount a disk.
    """
    folder = server.folder / "small disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tocsin-tests", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        folder.rmdir()
        raise NoSmallDisk(f"no small disk can be mounted here: {error}") from error
    try:
        tables = folder / "tables"
        tables.mkdir()
        if account := server_account():
            shutil.chown(tables, account)
        name = opened.url.partition("@/")[2].partition("?")[0]
        connection.close()
        with psycopg.connect(server.url("postgres"), autocommit=True) as console:
            console.execute(f"CREATE TABLESPACE small LOCATION '{tables}'".encode())
            console.execute(f"ALTER DATABASE {name} SET TABLESPACE small".encode())
            try:
                yield _MountedDisk(folder)
            finally:
                (folder / "filler").unlink(missing_ok=True)
                connection.close()
                console.execute(f"DROP DATABASE {name}".encode())
                console.execute(b"DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)
        folder.rmdir()
