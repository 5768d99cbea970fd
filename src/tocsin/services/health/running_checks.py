"""What goes on: clock, work that waits, backups, arming, facts that are due for review."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable

from django.db.models.functions import Now

from tocsin.services.health.finding import Finding, Urgency
from tocsin.store.arming import explain_disarmed
from tocsin.store.home import Home
from tocsin.store.models import AuditRow, Installation, Job, JobState

_CLOCKS_APART = timedelta(seconds=5)
_STUCK_AFTER = timedelta(minutes=10)
_BACKUP_IS_OLD = timedelta(days=2)
_NEXT_REVIEW = re.compile(r"\bnext_review: *(\d{4}-\d{2}-\d{2})\b")


def check_running(home: Home, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with the clock, jobs, backups and arming."""
    yield from _check_clock(now)
    yield from _check_jobs(now)
    yield from _check_backups(now)
    if reasons := explain_disarmed(home):
        yield Finding(
            "sender_disarmed",
            Urgency.NOTE,
            f"Nothing is sent from here: {'; '.join(reasons)}.",
            "If letters shall be sent from here and from no copy: `tocsin sender arm --reason ...`",
        )


def check_data_files(today: date) -> Iterator[Finding]:
    """Yield which of the facts that come with Tocsin are past their next review."""
    due = sorted(
        (found, name)
        for name, text in _data_files(files("tocsin"))
        for found in _NEXT_REVIEW.findall(text)
        if date.fromisoformat(found) < today
    )
    if due:
        names = ", ".join(dict.fromkeys(name for _, name in due))
        yield Finding(
            "facts_due_for_review",
            Urgency.SOON,
            f"Facts that come with Tocsin were to be reviewed by {due[0][0]}: {names}.",
            "Install a newer version of Tocsin; if there is none, check what your notices need.",
        )


def _check_clock(now: datetime) -> Iterator[Finding]:
    told = Installation.objects.annotate(there=Now()).values_list("there", flat=True).first()
    if told is None:
        yield Finding(
            "installation_unregistered",
            Urgency.SOON,
            "The database does not say which installation it belongs to.",
            "Run `tocsin store upgrade`.",
        )
    # `now` is when the examination began, the database's time is later: compare with a new one.
    elif abs(told - datetime.now(tz=UTC)) > _CLOCKS_APART:
        yield Finding(
            "clocks_apart",
            Urgency.NOW,
            f"The database's clock says {told:%Y-%m-%d %H:%M:%S}, this machine's {now:%H:%M:%S}.",
            "Let both take the time from the same server (NTP); leases and signatures need it.",
        )
    last = AuditRow.objects.order_by("-seq").first()
    if last and last.at > now + _CLOCKS_APART:
        yield Finding(
            "clock_behind",
            Urgency.NOW,
            f"The last audit row is of {last.at:%Y-%m-%d %H:%M:%S}, later than this machine's "
            "clock: one of them was wrong.",
            "Set the clock; what was recorded keeps its time.",
        )


def _check_jobs(now: datetime) -> Iterator[Finding]:
    late = now - _STUCK_AFTER
    claimed = Job.objects.filter(state=JobState.CLAIMED, lease_until__lt=late).count()
    queued = Job.objects.filter(state=JobState.QUEUED, created_at__lt=late).count()
    is_busy = Job.objects.filter(state=JobState.CLAIMED, lease_until__gte=now).exists()
    if (claimed or queued) and not is_busy:
        yield Finding(
            "no_worker",
            Urgency.NOW,
            f"{claimed + queued} jobs wait for more than {_STUCK_AFTER.seconds // 60} minutes, and "
            "no worker works.",
            "Start one: `tocsin worker`.",
        )
    elif claimed:
        yield Finding(
            "jobs_stuck",
            Urgency.SOON,
            f"{claimed} jobs lost their worker and were not taken over.",
            "Look whether a worker for their kind runs: `tocsin worker`.",
        )
    failed = Job.objects.filter(state=JobState.FAILED, finished_at__gte=now - timedelta(days=7))
    if n_failed := failed.count():
        yield Finding(
            "jobs_failed",
            Urgency.SOON,
            f"{n_failed} jobs failed in the last 7 days.",
            "Read why in the list of jobs, and begin them anew.",
        )


def _check_backups(now: datetime) -> Iterator[Finding]:
    last = AuditRow.objects.filter(event="backup_made").order_by("-seq").first()
    if last is None or now - last.at > _BACKUP_IS_OLD:
        was = f"The last backup is of {last.at:%Y-%m-%d %H:%M}" if last else "There is no backup"
        yield Finding(
            "backup_old",
            Urgency.SOON,
            f"{was}.",
            "Run `tocsin backup --out FOLDER --keep 14` every night, and copy it elsewhere.",
        )


def _data_files(folder: Traversable) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _data_files(entry)
        elif entry.name.endswith(".yaml"):
            yield entry.name, entry.read_text("utf-8")
