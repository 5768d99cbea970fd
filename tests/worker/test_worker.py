"""`tocsin worker`: nothing lost, nothing twice, however the workers and the database end."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Sum

from tests.lib.databases import Opened
from tests.lib.kept_counts import IS_LONG, kept_counts, repeat_until
from tests.lib.killable_workers import start_killable
from tests.lib.loaded_worker import LEASE_S
from tests.lib.postgres import Postgres
from tests.worker.counting import COUNT, add_kind
from tocsin.store.jobs import queue_job
from tocsin.store.models import Job, JobState

NOW = datetime(2026, 11, 21, tzinfo=UTC)
N_KILLS = 50 if IS_LONG else 8
WANTED_KILLS = 500
N_RESTARTS = 20 if IS_LONG else 2
SOURCES = (
    "store/jobs.py",
    "services/job_runs.py",
    "worker/command.py",
    "worker/loop.py",
)
Worker = subprocess.Popen[bytes]


@contextmanager
def jobs_that_count(n_jobs: int, n_each: int) -> Iterator[Callable[[], None]]:
    """Queue jobs; yield a check that each number of each job was counted once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE counted (job bigint, number int)")
        for _ in range(n_jobs):
            queue_job(COUNT, {}, NOW, n_total=n_each)
        Job.objects.update(attempts=-10 * N_KILLS)

    def check() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT job, number FROM counted ORDER BY job, number")
            counted = cursor.fetchall()
        jobs = Job.objects.order_by("id").values_list("id", flat=True)
        assert counted == [(job, number) for job in jobs for number in range(n_each)]

    try:
        yield check
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE counted")
        Job.objects.all().delete()


def start_worker(opened: Opened, log: Path, *options: str) -> Worker:
    command = [sys.executable, "-m", "tests.worker.counting", opened.url, str(opened.home.folder)]
    with log.open("ab") as out:
        return subprocess.Popen(
            [*command, *options],
            stdout=out,
            stderr=out,
            env=os.environ | {"TOCSIN_LEASE_S": LEASE_S},
        )


def is_running(worker: Worker) -> bool:
    return worker.poll() is None


def n_counted() -> int:
    return Job.objects.aggregate(n=Sum("n_done"))["n"] or 0


def wait_for_a_step(is_alive: Callable[[], bool]) -> bool:
    """Wait until a step is committed; return whether the worker still runs."""
    before = n_counted()
    while is_alive():
        if n_counted() != before:
            return True
        time.sleep(0.002)
    return False


def is_open() -> bool:
    return Job.objects.exclude(state=JobState.DONE).exists()


def test_killed_workers_lose_nothing_and_do_nothing_twice(
    own_database: Opened, tmp_path: Path
) -> None:
    """Real workers, `kill -9` at random moments, two at a time."""
    log = tmp_path / "log"

    def once(turn: int) -> Counter[str]:
        rng, n_killed = Random(turn), 0
        with jobs_that_count(4, 25 * N_KILLS) as check:
            while is_open():
                both = [start_killable(own_database, log, add_kind, "--once") for _ in range(2)]
                if n_killed < N_KILLS and wait_for_a_step(both[0].is_alive):
                    time.sleep(rng.uniform(0, 0.05))
                    for worker in both:
                        worker.kill()
                for worker in both:
                    worker.join(timeout=120)
                    assert worker.exitcode in {0, -signal.SIGKILL}, log.read_text()
                    n_killed += worker.exitcode == -signal.SIGKILL
            check()
        return Counter({"kills": n_killed})

    kept = kept_counts(f"killed_workers_{own_database.kind}", SOURCES)
    counts = repeat_until(WANTED_KILLS, "kills", kept, once)
    assert counts["kills"] >= N_KILLS
    assert "Traceback" not in log.read_text()


def test_a_worker_that_is_asked_to_stop_gives_its_job_back(
    own_database: Opened, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with jobs_that_count(1, 100_000):
        for name in (signal.SIGTERM, signal.SIGINT):
            worker = start_worker(own_database, log)
            assert wait_for_a_step(partial(is_running, worker)), log.read_text()
            worker.send_signal(name)
            assert worker.wait(timeout=20) == 0, log.read_text()
            job = Job.objects.get()
            assert (job.state, job.lease_until) == (JobState.QUEUED, None)
            assert job.n_done == job.place["next"] > 0


def test_a_database_that_restarts_costs_nothing(
    own_database: Opened, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if own_database.kind != "postgresql":
        pytest.skip("SQLite has no server that could end")
    server: Postgres = request.getfixturevalue("postgres")
    log = tmp_path / "log"
    with jobs_that_count(1, 2000 * N_RESTARTS) as check:
        worker = start_worker(own_database, log, "--once")
        for _ in range(N_RESTARTS):
            if not wait_for_a_step(partial(is_running, worker)):
                break
            connection.close()
            server.restart_at_once()
            wait_for_the_database()
        assert worker.wait(timeout=300) == 0, log.read_text()
        check()
    assert "Nothing is lost" in log.read_text()


def wait_for_the_database() -> None:
    for _ in range(200):
        try:
            connection.ensure_connection()
        except OperationalError:
            time.sleep(0.05)
        else:
            return
