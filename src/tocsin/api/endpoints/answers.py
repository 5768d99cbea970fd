"""Answers that were kept: listed, their words and files read for a purpose."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.pages import Order
from tocsin.api.replies import made
from tocsin.services import answer_files, answer_views
from tocsin.services.answer_files import OpenedFile
from tocsin.services.sent_documents import SentDocument
from tocsin.services.work import Caller

ScanName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._ ()-]{1,100}\.(pdf|jpg|jpeg|png|PDF|JPG|JPEG|PNG)$",
        examples=["scan.pdf"],
    ),
]


@dataclass(frozen=True)
class Words:
    """The private words of an answer, by their field."""

    words: dict[str, str]


@dataclass(frozen=True)
class FileOfAnswer:
    """A file that shows an answer, as it was sent.

    Attributes:
        name: what it may be called; not as whoever sent it called it.
        content: in Base64.
    """

    name: str
    media_type: str
    sha256: str
    content: str


def add_answer_file(caller: Caller, acknowledgement_id: int, *, sent: SentDocument) -> int:
    """Keep a file that shows an answer; its name is not kept."""
    return answer_files.add_answer_file(caller, acknowledgement_id, sent.content)


def _opened(found: OpenedFile) -> FileOfAnswer:
    content = b64encode(found.content).decode("ascii")
    return FileOfAnswer(found.name, found.media_type, found.sha256, content)


def _words(found: dict[str, str]) -> Words:
    return Words(found)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/actions/{action_id}/acknowledgements",
        answer_views.list_acknowledgements,
        "List the answers of an action, the last first, without any word of theirs",
        order=Order(lambda line: (line.acknowledgement_id,), is_descending=True),
    ),
    Endpoint(
        "POST",
        "/acknowledgements/{acknowledgement_id}/access",
        answer_views.access_acknowledgement,
        "Show the words of an answer, for a purpose",
        shape=_words,
        is_repeatable=False,
        explain="It is recorded who looked, and for what. Its reply is kept nowhere.",
    ),
    Endpoint(
        "POST",
        "/acknowledgements/{acknowledgement_id}/files",
        add_answer_file,
        "Keep a file that shows an answer",
        shape=made,
        status=201,
        file_names=ScanName,
        explain="A PDF, JPEG or PNG of at most 5 MB, as its first bytes say; sealed with the "
        "person's key. The same file again changes nothing.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/answer-files",
        answer_files.list_answer_files,
        "List the files that show answers, with their SHA-256",
        order=Order(lambda line: (line.file_id,)),
    ),
    Endpoint(
        "POST",
        "/answer-files/{file_id}/access",
        answer_files.access_answer_file,
        "Get a file that shows an answer, for a purpose",
        shape=_opened,
        is_repeatable=False,
        explain="It is recorded who looked, and for what. Its reply is kept nowhere.",
    ),
)
