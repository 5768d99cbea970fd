"""Notices while they are written: begun, looked at, undone, kept as a revision, or given up.

Every edit is a version. Whoever edits says which version they have seen; what somebody else has
changed since then is never written over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from tocsin.base.errors import TocsinError
from tocsin.notice.model import Notice as CoreNotice
from tocsin.notice.working import (
    WorkingNotice,
    open_points,
    parts_changed,
    unreviewed,
    working_of,
)
from tocsin.services.kept_notices import keep_new_notice, keep_next_revision
from tocsin.services.work import Work, service
from tocsin.store.draft_rows import add_version, current_version, find_draft, read_version
from tocsin.store.models import DraftVersion, Notice, WorkingDraft
from tocsin.store.notice_rows import find_notice, newest_revision, read_revision

_SHOWN = 8
_VERSIONS_SHOWN = 30


class DraftMoved(TocsinError):
    """Somebody has changed what was to be changed, or kept another revision."""

    code = "draft_moved"


class DraftClosed(TocsinError):
    """A draft was kept as a revision or given up already."""

    code = "draft_closed"


class DraftUnfit(TocsinError):
    """A draft does not say enough to be kept, or there is nothing to undo."""

    code = "draft_unfit"


@dataclass(frozen=True)
class DraftLine:
    """A draft in a list.

    Attributes:
        base_revision: the kept revision that it was begun from; 0 if none.
        n_unreviewed: entries that nobody has confirmed.
    """

    draft_id: int
    name: str
    title: str
    base_revision: int
    n_entries: int
    n_unreviewed: int
    changed_at: datetime


@dataclass(frozen=True)
class VersionLine:
    """One edit of a draft."""

    number: int
    what: str
    made_by: int
    made_at: datetime


@dataclass(frozen=True)
class DraftView:
    """A draft as it is now.

    Attributes:
        version: which a later edit must name.
        working: what it says.
        document: the text that it was read from, if any.
        told: sentences about what could not be read.
        versions: the newest edits first.
        can_undo: whether the last edit can be undone.
        is_open: whether it can still be edited.
        base: the newest kept revision of the notice; None if none is kept.
        hindrances: sentences about what stands against keeping it.
    """

    draft_id: int
    name: str
    source: str
    version: int
    working: WorkingNotice
    document: str
    told: Sequence[str]
    versions: Sequence[VersionLine]
    can_undo: bool
    is_open: bool
    base: CoreNotice | None
    base_revision: int
    hindrances: Sequence[str]


@service
def begin_draft(
    work: Work, notice: CoreNotice | None, name: str | None = None, source: str = ""
) -> int:
    """Begin a draft of a notice and return its id. Right: author. Leaves draft_begun.

    Args:
        work: the call.
        notice: what it says at first; None for what the newest kept revision says.
        name: of the kept notice, if ``notice`` is None.
        source: name of the file that it was read from.

    Raises:
        NoticeUnknown: if there is no kept notice of this name.
    """
    if notice is None:
        notice = read_revision(newest_revision(find_notice(name or "")))
    return add_draft(work, notice, source)


@service
def list_drafts(work: Work) -> list[DraftLine]:  # noqa: ARG001 - asks for rights only
    """Return the open drafts, the last changed first.

    Right: author, reviewer, releaser, auditor.
    """
    rows = WorkingDraft.objects.filter(saved_revision=None, discarded_at=None)
    found = []
    for row in rows.order_by("-changed_at", "-pk"):
        working = read_version(current_version(row))
        found.append(
            DraftLine(
                row.pk,
                row.name,
                row.title,
                row.base_revision,
                len(working.scope),
                len(unreviewed(working)),
                row.changed_at,
            )
        )
    return found


@service
def read_draft(work: Work, draft_id: int) -> DraftView:  # noqa: ARG001 - asks for rights only
    """Return a draft as it is now. Right: author, reviewer, releaser, auditor.

    Raises:
        DraftUnknown: if there is none.
    """
    row = find_draft(draft_id)
    current = current_version(row)
    working = read_version(current)
    kept = Notice.objects.filter(name=row.name).first()
    versions = row.versions.order_by("-number")[:_VERSIONS_SHOWN]
    return DraftView(
        row.pk,
        row.name,
        row.source,
        row.version,
        working,
        row.document,
        row.told,
        [VersionLine(each.number, each.what, each.made_by, each.made_at) for each in versions],
        current.back_to is not None and _is_open(row),
        _is_open(row),
        read_revision(newest_revision(kept)) if kept else None,
        row.base_revision,
        list(open_points(working)),
    )


@service
def undo_edit(work: Work, draft_id: int, seen: int) -> int:
    """Take back the last edit of a draft; return the new version. Right: author.

    Undoing again takes back the edit before it. Leaves draft_undone.

    Raises:
        DraftUnknown, DraftClosed: if it cannot be edited.
        DraftMoved: if it was edited since ``seen``.
        DraftUnfit: if nothing is left to undo.
    """
    row = open_draft(draft_id)
    if row.version != seen:
        raise _moved(work, row, seen, "draft")
    undone = current_version(row)
    if undone.back_to is None:
        raise DraftUnfit(f"Draft {draft_id} has no edit that could be undone. Nothing was changed.")
    before = row.versions.get(number=undone.back_to)
    made = add_version(
        row,
        read_version(before),
        f"Undone: {undone.what}",
        made_by=work.user_id,
        made_at=work.now,
        back_to=before.back_to,
    )
    work.record(
        "draft_undone",
        subject_of(row),
        old={"version": seen},
        new={"version": made.number, "same_as": before.number},
    )
    return made.number


@service
def discard_draft(work: Work, draft_id: int, seen: int) -> None:
    """Give up a draft; its versions stay. Right: author. Leaves draft_discarded.

    Raises:
        DraftUnknown, DraftClosed: if it is not open.
        DraftMoved: if it was edited since ``seen``.
    """
    row = open_draft(draft_id)
    if row.version != seen:
        raise _moved(work, row, seen, "draft")
    row.discarded_at = work.now
    row.save(update_fields=["discarded_at"])
    work.record("draft_discarded", subject_of(row), new={"version": row.version})


@service
def save_draft(work: Work, draft_id: int, seen: int, over: int) -> int:
    """Keep a draft as a revision of its notice; return the revision's number. Right: author.

    A new notice keeps its own number, a known one gets the next. Leaves draft_saved, and
    notice_added or notice_revised. The draft is closed; who confirmed what stays with it.

    Args:
        work: the call.
        draft_id: the draft.
        seen: its version that the author has looked at.
        over: the newest kept revision that they have looked at; 0 if there was none.

    Raises:
        DraftUnknown, DraftClosed: if it is not open.
        DraftMoved: if it was edited since, or another revision was kept.
        DraftUnfit: if it is not a whole notice.
    """
    row = open_draft(draft_id)
    if row.version != seen:
        raise _moved(work, row, seen, "draft")
    working = read_version(current_version(row))
    kept = Notice.objects.select_for_update().filter(name=row.name).first()
    newest = newest_revision(kept).number if kept else 0
    if newest != over:
        raise DraftMoved(
            f"Revision {newest or 'none'} of {row.name} is the newest one now, and you have "
            f"compared with {over or 'none'}. Nothing was kept. Look at the difference again, "
            "take over what the newer revision says, and keep the draft then."
        )
    try:
        notice = working.notice()
    except ValidationError as error:
        points = " ".join(list(open_points(working))[:_SHOWN])
        raise DraftUnfit(f"Draft {draft_id} cannot be kept. Nothing was kept. {points}") from error
    source = row.source or f"draft {row.pk}"
    if kept:
        notice = notice.model_copy(update={"revision": newest + 1})
        keep_next_revision(work, kept, notice, source)
    else:
        keep_new_notice(work, notice, source)
        kept = find_notice(row.name)
    row.notice, row.saved_revision = kept, notice.revision
    row.save(update_fields=["notice", "saved_revision"])
    confirmed = {name: told.by for name, told in sorted(working.confirmed.items())}
    new = {"version": row.version, "saved_revision": notice.revision, "confirmed": confirmed}
    work.record("draft_saved", subject_of(row), new=new)
    return notice.revision


def add_draft(
    work: Work, notice: CoreNotice, source: str, document: str = "", told: Sequence[str] = ()
) -> int:
    """Add a draft that says what a notice says; leaves draft_begun."""
    kept = Notice.objects.filter(name=notice.notice).first()
    row = WorkingDraft.objects.create(
        name=notice.notice,
        title=notice.title,
        notice=kept,
        base_revision=newest_revision(kept).number if kept else 0,
        source=source[:200],
        document=document,
        told=list(told),
        begun_at=work.now,
        changed_at=work.now,
    )
    add_version(
        row,
        working_of(notice),
        f"Begun from {source}" if source else "Begun",
        made_by=work.user_id,
        made_at=work.now,
        back_to=None,
    )
    new = {"name": row.name, "version": row.version, "base_revision": row.base_revision}
    work.record("draft_begun", subject_of(row), new=new)
    return row.pk


def open_draft(draft_id: int) -> WorkingDraft:
    """Return a draft that can be edited, for our transaction alone.

    Raises:
        DraftUnknown, DraftClosed: if there is none.
    """
    row = find_draft(draft_id, to_write=True)
    if not _is_open(row):
        became = f"kept as revision {row.saved_revision}" if row.saved_revision else "given up"
        raise DraftClosed(
            f"Draft {draft_id} was {became} already. Nothing was changed. Begin another draft of "
            "the notice."
        )
    return row


def check_seen(work: Work, row: WorkingDraft, seen: int, part: str) -> WorkingNotice:
    """Return what a draft says now, if one of its parts is as somebody has seen it.

    Edits of different parts do not disturb each other.

    Raises:
        DraftMoved: if the part was changed since that version.
    """
    now = read_version(current_version(row))
    if seen == row.version:
        return now
    before = row.versions.filter(number=seen).first()
    if before is None or part in parts_changed(read_version(before), now):
        raise _moved(work, row, seen, part)
    return now


def subject_of(row: WorkingDraft) -> str:
    """Return what the audit trail calls a draft."""
    return f"workingdraft:{row.pk}"


def _is_open(row: WorkingDraft) -> bool:
    return row.saved_revision is None and row.discarded_at is None


def _moved(work: Work, row: WorkingDraft, seen: int, part: str) -> DraftMoved:
    later: DraftVersion | None = row.versions.filter(number__gt=seen).order_by("-number").first()
    told = ""
    if later is not None:
        who = "You, in another window," if later.made_by == work.user_id else "Somebody else"
        told = f" {who} made the last edit at {later.made_at:%H:%M} UTC: {later.what}."
    return DraftMoved(
        f"The {part} was changed after you opened it.{told} Nothing was written over. Look at what "
        "the draft says now, and send yours again if it still holds."
    )
