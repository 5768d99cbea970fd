"""The notices of the whole installation that the public may see."""

from functools import lru_cache

from tocsin.notice.model import Notice as CoreNotice
from tocsin.store.models import ApprovalState, NoticeRevision
from tocsin.store.notice_rows import read_revision


def read_public_revisions() -> list[tuple[CoreNotice, ...]]:
    """Return the released revisions of each notice that a started action answers, in order.

    Exercises are never public. A notice stays public when its action has ended: devices that
    nobody reached are still out there.

    Raises:
        NoticeBytesChanged: if a revision is not what was released: then nothing is shown.
    """
    released = NoticeRevision.everywhere.filter(
        state=ApprovalState.RELEASED,
        notice__actions__action__is_exercise=False,
        notice__actions__action__started_at__isnull=False,
    ).distinct()
    by_notice: dict[int, list[CoreNotice]] = {}
    for row in released.order_by("notice_id", "number").values_list("pk", "notice_id", "sha256"):
        by_notice.setdefault(row[1], []).append(_read(row[0], row[2]))
    return [tuple(revisions) for revisions in by_notice.values()]


@lru_cache(maxsize=512)
def _read(revision_id: int, _sha256: str) -> CoreNotice:
    """Return a revision; released ones never change, so each is read once."""
    return read_revision(NoticeRevision.everywhere.get(pk=revision_id))
