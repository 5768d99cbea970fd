"""Files that show an answer, such as a scan of the form: sealed with the person's key.

What a file is, its first bytes say, not its name; the name is not kept. It is only ever given out
as a file to keep, for a purpose, and each look stands in the audit trail.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from tocsin.base.errors import TocsinError, UsageError
from tocsin.services.action_work import find_action, subject_of
from tocsin.services.answer_views import AnswerUnknown
from tocsin.services.work import Work, service
from tocsin.store.models import Acknowledgement, AnswerFile
from tocsin.store.sealed_texts import open_file, seal_file

MOST_BYTES = 5_000_000
MOST_FILES = 20
_BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
"""How the name of a file ends that is given out, by its type."""


class AnswerFileUnfit(TocsinError):
    """A file is none that can be kept with an answer."""

    code = "answer_file_unfit"


class AnswerFileUnknown(TocsinError):
    """There is no such file of an answer here."""

    code = "answer_file_unknown"


class AnswerFileErased(TocsinError):
    """A file cannot be opened any more: its person's data were erased."""

    code = "answer_file_erased"


@dataclass(frozen=True)
class AnswerFileLine:
    """A file of an answer, without anything of what it shows.

    Attributes:
        file_id: its row.
        media_type: what it is.
        n_bytes: how large it is.
        sha256: of its bytes.
        kept_at: since when it is kept.
    """

    file_id: int
    acknowledgement_id: int
    media_type: str
    n_bytes: int
    sha256: str
    kept_at: datetime


@dataclass(frozen=True)
class OpenedFile:
    """A file as it was sent, and the name under which it is given out."""

    name: str
    media_type: str
    content: bytes
    sha256: str


@service
def add_answer_file(work: Work, acknowledgement_id: int, content: bytes) -> int:
    """Keep a file that shows an answer; return its id. Right: operator.

    Leaves answer_file_kept, with its SHA-256. The same file again changes nothing.

    Args:
        work: the call.
        acknowledgement_id: the answer that it shows.
        content: a PDF, JPEG or PNG of at most `MOST_BYTES` bytes.

    Raises:
        AnswerUnknown: if there is no such answer.
        AnswerFileUnfit: if it is none of these, or there are `MOST_FILES` already.
        WordsNotKept: if the person was erased.
    """
    media_type = check_answer_file(content)
    row = Acknowledgement.objects.select_related("action").filter(pk=acknowledgement_id).first()
    if row is None:
        raise AnswerUnknown(f"There is no answer {acknowledgement_id} here. Nothing was kept.")
    digest = sha256(content).hexdigest()
    kept = {each.sha256: each.pk for each in row.files.defer("sealed")}
    if digest in kept:
        work.leave_unchanged()
        return kept[digest]
    if len(kept) >= MOST_FILES:
        raise AnswerFileUnfit(
            f"Answer {row.pk} has {MOST_FILES} files already. Nothing was kept. Put pages that "
            "belong together into one PDF."
        )
    made = AnswerFile.objects.create(
        acknowledgement=row,
        media_type=media_type,
        n_bytes=len(content),
        sha256=digest,
        sealed=seal_file(row.person_id, _what(row), content),
        kept_by_id=work.user_id,
        kept_at=work.now,
    )
    told = {"answer": row.pk, "file": made.pk, "sha256": digest}
    told |= {"media_type": media_type, "n_bytes": made.n_bytes}
    work.record("answer_file_kept", subject_of(row.action), new=told)
    return made.pk


@service
def list_answer_files(work: Work, action_id: int) -> list[AnswerFileLine]:  # noqa: ARG001
    """Return the files of an action's answers, the first kept first, without what they show.

    Right: author, reviewer, releaser, operator, auditor, privacy officer.

    Raises:
        ActionUnknown: if there is no such action.
    """
    files = AnswerFile.objects.filter(acknowledgement__action=find_action(action_id))
    return [
        AnswerFileLine(
            row.pk, row.acknowledgement_id, row.media_type, row.n_bytes, row.sha256, row.kept_at
        )
        for row in files.defer("sealed").order_by("pk")
    ]


@service
def access_answer_file(work: Work, file_id: int, purpose: str) -> OpenedFile:
    """Return a file of an answer as it was sent. Right: operator, privacy officer.

    Leaves answer_accessed with the purpose, which names nobody.

    Raises:
        AnswerFileUnknown: if there is none.
        AnswerFileErased: if the person's data were erased.
        UsageError: without a purpose.
    """
    row = AnswerFile.objects.select_related("acknowledgement").filter(pk=file_id).first()
    if row is None:
        raise AnswerFileUnknown(f"There is no file {file_id} of an answer here. Nothing was shown.")
    if not purpose.strip():
        raise UsageError("Say for what you look at it (--purpose). Nothing was shown.")
    answer = row.acknowledgement
    content = open_file(answer.person_id, _what(answer), bytes(row.sealed))
    if content is None:
        raise AnswerFileErased(
            f"File {row.pk} of answer {answer.pk} cannot be opened: the person's data were erased, "
            "and the file with them. Nothing was shown. That it was there, and its SHA-256, stay."
        )
    new = {"answer": answer.pk, "file": row.pk, "sha256": row.sha256}
    work.record("answer_accessed", f"person:{answer.person_id}", new=new, reason=purpose)
    name = f"answer-{answer.pk}-file-{row.pk}{SUFFIXES[row.media_type]}"
    return OpenedFile(name, row.media_type, content, row.sha256)


def _what(answer: Acknowledgement) -> str:
    return f"file of answer {answer.pk}"


def check_answer_file(content: bytes) -> str:
    """Return what a file is.

    Raises:
        AnswerFileUnfit: if it is empty, too large, or neither PDF, JPEG nor PNG.
    """
    if len(content) > MOST_BYTES:
        raise AnswerFileUnfit(
            f"The file has {len(content) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB are "
            "kept. Nothing was kept. Scan it in grey, or with fewer dots."
        )
    for beginning, media_type in _BEGINNINGS.items():
        if content.startswith(beginning):
            return media_type
    raise AnswerFileUnfit(
        "The file is neither PDF, JPEG nor PNG, whatever it is called. Nothing was kept. Scan or "
        "save it as one of these."
    )
