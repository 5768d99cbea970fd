"""Keep a job's lease while one piece of work takes longer than that."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import DatabaseError, connection

from tocsin.store.jobs import Claim, LeaseLost, committed_step
from tocsin.store.lease import LEASE


@contextmanager
def kept_lease(claim: Claim) -> Iterator[None]:
    """Renew the lease from a thread of its own until the block ends.

    The thread cannot tell the work that the lease is lost: the next `committed_step` does, and
    then nothing of the work is kept. A process that is killed renews nothing.
    """
    ended = Event()

    def renew() -> None:
        try:
            while not ended.wait(LEASE.total_seconds() / 4):
                with committed_step(claim):
                    pass
        except (LeaseLost, DatabaseError):
            return
        finally:
            connection.close()

    thread = Thread(target=renew, name=f"lease of job {claim.job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
