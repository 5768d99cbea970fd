"""A worker that counts: each step adds a row per number, and may be killed at any moment.

Run as a process: `python -m tests.store.counting_worker DATABASE_URL HOME LEASE_S`.
"""

import os
import sys
from datetime import timedelta

STEP = 5


def run(lease: timedelta) -> None:
    from django.db import connection

    from tocsin.store.jobs import LeaseLost, claim_job, committed_step, finish_job

    while claim := claim_job(f"process {os.getpid()}", ["count"], lease):
        try:
            while claim.n_done < (claim.n_total or 0):
                with committed_step(claim, lease), connection.cursor() as cursor:
                    first = claim.place.get("next", 0)
                    after = min(first + STEP, claim.n_total or 0)
                    rows = [(claim.job_id, number) for number in range(first, after)]
                    cursor.executemany("INSERT INTO counted VALUES (%s, %s)", rows)
                    claim.n_done = after
                    claim.place = {"next": claim.n_done}
            finish_job(claim)
        except LeaseLost:
            continue


if __name__ == "__main__":
    os.environ["DATABASE_URL"], os.environ["TOCSIN_HOME"] = sys.argv[1:3]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.store.settings"
    import django

    django.setup()
    run(timedelta(seconds=float(sys.argv[3])))
