"""Notices from a file that somebody sends: read within bounds, and taken as drafts.

Whatever a file is, nothing of it counts before a person has kept the draft as a revision.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tocsin.base.errors import NoticeInvalid, NoticeUnreadable
from tocsin.formats.prose.source import HTML_SUFFIXES, PDF_SUFFIXES, TEXT_SUFFIXES
from tocsin.notice.model import Notice
from tocsin.services.drafting import NoticeDraft, draft_notice
from tocsin.services.notices import SUFFIXES, read_notice_file
from tocsin.services.work import Work, service
from tocsin.services.working_drafts import add_draft

MOST_BYTES = 10_000_000
MOST_NOTICES = 20
PROSE_SUFFIXES = (*TEXT_SUFFIXES, *HTML_SUFFIXES, *PDF_SUFFIXES)
READ_SUFFIXES = (*SUFFIXES, *PROSE_SUFFIXES)
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_FHIR = re.compile(rb'"resourceType"\s*:')
_FHIR_WITHIN = 4000


@dataclass(frozen=True)
class ReadNotice:
    """A notice that was read from a file.

    Attributes:
        notice: what was read.
        source: the file's name.
        document: its text, if it is a letter, a page or the like; else empty.
        told: sentences about what could not be read of it.
    """

    notice: Notice
    source: str
    document: str = ""
    told: tuple[str, ...] = ()


def read_upload(name: str, content: bytes) -> list[ReadNotice]:
    """Return the notices of a file: ours, CSAF, openFDA, or drafted from text, HTML or PDF.

    Args:
        name: the file's name as its sender calls it; only its end decides how it is read.
        content: its bytes.

    Raises:
        NoticeUnreadable, NoticeInvalid: with a sentence that names the place.
    """
    shown = _file_name(name)
    suffix = PurePosixPath(shown).suffix.lower()
    if not content or len(content) > MOST_BYTES:
        size = f"has {len(content) / 1e6:.0f} MB" if content else "is empty"
        raise NoticeUnreadable(
            f"The file {shown} {size}; a file of at most {MOST_BYTES / 1e6:.0f} MB is read here. "
            "Nothing was read."
        )
    if suffix not in READ_SUFFIXES:
        raise NoticeUnreadable(
            f"The file {shown} is none that can be read here. Nothing was read. Its name must end "
            f"in {', '.join(READ_SUFFIXES)}."
        )
    if suffix not in PROSE_SUFFIXES and _FHIR.search(content[:_FHIR_WITHIN]):
        raise NoticeUnreadable(
            f"The file {shown} is FHIR, which tells of devices and who has them, not which are "
            "affected. Nothing was read. Import it as a registry."
        )
    with tempfile.TemporaryDirectory(prefix="tocsin-notice-") as folder:
        path = Path(folder) / shown
        path.write_bytes(content)
        try:
            if suffix in PROSE_SUFFIXES:
                return [_of_draft(draft_notice(path), shown)]
            found = read_notice_file(path)
        except (NoticeUnreadable, NoticeInvalid) as error:
            raise type(error)(error.sentence.replace(str(path), shown)) from error
    if len(found) > MOST_NOTICES:
        raise NoticeUnreadable(
            f"The file {shown} holds {len(found)} notices; at most {MOST_NOTICES} are taken at "
            "once. Nothing was taken. Put those that you want into a file of their own."
        )
    return [ReadNotice(notice, shown) for notice in found]


@service
def import_notices(work: Work, read: Sequence[ReadNotice]) -> list[int]:
    """Take notices that were read from a file as drafts; return their ids. Right: author.

    Leaves a draft_begun for each. Entries stay reviewed or not, as the reader has left them.
    """
    return [add_draft(work, each.notice, each.source, each.document, each.told) for each in read]


def _file_name(name: str) -> str:
    """Return a file's name without anything that a path or a page could trip over."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = last.rpartition(".")
    if not dot:
        stem, suffix = last, ""
    fit = _UNFIT.sub("-", stem).strip("-.")[:80] or "notice"
    end = _UNFIT.sub("", suffix).lower()[:10]
    return f"{fit}.{end}" if end else fit


def _of_draft(draft: NoticeDraft, shown: str) -> ReadNotice:
    return ReadNotice(draft.notice, shown, draft.text, tuple(_told(draft)))


def _told(draft: NoticeDraft) -> Iterator[str]:
    if not draft.scope.head.firm:
        yield (
            "The document names no firm in a line such as `Firm: ...`. State the manufacturer: "
            "until then no other maker's device is cleared."
        )
    for text in draft.scope.unread:
        yield f"This bears on the scope and could not be read: {text[:400]}"
    if draft.scope.passed_over:
        yield (
            f"{draft.scope.passed_over} sentences say nothing about which devices are concerned "
            "and were passed over."
        )
