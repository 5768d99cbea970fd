"""Long work as jobs that survive a crash: claimed under a lease, done in committed steps.

A worker claims a job for a while (by the database's clock) and with a new fence. Each step runs in
one transaction that first checks the fence, does its part, and writes where the next step begins:
killed before the commit, the step has not happened; killed after it, it is not done again. A worker
that lost its lease without knowing commits nothing more.
Source: `docs/adr/0016-jobs-of-our-own.md`.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from tocsin.base.errors import TocsinError
from tocsin.store.lease import LEASE
from tocsin.store.models import Job, JobState
from tocsin.store.statements import rows_of

MAX_ATTEMPTS = 20
"""After so many claims without an end, a job is failed: it kills whoever takes it."""
_OPEN_JOBS = """
SELECT id, payload FROM store_job
 WHERE state IN ('queued', 'claimed', 'failed') AND kind = %s AND organisation_id = %s
 ORDER BY id DESC
"""


class LeaseLost(TocsinError):
    """Somebody else has the job by now."""

    code = "lease_lost"


@dataclass
class Claim:
    """A job in the hands of a worker.

    Attributes:
        fence: the number under which the worker may commit.
        place: where the next step begins; a step changes it, its commit keeps it.
        n_done: how much is done, in the job's own unit.
    """

    job_id: int
    kind: str
    organisation_id: int | None
    payload: dict[str, Any]
    fence: int
    place: dict[str, Any]
    n_done: int
    n_total: int | None


def queue_job(
    kind: str,
    payload: dict[str, Any],
    created_at: datetime,
    organisation_id: int | None = None,
    n_total: int | None = None,
) -> Job:
    """Add a job, in the transaction of the caller, and return it."""
    return Job.objects.create(
        kind=kind,
        payload=payload,
        created_at=created_at,
        organisation_id=organisation_id,
        n_total=n_total,
    )


def open_jobs(kind: str, organisation_id: int) -> list[tuple[int, dict[str, Any]]]:
    """Return id and payload of the jobs of a kind that have not ended well, the last first."""
    # By state: there is an index for it, and of all jobs only few have not ended.
    found = rows_of(_OPEN_JOBS, [kind, organisation_id])
    return [(job_id, json.loads(payload)) for job_id, payload in found]


def claim_job(owner: str, kinds: Sequence[str], lease: timedelta = LEASE) -> Claim | None:
    """Return the oldest job that waits, or whose owner's lease has ended; None if there is none."""
    free = Q(state=JobState.QUEUED) | Q(state=JobState.CLAIMED, lease_until__lt=Now())
    with transaction.atomic():
        waiting = Job.objects.select_for_update(skip_locked=True).filter(free, kind__in=kinds)
        job = waiting.order_by("id").first()
        if job is None:
            return None
        given_up = job.attempts >= MAX_ATTEMPTS
        Job.objects.filter(pk=job.pk).update(
            state=JobState.FAILED if given_up else JobState.CLAIMED,
            problem=f"given up after {job.attempts} attempts" if given_up else "",
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            owner=owner,
            lease_until=Now() + lease,
        )
    if given_up:
        return claim_job(owner, kinds, lease)
    return Claim(
        job.pk,
        job.kind,
        job.organisation_id,
        job.payload,
        fence=job.fence + 1,
        place=job.place,
        n_done=job.n_done,
        n_total=job.n_total,
    )


@contextmanager
def committed_step(claim: Claim, lease: timedelta = LEASE) -> Iterator[None]:
    """Run a step in one transaction with the job's progress; the lease begins anew.

    Raises:
        LeaseLost: if the fence is another one by now; nothing of the step is kept.
    """
    with transaction.atomic():
        _require(claim, lease_until=Now() + lease)
        yield
        _require(claim, place=claim.place, n_done=claim.n_done, n_total=claim.n_total)


def finish_job(claim: Claim) -> None:
    """Mark a job as done, in the transaction of the caller."""
    _require(claim, state=JobState.DONE, finished_at=Now(), lease_until=None)


def fail_job(claim: Claim, problem: str) -> None:
    """Mark a job as failed for good, with a sentence that says why."""
    _require(claim, state=JobState.FAILED, finished_at=Now(), problem=problem, lease_until=None)


def release_job(claim: Claim, *, is_counted: bool = True) -> None:
    """Give a job back unfinished, so that the next worker need not wait for the lease's end.

    Args:
        claim: what is given back.
        is_counted: whether it was an attempt; not if something else than the job was at fault.
    """
    attempts = F("attempts") - (0 if is_counted else 1)
    _require(claim, state=JobState.QUEUED, lease_until=None, attempts=attempts)


def _require(claim: Claim, **changes: Any) -> None:
    """Change the job if the claim still holds."""
    held = Job.objects.filter(pk=claim.job_id, fence=claim.fence, state=JobState.CLAIMED)
    if held.update(**changes) != 1:
        raise LeaseLost(
            f"Job {claim.job_id} was taken over or ended by somebody else. Nothing of the step was "
            "kept; whoever has the job goes on from the last committed step."
        )
