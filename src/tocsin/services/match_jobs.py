"""The job that matches an action: one step, which happens wholly or not at all."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.db import transaction

from tocsin.base.errors import TocsinError
from tocsin.services.action_matching import match_action
from tocsin.services.work import WORKER, Caller
from tocsin.store.jobs import Claim, LeaseLost, committed_step, fail_job, finish_job


def match_queued(claim: Claim, told: Callable[[Claim], None] = lambda _claim: None) -> None:
    """Match the action that a job names; its place says which run was made.

    Killed before the commit, nothing has happened; killed after it, the run is there and only the
    job's end is noted.

    Args:
        claim: the job; its payload names the action.
        told: is called when the step is committed.

    Raises:
        LeaseLost: if somebody else has the job by now.
    """
    caller = Caller(WORKER, claim.organisation_id, frozenset(), datetime.now(tz=UTC))
    if "run" not in claim.place:
        try:
            with committed_step(claim):
                number = match_action(caller, claim.payload["action_id"])
                claim.place = {"run": number}
                claim.n_done = claim.n_total = 1
        except LeaseLost:
            raise
        except TocsinError as error:
            with transaction.atomic():
                fail_job(claim, error.sentence)
            return
        told(claim)
    with transaction.atomic():
        finish_job(claim)
