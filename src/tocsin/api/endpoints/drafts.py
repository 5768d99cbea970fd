"""Notices while they are written: begun, edited entry by entry, counted, kept or given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from tocsin.api.bodies import checked_texts
from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import NoticeName, OptionalLine, Word
from tocsin.api.pages import Order
from tocsin.api.replies import done, made
from tocsin.base.verdict import Verdict
from tocsin.services import draft_edits, notice_uploads, scope_counts, working_drafts
from tocsin.services.scope_counts import Flip, Flips, ScopeCount, TypedEntry
from tocsin.services.sent_documents import SentDocument
from tocsin.services.work import Caller

FileName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._()-]{0,70}\.(yaml|yml|json|txt|md|html|htm|pdf)$",
        examples=["icsma-19-178-01.json"],
    ),
]
Tree = Annotated[
    dict[str, Any],
    Field(description="As docs/how-to/write-a-notice.md has it.", examples=[{"title": "Pumps"}]),
]
Seen = Annotated[int, Field(ge=0, le=2**31 - 1, description="The version that you have looked at.")]
Value = Annotated[str, Field(max_length=20_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
EntryFields = Annotated[
    dict[Word, Value],
    Field(
        max_length=400,
        description="The entry as the fields of its form, one value a line.",
        examples=[{"entry": "pump-522", "sense": "affects", "models": "MMT-522"}],
    ),
]
_NUMBER = "The number is that of the draft's version now."


@dataclass(frozen=True)
class Begun:
    """Drafts that were begun."""

    draft_ids: list[int]


@dataclass(frozen=True)
class Way:
    """How many records go from one verdict to another."""

    was: Verdict
    now: Verdict
    n: int


@dataclass(frozen=True)
class FlipsShown:
    """What would flip against the newest kept revision.

    Attributes:
        base_revision: what it was compared with; null if none is kept yet.
        n_lesser: how many records get a less urgent verdict.
        lesser: some of them, at most 200 for each registry.
    """

    base_revision: int | None
    ways: list[Way]
    n_lesser: int
    lesser: list[Flip]


def begin_draft(
    caller: Caller,
    name: Annotated[
        NoticeName | None,
        Field(description="Of a kept notice, to begin with what its newest revision says."),
    ] = None,
    notice: Annotated[
        Tree | None, Field(description="Else the notice that the draft says at first.")
    ] = None,
    source: Annotated[OptionalLine, Field(description="Where it comes from.")] = "",
) -> int:
    """Begin a draft of a notice."""
    tree = None if notice is None else draft_edits.new_notice(checked_texts(notice))
    return working_drafts.begin_draft(caller, tree, name, source)


def import_notices(caller: Caller, *, sent: SentDocument) -> list[int]:
    """Begin drafts of the notices in a document."""
    read = notice_uploads.read_upload(sent.name, sent.content)
    return notice_uploads.import_notices(caller, read)


def put_entry(
    caller: Caller,
    draft_id: int,
    seen: int,
    fields: Mapping[str, str],
    was: Annotated[
        Word | None, Field(description="The entry whose place it takes; null to add one.")
    ] = None,
    is_confirmed: Annotated[
        bool, Field(description="You have compared it with the published text.")
    ] = False,
) -> int:
    """Add an entry to a draft, or put it in the place of another."""
    return draft_edits.put_entry(caller, draft_id, seen, was, fields, is_confirmed=is_confirmed)


def put_head(
    caller: Caller,
    draft_id: int,
    seen: int,
    part: Annotated[Word, Field(description="What is changed, in a word.", examples=["hazard"])],
    changes: Tree,
) -> int:
    """Change what a draft says beside its scope."""
    return draft_edits.put_head(caller, draft_id, seen, part, checked_texts(changes))


def count_draft(
    caller: Caller,
    draft_id: int,
    registry_ids: Sequence[int],
    was: Annotated[
        Word | None, Field(description="The entry whose place the typed one takes.")
    ] = None,
    fields: Annotated[
        Mapping[str, str] | None,
        Field(description="An entry to be counted as if it were kept and confirmed."),
    ] = None,
) -> ScopeCount:
    """Count what a draft's scope means for registries."""
    typed = None if fields is None else TypedEntry(was, fields)
    return scope_counts.count_draft(caller, draft_id, registry_ids, typed)


def _begun(found: list[int]) -> Begun:
    return Begun(found)


def _flips(found: Flips | None) -> FlipsShown:
    if found is None:
        return FlipsShown(None, [], 0, [])
    ways = [Way(*each) for each in found.ways]
    return FlipsShown(found.base_revision, ways, found.n_lesser, found.lesser)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/drafts",
        working_drafts.list_drafts,
        "List the open drafts",
        order=Order(lambda line: (line.draft_id,), is_descending=True),
    ),
    Endpoint(
        "POST",
        "/drafts",
        begin_draft,
        "Begin a draft, from a kept notice or from a few facts",
        shape=made,
        status=201,
    ),
    Endpoint(
        "POST",
        "/drafts/import",
        import_notices,
        "Begin a draft of each notice in a document",
        file_names=FileName,
        shape=_begun,
        status=201,
        explain="The body is the document itself: a notice of ours, CSAF, openFDA; or a letter or "
        "page as text, HTML or PDF.",
    ),
    Endpoint("GET", "/drafts/{draft_id}", working_drafts.read_draft, "Show a draft as it is now"),
    Endpoint(
        "POST",
        "/drafts/{draft_id}/entries",
        put_entry,
        "Add an entry, or put it in the place of another",
        shape=made,
        types={"seen": Seen, "fields": EntryFields},
        explain=_NUMBER,
    ),
    Endpoint(
        "POST",
        "/drafts/{draft_id}/entries/remove",
        draft_edits.remove_entry,
        "Take an entry out of a draft",
        shape=made,
        types={"seen": Seen, "name": Word},
        explain=_NUMBER,
    ),
    Endpoint(
        "POST",
        "/drafts/{draft_id}/entries/confirm",
        draft_edits.confirm_entry,
        "Say that an entry says what the published text says",
        shape=made,
        types={"seen": Seen, "name": Word},
        explain=_NUMBER,
    ),
    Endpoint(
        "POST",
        "/drafts/{draft_id}/head",
        put_head,
        "Change what a draft says beside its scope",
        shape=made,
        types={"seen": Seen},
        explain=f"`changes` has new values by the notice's own keys. {_NUMBER}",
    ),
    Endpoint(
        "POST",
        "/drafts/{draft_id}/undo",
        working_drafts.undo_edit,
        "Take back the last edit of a draft",
        shape=made,
        types={"seen": Seen},
        explain=_NUMBER,
    ),
    Endpoint(
        "POST",
        "/drafts/{draft_id}/discard",
        working_drafts.discard_draft,
        "Give up a draft; its versions stay",
        shape=done,
        types={"seen": Seen},
    ),
    Endpoint(
        "POST",
        "/drafts/{draft_id}/save",
        working_drafts.save_draft,
        "Keep a draft as a revision of its notice",
        shape=made,
        types={
            "seen": Seen,
            "over": Annotated[
                int,
                Field(
                    ge=0,
                    le=2**31 - 1,
                    description="The newest kept revision that you have compared with; 0: none.",
                ),
            ],
        },
        explain="The number is that of the revision.",
    ),
    Endpoint(
        "POST",
        "/drafts/{draft_id}/counts",
        count_draft,
        "Count what a draft's scope means for registries",
        types={"fields": EntryFields | None},
        explain="A POST, although it changes nothing: an entry that is not kept yet may be sent.",
    ),
    Endpoint(
        "POST",
        "/drafts/{draft_id}/flips",
        scope_counts.list_flips,
        "List the records that a draft judges otherwise than the kept revision",
        shape=_flips,
        explain="A POST, although it changes nothing: the registries are a list.",
    ),
)
