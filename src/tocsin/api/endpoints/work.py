"""Long work, and the audit trail."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import Lines, Moment, Word
from tocsin.api.pages import ItemKey, Order, Sought
from tocsin.api.replies import done, made
from tocsin.services import auditing, jobs, trail_review
from tocsin.services.jobs import JobLine
from tocsin.services.work import Caller
from tocsin.store.audit.verification import Verification

_MOST_JOBS = 10_000
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class LastAnchor(BaseModel):
    """The last signed end of the trail."""

    row: int
    at: str


class TrailState(BaseModel):
    """What a check of the whole trail has found."""

    n_rows: int
    n_anchors: int
    last_anchor: LastAnchor | None
    n_rows_after: int = Field(description="Rows behind it: cutting these would leave no trace.")
    n_faults: int = Field(description="How many things are wrong.")
    faults: list[str] = Field(description="The first hundred of them.")


class TrailRow(BaseModel):
    """A row of the trail."""

    seq: int
    at: str
    event: str
    actor: str = Field(examples=["user:17"])
    subject: str = Field(examples=["action:3"])
    old: dict[str, Any]
    new: dict[str, Any]
    reason: str | None


def list_jobs(
    caller: Caller,
    only_open: Annotated[bool, Field(description="Only what waits or runs.")] = False,
) -> list[JobLine]:
    """List the long work."""
    return list(jobs.list_jobs(caller, only_open=only_open, limit=_MOST_JOBS))


def list_trail(
    caller: Caller,
    event: Annotated[Word | None, Field(description="Only this event.")] = None,
    subject: Annotated[
        Word | None, Field(description="Only what was done to this, as `table:id` or `table`.")
    ] = None,
    actor: Annotated[Word | None, Field(description="Only what this one did.")] = None,
    since: Annotated[Moment | None, Field(description="Not before.")] = None,
    until: Annotated[Moment | None, Field(description="Before.")] = None,
    *,
    after: ItemKey | None,
    limit: int,
) -> Sought[TrailRow]:
    """List rows of the trail."""
    wanted = auditing.wanted_rows(event, subject, actor, (_told(since), _told(until)), limit + 1)
    below = int(after[0]) if after else None
    found = auditing.list_trail(caller, replace(wanted, below=below))
    rows = [TrailRow.model_validate(vars(line)) for line in found[:limit]]
    return Sought(rows, (rows[-1].seq,) if len(found) > limit else None)


def _told(moment: datetime | None) -> datetime | None:
    """Return a time that every database can hold; there are no rows so long ago or so late."""
    if moment is None:
        return None
    return moment if _FIRST.year < moment.year < _LAST.year else min(max(moment, _FIRST), _LAST)


def verify_trail(caller: Caller) -> Verification:
    """Check the whole trail and its anchors."""
    return auditing.verify_trail(caller)


def _state(found: Verification) -> TrailState:
    last = found.last
    return TrailState(
        n_rows=found.n_rows,
        n_anchors=found.n_anchors,
        last_anchor=LastAnchor(row=last.seq, at=last.at) if last else None,
        n_rows_after=found.n_rows_after,
        n_faults=found.n_faults,
        faults=list(found.faults),
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/jobs",
        list_jobs,
        "List the long work, the last first",
        order=Order(lambda line: (line.job_id,), is_descending=True),
    ),
    Endpoint("GET", "/jobs/{job_id}", jobs.read_job, "Tell how one job stands"),
    Endpoint("POST", "/jobs/{job_id}/cancel", jobs.cancel_job, "End a job", shape=done),
    Endpoint("POST", "/jobs/{job_id}/retry", jobs.retry_job, "Let a job go on", shape=done),
    Endpoint(
        "GET",
        "/audit/rows",
        list_trail,
        "List rows of the audit trail, the last first",
        seeks=TrailRow,
    ),
    Endpoint(
        "GET",
        "/audit/state",
        verify_trail,
        "Check the whole audit trail",
        service="read_trail_end",
        shape=_state,
        explain="It is one chain for all organisations, and is always checked as a whole.",
    ),
    Endpoint(
        "GET",
        "/audit/review",
        trail_review.read_trail_state,
        "Tell how far the trail is reviewed and verified",
    ),
    Endpoint(
        "POST",
        "/audit/review",
        trail_review.review_trail,
        "Mark the trail as reviewed up to a row",
        shape=done,
        types={"note": Lines},
    ),
    Endpoint(
        "POST",
        "/audit/verification",
        trail_review.queue_verification,
        "Let a worker check the whole trail",
        shape=made,
        status=202,
    ),
)
