"""Filling an empty PostgreSQL database with a backup, and going on after a crash."""

import json
from pathlib import Path
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from tocsin.store.backup import postgres_copy
from tocsin.store.backup.container import Manifest, TableCount, opened_archive, read_member
from tocsin.store.backup.errors import BackupUnfit, RestoreFailed, RestoreRefused
from tocsin.store.backup.making import compare_counts, raw_connection, table_member
from tocsin.store.home import Home
from tocsin.store.new_tables import make_tables

MARK = "restored.json"
"""In the folder that is being built: which database is about to be settled."""


def fill_postgres(path: Path, manifest: Manifest, digest: str) -> None:
    """Make the tables as they were, and fill them.

    Raises:
        RestoreRefused: if the database is not empty.
        BackupUnfit: if the backup has changes of tables that this version does not know.
        RestoreFailed: if what was loaded is not what the backup holds.
    """
    with raw_connection() as opened:
        opened.autocommit = True
        if not postgres_copy.begin_restore(opened, digest):
            raise RestoreRefused(
                "The database to restore into is not empty. It was not touched and nothing was "
                "restored. Create an empty one (`createdb NAME`) and name it with --database."
            )
        _migrate_to(manifest)
        with opened_archive(path) as (archive, _):
            postgres_copy.fill_tables(
                opened,
                manifest.columns,
                manifest.sequences,
                lambda table: read_member(path, archive, manifest, table_member(table)),
            )
        with postgres_copy.one_moment(opened):
            found: dict[str, TableCount] = {
                table: postgres_copy.count_table(opened, table, columns)
                for table, columns in manifest.columns.items()
            }
        if faults := compare_counts(manifest.tables, found):
            raise RestoreFailed(
                f"What was loaded is not what the backup holds: {' '.join(faults[:3])} The "
                "database is not used, and is cleared by the next restore."
            )


def write_mark(side: Home, digest: str, identity: UUID) -> None:
    """Note which database is about to be settled, so that a crash after it is recognised."""
    told = {"backup": digest, "database": str(identity)}
    (side.folder / MARK).write_text(json.dumps(told) + "\n", "utf-8")


def is_settled(side: Home, url: str, digest: str) -> bool:
    """Whether an earlier restore of this backup was killed when only the folder was missing."""
    try:
        told = json.loads((side.folder / MARK).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    if told.get("backup") != digest or not side.is_complete:
        return False
    with psycopg.connect(url) as opened:
        if "store_installation" not in postgres_copy.table_names(opened):
            return False
        found = opened.execute("SELECT database_uuid FROM store_installation").fetchone()
    return found is not None and str(found[0]) == told["database"]


def unmark_database() -> None:
    """Say in the database that its restore has ended."""
    with raw_connection() as opened:
        if postgres_copy.unfinished_restore(opened) is not None:
            postgres_copy.end_restore(opened)


def _migrate_to(manifest: Manifest) -> None:
    """Make the tables as they were when the backup was made; later changes come after it."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    had = [(app, name) for app, name in (step.split(" ", 1) for step in manifest.migrations)]
    known = executor.loader.disk_migrations or {}
    # A step that others replaced by a shorter way stands in the list beside its replacement.
    if unknown := [step for step in had if step not in known]:
        raise BackupUnfit(
            f"The backup has the change {' '.join(unknown[0])} of the tables, which is unknown "
            f"here: it was made with other versions, of Tocsin {manifest.version} or of what it "
            "uses. Nothing was put in place. Restore it with that version, then upgrade."
        )
    graph = executor.loader.graph
    today = {(step.app_label, step.name) for step, _ in executor.migration_plan(graph.leaf_nodes())}
    if today <= set(had):  # nothing to go through
        make_tables()
    else:
        executor.migrate([step for step in had if step in graph.nodes])
