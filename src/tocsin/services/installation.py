"""The installation on this machine: made, opened, brought up to date, and asked who calls.

Nothing here imports tables before Django is ready, so every face calls `open_installation` first
and imports the services of the store after it.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from tocsin.base.errors import DatabaseUnreachable, TocsinError, first_line
from tocsin.store.database import is_away
from tocsin.store.home import HOME_VARIABLE, HomeIncomplete, find_home
from tocsin.store.new_tables import is_empty, make_tables

if TYPE_CHECKING:
    from tocsin.services.work import Caller

SETTINGS = "tocsin.store.settings"


class DatabaseOutdated(TocsinError):
    """The tables are those of another version of Tocsin."""

    code = "database_outdated"


def has_installation() -> bool:
    """Whether the folder of the installation has its keys."""
    return find_home().is_complete


def choose_home(folder: Path) -> Path:
    """Point to another installation, its own SQLite database in it; return the folder.

    DATABASE_URL is dropped: nothing that happens there can reach another database.
    """
    os.environ[HOME_VARIABLE] = str(folder.resolve())
    os.environ.pop("DATABASE_URL", None)
    return find_home().folder


def create_installation() -> tuple[Path, list[str]]:
    """Make the folder with its keys, and the tables; return where, and the steps done.

    What exists is kept: a step that was interrupted is done by the next call.

    Raises:
        DatabaseUnreachable: if the database does not answer.
    """
    home = find_home()
    home.create()
    _set_up()
    return home.folder, upgrade_database()


def open_installation() -> None:
    """Make Django ready for the services of the store.

    Raises:
        HomeIncomplete: if there is no installation here.
        DatabaseUnreachable: if the database does not answer.
        DatabaseOutdated: if its tables are not those of this version.
    """
    open_outdated()
    if pending := pending_steps():
        raise DatabaseOutdated(
            f"The database lacks changes of this version of Tocsin: {len(pending)}, the first is "
            f"{pending[0]}. Nothing was changed. Make a backup, then run `tocsin store upgrade`."
        )


def open_outdated() -> None:
    """Make Django ready whatever the state of the tables.

    Raises:
        HomeIncomplete: if there is no installation here.
    """
    home = find_home()
    if not home.is_complete:
        raise HomeIncomplete(
            f"There is no installation in {home.folder}. Run `tocsin store init` to make one "
            "there, or say where it is with TOCSIN_HOME=FOLDER."
        )
    _set_up()


def installation_folder() -> Path:
    """Return where the installation lies, or would."""
    return find_home().folder


def upgrade_database() -> list[str]:
    """Bring the tables up to this version; return the names of the steps done.

    Each step is a transaction of its own: interrupted, the next call goes on from there. An empty
    database gets all its tables in one.
    """
    pending = pending_steps()
    if pending:
        try:
            if is_empty():
                make_tables()
            else:
                call_command("migrate", verbosity=0, interactive=False)
        except (DatabaseError, OSError) as error:
            raise DatabaseUnreachable(
                f"A change of the tables failed: {first_line(error)}. What was done before it is "
                "kept. Free what it lacks (disk, rights) and run `tocsin store upgrade` again."
            ) from error
    _register()
    return pending


def explain_database_error(error: Exception) -> DatabaseUnreachable | None:
    """Return what to tell about an error if it is the database that failed in the middle."""
    if not is_away(error):
        return None
    return DatabaseUnreachable(
        f"The database has failed in the middle: {first_line(error)}. What was committed before "
        "stands; of the rest nothing was kept. Free what it lacks (disk, memory) or start it, then "
        "run the same command again."
    )


def _register() -> None:
    """Give the installation its name, unless it has one."""
    from tocsin.services.arming import register_installation  # noqa: PLC0415 - after set-up

    try:
        register_installation(console_caller())
    except (DatabaseError, OSError) as error:
        raise DatabaseUnreachable(
            f"The tables are there, but the database takes no row: {first_line(error)}. Free what "
            "it lacks (disk, rights) and run `tocsin store upgrade` again."
        ) from error


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    django.setup()


def pending_steps() -> list[str]:
    """Return the changes of tables that the database lacks, in order.

    Raises:
        DatabaseUnreachable: if it does not answer.
        DatabaseOutdated: if it was made by a newer version, or lacks a step in the middle.
    """
    try:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        executor.loader.check_consistent_history(executor.connection)
    except (DatabaseError, OSError) as error:
        raise DatabaseUnreachable(
            f"The database does not answer: {first_line(error)}. Nothing was changed. Check "
            "that it runs and that DATABASE_URL names it."
        ) from error
    except InconsistentMigrationHistory as error:
        raise DatabaseOutdated(
            f"The database lacks a change of tables that later ones rest on: {first_line(error)}. "
            "Nothing was changed. Restore a backup, or ask who has changed django_migrations."
        ) from error
    targets = executor.loader.graph.leaf_nodes()
    plan = executor.migration_plan(targets)
    if not plan and not _is_ours(executor):
        raise DatabaseOutdated(
            "The database was made by a newer version of Tocsin. Nothing was changed. Use that "
            "version or a newer one, or restore a backup that this one has made."
        )
    return [f"{step.app_label} {step.name}" for step, _ in plan]


def _is_ours(executor: MigrationExecutor) -> bool:
    known = executor.loader.disk_migrations or {}
    return all(
        applied in known for applied in executor.loader.applied_migrations if applied[0] == "store"
    )


def console_caller(organisation: str | None = None) -> "Caller":
    """Return the caller that the machine's console is, for an organisation by its short name.

    Raises:
        OrganisationUnknown: if there is none of this name.
    """
    from tocsin.services.organisations import find_organisation  # noqa: PLC0415 - after set-up
    from tocsin.services.work import CONSOLE, Caller  # noqa: PLC0415

    organisation_id = find_organisation(organisation) if organisation else None
    return Caller(CONSOLE, organisation_id, frozenset(), datetime.now(tz=UTC))
