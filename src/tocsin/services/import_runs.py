"""Running an import where we stand, until it has ended or waits for a person.

The job may be taken by a worker all the same: then we only look how far it is.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

from tocsin.base.errors import TocsinError
from tocsin.services.holder_import import import_holders
from tocsin.services.import_files import NoSpace
from tocsin.services.list_imports import (
    IMPORT_HOLDERS,
    IMPORT_RECORDS,
    ImportTold,
    find_import,
    tell_import,
)
from tocsin.services.record_import import import_records
from tocsin.services.work import Caller
from tocsin.store.jobs import Claim, LeaseLost, claim_job, release_job
from tocsin.store.models import Job, JobState
from tocsin.store.tenancy import acting_for

Told = Callable[[int, int | None], None]
Handler = Callable[[Claim, Callable[[Claim], None]], None]

HANDLERS: Mapping[str, Handler] = {
    IMPORT_HOLDERS: import_holders,
    IMPORT_RECORDS: import_records,
}
_ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
_LOOK_S = 0.5


class DatabaseAway(TocsinError):
    """The database has gone in the middle of the work."""

    code = "database_away"


class JobFailed(TocsinError):
    """A job has ended without doing what it should."""

    code = "job_failed"


@dataclass(frozen=True)
class _Watched:
    told: Told

    def __call__(self, claim: Claim) -> None:
        self.told(claim.n_done, claim.n_total)


def run_until_done(job_id: int, told: Told) -> None:
    """Do jobs until one of them has ended.

    Args:
        job_id: the job to wait for.
        told: is called with how much is done, of how much.

    Raises:
        JobFailed: with what its worker has told.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}"
    while (job := Job.objects.get(pk=job_id)).state not in _ENDED:
        claim = claim_job(owner, list(HANDLERS))
        if claim is None:
            told(job.n_done, job.n_total)
            time.sleep(_LOOK_S)
            continue
        run_claim(claim, told)
    told(job.n_done, job.n_total)
    if job.state != JobState.DONE:
        raise JobFailed(job.problem or f"Job {job_id} was cancelled.")


def finish_import(caller: Caller, import_id: int, told: Told) -> ImportTold:
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
            f"{(str(error).splitlines() or ['no answer'])[0].rstrip('.')}. What was committed "
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


def run_claim(claim: Claim, told: Told) -> None:
    """Do a claimed job; interrupted, give it back so that the next worker need not wait."""
    try:
        HANDLERS[claim.kind](claim, _Watched(told))
    except LeaseLost:
        return
    except (KeyboardInterrupt, OSError):
        with suppress(LeaseLost):
            release_job(claim)
        raise
