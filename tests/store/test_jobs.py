"""Jobs: nothing lost, nothing twice, however often the workers die."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from tests.lib.databases import Opened
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
N_KILLS = 500 if os.environ.get("TOCSIN_LONG") else 12


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


def wait_for_a_step(worker: "subprocess.Popen[bytes]") -> bool:
    """Wait until the worker has committed a step; return whether it still runs."""
    before = Job.objects.aggregate(Sum("n_done"))
    while worker.poll() is None:
        if Job.objects.aggregate(Sum("n_done")) != before:
            return True
        time.sleep(0.002)
    return False


def test_workers_that_are_killed_lose_nothing_and_do_nothing_twice(
    opened: Opened, tmp_path: Path
) -> None:
    """Real processes, `kill -9` at random moments; what they counted is complete and single."""
    n_jobs, n_each = 6, 2000
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE counted (job bigint, number int)")
        for _ in range(n_jobs):
            queue_job("count", {}, NOW, n_total=n_each)
        Job.objects.update(attempts=-1000)
    command = [sys.executable, "-m", "tests.store.counting_worker"]
    command += [opened.url, str(opened.home.folder), "0.5"]
    log = (tmp_path / "log").open("wb")
    rng, n_killed = Random(4), 0
    try:
        while Job.objects.exclude(state=JobState.DONE).exists():
            worker = subprocess.Popen(command, stderr=log)
            if n_killed < N_KILLS and wait_for_a_step(worker):
                time.sleep(rng.uniform(0, 0.02))
                worker.kill()
                n_killed += 1
            worker.wait(timeout=60)
        with connection.cursor() as cursor:
            cursor.execute("SELECT job, number FROM counted ORDER BY job, number")
            counted = cursor.fetchall()
        jobs = Job.objects.order_by("id").values_list("id", flat=True)
        assert n_killed == N_KILLS
        assert sum(Job.objects.values_list("attempts", flat=True)) >= N_KILLS - 1000 * n_jobs
        assert counted == [(job, number) for job in jobs for number in range(n_each)]
    finally:
        log.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE counted")
        Job.objects.all().delete()
    assert (tmp_path / "log").read_text() == ""
