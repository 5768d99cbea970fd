"""Drafts of notices as rows: found, read, and given another version."""

from datetime import datetime

from tocsin.base.errors import TocsinError
from tocsin.notice.working import WorkingNotice
from tocsin.store.audit.chain import canonical_json
from tocsin.store.models import DraftVersion, WorkingDraft

_MOST_WORDS = 300


class DraftUnknown(TocsinError):
    """There is no draft of this number here."""

    code = "draft_unknown"


def find_draft(draft_id: int, *, to_write: bool = False) -> WorkingDraft:
    """Return a draft of the organisation that we act for.

    Args:
        draft_id: the draft.
        to_write: whether nobody else may write it until our transaction ends.

    Raises:
        DraftUnknown: if there is none.
    """
    rows = WorkingDraft.objects.select_for_update() if to_write else WorkingDraft.objects
    found = rows.filter(pk=draft_id).first()
    if found is None:
        raise DraftUnknown(f"There is no draft {draft_id} here. Nothing was changed.")
    return found


def read_version(row: DraftVersion) -> WorkingNotice:
    """Return what a version of a draft holds."""
    return WorkingNotice.model_validate_json(bytes(row.body))


def current_version(draft: WorkingDraft) -> DraftVersion:
    """Return the version of a draft that counts."""
    return draft.versions.get(number=draft.version)


def add_version(
    draft: WorkingDraft,
    working: WorkingNotice,
    what: str,
    *,
    made_by: int,
    made_at: datetime,
    back_to: int | None,
) -> DraftVersion:
    """Give a draft another version, in the transaction of the caller."""
    newest = draft.versions.order_by("-number").values_list("number", flat=True).first() or 0
    row = DraftVersion.objects.create(
        draft=draft,
        number=newest + 1,
        back_to=back_to,
        body=canonical_json(working.model_dump(mode="json", by_alias=True)),
        what=what[:_MOST_WORDS],
        made_by=made_by,
        made_at=made_at,
    )
    draft.version, draft.changed_at = row.number, made_at
    draft.name = str(working.head.get("notice", draft.name))
    draft.title = str(working.head.get("title", draft.title))
    draft.save(update_fields=["version", "changed_at", "name", "title"])
    return row
