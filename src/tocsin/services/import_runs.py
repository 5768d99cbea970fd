"""Running an import where we stand, until it has ended or waits for a person.

The job may be taken by a worker all the same: then we only look how far it is.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tocsin.base.errors import TocsinError
from tocsin.services.holder_import import import_holders
from tocsin.services.list_imports import IMPORT_HOLDERS, IMPORT_RECORDS
from tocsin.services.record_import import import_records
from tocsin.store.jobs import Claim, LeaseLost, claim_job, release_job
from tocsin.store.models import Job, JobState

Told = Callable[[int, int | None], None]
Handler = Callable[[Claim, Callable[[Claim], None]], None]

HANDLERS: Mapping[str, Handler] = {
    IMPORT_HOLDERS: import_holders,
    IMPORT_RECORDS: import_records,
}
_ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
_LOOK_S = 0.5


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


def run_claim(claim: Claim, told: Told) -> None:
    """Do a claimed job; interrupted, give it back so that the next worker need not wait."""
    try:
        HANDLERS[claim.kind](claim, _Watched(told))
    except LeaseLost:
        return
    except (KeyboardInterrupt, OSError):
        release_job(claim)
        raise
