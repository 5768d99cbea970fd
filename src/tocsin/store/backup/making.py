"""Making a backup of the database that Django is pointed to, and reading one back in full."""

import importlib.metadata
import pkgutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import psycopg
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

import tocsin.store.migrations
from tocsin.base.errors import first_line
from tocsin.store.audit.anchor_file import AnchorFile
from tocsin.store.audit.chain import ChainRow, find_breaks
from tocsin.store.backup import postgres_copy, sqlite_copy
from tocsin.store.backup.container import (
    Archive,
    Manifest,
    TableCount,
    check_members,
    copy_member,
    opened_archive,
    read_member,
    write_manifest,
    written_archive,
)
from tocsin.store.backup.errors import BackupFailed, BackupUnfit, BackupUnreadable
from tocsin.store.home import Home

DATABASE, ANCHORS, ERASED = "database.sqlite3", "anchors.jsonl", "erased.jsonl"
_BROKEN = (DatabaseError, sqlite3.Error, psycopg.Error, OSError)
_TRAIL = "store_auditrow"


def write_backup(home: Home, path: Path, made_at: datetime) -> Manifest:
    """Write a backup of the database as it is now; nobody who writes waits for it.

    Raises:
        BackupFailed: with nothing left at ``path``.
    """
    if path.exists():
        raise BackupFailed(
            f"There is something at {path} already. It was not touched and no backup was made; "
            "choose another name, or a folder, where every backup gets a name of its own."
        )
    try:
        with written_archive(path) as archive:
            # Before the database: no anchor may name a row that the backup does not have.
            anchors = AnchorFile(home.anchors)
            last = anchors.read()[-1:]
            _add_text(archive, ANCHORS, anchors.lines())
            write = _write_sqlite if connection.vendor == "sqlite" else _write_postgres
            manifest = replace(
                write(archive),
                made_at=made_at.isoformat(),
                version=importlib.metadata.version("tocsin"),
                anchor=asdict(last[0]) if last else None,
            )
            # After the database: no erasure may be missing.
            erased = home.erased.read_bytes().splitlines() if home.erased.exists() else []
            _add_text(archive, ERASED, erased)
            write_manifest(archive, replace(manifest, members=archive.members))
    except _BROKEN as error:
        raise BackupFailed(
            f"No backup was made: {first_line(error)}. Nothing was left at {path}, and the "
            "database was not changed. Check that the database runs, that the disk has room and "
            "that the folder may be written to; then do it again."
        ) from error
    return manifest


def verify_backup(path: Path) -> Manifest:
    """Return what a backup says about itself after all of it was read and found sound.

    Every byte is compared; SQLite's file is opened and checked; rows are counted and hashed anew,
    and the audit trail must be a chain that ends where the manifest says and holds the anchor.

    Raises:
        BackupUnreadable: if it would not restore.
        BackupUnfit: if it was made by a newer version of Tocsin.
    """
    try:
        with opened_archive(path) as (opened, manifest):
            _check_version(path, manifest)
            check_members(path, opened, manifest)
            if manifest.database == "sqlite":
                faults = _check_sqlite(path, opened, manifest)
            else:
                faults = _check_postgres(path, opened, manifest)
    except (sqlite3.Error, UnicodeDecodeError, ValueError, KeyError, LookupError) as error:
        raise _unsound(path, [first_line(error)]) from error
    if faults:
        raise _unsound(path, faults)
    return manifest


def check_trail(rows: Iterable[ChainRow], manifest: Manifest) -> list[str]:
    """Return a sentence per fault of a trail: breaks, another end, an anchor it does not hold."""
    anchored: list[bytes] = []
    last: list[ChainRow] = []

    def seen() -> Iterable[ChainRow]:
        for row in rows:
            last[:] = [row]
            if manifest.anchor and row.seq == manifest.anchor["seq"]:
                anchored.append(row.hash)
            yield row

    faults = list(find_breaks(seen()))
    end = {"seq": last[0].seq, "hash": last[0].hash.hex()} if last else None
    if end != manifest.head:
        faults.append("The audit trail does not end where the manifest says.")
    wanted = [manifest.anchor["hash"]] if manifest.anchor and manifest.anchor["seq"] else []
    if wanted != [found.hex() for found in anchored]:
        faults.append("The audit trail does not hold the row of its last anchor.")
    return faults


def compare_counts(told: dict[str, TableCount], found: dict[str, TableCount]) -> list[str]:
    """Return a sentence per table whose rows are not those of the manifest."""
    return [
        f"Table {name} has {found[name].n_rows if name in found else 'no'} rows, or others, "
        f"instead of {count.n_rows}."
        for name, count in told.items()
        if found.get(name) != count
    ]


def raw_connection() -> psycopg.Connection[object]:
    """Return a connection of its own to the PostgreSQL database that Django is pointed to."""
    params = connection.get_connection_params()
    made = connection.get_new_connection(params)
    return cast("psycopg.Connection[object]", made)


def _write_sqlite(archive: Archive) -> Manifest:
    copy = archive.folder / DATABASE
    sqlite_copy.copy_sqlite(Path(str(connection.settings_dict["NAME"])), copy)
    counts, columns = sqlite_copy.count_tables(copy)
    migrations, installation = sqlite_copy.read_facts(copy)
    head = None
    for row in sqlite_copy.read_trail(copy):
        head = row
    archive.add_file(DATABASE, copy)
    copy.unlink()
    return _manifest("sqlite", counts, columns, migrations, installation, head)


def _write_postgres(archive: Archive) -> Manifest:
    opened = raw_connection()
    try:
        with postgres_copy.one_moment(opened):
            found = opened.execute("SELECT app, name FROM django_migrations ORDER BY id")
            applied = [(app, name) for app, name in cast("Iterable[tuple[str, str]]", found)]
            kept, left_out = postgres_copy.kept_tables(opened, _tables_after(applied))
            columns = {name: postgres_copy.column_names(opened, name) for name in kept}
            counts: dict[str, TableCount] = {}
            for name in kept:

                def write(take: Callable[[bytes], object], name: str = name) -> None:
                    counts[name] = postgres_copy.write_table(opened, name, columns[name], take)

                archive.add(table_member(name), write)
            row = _one(opened, f"SELECT seq, hash FROM {_TRAIL} ORDER BY seq DESC LIMIT 1")  # noqa: S608
            uuid = _one(opened, "SELECT uuid FROM store_installation")
            sequences = postgres_copy.read_sequences(opened)
    finally:
        opened.close()
    migrations = [f"{app} {name}" for app, name in applied]
    made = _manifest("postgresql", counts, columns, migrations, str(uuid[0]) if uuid else "", None)
    head = {"seq": row[0], "hash": bytes(row[1]).hex()} if row else None
    return replace(made, head=head, left_out=left_out, sequences=sequences)


def _one(opened: "psycopg.Connection[object]", statement: str) -> tuple[Any, ...] | None:
    return cast("tuple[Any, ...] | None", opened.execute(statement.encode()).fetchone())


def table_member(table: str) -> str:
    """Return the name of the file in which a backup of PostgreSQL holds a table."""
    return f"tables/{table}.copy"


def _manifest(
    kind: str,
    counts: dict[str, TableCount],
    columns: dict[str, list[str]],
    migrations: list[str],
    installation: str,
    head: ChainRow | None,
) -> Manifest:
    return Manifest(
        made_at="",
        version="",
        database=kind,
        installation=installation,
        migrations=migrations,
        tables=counts,
        columns=columns,
        left_out=[],
        sequences={},
        head={"seq": head.seq, "hash": head.hash.hex()} if head else None,
        anchor=None,
        members={},
    )


def _tables_after(applied: list[tuple[str, str]]) -> set[str]:
    """Return the tables that exist after these migrations: those of ours, and of what we use."""
    loader = MigrationLoader(None)
    known = [step for step in applied if step in loader.graph.nodes]
    state = loader.project_state(known)
    models = state.apps.get_models(include_auto_created=True)
    return {"django_migrations", *(model._meta.db_table for model in models)}  # noqa: SLF001


def _check_version(path: Path, manifest: Manifest) -> None:
    known = {module.name for module in pkgutil.iter_modules(tocsin.store.migrations.__path__)}
    ours = [
        name.removeprefix("store ") for name in manifest.migrations if name.startswith("store ")
    ]
    if newer := [name for name in ours if name not in known]:
        raise BackupUnfit(
            f"The backup {path} was made by a newer version of Tocsin, {manifest.version}: it has "
            f"the change {newer[0]} of the tables, which this version does not know. Nothing was "
            "changed. Install that version or a newer one, and restore with it."
        )


def _check_sqlite(path: Path, opened: zipfile.ZipFile, manifest: Manifest) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="tocsin-verify-") as folder:
        copy = Path(folder) / DATABASE
        copy_member(path, opened, manifest, DATABASE, copy)
        faults = sqlite_copy.find_sqlite_faults(copy)
        if faults:
            return faults
        faults = compare_counts(manifest.tables, sqlite_copy.count_tables(copy)[0])
        return faults + check_trail(sqlite_copy.read_trail(copy), manifest)


def _check_postgres(path: Path, opened: zipfile.ZipFile, manifest: Manifest) -> list[str]:
    found = {}
    for name, told in manifest.tables.items():
        member = manifest.members[table_member(name)]
        with read_member(path, opened, manifest, table_member(name)) as file:
            found[name] = TableCount(sum(1 for _ in file), member.sha256)
        if len(manifest.columns[name]) == 0 and told.n_rows:
            return [f"Table {name} has rows and no columns."]
    faults = compare_counts(manifest.tables, found)
    return faults + check_trail(backup_trail(path, opened, manifest, path), manifest)


def _add_text(archive: Archive, name: str, lines: list[bytes]) -> None:
    def write(take: Callable[[bytes], object]) -> None:
        for line in lines:
            take(line + b"\n")

    archive.add(name, write)


def backup_trail(
    path: Path, opened: zipfile.ZipFile, manifest: Manifest, copy: Path
) -> Iterator[ChainRow]:
    """Yield the audit rows of a backup; ``copy`` is where SQLite's file was unpacked."""
    if manifest.database == "sqlite":
        yield from sqlite_copy.read_trail(copy)
        return
    with read_member(path, opened, manifest, table_member(_TRAIL)) as file:
        yield from postgres_copy.read_copied_trail(file, manifest.columns[_TRAIL])


def read_lines(path: Path, opened: zipfile.ZipFile, manifest: Manifest, name: str) -> list[bytes]:
    """Return the lines of a small member."""
    with read_member(path, opened, manifest, name) as file:
        return file.read().splitlines()


def _unsound(path: Path, faults: list[str]) -> BackupUnreadable:
    more = f" And {len(faults) - 3} more." if len(faults) > 3 else ""
    return BackupUnreadable(
        f"The backup {path} would not restore: {' '.join(faults[:3])}{more} Nothing was changed. "
        "Make another backup now, and take an older one if this is all that is left."
    )
