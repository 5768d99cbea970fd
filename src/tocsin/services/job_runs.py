"""Doing a job that was claimed, and waiting for one: for the worker, and where we stand.

Whatever happens to a handler, the job is done, given back, or failed with a sentence; killed, it
is taken up by the next worker when its lease has ended.
"""

import os
import secrets
import socket
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.db import DatabaseError, InterfaceError, OperationalError

from tocsin.base.errors import TocsinError
from tocsin.services.job_handlers import HANDLERS, Told
from tocsin.store.database import is_out_of_room
from tocsin.store.home import find_home
from tocsin.store.jobs import Claim, LeaseLost, claim_job, fail_job, release_job
from tocsin.store.models import Job, JobState

MOST_SURPRISES = 3
"""How often a job may end in an error that we did not foresee before it is failed."""
_ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
_LOOK_S = 0.5


class JobFailed(TocsinError):
    """A job has ended without doing what it should."""

    code = "job_failed"


class JobStopped(Exception):
    """Raised by who is told of a step, to stop between two steps."""


def worker_name() -> str:
    """Return how this process is called in the table of jobs."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run_next(told: Told) -> Claim | None:
    """Do the oldest job that waits; return its claim, or None if none waits.

    Args:
        told: is called after each committed step; may raise `JobStopped`.

    Raises:
        JobStopped, KeyboardInterrupt, OSError: the job was given back for the next worker.
        OperationalError, InterfaceError: the database has failed; the job was given back if it
            took that, else its lease will end.
    """
    claim = claim_job(worker_name(), list(HANDLERS))
    if claim is not None:
        run_claim(claim, told)
    return claim


def run_claim(claim: Claim, told: Told) -> None:
    """Do a claimed job; see `run_next` for what is raised."""
    try:
        HANDLERS[claim.kind](claim, told)
    except LeaseLost:
        return
    except (OperationalError, InterfaceError) as error:
        # Where the database still takes that much; else the lease ends.
        with suppress(LeaseLost, DatabaseError, InterfaceError):
            release_job(claim, is_counted=not is_out_of_room(error))
        raise
    except (KeyboardInterrupt, JobStopped, OSError):
        with suppress(LeaseLost):
            release_job(claim)
        raise
    except TocsinError as error:
        fail_job(claim, error.sentence)
    except Exception as error:  # noqa: BLE001 - the last resort of a worker
        _keep_surprise(claim, error)


def _keep_surprise(claim: Claim, error: Exception) -> None:
    """Note an error that we did not foresee; the job is tried again a few times."""
    report = _write_report(claim, error)
    if Job.objects.get(pk=claim.job_id).attempts < MOST_SURPRISES:
        release_job(claim)
    else:
        fail_job(
            claim,
            f"This is our fault ({type(error).__name__}). What was done so far is kept. What "
            f"happened is in {report}; please send it, but look first whether it quotes your data.",
        )


def _write_report(claim: Claim, error: Exception) -> Path:
    folder = find_home().folder / "reports"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"job-{claim.job_id}-{secrets.token_hex(4)}.txt"
    when = datetime.now(tz=UTC).isoformat(timespec="seconds")
    path.touch(mode=0o600)
    path.write_text(f"{when} {claim.kind}\n{''.join(traceback.format_exception(error))}", "utf-8")
    return path


def describe_job(job_id: int) -> str:
    """Return how a job stands, as a sentence for the worker's log."""
    job = Job.objects.get(pk=job_id)
    problem = f": {job.problem}" if job.problem else ""
    return f"job {job_id} ({job.kind}): {job.state}{problem}"


def run_until_done(job_id: int, told: Callable[[int, int | None], None]) -> None:
    """Do jobs until one of them has ended; a worker may take it all the same.

    Args:
        job_id: the job to wait for.
        told: is called with how much is done, of how much.

    Raises:
        JobFailed: with what its worker has told.
    """
    while (job := Job.objects.get(pk=job_id)).state not in _ENDED:
        if run_next(lambda claim: told(claim.n_done, claim.n_total)) is None:
            told(job.n_done, job.n_total)
            time.sleep(_LOOK_S)
    told(job.n_done, job.n_total)
    if job.state != JobState.DONE:
        raise JobFailed(job.problem or f"Job {job_id} was cancelled.")
