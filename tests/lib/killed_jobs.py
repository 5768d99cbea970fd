"""Jobs whose workers are killed at chance moments, until they are done."""

import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.lib.databases import Opened
from tests.lib.killable_workers import KillableWorker, start_killable
from tocsin.store.models import Job, JobState


@dataclass
class Killing:
    """Kills the workers of jobs at random moments of their work.

    Attributes:
        prepare: is called in each worker before it begins; lets it take small steps.
        n_kills: of each job, at most.
        took_s: how long such a job takes undisturbed, seconds.
        counts: kills so far, and what the workers were at.
    """

    opened: Opened
    log: Path
    prepare: Callable[[], None]
    rng: Random
    n_kills: int
    took_s: float = 1.0
    counts: Counter[str] = field(default_factory=Counter)

    def work(self, job_id: int) -> None:
        """Run workers and kill them until the job has ended."""
        Job.objects.update(attempts=-1000)
        n_killed = 0
        while Job.objects.get(pk=job_id).state in {JobState.QUEUED, JobState.CLAIMED}:
            worker = start_killable(self.opened, self.log, self.prepare, "--once")
            if n_killed < self.n_kills and self._wait_for_a_moment(worker, job_id):
                n_killed += self._kill(worker, job_id)
            worker.join(timeout=120)
            assert worker.exitcode in {0, -signal.SIGKILL}, self.log.read_text()

    def _wait_for_a_moment(self, worker: KillableWorker, job_id: int) -> bool:
        """Wait until some time after the claim, or after a step; return whether it came."""
        mark, longest_s = self.rng.choice((("fence", self.took_s), ("n_done", 0.05)))
        jobs = Job.objects.filter(pk=job_id).values_list(mark, flat=True)
        before = jobs.get()
        while worker.is_alive():
            if jobs.get() != before:
                time.sleep(self.rng.uniform(0, longest_s))
                return True
            time.sleep(0.002)
        return False

    def _kill(self, worker: KillableWorker, job_id: int) -> bool:
        """Kill the worker; count it under what it was at, if it had not ended."""
        worker.kill()
        worker.join()
        if worker.exitcode != -signal.SIGKILL:
            return False
        at = "done" if Job.objects.get(pk=job_id).n_done else "begun"
        self.counts += Counter({"kills": 1, f"kills after something was {at}": 1})
        return True
