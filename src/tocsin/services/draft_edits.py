"""Edits of a draft: its entries as fields of a form, its head as parts, and confirmations."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from tocsin.base.errors import TocsinError
from tocsin.notice.describe import describe_entry
from tocsin.notice.entry_fields import FieldsInvalid, read_entry
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry
from tocsin.notice.working import (
    EntryMissing,
    EntryNameTaken,
    WorkingNotice,
    entry_part,
    with_confirmed,
    with_entry,
    with_head,
    without_entry,
)
from tocsin.services.work import Work, service
from tocsin.services.working_drafts import check_seen, open_draft, subject_of
from tocsin.store.draft_rows import add_version
from tocsin.store.models import WorkingDraft


class EntryUnknown(TocsinError):
    """A draft has no entry of this name."""

    code = "entry_unknown"


class FieldsRefused(TocsinError):
    """Some fields of a form cannot be taken.

    Attributes:
        faults: a sentence per field.
    """

    code = "fields_refused"

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(f"Nothing was changed. {' '.join(faults.values())}")
        self.faults = faults


@service
def put_entry(
    work: Work,
    draft_id: int,
    seen: int,
    was: str | None,
    fields: Mapping[str, str],
    *,
    is_confirmed: bool = False,
) -> int:
    """Add an entry to a draft, or put it in the place of another; return the draft's version.

    Right: author. Leaves draft_changed. A changed entry is unreviewed until it is confirmed.

    Args:
        work: the call.
        draft_id: the draft.
        seen: the version that the author has looked at.
        was: the entry's name there; None to add one.
        fields: as `notice.entry_fields` names them.
        is_confirmed: whether the author has compared it with the published text.

    Raises:
        DraftUnknown, DraftClosed: if it is not open.
        DraftMoved: if somebody has changed this entry since.
        EntryUnknown: if there is no such entry.
        FieldsRefused: with a sentence per field.
    """
    row = open_draft(draft_id)
    part = entry_part(was or fields.get("entry", ""))
    working = check_seen(work, row, seen, part)
    entry, changed = with_fields(working, was, fields)
    if is_confirmed:
        changed = with_confirmed(changed, entry.entry, work.user_id, work.now)
    verb = "added" if was is None else "changed"
    told = f"Entry {entry.entry} {verb}: {describe_entry(entry)}"
    new = {"entry": entry.entry, "was": was, "confirmed": is_confirmed}
    return _keep(work, row, working, changed, told, new)


@service
def remove_entry(work: Work, draft_id: int, seen: int, name: str) -> int:
    """Take an entry out of a draft; return the draft's version. Right: author.

    Leaves draft_changed. Undoing brings it back.

    Raises:
        DraftUnknown, DraftClosed: if it is not open.
        DraftMoved: if somebody has changed this entry since.
        EntryUnknown: if there is no such entry.
    """
    row = open_draft(draft_id)
    working = check_seen(work, row, seen, entry_part(name))
    _entry(working, name)
    changed = without_entry(working, name)
    return _keep(work, row, working, changed, f"Entry {name} removed", {"removed": name})


@service
def confirm_entry(work: Work, draft_id: int, seen: int, name: str) -> int:
    """Say that an entry says what the published text says; return the draft's version.

    Right: author, reviewer. Leaves entry_confirmed, with who and when.

    Raises:
        DraftUnknown, DraftClosed: if it is not open.
        DraftMoved: if somebody has changed this entry since.
        EntryUnknown: if there is no such entry.
    """
    row = open_draft(draft_id)
    working = check_seen(work, row, seen, entry_part(name))
    _entry(working, name)
    changed = with_confirmed(working, name, work.user_id, work.now)
    return _keep(
        work, row, working, changed, f"Entry {name} confirmed", {"entry": name}, "entry_confirmed"
    )


@service
def put_head(work: Work, draft_id: int, seen: int, part: str, changes: Mapping[str, Any]) -> int:
    """Change what a draft says beside its scope; return the draft's version. Right: author.

    Leaves draft_changed.

    Args:
        work: the call.
        draft_id: the draft.
        seen: the version that the author has looked at.
        part: what is changed, in a word.
        changes: new values by the notice's own keys, as trees.

    Raises:
        DraftUnknown, DraftClosed: if it is not open.
        DraftMoved: if somebody has changed one of these keys since.
        FieldsRefused: with a sentence per key.
    """
    row = open_draft(draft_id)
    working = check_seen(work, row, seen, part)
    for key in changes:
        check_seen(work, row, seen, key)
    if row.notice_id and changes.get("notice", row.name) != row.name:
        raise FieldsRefused(
            {"notice": f"The notice is kept as {row.name} already, and keeps this name."}
        )
    try:
        changed = with_head(working, changes)
    except ValidationError as error:
        raise FieldsRefused(
            {
                ".".join(map(str, fault["loc"])): _sentence(fault["msg"])
                for fault in error.errors()[:20]
            }
        ) from error
    return _keep(work, row, working, changed, f"{part.capitalize()} changed", {"part": part})


def new_notice(tree: Mapping[str, Any]) -> Notice:
    """Return the notice that a tree states, to begin a draft with.

    Raises:
        FieldsRefused: with a sentence per key of the tree; of lists their first key.
    """
    try:
        return Notice.model_validate(tree)
    except ValidationError as error:
        raise FieldsRefused(
            {
                str(fault["loc"][0]) if fault["loc"] else "notice": _sentence(fault["msg"])
                for fault in error.errors()
            }
        ) from error


def with_fields(
    working: WorkingNotice, was: str | None, fields: Mapping[str, str]
) -> tuple[Entry, WorkingNotice]:
    """Return the entry that fields state, and a draft with it.

    Raises:
        EntryUnknown: if the entry whose place it takes is not there.
        FieldsRefused: with a sentence per field.
    """
    before = _entry(working, was) if was is not None else None
    try:
        entry = read_entry(fields, before)
        return entry, with_entry(working, was, entry)
    except FieldsInvalid as error:
        raise FieldsRefused(error.faults) from error
    except EntryNameTaken as error:
        fault = f"Another entry is called {error.args[0]} already. Choose another name."
        raise FieldsRefused({"entry": fault}) from error


def _sentence(message: str) -> str:
    said = message.removeprefix("Value error, ")
    return f"{said[:1].upper()}{said[1:]}".rstrip(".") + "."


def _entry(working: WorkingNotice, name: str) -> Entry:
    try:
        return working.entry(name)
    except EntryMissing as error:
        raise EntryUnknown(f"The draft has no entry {name!r}. Nothing was changed.") from error


def _keep(  # noqa: PLR0913, PLR0917 - an edit has as many parts
    work: Work,
    row: WorkingDraft,
    before: WorkingNotice,
    after: WorkingNotice,
    told: str,
    new: Mapping[str, Any],
    event: str = "draft_changed",
) -> int:
    """Give a draft the version that an edit makes; an edit that says nothing new makes none."""
    if after == before:
        work.leave_unchanged()
        return row.version
    old = row.version
    made = add_version(row, after, told, made_by=work.user_id, made_at=work.now, back_to=old)
    work.record(event, subject_of(row), old={"version": old}, new={"version": made.number, **new})
    return made.number
