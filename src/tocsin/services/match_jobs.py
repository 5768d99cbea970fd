"""The job that matches an action: one step, which happens wholly or not at all."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.db import transaction

from tocsin.services.action_matching import match_action
from tocsin.services.work import WORKER, Caller
from tocsin.store.jobs import Claim, committed_step, finish_job


def match_queued(claim: Claim, told: Callable[[Claim], None] = lambda _claim: None) -> None:
    """Match the action that a job names; its place says which run was made.

    Killed before the commit, nothing has happened; killed after it, the run is there and only the
    job's end is noted.

    Args:
        claim: the job; its payload names the action.
        told: is called when the step is committed.

    Raises:
        LeaseLost: if somebody else has the job by now.
        NotNow: if the action's state does not allow it any more; the job has failed then.
    """
    caller = Caller(WORKER, claim.organisation_id, frozenset(), datetime.now(tz=UTC))
    if "run" not in claim.place:
        with committed_step(claim):
            number = match_action(caller, claim.payload["action_id"])
            claim.place = {"run": number}
            claim.n_done = claim.n_total = 1
        told(claim)
    with transaction.atomic():
        finish_job(claim)
