"""Notices as rows: a revision is kept as the very bytes that are hashed and signed."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from pydantic import ValidationError

from tocsin.base.errors import TocsinError
from tocsin.notice.model import Notice as CoreNotice
from tocsin.store.audit.chain import canonical_json
from tocsin.store.models import ActionNotice, Notice, NoticeRevision


class NoticeUnknown(TocsinError):
    """There is no notice of this name here."""

    code = "notice_unknown"


class NoticeBytesChanged(TocsinError):
    """A kept revision is not what its hash was made of, or this version cannot read it."""

    code = "notice_bytes_changed"


def notice_bytes(notice: CoreNotice) -> bytes:
    """Return a notice as canonical JSON, defaults written out: a later default changes nothing."""
    return canonical_json(notice.model_dump(mode="json", by_alias=True))


def read_revision(row: NoticeRevision) -> CoreNotice:
    """Return the notice of a kept revision.

    Raises:
        NoticeBytesChanged: if the bytes are not those that were hashed, or cannot be read.
    """
    body = bytes(row.body)
    found = sha256(body).hexdigest()
    try:
        notice = CoreNotice.model_validate_json(body)
    except ValidationError:
        notice = None
    if found != row.sha256 or notice is None:
        raise NoticeBytesChanged(
            f"Revision {row.number} of notice {row.notice_id} is not what was kept: its SHA-256 is "
            f"{found[:16]}... instead of {row.sha256[:16]}..., or it is no notice of this version. "
            "Nothing was decided with it. Restore it from a backup, and run `tocsin audit verify`."
        )
    return notice


def find_notice(name: str) -> Notice:
    """Return a notice of the organisation that we act for.

    Raises:
        NoticeUnknown: naming those that there are.
    """
    found = Notice.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Notice.objects.order_by("name").values_list("name", flat=True)[:10])
        raise NoticeUnknown(
            f"There is no notice {name!r} here; there is {known or 'none yet'}. Nothing was "
            "changed. `tocsin notice add FILE` keeps one."
        )
    return found


def newest_revision(notice: Notice) -> NoticeRevision:
    """Return the revision of a notice with the greatest number."""
    return notice.revisions.order_by("-number")[0]


def newest_revisions(action_id: int) -> list[NoticeRevision]:
    """Return the newest revision of each notice of an action, in the order of adding."""
    links = ActionNotice.objects.filter(action_id=action_id).select_related("notice")
    return [newest_revision(link.notice) for link in links.order_by("pk")]


def keep_revision(
    notice: Notice, core: CoreNotice, source: str, added_at: datetime
) -> NoticeRevision:
    """Add a revision to a notice, in the transaction of the caller."""
    body = notice_bytes(core)
    return NoticeRevision.objects.create(
        notice=notice,
        number=core.revision,
        body=body,
        sha256=sha256(body).hexdigest(),
        source=source[:200],
        added_at=added_at,
    )


def unreviewed_entries(notices: Sequence[CoreNotice]) -> list[str]:
    """Return the entries that no person has confirmed, as ``notice, entry``."""
    return [
        f"{notice.notice}, entry {entry.entry}"
        for notice in notices
        for entry in notice.scope
        if not entry.reviewed
    ]
