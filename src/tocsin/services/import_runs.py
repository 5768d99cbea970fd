"""Running an import where we stand, until it has ended or waits for a person."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError

from tocsin.base.errors import TocsinError, first_line
from tocsin.services.import_files import NoSpace
from tocsin.services.job_runs import run_until_done
from tocsin.services.list_imports import ImportTold, find_import, tell_import
from tocsin.services.work import Caller
from tocsin.store.tenancy import acting_for


class DatabaseAway(TocsinError):
    """The database has gone in the middle of the work."""

    code = "database_away"


def finish_import(
    caller: Caller, import_id: int, told: Callable[[int, int | None], None]
) -> ImportTold:
    """Do an import's job here, and return what became of the import.

    Raises:
        JobFailed: with what its worker has told.
        DatabaseAway: if the database has gone in the middle; the import goes on later.
        NoSpace: if the disk is full; so it does.
    """
    with acting_for(caller.organisation_id):
        begun = find_import(import_id)
    try:
        run_until_done(begun.job_id or 0, told)
    except (OperationalError, InterfaceError) as error:
        raise DatabaseAway(
            f"The database has failed in the middle of import {import_id}: "
            f"{first_line(error)}. What was committed "
            "stands, and nobody sees any of it yet. When the database is back or has room, run "
            f"`tocsin registry resume {import_id}`."
        ) from error
    except OSError as error:
        raise NoSpace(
            f"Import {import_id} could not write its files: {error.strerror}. Nothing is lost, "
            f"and nobody sees any of it yet. Make room, then run `tocsin registry resume "
            f"{import_id}`."
        ) from error
    with acting_for(caller.organisation_id):
        return tell_import(find_import(import_id))
