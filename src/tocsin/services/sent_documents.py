"""Notices and documents that other software sends: read as `services.notices` reads files."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tocsin.base.errors import TocsinError
from tocsin.notice.model import Notice
from tocsin.services.drafting import NoticeDraft, draft_notice, explain_draft
from tocsin.services.notices import check_notice, read_notice

NOTICE_SUFFIXES = ("yaml", "yml", "json")
DRAFT_SUFFIXES = ("txt", "md", "html", "htm", "pdf")


@dataclass(frozen=True)
class SentDocument:
    """A document as it was sent, with the name that its sender gives it."""

    name: str
    content: bytes


def read_sent_notice(sent: SentDocument) -> Notice:
    """Return the one notice of a document, in any format that files may have.

    Raises:
        NoticeUnreadable, NoticeInvalid: with the sentence that a file would get.
    """
    with _as_file(sent) as path:
        return read_notice(path)


def check_sent_notice(sent: SentDocument) -> list[str]:
    """Return sentences about what a notice will match and what it will leave open.

    Raises:
        NoticeUnreadable, NoticeInvalid: with the sentence that a file would get.
    """
    with _as_file(sent) as path:
        return check_notice(path)


def draft_sent_notice(sent: SentDocument) -> tuple[NoticeDraft, list[str]]:
    """Return a draft of the notice that a text states, and sentences about what was read.

    Raises:
        NoticeUnreadable: with the sentence that a file would get.
    """
    with _as_file(sent) as path:
        draft = draft_notice(path)
        return draft, list(explain_draft(draft))


@contextmanager
def _as_file(sent: SentDocument) -> Iterator[Path]:
    """Lend a file of a document; sentences about it name what was sent, not where it lay."""
    with tempfile.TemporaryDirectory(prefix="tocsin-sent-") as folder:
        path = Path(folder) / sent.name
        path.write_bytes(sent.content)
        try:
            yield path
        except TocsinError as error:
            raise type(error)(error.sentence.replace(f"{folder}/", "")) from None
