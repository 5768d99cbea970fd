"""Notices: read from every format, kept with their revisions, linked, compared, written."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import NoticeName, Number, Word
from tocsin.api.pages import Order
from tocsin.api.replies import Done, made
from tocsin.match.figures import RevisionDiff
from tocsin.notice.model import Notice
from tocsin.services import kept_notices
from tocsin.services.exporting import ExportOptions, export_file_name, export_notice
from tocsin.services.notices import compare_notices
from tocsin.services.sent_documents import (
    SentDocument,
    check_sent_notice,
    draft_sent_notice,
    read_sent_notice,
)
from tocsin.services.work import Caller

FileName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._()-]{0,90}\.(yaml|yml|json)$",
        examples=["icsma-19-178-01.json"],
    ),
]
TextName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._()-]{0,90}\.(txt|md|html|htm|pdf)$",
        examples=["recall-letter.pdf"],
    ),
]
Relation = Literal["same-event", "supersedes", "superseded-by", "expands", "related"]
Format = Literal["yaml", "csaf", "csaf-2.1", "csaf-vex", "fhir"]
Tlp = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
_DOCUMENT = (
    "The body is the document itself: a notice of ours as YAML or JSON, a CSAF advisory, or one "
    "record of openFDA."
)


@dataclass(frozen=True)
class Kept:
    """A notice that was kept.

    Attributes:
        name: the notice's own name.
        revision: the number of the revision.
    """

    name: str
    revision: int


@dataclass(frozen=True)
class NoticeTold:
    """Sentences about what a notice will match and what it will leave open."""

    sentences: list[str]


@dataclass(frozen=True)
class Draft:
    """A notice that was drafted from a text; none of its entries is reviewed.

    Attributes:
        sentences: what was read, entry by entry, and what was not.
    """

    notice: Notice
    sentences: list[str]


@dataclass(frozen=True)
class Exported:
    """A notice in another format.

    Attributes:
        file_name: what its file is called.
        text: the whole file.
    """

    file_name: str
    text: str


def add_notice(caller: Caller, *, sent: SentDocument) -> int:
    """Keep a notice that is new here."""
    return kept_notices.add_notice(caller, read_sent_notice(sent), sent.name)


def add_notice_revision(caller: Caller, *, sent: SentDocument) -> Kept:
    """Keep a further revision of a notice."""
    notice = read_sent_notice(sent)
    return Kept(notice.notice, kept_notices.add_notice_revision(caller, notice, sent.name))


def check_notice(caller: Caller, *, sent: SentDocument) -> NoticeTold:
    """Tell what a notice will match, without keeping it."""
    kept_notices.list_notices(caller)
    return NoticeTold(check_sent_notice(sent))


def draft_notice(caller: Caller, *, sent: SentDocument) -> Draft:
    """Draft a notice from a text, without keeping it."""
    kept_notices.list_notices(caller)
    draft, sentences = draft_sent_notice(sent)
    return Draft(draft.notice, sentences)


def link_notices(caller: Caller, name: NoticeName, other: NoticeName, relation: Relation) -> Done:
    """Say that two kept notices speak of one matter."""
    kept_notices.link_notices(caller, name, other, relation)
    return Done()


def compare_revisions(
    caller: Caller,
    name: NoticeName,
    old: Annotated[Number, Field(description="The number of the older revision.")],
    new: Annotated[Number | None, Field(description="The newer; without it the newest.")] = None,
) -> RevisionDiff:
    """Tell what changes between two revisions of a notice."""
    older = kept_notices.read_kept_notice(caller, name, old)
    return compare_notices(older, kept_notices.read_kept_notice(caller, name, new))


def write_notice(
    caller: Caller,
    name: NoticeName,
    format: Annotated[Format, Field(description="Which format.")],  # noqa: A002 - as it is called
    number: Annotated[Number | None, Field(description="Which revision; the newest without.")] = (
        None
    ),
    namespace: Annotated[
        Word | None,
        Field(
            description="CSAF: a web address that you control.", examples=["https://example.com"]
        ),
    ] = None,
    tlp: Annotated[Tlp | None, Field(description="CSAF: how far it may be passed on.")] = None,
) -> Exported:
    """Write a kept notice in the format that others read."""
    notice = kept_notices.read_kept_notice(caller, name, number)
    text = export_notice(notice, format, ExportOptions(namespace, tlp))
    return Exported(export_file_name(notice, format), text)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/notices",
        kept_notices.list_notices,
        "List the kept notices",
        order=Order(lambda line: (line.name,)),
    ),
    Endpoint(
        "POST",
        "/notices",
        add_notice,
        "Keep a notice that is new here",
        file_names=FileName,
        shape=made,
        status=201,
        explain=_DOCUMENT,
    ),
    Endpoint(
        "POST",
        "/notices/revisions",
        add_notice_revision,
        "Keep a further revision of a notice",
        file_names=FileName,
        status=201,
        explain=f"{_DOCUMENT} The very same revision again changes nothing.",
    ),
    Endpoint(
        "POST",
        "/notices/check",
        check_notice,
        "Tell what a notice will match, without keeping it",
        service="list_notices",
        file_names=FileName,
        explain=_DOCUMENT,
    ),
    Endpoint(
        "POST",
        "/notices/draft",
        draft_notice,
        "Draft a notice from a text, without keeping it",
        service="list_notices",
        file_names=TextName,
        explain="The body is the text: plain, HTML or PDF. Until a person has compared each entry "
        "with it and set `reviewed`, no record is not_affected.",
    ),
    Endpoint("POST", "/notices/links", link_notices, "Link two kept notices"),
    Endpoint(
        "GET",
        "/notices/{name}",
        kept_notices.read_kept_notice,
        "Show a revision of a kept notice",
        types={"name": NoticeName},
        explain="The newest revision without a number.",
    ),
    Endpoint(
        "GET",
        "/notices/{name}/revisions",
        kept_notices.list_revisions,
        "List the revisions of a kept notice, the newest first",
        types={"name": NoticeName},
        order=Order(lambda line: (line.number,), is_descending=True),
    ),
    Endpoint(
        "GET",
        "/notices/{name}/actions",
        kept_notices.list_notice_actions,
        "List the actions about a notice",
        types={"name": NoticeName},
        order=Order(lambda line: (line.action_id,), is_descending=True),
    ),
    Endpoint(
        "GET",
        "/notices/{name}/changes",
        compare_revisions,
        "Compare two revisions of a notice",
        service="read_kept_notice",
    ),
    Endpoint(
        "GET",
        "/notices/{name}/written/{format}",
        write_notice,
        "Write a kept notice in the format that others read",
        service="read_kept_notice",
    ),
)
