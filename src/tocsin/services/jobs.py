"""Long work, as people see it: what waits, how far it is, ending it, starting it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tocsin.base.errors import TocsinError
from tocsin.services.work import Work, service
from tocsin.store.models import Job, JobState
from tocsin.store.tenancy import current_organisation


class JobUnknown(TocsinError):
    """There is no such job here."""

    code = "job_unknown"


class JobNotOpen(TocsinError):
    """A job cannot be ended or started again in the state that it is in."""

    code = "job_not_open"


@dataclass(frozen=True)
class JobLine:
    """How a job stands.

    Attributes:
        state: queued, claimed, done, failed or cancelled.
        n_done: how much is done, in the job's own unit; ``n_total`` of how much, if known.
        problem: why it failed.
    """

    job_id: int
    kind: str
    state: str
    n_done: int
    n_total: int | None
    attempts: int
    owner: str
    problem: str
    created_at: datetime
    finished_at: datetime | None


@service
def list_jobs(
    _work: Work, *, only_open: bool = False, limit: int = 50, below: int | None = None
) -> Sequence[JobLine]:
    """Return the organisation's jobs, the newest first; with ``below`` those before that one.

    Right: whoever works with them.
    """
    found = _own_jobs()
    if below is not None:
        found = found.filter(pk__lt=below)
    if only_open:
        found = found.filter(state__in=[JobState.QUEUED, JobState.CLAIMED])
    return [job_line(job) for job in found.order_by("-id")[:limit]]


@service
def read_job(_work: Work, job_id: int) -> JobLine:
    """Return how one job stands.

    Raises:
        JobUnknown: if the organisation has no such job.
    """
    return job_line(_find(job_id))


@service
def cancel_job(work: Work, job_id: int, reason: str) -> None:
    """End a job that waits or runs; what its steps have committed stays. Right: operator.

    A worker that has it finds so at its next step, and commits nothing more. Leaves
    job_cancelled.

    Raises:
        JobUnknown, JobNotOpen: nothing was changed.
    """
    job = _find(job_id)
    ended = Job.objects.filter(pk=job.pk, state__in=[JobState.QUEUED, JobState.CLAIMED]).update(
        state=JobState.CANCELLED, finished_at=work.now, lease_until=None
    )
    if not ended:
        raise JobNotOpen(f"Job {job_id} is {job.state} already. Nothing was changed.")
    work.record("job_cancelled", f"job:{job_id}", new={"state": "cancelled"}, reason=reason)


@service
def retry_job(work: Work, job_id: int) -> None:
    """Let a job that failed or was cancelled go on from its last step. Right: operator.

    Leaves job_retried.

    Raises:
        JobUnknown, JobNotOpen: nothing was changed.
    """
    job = _find(job_id)
    freed = Job.objects.filter(pk=job.pk, state__in=[JobState.FAILED, JobState.CANCELLED]).update(
        state=JobState.QUEUED, attempts=0, problem="", finished_at=None
    )
    if not freed:
        raise JobNotOpen(
            f"Job {job_id} is {job.state}; only one that failed or was cancelled can be started "
            "again. Nothing was changed."
        )
    work.record("job_retried", f"job:{job_id}", old={"state": job.state}, new={"state": "queued"})


def _own_jobs() -> QuerySet[Job]:
    return Job.objects.filter(organisation_id=current_organisation())


def _find(job_id: int) -> Job:
    found = _own_jobs().filter(pk=job_id).first()
    if found is None:
        raise JobUnknown(f"There is no job {job_id} here. Nothing was changed.")
    return found


def job_line(job: Job) -> JobLine:
    """Return how a job stands."""
    return JobLine(
        job.pk,
        job.kind,
        job.state,
        job.n_done,
        job.n_total,
        job.attempts,
        job.owner,
        job.problem,
        job.created_at,
        job.finished_at,
    )
