"""Dispatches whose bytes are made some at a time: each part is a commit of its own, told whole.

A part is made before its transaction begins, since making takes far longer than keeping, and SQLite
lets nobody else write meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

from django.db import transaction

from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.work import WORKER, Caller
from tocsin.store.jobs import Claim, committed_step, finish_job
from tocsin.store.models import Dispatch, DispatchMessage
from tocsin.store.new_rows import add_rows
from tocsin.store.tenancy import acting_for

Made = TypeVar("Made")


@dataclass(frozen=True)
class MadePart:
    """Some dispatches of an action as they were made, not yet kept.

    Attributes:
        rows: each with its hash and its new state.
        messages: their bytes, sealed; none of what could not be made.
        refused: what could not be made -> why, a code.
    """

    rows: Sequence[Dispatch]
    messages: Sequence[DispatchMessage]
    refused: Mapping[int, str]


def keep_part(made: MadePart) -> tuple[MadePart, dict[str, Any]]:
    """Keep a part, but for what need not be made any more; return what was kept, and its tale.

    What was withdrawn since it was made stays so. The tale is for the audit trail, with a hash over
    all hashes.
    """
    part = _still_wanted(made)
    add_rows(part.messages)
    Dispatch.objects.bulk_update(part.rows, ["state", "state_at", "sha256", "reply"])
    hashes = "".join(f"{row.pk} {row.sha256}\n" for row in part.rows)
    return part, {
        "n": len(part.rows),
        "first": part.rows[0].pk if part.rows else None,
        "last": part.rows[-1].pk if part.rows else None,
        "not_made": list(part.refused),
        "hashes_sha256": sha256(hashes.encode()).hexdigest(),
    }


def make_in_parts(
    claim: Claim,
    make_some: Callable[[datetime], Made | None],
    keep: Callable[[Caller, Made], int],
    told: Callable[[Claim], None],
) -> None:
    """Make part after part until none is left, then finish the job.

    Args:
        claim: the job.
        make_some: makes the next part and changes nothing; None if nothing is left.
        keep: keeps it as the worker; returns how many were seen to.
        told: is called when a part is committed.

    Raises:
        LeaseLost: if somebody else has the job by now.
    """
    while True:
        now = datetime.now(tz=UTC)
        with acting_for(claim.organisation_id):
            made = make_some(now)
        if made is None:
            break
        with committed_step(claim):
            claim.n_done += keep(Caller(WORKER, claim.organisation_id, frozenset(), now), made)
        told(claim)
    with transaction.atomic():
        finish_job(claim)


def _still_wanted(made: MadePart) -> MadePart:
    """Return what of a part still waits to be made; nobody else changes it until the commit."""
    waiting = Dispatch.objects.select_for_update().filter(
        pk__in=[row.pk for row in made.rows], state=str(DispatchState.BEING_MADE)
    )
    found = set(waiting.order_by("pk").values_list("pk", flat=True))
    return MadePart(
        [row for row in made.rows if row.pk in found],
        [each for each in made.messages if each.dispatch_id in found],
        {pk: code for pk, code in made.refused.items() if pk in found},
    )
