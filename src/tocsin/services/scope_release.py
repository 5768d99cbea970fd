"""Releasing an action's scope: a preview, then two people sign the very bytes they have seen.

The bytes are a manifest: the notices by the SHA-256 of their bytes, the registries at their
revisions, the run's figures, and the list of records that get a lesser verdict than in the release
before. If there are any, that list is signed apart, by somebody else than who releases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from tocsin.base.errors import TocsinError
from tocsin.base.truth import Truth
from tocsin.base.verdict import verdict_of
from tocsin.match.run_changes import DeviceChange
from tocsin.notice.describe import describe_entry
from tocsin.services.action_matching import lesser_changes
from tocsin.services.action_work import begin, conclude, find_action
from tocsin.services.actions import is_stale
from tocsin.services.anchoring import anchor_after_commit
from tocsin.services.signatures import add_signature, check_second_person
from tocsin.services.work import Work, service
from tocsin.store.audit.chain import canonical_json
from tocsin.store.models import (
    Action,
    ApprovalState,
    MatchRun,
    NoticeRevision,
    ScopeRelease,
    Signature,
    Verdict,
)
from tocsin.store.notice_rows import read_revision, unreviewed_entries
from tocsin.store.run_rows import find_run, revisions_of
from tocsin.store.tables.signature import Meaning

SAMPLES = 5
_SHOWN = 8


class RunStale(TocsinError):
    """A notice or registry has changed since the run."""

    code = "run_stale"


class ScopeUnreviewed(TocsinError):
    """A scope has entries that no person has confirmed."""

    code = "scope_unreviewed"


class ScopeNotSeen(TocsinError):
    """What was to be signed is not what there is now."""

    code = "scope_not_seen"


class LeaversUnsigned(TocsinError):
    """Records would get a lesser verdict, and nobody else has agreed to it."""

    code = "leavers_unsigned"


class NotReviewed(TocsinError):
    """Something was to be released that nobody has signed as reviewer."""

    code = "not_reviewed"


@dataclass(frozen=True)
class ScopePreview:
    """What the signatures of a scope would stand for.

    Attributes:
        run: number of the run.
        manifest: what would be signed, as a tree.
        sha256: of the manifest's bytes.
        scope: the entries in words.
        samples: per notice and verdict some devices, each with entry and reason code.
        leavers: what gets a lesser verdict than in the last release, device by device.
        leavers_sha256: of that list's bytes.
        hindrances: sentences about what must be done before it can be released.
        subject: under which its signatures stand; empty if nobody has signed it.
        released_at: when it was released, if it was.
    """

    run: int
    manifest: dict[str, Any]
    sha256: str
    scope: Sequence[str]
    samples: Sequence[tuple[str, str, str, str]]
    leavers: Sequence[DeviceChange]
    leavers_sha256: str
    hindrances: Sequence[str]
    subject: str
    released_at: datetime | None


@dataclass(frozen=True)
class _Prepared:
    """The bytes that are signed, and what they were made from."""

    run: MatchRun
    revisions: Sequence[NoticeRevision]
    before: ScopeRelease | None
    changes: Sequence[DeviceChange]
    manifest: bytes
    leavers: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.manifest).hexdigest()

    @property
    def leavers_sha256(self) -> str:
        return sha256(self.leavers).hexdigest()


@service
def read_scope_preview(work: Work, action_id: int) -> ScopePreview:  # noqa: ARG001 - asks for rights only
    """Return what the signatures of an action's last run would stand for.

    Right: author, reviewer, releaser, auditor.

    Raises:
        ActionUnknown, NoMatchYet: if there is no run.
    """
    action = find_action(action_id)
    prepared = _prepare(action)
    release = action.scope_releases.filter(sha256=prepared.sha256).first()
    notices = [read_revision(row) for row in prepared.revisions]
    scope = [
        f"{notice.notice}, revision {notice.revision}, entry {entry.entry} "
        f"{'affects' if entry.affects else 'excludes'} {describe_entry(entry)}"
        for notice in notices
        for entry in notice.scope
    ]
    return ScopePreview(
        prepared.run.number,
        _manifest(prepared.run, prepared.revisions, prepared.before, prepared.leavers),
        prepared.sha256,
        scope,
        _samples(prepared.run),
        prepared.changes,
        prepared.leavers_sha256,
        [error.sentence for error in _hindrances(prepared)],
        _subject(release) if release else "",
        release.released_at if release else None,
    )


@service
def review_scope(work: Work, action_id: int, seen_sha256: str) -> int:
    """Sign an action's scope as its reviewer; return the release's id. Right: reviewer.

    States: all but the ended ones. Leaves scope_reviewed and signature_added. Steps up.

    Args:
        work: the call.
        action_id: the action.
        seen_sha256: of the manifest that the reviewer has seen (`read_scope_preview`).

    Raises:
        NotNow: if the action's state does not allow it.
        ScopeNotSeen, RunStale, ScopeUnreviewed: if it is not what was seen, or not ready.
    """
    action = begin(work, action_id)
    prepared = _ready(action, seen_sha256)
    release, _ = ScopeRelease.objects.get_or_create(
        action=action,
        sha256=prepared.sha256,
        defaults={
            "run": prepared.run,
            "before": prepared.before,
            "manifest": prepared.manifest,
            "leavers": prepared.leavers,
            "leavers_sha256": prepared.leavers_sha256,
            "n_leavers": len(prepared.changes),
            "reviewed_at": work.now,
        },
    )
    add_signature(work, _subject(release), prepared.manifest, Meaning.REVIEWED)
    conclude(work, action, "scope_reviewed", new=_told(release))
    return release.pk


@service
def review_leavers(work: Work, action_id: int, seen_sha256: str) -> int:
    """Sign the list of records that a new scope would give a lesser verdict. Right: reviewer.

    States: all but the ended ones. Returns how many records. Leaves leavers_reviewed and
    signature_added. Steps up.

    Args:
        work: the call.
        action_id: the action.
        seen_sha256: of the list that the reviewer has seen (`read_scope_preview`).

    Raises:
        NotNow: if the action's state does not allow it.
        NotReviewed: if the scope has not been reviewed.
        ScopeNotSeen: if the list is not the one that was seen.
    """
    action = begin(work, action_id)
    prepared = _prepare(action)
    release = _reviewed(action, prepared)
    if seen_sha256 != prepared.leavers_sha256:
        raise _not_seen("list of records", seen_sha256, prepared.leavers_sha256)
    add_signature(work, _subject(release), prepared.leavers, Meaning.APPROVED)
    new = {"release": release.pk, "leavers": release.leavers_sha256, "n": release.n_leavers}
    conclude(work, action, "leavers_reviewed", new=new)
    return release.n_leavers


@service
def release_scope(work: Work, action_id: int, seen_sha256: str) -> int:
    """Release an action's scope by a second signature; return the release's id. Right: releaser.

    States: all but the ended ones; a draft becomes scope_released. Leaves scope_released and
    signature_added. Steps up. The notice revisions are released with it and never change again.

    Args:
        work: the call.
        action_id: the action.
        seen_sha256: of the manifest that the releaser has seen (`read_scope_preview`).

    Raises:
        NotNow: if the action's state does not allow it.
        NotReviewed, SecondPersonMissing: if nobody else has signed these bytes.
        LeaversUnsigned: if records would get a lesser verdict and nobody else has signed that.
        ScopeNotSeen, RunStale, ScopeUnreviewed: if it is not what was seen, or not ready.
    """
    action = begin(work, action_id)
    prepared = _ready(action, seen_sha256)
    release = _reviewed(action, prepared)
    if release.released_at is not None:
        work.leave_unchanged()
        return release.pk
    add_signature(work, _subject(release), prepared.manifest, Meaning.RELEASED)
    check_second_person(_subject(release), prepared.manifest, None)
    if prepared.changes:
        _check_leavers(work, release, prepared)
    release.released_at = work.now
    release.save(update_fields=["released_at"])
    for row in prepared.revisions:
        if row.state != ApprovalState.RELEASED:
            row.state, row.released_at = ApprovalState.RELEASED, work.now
            row.save(update_fields=["state", "released_at"])
    conclude(work, action, "scope_released", new=_told(release))
    anchor_after_commit(work.now)
    return release.pk


def released_scope(action: Action, apart_from: MatchRun | None = None) -> ScopeRelease | None:
    """Return the newest scope of an action that was released, of another run if one is given."""
    done = action.scope_releases.filter(released_at__isnull=False)
    if apart_from is not None:
        done = done.exclude(run=apart_from)
    return done.order_by("-released_at", "-pk").first()


def _prepare(action: Action) -> _Prepared:
    run = find_run(action.pk)
    before = released_scope(action, apart_from=run)
    changes = lesser_changes(before.run, run) if before else []
    listed = [
        [c.registry_id, c.device_id, c.notice, str(verdict_of(c.was)), str(verdict_of(c.now))]
        for c in changes
    ]
    leavers, revisions = canonical_json({"leavers": listed}), revisions_of(run)
    manifest = canonical_json(_manifest(run, revisions, before, leavers))
    return _Prepared(run, revisions, before, changes, manifest, leavers)


def _manifest(
    run: MatchRun,
    revisions: Sequence[NoticeRevision],
    before: ScopeRelease | None,
    leavers: bytes,
) -> dict[str, Any]:
    return {
        "kind": "scope release 1",
        "action": run.action_id,
        "title": run.action.title,
        "is_exercise": run.action.is_exercise,
        "notices": [[row.notice.name, row.number, row.sha256] for row in revisions],
        "registries": [[row.registry_id, row.revision] for row in run.registries.order_by("pk")],
        "run": run.number,
        "figures_sha256": run.figures_sha256,
        "figures": bytes(run.figures).decode(),
        "verdicts_sha256": run.verdicts_sha256,
        "before": before.sha256 if before else None,
        "leavers_sha256": sha256(leavers).hexdigest(),
    }


def _hindrances(prepared: _Prepared) -> list[TocsinError]:
    """Return what stands against signing, most important first."""
    found: list[TocsinError] = []
    if is_stale(prepared.run):
        found.append(
            RunStale(
                f"Since run {prepared.run.number} a notice or a registry of the action has "
                "changed. Nothing was signed. Match the action again, and look at the difference."
            )
        )
    open_entries = unreviewed_entries([read_revision(row) for row in prepared.revisions])
    if open_entries:
        found.append(
            ScopeUnreviewed(
                f"{len(open_entries)} entries are not reviewed by a person: "
                f"{'; '.join(open_entries[:_SHOWN])}. Nothing was signed. Compare them with the "
                "published text, then add a revision in which they say `reviewed: true`."
            )
        )
    return found


def _ready(action: Action, seen_sha256: str) -> _Prepared:
    prepared = _prepare(action)
    for hindrance in _hindrances(prepared):
        raise hindrance
    if seen_sha256 != prepared.sha256:
        raise _not_seen("scope", seen_sha256, prepared.sha256)
    return prepared


def _reviewed(action: Action, prepared: _Prepared) -> ScopeRelease:
    found = action.scope_releases.filter(sha256=prepared.sha256).first()
    if found is None:
        raise NotReviewed(
            f"Nobody has reviewed this scope of action {action.pk} (SHA-256 "
            f"{prepared.sha256[:16]}...). Nothing was signed. A reviewer signs first: `tocsin "
            f"action review-scope {action.pk}`."
        )
    return found


def _check_leavers(work: Work, release: ScopeRelease, prepared: _Prepared) -> None:
    """Check that somebody else than the releaser has signed the list of lesser verdicts."""
    signed = Signature.objects.filter(subject=_subject(release), sha256=prepared.leavers_sha256)
    if not signed.exclude(user_id=work.user_id).exists():
        raise LeaversUnsigned(
            f"{release.n_leavers} records would get a lesser verdict than in the last released "
            "scope, and nobody else has signed their list. Nothing was released. A reviewer looks "
            f"at it and signs: `tocsin action review-leavers {release.action_id}`."
        )


def _samples(run: MatchRun) -> list[tuple[str, str, str, str]]:
    """Return some devices of each verdict and entry: device, verdict, entry, reason code."""
    rows = Verdict.objects.filter(run=run)
    found: list[tuple[str, str, str, str]] = []
    ways = rows.values_list("truth", "entry", "reason_code").distinct().order_by("-truth", "entry")
    for truth, entry, code in islice(ways, 50):
        some = rows.filter(truth=truth, entry=entry, reason_code=code).order_by("pk")[:SAMPLES]
        verdict = str(verdict_of(Truth(truth)))
        found += [(row.device_id, verdict, entry, code) for row in some]
    return found


def _not_seen(what: str, seen: str, now: str) -> ScopeNotSeen:
    return ScopeNotSeen(
        f"The {what} that you have seen has the SHA-256 {seen[:16] or 'none'}..., the one that "
        f"there is now {now[:16]}... Nothing was signed. Look at it again: `tocsin action preview`."
    )


def _subject(release: ScopeRelease) -> str:
    return f"scope_release:{release.pk}"


def _told(release: ScopeRelease) -> dict[str, Any]:
    return {"release": release.pk, "sha256": release.sha256, "n_leavers": release.n_leavers}
