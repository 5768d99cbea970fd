"""Letting letters leave: two signatures over the hash of a manifest that letters are made with.

The letters themselves, their rendering and their dispatch are not made here; this is the gate that
they must pass, and it says no more than that two people have signed this hash for this scope.
"""

import re
from typing import Any

from tocsin.base.errors import UsageError
from tocsin.services.action_work import begin, conclude
from tocsin.services.anchoring import anchor_after_commit
from tocsin.services.scope_release import NotReviewed, RunStale, released_scope
from tocsin.services.signatures import add_signature, check_second_person
from tocsin.services.work import Work, service
from tocsin.store.audit.chain import canonical_json
from tocsin.store.models import Action, LetterRelease, ScopeRelease
from tocsin.store.tables.signature import Meaning

_SHA256 = re.compile(r"[0-9a-f]{64}")


@service
def review_letters(work: Work, action_id: int, manifest_sha256: str) -> int:
    """Sign the letters of the released scope as their reviewer; return the release's id.

    Right: reviewer. States: scope or letters released, running, paused. Leaves letters_reviewed
    and signature_added. Steps up.

    Args:
        work: the call.
        action_id: the action.
        manifest_sha256: of the letters' manifest, as the reviewer has seen it.

    Raises:
        NotNow: if the action's state does not allow it.
        UsageError: if it is no SHA-256.
    """
    action = begin(work, action_id)
    if not _SHA256.fullmatch(manifest_sha256):
        raise UsageError("A manifest's SHA-256 has 64 of the characters 0-9 and a-f.")
    release, _ = LetterRelease.objects.get_or_create(
        action=action,
        scope_release=_scope(action),
        manifest_sha256=manifest_sha256,
        defaults={"reviewed_at": work.now},
    )
    add_signature(work, _subject(release), _content(release), Meaning.REVIEWED)
    conclude(work, action, "letters_reviewed", new=_told(release))
    return release.pk


@service
def release_letters(work: Work, action_id: int, manifest_sha256: str) -> int:
    """Release the letters by a second signature; return the release's id. Right: releaser.

    States: scope or letters released, running, paused. Leaves letters_released and
    signature_added. Steps up. Nothing is sent by it: `start_action` lets letters leave.

    Raises:
        NotNow: if the action's state does not allow it.
        NotReviewed, SecondPersonMissing: if nobody else has signed this manifest.
    """
    action = begin(work, action_id)
    found = LetterRelease.objects.filter(
        action=action, scope_release=_scope(action), manifest_sha256=manifest_sha256
    )
    release = found.first()
    if release is None:
        raise NotReviewed(
            f"Nobody has reviewed letters with the manifest {manifest_sha256[:16]}... for the "
            f"scope of action {action.pk} that is released now. Nothing was signed. A reviewer "
            f"signs first: `tocsin action review-letters {action.pk}`."
        )
    if release.released_at is not None:
        work.leave_unchanged()
        return release.pk
    add_signature(work, _subject(release), _content(release), Meaning.RELEASED)
    check_second_person(_subject(release), _content(release), None)
    release.released_at = work.now
    release.save(update_fields=["released_at"])
    conclude(work, action, "letters_released", new=_told(release))
    anchor_after_commit(work.now)
    return release.pk


def _scope(action: Action) -> ScopeRelease:
    found = released_scope(action)
    if found is None:
        raise RunStale(f"No scope of action {action.pk} is released. Nothing was signed.")
    return found


def _content(release: LetterRelease) -> bytes:
    """Return the bytes that are signed: which letters, for which scope of which action."""
    return canonical_json(
        {
            "kind": "letter release 1",
            "action": release.action_id,
            "scope": release.scope_release.sha256,
            "manifest": release.manifest_sha256,
        }
    )


def _subject(release: LetterRelease) -> str:
    return f"letter_release:{release.pk}"


def _told(release: LetterRelease) -> dict[str, Any]:
    return {"release": release.pk, "manifest": release.manifest_sha256}
