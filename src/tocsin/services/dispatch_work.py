"""What every service of a dispatch begins and ends with: the dispatch, its state, its evidence."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import F

from tocsin.base.errors import TocsinError, UsageError
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, EventName, next_dispatch_state
from tocsin.services.work import Work
from tocsin.store.models import Dispatch, DispatchAttempt, DispatchEvidence


class DispatchUnknown(TocsinError):
    """There is no such dispatch here."""

    code = "dispatch_unknown"


def find_dispatch(dispatch_id: int, *, to_change: bool = True) -> Dispatch:
    """Return a dispatch of the organisation that we act for.

    Args:
        dispatch_id: its id.
        to_change: whether others who change it wait for us.

    Raises:
        DispatchUnknown: if there is none.
    """
    rows = Dispatch.objects.select_related(
        "action", "recipient__letter_version", "recipient__release__action"
    ).defer("recipient__release__manifest")  # it names everybody on the list
    if to_change:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=dispatch_id).first()
    if found is None:
        raise DispatchUnknown(
            f"There is no dispatch {dispatch_id} here. Nothing was changed. `tocsin dispatch list` "
            "shows those of an action."
        )
    return found


def lead(work: Work, dispatch: Dispatch, event: EventName, **changes: Any) -> DispatchState:
    """Bring a dispatch where an event leads it; return the state it had.

    Its fence rises: whoever has it in their hands can begin nothing more.

    Raises:
        DispatchNotNow: if the event cannot happen to it now.
    """
    was = DispatchState(dispatch.state)
    dispatch.state = str(next_dispatch_state(event, Channel(dispatch.channel), was))
    told = {"state": dispatch.state, "state_at": work.now, "lease_until": None, **changes}
    # Senders look through what waits in no batch: what ended without one is kept out of their way.
    told["batch"] = None if dispatch.state == DispatchState.QUEUED else dispatch.batch or 0
    Dispatch.objects.filter(pk=dispatch.pk).update(fence=F("fence") + 1, **told)
    for name, value in told.items():
        setattr(dispatch, name, value)
    return was


def add_attempt(work: Work, dispatch: Dispatch, event: EventName, reply: str = "") -> None:
    """Keep that somebody, not a sender, has tried."""
    fence = Dispatch.objects.filter(pk=dispatch.pk).values_list("fence", flat=True).get()
    DispatchAttempt.objects.create(
        dispatch=dispatch,
        fence=fence,
        owner=work.caller.actor,
        ended_at=work.now,
        outcome=event,
        reply=reply[:300],
    )


@dataclass(frozen=True)
class Told:
    """What something from elsewhere tells of a dispatch.

    Attributes:
        kind: ``relay_log``, ``notification``, ``person`` or ``vendor``.
        tells: accepted, not_accepted, delivered, delayed, bounced or answered.
        source: the very line or message: only its hash is kept.
        detail: its words without addresses.
        happened_at: when what it tells happened, if it says so.
    """

    kind: str
    tells: str
    source: bytes
    detail: str = ""
    happened_at: datetime | None = None


def add_evidence(dispatch: Dispatch, told: Told, now: datetime) -> bool:
    """Keep what is known of a dispatch from elsewhere; return False if it was known already."""
    digest = sha256(told.source).hexdigest()
    if DispatchEvidence.objects.filter(dispatch=dispatch, sha256=digest).exists():
        return False
    DispatchEvidence.objects.create(
        dispatch=dispatch,
        kind=told.kind,
        tells=told.tells,
        detail=told.detail[:300],
        happened_at=told.happened_at,
        kept_at=now,
        sha256=digest,
    )
    return True


def subject_of(dispatch: Dispatch) -> str:
    """Return a dispatch as the audit trail names it."""
    return f"dispatch:{dispatch.pk}"


def said(reason: str) -> str:
    """Return a reason that somebody gave.

    Raises:
        UsageError: if there is none.
    """
    told = reason.strip()
    if not told:
        raise UsageError("Say why (--reason): it stands in the audit trail. Nothing was changed.")
    return told
