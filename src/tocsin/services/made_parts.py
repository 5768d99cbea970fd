"""Dispatches whose bytes are made some at a time: each part is a commit of its own, told whole."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from tocsin.services.work import WORKER, Caller
from tocsin.store.jobs import Claim, committed_step, finish_job
from tocsin.store.models import Dispatch


def keep_part(rows: Sequence[Dispatch], refused: Sequence[int]) -> dict[str, Any]:
    """Keep what became of a part's dispatches; return what the audit trail tells of it.

    Args:
        rows: all of the part, changed; at least one.
        refused: ids of those that could not be made.
    """
    Dispatch.objects.bulk_update(rows, ["state", "state_at", "sha256", "reply"])
    hashes = "".join(f"{row.pk} {row.sha256}\n" for row in rows)
    return {
        "n": len(rows),
        "first": rows[0].pk,
        "last": rows[-1].pk,
        "not_made": list(refused),
        "hashes_sha256": sha256(hashes.encode()).hexdigest(),
    }


def make_in_parts(
    claim: Claim, make_some: Callable[[Caller], int], told: Callable[[Claim], None]
) -> None:
    """Make part after part until none is left, then finish the job.

    Args:
        claim: the job.
        make_some: makes one part as the worker; returns how many it has seen to.
        told: is called when a part is committed.

    Raises:
        LeaseLost: if somebody else has the job by now.
    """
    n_made = 1
    while n_made:
        caller = Caller(WORKER, claim.organisation_id, frozenset(), datetime.now(tz=UTC))
        with committed_step(claim):
            n_made = make_some(caller)
            claim.n_done += n_made
        told(claim)
    with transaction.atomic():
        finish_job(claim)
