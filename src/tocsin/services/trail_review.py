"""The audit trail as a reviewer reads it: page by page, marked as read, verified by the worker.

A reviewer's mark, and what a verification has found, are rows of the trail themselves: nothing
else could vouch for them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from tocsin.base.errors import TocsinError, UsageError
from tocsin.services.auditing import Exported, verify_trail, write_whole_export
from tocsin.services.work import WORKER, Caller, Work, service
from tocsin.store.audit.anchor_file import last_anchor
from tocsin.store.audit.listing import TrailLine, TrailPage, Wanted, find_lines, page_lines
from tocsin.store.audit.verification import Verification
from tocsin.store.home import find_home
from tocsin.store.jobs import Claim, finish_job, queue_job
from tocsin.store.kept_lease import kept_lease
from tocsin.store.models import AuditRow, Job, JobState, Membership, User
from tocsin.store.tenancy import current_organisation

VERIFY_TRAIL = "verify_trail"
N_SINCE = 1000
"""So many rows behind the last mark are counted, and no more."""
MOST_READ = 20_000
"""So many rows are looked at for one page."""
_MOST_NOTE = 2000
_N_FAULTS = 20
_OPEN = (JobState.QUEUED, JobState.CLAIMED)


class RowUnknown(TocsinError):
    """The trail has no such row here."""

    code = "row_unknown"


class TrailOfOthers(TocsinError):
    """The whole trail holds rows of other organisations, too."""

    code = "trail_of_others"


@dataclass(frozen=True)
class TrailState:
    """How far the trail is reviewed and verified.

    Attributes:
        last_row: the number of the organisation's last row; 0 if it has none.
        mark: the row of the last mark, or None; `marked_until` is what was marked.
        marked_until: up to which row; 0 if never.
        n_since: rows of the organisation behind the mark, at most a thousand are counted.
        verified: the row that tells the last verification, or None.
        anchor_seq: the last row that the last anchor names; 0 without one.
        anchored_at: when that was taken; empty without one.
        job: the verification that waits or runs, or None.
    """

    last_row: int
    mark: TrailLine | None
    marked_until: int
    n_since: int
    verified: TrailLine | None
    anchor_seq: int
    anchored_at: str
    job: int | None


@service
def page_trail(work: Work, wanted: Wanted) -> TrailPage:
    """Return a page of the organisation's rows, newest first. Right: auditor."""
    return page_lines(work.caller.organisation_id, wanted, MOST_READ)


@service
def name_actors(work: Work) -> dict[str, str]:  # noqa: ARG001 - asks for rights only
    """Return the names of all who have or had a role here, by ``user:id`` as the trail has it.

    Right: auditor, operator, privacy officer: who sees what was done sees by whom.
    """
    users = User.objects.filter(pk__in=Membership.objects.values("user_id"))
    return {f"user:{user_id}": name for user_id, name in users.values_list("pk", "name")}


@service
def read_trail_state(work: Work) -> TrailState:
    """Return how far the trail is reviewed and verified. Right: auditor."""
    own = AuditRow.objects.filter(organisation_id=current_organisation())
    mark = _last(work, "trail_reviewed")
    marked_until = int(mark.new["until"]) if mark else 0
    since = own.filter(seq__gt=marked_until).order_by("seq")[: N_SINCE + 1]
    anchor = last_anchor(find_home().anchors)
    waiting = Job.objects.filter(
        kind=VERIFY_TRAIL, organisation_id=current_organisation(), state__in=_OPEN
    )
    return TrailState(
        last_row=own.order_by("-seq").values_list("seq", flat=True).first() or 0,
        mark=mark,
        marked_until=marked_until,
        n_since=len(since.values_list("seq", flat=True)),
        verified=_last(work, "trail_verified"),
        anchor_seq=anchor.seq if anchor else 0,
        anchored_at=anchor.at if anchor else "",
        job=waiting.values_list("pk", flat=True).first(),
    )


@service
def review_trail(work: Work, until: int, note: str) -> None:
    """Note that somebody has reviewed the organisation's rows up to one. Right: auditor.

    Leaves trail_reviewed, a row of the trail like any other: a mark is never taken back, only
    followed by another.

    Raises:
        UsageError: without a note.
        RowUnknown: if the organisation has no such row.
    """
    if not note.strip() or len(note) > _MOST_NOTE:
        raise UsageError("Say in some words what you reviewed and found. Nothing was marked.")
    own = AuditRow.objects.filter(organisation_id=current_organisation(), seq=until)
    if not own.exists():
        raise RowUnknown(f"The trail has no row {until} of yours. Nothing was marked.")
    work.record("trail_reviewed", f"trail:{until}", new={"until": until}, reason=note.strip())


@service
def queue_verification(work: Work) -> int:
    """Let the worker verify the whole trail; return the job's id. Right: auditor.

    Leaves verification_queued. One that waits already is not asked for again.
    """
    waiting = Job.objects.filter(
        kind=VERIFY_TRAIL, organisation_id=current_organisation(), state__in=_OPEN
    ).first()
    if waiting is not None:
        work.leave_unchanged()
        return waiting.pk
    job = queue_job(VERIFY_TRAIL, {}, work.now, work.caller.organisation_id)
    work.record("verification_queued", f"job:{job.pk}")
    return job.pk


@service
def note_verification(work: Work, found: Verification) -> None:
    """Note what a verification of the whole trail has found. Right: the worker.

    Leaves trail_verified, with the first faults in words: they tell rows by their numbers.
    """
    last = found.last
    work.record(
        "trail_verified",
        "trail:0",
        new={
            "n_rows": found.n_rows,
            "n_anchors": found.n_anchors,
            "n_rows_after": found.n_rows_after,
            "anchored_at": last.at if last else None,
            "n_faults": found.n_faults,
            "faults": list(found.faults[:_N_FAULTS]),
        },
    )


def verify_queued(claim: Claim, told: Callable[[Claim], None] = lambda _claim: None) -> None:
    """Verify the trail for a job; what was found is noted with the job's end, or not at all.

    Args:
        claim: the job.
        told: is called when it is done.
    """
    worker = Caller(WORKER, claim.organisation_id, frozenset(), datetime.now(tz=UTC))
    with kept_lease(claim):
        found = verify_trail(Caller(WORKER, None, frozenset(), worker.now))
    with transaction.atomic():
        note_verification(worker, found)
        finish_job(claim)
    told(claim)


@service
def begin_own_trail_export(work: Work) -> None:
    """Note that an auditor takes the whole trail away to verify it. Right: auditor.

    A chain can only be verified whole, so that it is given only where it holds nobody else's
    rows. Leaves trail_export_begun.

    Raises:
        TrailOfOthers: if other organisations have left rows in it.
    """
    others = AuditRow.objects.filter(organisation_id__isnull=False)
    if others.exclude(organisation_id=current_organisation()).exists():
        raise TrailOfOthers(
            "The trail is one chain and holds rows of other organisations, too. It was "
            "not given out. Ask whoever runs the server for `tocsin audit export`; the rows of "
            "your own organisation can be had as CSV."
        )
    work.record("trail_export_begun", "trail:0")


def export_own_trail(caller: Caller, folder: Path) -> Exported:
    """Write trail, anchors, public key and verifier into a new folder, for an auditor.

    Raises:
        TrailOfOthers: if other organisations have left rows in it.
        OutputRefused: if the folder exists, or there is nowhere to make it.
    """
    return write_whole_export(caller, folder, begin_own_trail_export)


def export_folder() -> Path:
    """Return a folder of this installation in which exports may be made."""
    return find_home().work_folder(0, "exports")


def _last(work: Work, event: str) -> TrailLine | None:
    wanted = Wanted(event=event, limit=1)
    return next(find_lines(work.caller.organisation_id, wanted), None)
