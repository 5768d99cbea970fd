"""Letting letters leave: two people sign the manifest of the locked letters that they have seen.

The manifest names each letter by the SHA-256 of its locked text, beside the released scope, the
address that their links lead to, what callers say, and each recipient with their letter. Nothing
leaves by it: `start_action` lets letters leave.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from tocsin.base.errors import TocsinError
from tocsin.services.action_work import begin, conclude, find_action
from tocsin.services.anchoring import anchor_after_commit
from tocsin.services.dispatch_release import explain_missing_letters, queue_release
from tocsin.services.public_address import explain_unfit_address, public_address
from tocsin.services.recipient_lists import RecipientPlan, plan_release
from tocsin.services.release_counts import release_counts, release_manifest
from tocsin.services.scope_release import NotReviewed, RunStale, released_scope
from tocsin.services.signatures import add_signature, check_second_person
from tocsin.services.translation_gaps import translation_warnings
from tocsin.services.work import Work, service
from tocsin.store.audit.chain import canonical_json
from tocsin.store.letter_rows import locked_versions, newest_versions, version_name
from tocsin.store.models import Action, LetterRelease, ScopeRelease
from tocsin.store.tables.signature import Meaning


class NoLetterLocked(TocsinError):
    """No letter of the action is locked."""

    code = "no_letter_locked"


class LettersNotSeen(TocsinError):
    """What was to be signed is not the manifest that there is now."""

    code = "letters_not_seen"


@dataclass(frozen=True)
class LetterPreview:
    """What the signatures of an action's letters would stand for.

    Attributes:
        manifest: what would be signed, as a tree.
        sha256: of the manifest's bytes.
        letters: id and name of each locked letter in it.
        unlocked: id, name and state of letters that would not be in it.
        hindrances: sentences about what must be done before it can be released.
        warnings: sentences about what its readers would find in English, or unreviewed.
        counted_at: when the people in it were counted.
        since: events after it that may have changed it -> how many; none: it holds.
    """

    manifest: dict[str, Any]
    sha256: str
    letters: Sequence[tuple[int, str]]
    unlocked: Sequence[tuple[int, str, str]]
    hindrances: Sequence[str]
    warnings: Sequence[str]
    counted_at: datetime
    since: Mapping[str, int]


@service
def read_letter_preview(work: Work, action_id: int, *, may_be_old: bool = False) -> LetterPreview:
    """Return what the signatures of an action's letters would stand for.

    Right: author, reviewer, releaser, auditor.

    Args:
        work: the call.
        action_id: the action.
        may_be_old: whether the kept count will do (`services.release_counts`), so that nobody
            waits for a large list: the manifest then does not name its people, and ``since`` tells
            what may have changed.

    Raises:
        ActionUnknown: if there is no such action.
    """
    action = find_action(action_id)
    scope, rows = released_scope(action), newest_versions(action.pk)
    missing: Mapping[tuple[str, str], int]
    if scope and may_be_old:
        counts = release_counts(action, scope, work.now, may_be_old=True)
        manifest, signed = release_manifest(action, scope, counts.dispatch), counts.sha256
        counted_at, since = counts.counted_at, counts.since
        missing = {(audience, where): n for audience, where, n in counts.without_letter}
    else:
        plan = plan_release(action, scope) if scope else None
        manifest = release_manifest(action, scope, plan.manifest() if plan else None)
        signed = sha256(canonical_json(manifest)).hexdigest()
        counted_at, since = work.now, {}
        missing = plan.without_letter() if plan else {}
    locked = [row for row in rows if row.locked_at is not None]
    return LetterPreview(
        manifest,
        signed,
        [(row.pk, version_name(row)) for row in locked],
        [(row.pk, version_name(row), row.state) for row in rows if row.locked_at is None],
        [error.sentence for error in _hindrances(action, scope, missing)],
        translation_warnings(scope, action.pk) if scope else [],
        counted_at,
        since,
    )


@service
def review_letters(work: Work, action_id: int, seen_sha256: str) -> int:
    """Sign the letters of the released scope as their reviewer; return the release's id.

    Right: reviewer. States: scope or letters released, running, paused. Leaves letters_reviewed
    and signature_added. Steps up.

    Args:
        work: the call.
        action_id: the action.
        seen_sha256: of the manifest that the reviewer has seen (`read_letter_preview`).

    Raises:
        NotNow: if the action's state does not allow it.
        NoLetterLocked, RunStale, LettersNotSeen: if it is not ready, or not what was seen.
        PublicAddressUnset, PublicAddressUnfit, PublicAddressesDiffer: if links would lead nowhere.
    """
    action = begin(work, action_id)
    scope, _, manifest = _ready(action, seen_sha256)
    release, _ = LetterRelease.objects.get_or_create(
        action=action,
        scope_release=scope,
        manifest_sha256=seen_sha256,
        defaults={
            "reviewed_at": work.now,
            "manifest": manifest,
            "public_address": public_address(),
        },
    )
    add_signature(work, _subject(release), manifest, Meaning.REVIEWED)
    conclude(work, action, "letters_reviewed", new=_told(release))
    return release.pk


@service
def release_letters(work: Work, action_id: int, seen_sha256: str) -> int:
    """Release the letters by a second signature; return the release's id. Right: releaser.

    States: scope or letters released, running, paused. Leaves letters_released and
    signature_added. Steps up. The list of recipients is frozen and their first dispatches are
    queued by it (`services.dispatch_release`); `start_action` lets them leave.

    Raises:
        NotNow: if the action's state does not allow it.
        NoLetterLocked, RunStale, LettersNotSeen: if it is not ready, or not what was seen.
        PublicAddressUnset, PublicAddressUnfit, PublicAddressesDiffer: if links would lead nowhere.
        NotReviewed, SecondPersonMissing: if nobody else has signed this manifest.
    """
    action = begin(work, action_id)
    scope, plan, manifest = _ready(action, seen_sha256)
    release = LetterRelease.objects.filter(
        action=action, scope_release=scope, manifest_sha256=seen_sha256
    ).first()
    if release is None:
        raise NotReviewed(
            f"Nobody has reviewed the letters with the manifest {seen_sha256[:16]}... for the "
            f"scope of action {action.pk} that is released now. Nothing was signed. A reviewer "
            f"signs first: `tocsin action review-letters {action.pk}`."
        )
    if release.released_at is not None:
        work.leave_unchanged()
        return release.pk
    add_signature(work, _subject(release), manifest, Meaning.RELEASED)
    check_second_person(_subject(release), manifest, None)
    release.released_at = work.now
    release.save(update_fields=["released_at"])
    queued = queue_release(work, action, release, plan)
    conclude(work, action, "letters_released", new=_told(release) | asdict(queued))
    anchor_after_commit(work.now)
    return release.pk


def _ready(action: Action, seen_sha256: str) -> tuple[ScopeRelease, RecipientPlan, bytes]:
    """Return scope, recipients and the manifest's bytes that are signed, if they are those seen."""
    scope = released_scope(action)
    plan = plan_release(action, scope) if scope else None
    for hindrance in _hindrances(action, scope, plan.without_letter() if plan else {}):
        raise hindrance
    manifest = canonical_json(release_manifest(action, scope, plan.manifest() if plan else None))
    now = sha256(manifest).hexdigest()
    if scope is None or plan is None or now != seen_sha256:
        raise LettersNotSeen(
            f"The manifest that you have seen has the SHA-256 {seen_sha256[:16] or 'none'}..., the "
            f"one that there is now {now[:16]}... Nothing was signed. Look at it again: `tocsin "
            f"letter preview {action.pk}`."
        )
    return scope, plan, manifest


def _hindrances(
    action: Action, scope: ScopeRelease | None, missing: Mapping[tuple[str, str], int]
) -> list[TocsinError]:
    found: list[TocsinError] = []
    if scope is None:
        found.append(RunStale(f"No scope of action {action.pk} is released. Nothing was signed."))
    if not locked_versions(action.pk):
        found.append(
            NoLetterLocked(
                f"No letter of action {action.pk} is locked. Nothing was signed. Letters are "
                f"locked one by one: `tocsin letter list {action.pk}` shows where each stands."
            )
        )
    elif missing:
        found.append(explain_missing_letters(action, missing))
    if not action.is_exercise and (unfit := explain_unfit_address()):
        found.append(unfit)
    return found


def _subject(release: LetterRelease) -> str:
    return f"letter_release:{release.pk}"


def _told(release: LetterRelease) -> dict[str, Any]:
    return {"release": release.pk, "manifest_sha256": release.manifest_sha256}
