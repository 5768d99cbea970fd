"""Jobs: nothing lost, nothing twice, however often the workers die."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.store.jobs import (
    MAX_ATTEMPTS,
    LeaseLost,
    claim_job,
    committed_step,
    fail_job,
    finish_job,
    queue_job,
    release_job,
)
from tocsin.store.models import Job, JobState

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ENDED = timedelta(seconds=-1)


@pytest.mark.usefixtures("database")
def test_a_job_is_claimed_once_and_in_order() -> None:
    first, second = queue_job("count", {}, NOW), queue_job("count", {}, NOW)
    queue_job("other", {}, NOW)
    claims = [claim_job("a", ["count"]) for _ in range(3)]
    assert [claim and claim.job_id for claim in claims] == [first.pk, second.pk, None]


@pytest.mark.usefixtures("database")
def test_who_lost_the_lease_commits_nothing() -> None:
    job = queue_job("count", {}, NOW, n_total=10)
    late = claim_job("a", ["count"], ENDED)
    again = claim_job("b", ["count"])
    assert late
    assert again
    assert again.fence == late.fence + 1
    with pytest.raises(LeaseLost), committed_step(late):
        late.n_done = 7
    for end in (finish_job, release_job, lambda claim: fail_job(claim, "why")):
        with pytest.raises(LeaseLost):
            end(late)
    with committed_step(again):
        again.n_done = 3
    job.refresh_from_db()
    assert (job.n_done, job.owner) == (3, "b")


@pytest.mark.usefixtures("database")
def test_a_step_that_fails_leaves_nothing() -> None:
    job = queue_job("count", {}, NOW)
    claim = claim_job("a", ["count"])
    assert claim
    with pytest.raises(ZeroDivisionError), committed_step(claim):
        claim.place = {"next": queue_job("inner", {}, NOW).pk // 0}
    job.refresh_from_db()
    assert job.place == {}
    assert not Job.objects.filter(kind="inner").exists()


@pytest.mark.usefixtures("database")
def test_a_job_that_kills_its_workers_is_given_up() -> None:
    job = queue_job("count", {}, NOW)
    claims = [claim_job("a", ["count"], ENDED) for _ in range(MAX_ATTEMPTS + 1)]
    assert claims[-2] is not None
    assert claims[-1] is None
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "given up" in job.problem
