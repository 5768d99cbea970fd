"""Letters of an action: written, translated, listed, shown beside what they are compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.base.errors import UsageError
from tocsin.outreach.action_states import ActionState
from tocsin.outreach.letter import LetterText, letter_bytes, letter_sha256
from tocsin.outreach.letter_checklists import items_for
from tocsin.outreach.letter_faults import find_faults
from tocsin.outreach.letter_states import (
    LetterState,
    allowed_letter_services,
    check_letters_may_change,
    next_letter_state,
)
from tocsin.outreach.readability import Reading, read_hardness
from tocsin.services.action_work import ActionUnknown, find_action
from tocsin.services.letter_work import (
    LetterUnknown,
    check_not_moved,
    find_version,
    forget_agreement,
    subject_of,
)
from tocsin.services.signatures import SignatureLine, signature_lines
from tocsin.services.work import Work, service
from tocsin.store.letter_rows import (
    newest_sources,
    newest_versions,
    read_text,
    ticked_items,
    version_name,
)
from tocsin.store.models import Action, LetterSource, LetterTick, LetterVersion


@dataclass(frozen=True)
class LetterSourceWritten:
    """What came of writing a source.

    Attributes:
        source_id: its row.
        revision: its number; the same as before if the text is.
        reopened: ids and names of the versions that hang on it and are drafts again.
    """

    source_id: int
    revision: int
    reopened: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class LetterLine:
    """A letter's version in a list.

    Attributes:
        version_id: its row.
        key: which letter it is.
        audience: for whom.
        language: in which language.
        country: for which country; empty for every one.
        number: the how many-th version of this letter x language x country.
        state: where it stands.
        source_revision: on which revision of the source it hangs.
        prepared_by: person or machine.
        why_reopened: why it is a draft again; empty if it is not.
        authority: to which authority it was submitted.
        reference: the authority's own.
        sha256: of its text.
        locked_at: since when its text never changes.
    """

    version_id: int
    key: str
    audience: str
    language: str
    country: str
    number: int
    state: LetterState
    source_revision: int
    prepared_by: str
    why_reopened: str
    authority: str
    reference: str
    sha256: str
    locked_at: datetime | None


@dataclass(frozen=True)
class TickLine:
    """What a person said about one item of a checklist."""

    item: str
    applies: bool
    reason: str
    ticked_by: str
    ticked_at: datetime
    is_of_this_text: bool


@dataclass(frozen=True)
class LetterView:
    """A version with what it is compared with.

    Attributes:
        line: where it stands.
        action_id: whose letter it is.
        text: what it says.
        source: the text that it is a version of.
        last_agreed: the text that was agreed to before; None if none was.
        checklist: what the text must hold, by item.
        ticks: of its checklist, the newest of each item.
        readings: how hard it is to read.
        faults: what stands against a review, in sentences.
        signatures: on it, first signed first, over whatever text there was then.
        allowed: the services that its state allows now.
    """

    line: LetterLine
    action_id: int
    text: LetterText
    source: LetterText
    last_agreed: LetterText | None
    checklist: Mapping[str, str]
    ticks: Sequence[TickLine]
    readings: Sequence[Reading]
    faults: Sequence[str]
    signatures: Sequence[SignatureLine]
    allowed: Sequence[str]


@service
def write_letter_source(
    work: Work, action_id: int, text: LetterText, seen_sha256: str | None = None
) -> LetterSourceWritten:
    """Keep a letter's source text, as a new revision if it differs. Right: author.

    All versions that hang on it become drafts again and say why; of a locked one, which never
    changes, a further version is begun. Leaves letter_source_written, letter_reopened.

    Args:
        work: the call.
        action_id: the action.
        text: without a country.
        seen_sha256: of the source that it is to replace; empty: there was none; None: of any.

    Raises:
        ActionUnknown, LetterNotNow: if there is no such action, or it has ended.
        LetterMoved: if the source is another one by now.
        UsageError: if the text is one of a country.
    """
    action = _open_action(action_id)
    if text.country is not None:
        raise UsageError(
            f"A source is for no country, this text is for {text.country}. Nothing was changed. "
            "Keep it as a version: `tocsin letter write`."
        )
    before = newest_sources(action.pk).get(text.letter)
    if before is not None and before.sha256 == letter_sha256(text):
        work.leave_unchanged()
        return LetterSourceWritten(before.pk, before.revision, ())
    check_not_moved("this source", seen_sha256, before.sha256 if before else "")
    made = LetterSource.objects.create(
        action=action,
        key=text.letter,
        audience=text.audience,
        revision=before.revision + 1 if before else 1,
        body=letter_bytes(text),
        sha256=letter_sha256(text),
        written_by_id=work.user_id,
        written_at=work.now,
    )
    new = {"key": made.key, "revision": made.revision, "sha256": made.sha256}
    work.record("letter_source_written", f"lettersource:{made.pk}", new=new)
    hanging = [row for row in newest_versions(action.pk) if row.key == made.key]
    return LetterSourceWritten(
        made.pk, made.revision, [_reopen(work, row, made) for row in hanging]
    )


@service
def write_letter_version(
    work: Work,
    action_id: int,
    text: LetterText,
    seen_sha256: str | None = None,
    seen_source_sha256: str | None = None,
) -> int:
    """Keep a letter's text in a language for a country; return the version's id. Right: author.

    A version that is there already becomes a draft again, with this text; of a locked one a
    further version is begun. Leaves letter_version_written.

    Args:
        work: the call.
        action_id: the action.
        text: the letter's.
        seen_sha256: of the text that it is to replace; empty: there was none; None: of any.
        seen_source_sha256: of the source that it was written beside; None: of any.

    Raises:
        ActionUnknown, LetterNotNow: if there is no such action, or it has ended.
        LetterUnknown: if the letter has no source yet.
        LetterMoved: if the text to be replaced, or the source, is another one by now.
    """
    action = _open_action(action_id)
    source = newest_sources(action.pk).get(text.letter)
    if source is None:
        raise LetterUnknown(
            f"Action {action.pk} has no source text of the letter {text.letter}. Nothing was "
            "changed. Keep the source first: `tocsin letter source`."
        )
    row = _row_to_write(action, source, text)
    was = row.state if row.pk else None
    if was is not None and row.sha256 == letter_sha256(text) and row.source_id == source.pk:
        work.leave_unchanged()
        return row.pk
    check_not_moved("the source of this letter", seen_source_sha256, source.sha256)
    check_not_moved("this letter", seen_sha256, row.sha256)
    if was is not None:
        row.state = str(next_letter_state(work.service, LetterState(was)))
    row.body, row.sha256 = letter_bytes(text), letter_sha256(text)
    row.source, row.why_reopened = source, ""
    row.written_by_id, row.written_at = work.user_id, work.now
    forget_agreement(row)
    row.save()
    new: dict[str, Any] = {"key": row.key, "language": row.language, "country": row.country}
    new |= {"number": row.number, "state": row.state, "sha256": row.sha256}
    old = {"state": was} if was else None
    work.record("letter_version_written", subject_of(row), old=old, new=new)
    return row.pk


@service
def list_letters(work: Work, action_id: int) -> list[LetterLine]:  # noqa: ARG001 - its rights
    """Return the version that counts of each letter x language x country of an action.

    Right: everybody of the organisation but administrators.

    Raises:
        ActionUnknown: if there is no such action.
    """
    return [_line(row) for row in newest_versions(find_action(action_id).pk)]


@service
def list_letter_sources(work: Work, action_id: int) -> list[tuple[int, LetterText]]:  # noqa: ARG001
    """Return the newest revision of each source of an action, with its number.

    Right: everybody of the organisation but administrators.

    Raises:
        ActionUnknown: if there is no such action.
    """
    rows = newest_sources(find_action(action_id).pk)
    return [(row.revision, read_text(row)) for row in rows.values()]


@service
def read_letter(work: Work, version_id: int) -> LetterView:  # noqa: ARG001 - asks for rights only
    """Return a version with its source, the text agreed to before, ticks and signatures.

    Right: everybody of the organisation but administrators.

    Raises:
        LetterUnknown: if there is no such letter.
    """
    row = find_version(version_id)
    agreed, text = bytes(row.last_agreed), read_text(row)
    return LetterView(
        _line(row),
        row.action_id,
        text,
        read_text(row.source),
        LetterText.model_validate_json(agreed) if agreed else None,
        items_for(text),
        _ticks(row),
        read_hardness(text),
        find_faults(text, ticked_items(row)),
        signature_lines(subject_of(row)),
        allowed_letter_services(LetterState(row.state)),
    )


def _open_action(action_id: int) -> Action:
    """Return an action whose letters may change; others who change them wait for us."""
    action = Action.objects.select_for_update().filter(pk=action_id).first()
    if action is None:
        raise ActionUnknown(
            f"There is no action {action_id} here. Nothing was changed. `tocsin action list` "
            "shows those that there are."
        )
    check_letters_may_change(ActionState(action.state))
    return action


def _row_to_write(action: Action, source: LetterSource, text: LetterText) -> LetterVersion:
    """Return the row that takes a text: the one that counts, or a new one."""
    where = {"key": text.letter, "language": text.language, "country": text.country or ""}
    newest = LetterVersion.objects.filter(action=action, **where).order_by("-number").first()
    if newest is None:
        return LetterVersion(action=action, source=source, **where)
    return newest if newest.locked_at is None else _successor(newest)


def _successor(locked: LetterVersion) -> LetterVersion:
    """Return the version that is to replace a locked one, not yet kept."""
    return LetterVersion(
        action=locked.action,
        source=locked.source,
        key=locked.key,
        language=locked.language,
        country=locked.country,
        number=locked.number + 1,
        before=locked,
        body=locked.body,
        sha256=locked.sha256,
        written_by_id=locked.written_by_id,
        written_at=locked.written_at,
        last_agreed=locked.last_agreed,
    )


def _reopen(work: Work, row: LetterVersion, source: LetterSource) -> tuple[int, str]:
    """Make a version a draft of the new source, and say why; return its id and name."""
    was = row.state
    if row.locked_at is not None:
        row = _successor(row)
    row.source, row.state = source, str(LetterState.DRAFT)
    row.why_reopened = f"The source has changed: revision {source.revision}."
    forget_agreement(row)
    row.save()
    new = {"source": source.pk, "number": row.number, "state": row.state}
    work.record("letter_reopened", subject_of(row), old={"state": was}, new=new)
    return row.pk, version_name(row)


def _line(row: LetterVersion) -> LetterLine:
    text = read_text(row)
    return LetterLine(
        row.pk,
        row.key,
        text.audience,
        row.language,
        row.country,
        row.number,
        LetterState(row.state),
        row.source.revision,
        text.prepared_by,
        row.why_reopened,
        row.authority,
        row.reference,
        row.sha256,
        row.locked_at,
    )


def _ticks(row: LetterVersion) -> list[TickLine]:
    ticks = LetterTick.objects.filter(version=row).select_related("ticked_by").order_by("pk")
    newest = {tick.item: tick for tick in ticks}
    return [
        TickLine(
            tick.item,
            tick.applies,
            tick.reason,
            tick.ticked_by.name,
            tick.ticked_at,
            tick.sha256 == row.sha256,
        )
        for tick in newest.values()
    ]
