"""A worker that does imports, to be killed at any moment.

Run as a process: `python -m tests.services.importing_worker DATABASE_URL HOME LEASE_S`.
"""

import os
import sys
from datetime import timedelta


def run(lease: timedelta) -> None:
    """Do jobs until there are none; the lease is short, so that nobody waits for the dead."""
    import tocsin.compute.staged_import
    import tocsin.services.holder_import
    from tocsin.services.job_handlers import HANDLERS
    from tocsin.services.job_runs import run_claim
    from tocsin.store import jobs

    tocsin.compute.staged_import._ROWS_PER_FILE = 50
    tocsin.compute.stored_keying.BATCH_ROWS = 50
    tocsin.services.holder_import.AT_ONCE = 20
    for function in (jobs.claim_job, jobs.committed_step.__wrapped__):
        function.__defaults__ = (lease,)
    while claim := jobs.claim_job(f"process {os.getpid()}", list(HANDLERS)):
        run_claim(claim, lambda *_: None)


if __name__ == "__main__":
    os.environ["DATABASE_URL"], os.environ["TOCSIN_HOME"] = sys.argv[1:3]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.store.settings"
    import django

    django.setup()

    run(timedelta(seconds=float(sys.argv[3])))
