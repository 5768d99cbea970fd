"""The way of a letter's version from draft to locked: ticked, reviewed, agreed, signed.

Signatures are over the bytes of the text, and a version is locked only when two people stand
behind these bytes, one of them not who wrote them.
"""

from collections.abc import Sequence

from tocsin.base.errors import TocsinError, UsageError
from tocsin.outreach.letter_checklists import items_for
from tocsin.outreach.letter_faults import find_faults
from tocsin.outreach.letter_states import LetterState
from tocsin.services.anchoring import anchor_after_commit
from tocsin.services.letter_work import (
    begin_version,
    conclude_version,
    forget_agreement,
    subject_of,
)
from tocsin.services.signatures import add_signature, check_second_person
from tocsin.services.work import Work, service
from tocsin.store.letter_rows import read_text, ticked_items, version_name
from tocsin.store.models import LetterTick, LetterVersion
from tocsin.store.tables.signature import Meaning


class LetterNotReady(TocsinError):
    """A text has faults, or nobody has gone through its checklists."""

    code = "letter_not_ready"


MOST_REASON = 300
MOST_NAME = 200


@service
def tick_letter(
    work: Work, version_id: int, seen_sha256: str, items: Sequence[str], not_applicable: str = ""
) -> int:
    """Say that a text holds items of its checklists; return how many. Right: author, reviewer.

    States: draft, translated. Leaves letter_ticked. A tick counts for the text that was seen, and
    for no other.

    Args:
        work: the call.
        version_id: the version.
        seen_sha256: of the text that was looked at.
        items: of its checklists, as ``list.item``.
        not_applicable: why the items do not apply here; empty: they apply, and are there.

    Raises:
        LetterUnknown, LetterNotNow, LetterNotSeen: if it is not there, not open, not that text.
        UsageError: if there is no such item, or the reason is too long.
    """
    row = begin_version(work, version_id, seen_sha256)
    _check_length(not_applicable, MOST_REASON)
    known = items_for(read_text(row))
    if not items or (unknown := [item for item in items if item not in known]):
        named = ", ".join(unknown) if items else "none"
        raise UsageError(
            f"These are not items of this letter's checklists: {named}. Nothing was changed. Its "
            f"items are {', '.join(known)}."
        )
    LetterTick.objects.bulk_create(
        LetterTick(
            version=row,
            item=item,
            sha256=row.sha256,
            applies=not not_applicable,
            reason=not_applicable,
            ticked_by_id=work.user_id,
            ticked_at=work.now,
        )
        for item in items
    )
    new = {"items": list(items), "applies": not not_applicable}
    conclude_version(work, row, "letter_ticked", new=new)
    return len(items)


@service
def finish_translation(work: Work, version_id: int) -> LetterState:
    """Say that a draft is complete and can be reviewed; return its state. Right: author.

    Leaves letter_translated.

    Raises:
        LetterUnknown, LetterNotNow: if it is not there, or no draft.
    """
    return conclude_version(work, begin_version(work, version_id), "letter_translated")


@service
def return_letter_version(work: Work, version_id: int, reason: str) -> LetterState:
    """Give a version back to be written again; return its state. Right: reviewer, releaser.

    States: all but draft and locked. Leaves letter_returned.

    Raises:
        LetterUnknown, LetterNotNow: if it is not there, a draft, or locked.
        UsageError: without a reason.
    """
    row = begin_version(work, version_id)
    row.why_reopened = _reason(reason)
    forget_agreement(row)
    return conclude_version(work, row, "letter_returned", reason=reason)


@service
def review_letter_version(work: Work, version_id: int, seen_sha256: str) -> LetterState:
    """Sign a version as its reviewer; return its state. Right: reviewer. Steps up.

    States: translated. Leaves letter_reviewed and signature_added.

    Args:
        work: the call.
        version_id: the version.
        seen_sha256: of the text that the reviewer has compared with the source.

    Raises:
        LetterUnknown, LetterNotNow, LetterNotSeen: if it is not there, not ready, not that text.
        LetterNotReady: if the text has faults, or its checklists are not ticked.
        SecondPersonMissing: if the reviewer is who wrote it.
    """
    row = begin_version(work, version_id, seen_sha256)
    if faults := find_faults(read_text(row), ticked_items(row)):
        raise LetterNotReady(
            f"The letter {version_name(row)} cannot be reviewed yet. {' '.join(faults)} Nothing "
            "was signed. Write the text again, or tick what it holds: `tocsin letter tick`."
        )
    _sign(work, row, Meaning.REVIEWED)
    return conclude_version(work, row, "letter_reviewed")


@service
def submit_letter_version(work: Work, version_id: int, authority: str) -> LetterState:
    """Say that a version lies with an authority; return its state. Right: author, operator.

    States: reviewed. Leaves letter_submitted.

    Raises:
        LetterUnknown, LetterNotNow: if it is not there, or not reviewed.
        UsageError: if no authority is named.
    """
    row = begin_version(work, version_id)
    row.authority, row.submitted_at = _name(authority, "authority"), work.now
    return conclude_version(work, row, "letter_submitted", new={"authority": row.authority})


@service
def agree_letter_version(
    work: Work, version_id: int, seen_sha256: str, reference: str
) -> LetterState:
    """Sign that the authority has agreed to a version; return its state. Right: reviewer. Steps up.

    States: submitted. Leaves letter_agreed and signature_added.

    Args:
        work: the call.
        version_id: the version.
        seen_sha256: of the text that the authority has agreed to.
        reference: of the authority's answer.

    Raises:
        LetterUnknown, LetterNotNow, LetterNotSeen: if it is not there, not ready, not that text.
        UsageError: if no reference is given.
    """
    row = begin_version(work, version_id, seen_sha256)
    row.reference = _name(reference, "reference of the authority's answer")
    _agree(work, row)
    return conclude_version(work, row, "letter_agreed", new={"reference": row.reference})


@service
def waive_letter_agreement(
    work: Work, version_id: int, seen_sha256: str, reason: str
) -> LetterState:
    """Sign why no authority needs to agree to a version; return its state. Right: releaser.

    States: reviewed. Leaves letter_agreement_waived and signature_added. Steps up.

    Raises:
        LetterUnknown, LetterNotNow, LetterNotSeen: if it is not there, not ready, not that text.
        UsageError: without a reason.
    """
    row = begin_version(work, version_id, seen_sha256)
    row.why_no_authority = _reason(reason)
    _agree(work, row)
    return conclude_version(work, row, "letter_agreement_waived", reason=reason)


@service
def lock_letter_version(work: Work, version_id: int, seen_sha256: str) -> LetterState:
    """Lock a version by a signature; its text never changes again. Right: releaser. Steps up.

    States: agreed. Leaves letter_locked and signature_added.

    Raises:
        LetterUnknown, LetterNotNow, LetterNotSeen: if it is not there, not ready, not that text.
        SecondPersonMissing: if nobody but one person stands behind this text.
    """
    row = begin_version(work, version_id, seen_sha256)
    _sign(work, row, Meaning.RELEASED)
    row.locked_at = work.now
    state = conclude_version(work, row, "letter_locked")
    anchor_after_commit(work.now)
    return state


def _agree(work: Work, row: LetterVersion) -> None:
    add_signature(work, subject_of(row), bytes(row.body), Meaning.APPROVED)
    row.agreed_at, row.last_agreed = work.now, row.body


def _sign(work: Work, row: LetterVersion, meaning: Meaning) -> None:
    body = bytes(row.body)
    add_signature(work, subject_of(row), body, meaning)
    check_second_person(subject_of(row), body, row.written_by_id)


def _reason(text: str) -> str:
    if not text.strip():
        raise UsageError("Say why, in a sentence. Nothing was changed.")
    _check_length(text, MOST_REASON)
    return text.strip()


def _name(text: str, what: str) -> str:
    if not text.strip():
        raise UsageError(f"Name the {what}. Nothing was changed.")
    _check_length(text, MOST_NAME)
    return text.strip()


def _check_length(text: str, most: int) -> None:
    if len(text) > most:
        raise UsageError(
            f"The text has {len(text)} characters, at most {most} are kept. Nothing was changed."
        )
