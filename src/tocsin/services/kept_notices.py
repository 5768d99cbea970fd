"""Notices kept in the store: added from any format, revised, linked; never overwritten."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from tocsin.base.errors import NoticeInvalid, UsageError
from tocsin.notice.model import Notice as CoreNotice
from tocsin.services.organisations import NameTaken
from tocsin.services.work import Work, service
from tocsin.store.models import ActionNotice, Notice, NoticeLink
from tocsin.store.notice_rows import (
    NoticeUnknown,
    find_notice,
    keep_revision,
    newest_revision,
    notice_bytes,
    read_revision,
)

RELATIONS = ("same-event", "supersedes", "superseded-by", "expands", "related")


@dataclass(frozen=True)
class NoticeLine:
    """A kept notice in a list.

    Attributes:
        name: the notice's own name.
        revision: its newest revision.
        state: draft or released.
        sha256: of the newest revision's bytes.
        linked: names of linked notices, with how they are linked.
    """

    name: str
    title: str
    revision: int
    state: str
    sha256: str
    linked: tuple[str, ...]


@dataclass(frozen=True)
class RevisionLine:
    """A kept revision of a notice.

    Attributes:
        state: draft or released.
        source: the file or draft that it came from.
    """

    name: str
    number: int
    state: str
    sha256: str
    source: str
    added_at: datetime
    released_at: datetime | None


@dataclass(frozen=True)
class NoticeAction:
    """An action about a notice."""

    action_id: int
    title: str
    state: str


@service
def add_notice(work: Work, notice: CoreNotice, source: str) -> int:
    """Keep a notice that is new here and return its id. Right: author. Leaves notice_added.

    Links to notices that are kept already, as the notice itself names them, are kept too.

    Args:
        work: the call.
        notice: as a reader has read it.
        source: name of the file that it was read from.

    Raises:
        NameTaken: if a notice of this name is kept already.
    """
    return keep_new_notice(work, notice, source)


@service
def add_notice_revision(work: Work, notice: CoreNotice, source: str) -> int:
    """Keep a further revision of a notice and return its number. Right: author.

    The very same revision again changes nothing. Leaves notice_revised.

    Raises:
        NoticeUnknown: if no notice of this name is kept.
        NoticeInvalid: if its number is not greater than that of the newest revision.
    """
    row = Notice.objects.select_for_update().get(pk=find_notice(notice.notice).pk)
    newest = newest_revision(row)
    if notice.revision <= newest.number:
        same = row.revisions.filter(number=notice.revision).first()
        if same is not None and same.sha256 == sha256(notice_bytes(notice)).hexdigest():
            work.leave_unchanged()
            return notice.revision
        raise NoticeInvalid(
            f"The file holds revision {notice.revision} of {notice.notice}, with another content; "
            f"the newest kept one is {newest.number}. Nothing was changed. What is kept never "
            f"changes: raise the revision to {newest.number + 1} or more."
        )
    return keep_next_revision(work, row, notice, source)


@service
def link_notices(work: Work, name: str, other: str, relation: str) -> None:
    """Say that two kept notices speak of one matter. Right: author. Leaves notices_linked.

    Args:
        work: the call.
        name: of the notice.
        other: of the one that it is linked with.
        relation: one of `RELATIONS`, as seen from the first.

    Raises:
        NoticeUnknown: if one of them is not kept.
        UsageError: if there is no such relation, or a notice would be linked with itself.
    """
    if relation not in RELATIONS or name == other:
        raise UsageError(
            f"Two different notices are linked as one of {', '.join(RELATIONS)}. Nothing was "
            "changed."
        )
    if not _link(work, find_notice(name), find_notice(other), relation):
        work.leave_unchanged()


@service
def list_notices(work: Work) -> list[NoticeLine]:  # noqa: ARG001 - asks for rights only
    """Return the kept notices by name. Right: everybody of the organisation but administrators."""
    found = []
    for row in Notice.objects.order_by("name"):
        newest = newest_revision(row)
        links = row.links.select_related("other").order_by("pk")
        linked = tuple(f"{link.other.name} ({link.relation})" for link in links)
        found.append(
            NoticeLine(row.name, row.title, newest.number, newest.state, newest.sha256, linked)
        )
    return found


@service
def list_revisions(work: Work, name: str) -> list[RevisionLine]:  # noqa: ARG001 - asks for rights
    """Return the revisions of a kept notice, the newest first.

    Right: everybody of the organisation but administrators.

    Raises:
        NoticeUnknown: if it is not kept.
    """
    row = find_notice(name)
    return [
        RevisionLine(
            row.name,
            each.number,
            each.state,
            each.sha256,
            each.source,
            each.added_at,
            each.released_at,
        )
        for each in row.revisions.order_by("-number")
    ]


@service
def list_notice_actions(work: Work, name: str) -> list[NoticeAction]:  # noqa: ARG001
    """Return the actions about a notice, where its scope is reviewed and released.

    Right: everybody of the organisation but administrators.

    Raises:
        NoticeUnknown: if it is not kept.
    """
    links = ActionNotice.objects.filter(notice=find_notice(name)).select_related("action")
    return [
        NoticeAction(link.action_id, link.action.title, link.action.state)
        for link in links.order_by("-action_id")
    ]


@service
def read_kept_notice(work: Work, name: str, number: int | None = None) -> CoreNotice:  # noqa: ARG001
    """Return a revision of a kept notice; the newest without a number.

    Right: everybody of the organisation but administrators.

    Raises:
        NoticeUnknown: if it is not kept.
    """
    row = find_notice(name)
    found = row.revisions.filter(number=number).first() if number else newest_revision(row)
    if found is None:
        raise NoticeUnknown(f"Notice {name!r} has no revision {number} here.")
    return read_revision(found)


def keep_new_notice(work: Work, notice: CoreNotice, source: str) -> int:
    """Keep a notice that is new here and return its id; leaves notice_added.

    Raises:
        NameTaken: if a notice of this name is kept already.
    """
    if Notice.objects.filter(name=notice.notice).exists():
        raise NameTaken(
            f"Notice {notice.notice!r} is kept already. Nothing was changed. `tocsin notice revise "
            "FILE` adds another revision of it."
        )
    row = Notice.objects.create(name=notice.notice, title=notice.title, added_at=work.now)
    kept = keep_revision(row, notice, source, work.now)
    work.record(
        "notice_added",
        f"notice:{row.pk}",
        new={"name": row.name, "revision": kept.number, "sha256": kept.sha256},
    )
    _link_as_told(work, row, notice)
    return row.pk


def keep_next_revision(work: Work, row: Notice, notice: CoreNotice, source: str) -> int:
    """Keep a revision with a higher number and return it; leaves notice_revised."""
    newest = newest_revision(row)
    kept = keep_revision(row, notice, source, work.now)
    row.title = notice.title
    row.save(update_fields=["title"])
    work.record(
        "notice_revised",
        f"notice:{row.pk}",
        old={"revision": newest.number},
        new={"revision": kept.number, "sha256": kept.sha256},
    )
    _link_as_told(work, row, notice)
    return kept.number


def _link_as_told(work: Work, row: Notice, notice: CoreNotice) -> None:
    """Keep the links that a notice names itself, as far as the other notices are kept."""
    told = [(link.notice, link.relation) for link in notice.links]
    if notice.supersedes and notice.supersedes.notice != notice.notice:
        told.append((notice.supersedes.notice, "supersedes"))
    for name, relation in told:
        other = Notice.objects.filter(name=name).exclude(pk=row.pk).first()
        if other is not None:
            _link(work, row, other, relation)


def _link(work: Work, row: Notice, other: Notice, relation: str) -> bool:
    _, is_new = NoticeLink.objects.get_or_create(
        notice=row, other=other, relation=relation, defaults={"added_at": work.now}
    )
    if is_new:
        new = {"other": other.pk, "relation": relation}
        work.record("notices_linked", f"notice:{row.pk}", new=new)
    return is_new
