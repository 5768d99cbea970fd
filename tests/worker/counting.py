"""The worker with one more kind of job: each step adds a row per number.

Run as a process, to be killed at any moment: `python -m tests.worker.counting DATABASE_URL HOME`,
then the options of `tocsin worker`.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

STEP = 5
COUNT = "count"


def count(claim: Any, told: Callable[[Any], None]) -> None:
    from django.db import connection

    from tocsin.store.jobs import committed_step, finish_job

    while claim.n_done < (claim.n_total or 0):
        with committed_step(claim), connection.cursor() as cursor:
            first = claim.place.get("next", 0)
            after = min(first + STEP, claim.n_total or 0)
            rows = [(claim.job_id, number) for number in range(first, after)]
            cursor.executemany("INSERT INTO counted VALUES (%s, %s)", rows)
            claim.n_done = after
            claim.place = {"next": claim.n_done}
        told(claim)
    finish_job(claim)


def add_kind() -> None:
    """Have the worker of this process do jobs of this kind too."""
    from tocsin.services.job_handlers import HANDLERS

    HANDLERS[COUNT] = count


if __name__ == "__main__":
    os.environ["DATABASE_URL"], os.environ["TOCSIN_HOME"] = sys.argv[1:3]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.store.settings"
    import django

    django.setup()
    from tocsin.worker.command import worker

    add_kind()
    worker(sys.argv[3:])
