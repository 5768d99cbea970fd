"""Releases: looked at, then signed by two people, each with a code for this very act."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.api.endpoint import Endpoint
from tocsin.api.replies import made
from tocsin.base.verdict import Verdict, verdict_of
from tocsin.match.figures import MatchSummary
from tocsin.services import letter_release, release_preview, scope_release
from tocsin.services.letter_release import LetterPreview
from tocsin.services.scope_release import ScopePreview

_SIGNED = (
    "Sign what you have seen: send its SHA-256, and in the header `Tocsin-Code` a code of the "
    "authenticator app of the token's user. If it is no longer what there is, nothing is signed."
)
_MAY_BE_OLD = (
    "With `may_be_old`, numbers of a large list that were counted before are told at once, and "
    "`since` says what has happened that may have changed them."
)


@dataclass(frozen=True)
class Sample:
    """A device of a match, as an example of its verdict."""

    device_id: str
    verdict: str
    entry: str
    reason_code: str


@dataclass(frozen=True)
class Leaver:
    """A record that would get a lesser verdict than in the last release."""

    registry_id: int
    device_id: str
    notice: str
    was: Verdict
    now: Verdict


@dataclass(frozen=True)
class Preview:
    """What the signatures of a scope would stand for.

    Attributes:
        match: number of the match.
        sha256: of what would be signed as scope.
        scope: the entries in words.
        samples: some devices of each verdict and entry.
        leavers: the records that would get a lesser verdict.
        leavers_sha256: of that list.
        hindrances: what must be done before it can be released.
    """

    match: int
    title: str
    sha256: str
    figures: MatchSummary
    scope: list[str]
    samples: list[Sample]
    leavers: list[Leaver]
    leavers_sha256: str
    hindrances: list[str]


@dataclass(frozen=True)
class LeaversSigned:
    """How many records somebody has agreed to give a lesser verdict."""

    n_leavers: int


@dataclass(frozen=True)
class LetterOfRelease:
    """A letter that would be in a release, or not yet."""

    version_id: int
    name: str
    state: str


@dataclass(frozen=True)
class LettersPreview:
    """What the signatures of an action's letters would stand for.

    Attributes:
        manifest: what would be signed.
        sha256: of the manifest's bytes.
        letters: the locked letters in it.
        unlocked: letters that would not be in it.
        hindrances: what must be done before it can be released.
        warnings: what its readers would find in English, or unreviewed.
        counted_at: when the people in it were counted.
        since: events after it that may have changed it -> how many; none: it holds.
    """

    manifest: dict[str, Any]
    sha256: str
    letters: list[LetterOfRelease]
    unlocked: list[LetterOfRelease]
    hindrances: list[str]
    warnings: list[str]
    counted_at: datetime
    since: Mapping[str, int]


def _preview(found: ScopePreview) -> Preview:
    return Preview(
        match=found.run,
        title=str(found.manifest["title"]),
        sha256=found.sha256,
        figures=MatchSummary.model_validate_json(found.manifest["figures"]),
        scope=list(found.scope),
        samples=[Sample(*each) for each in found.samples],
        leavers=[
            Leaver(
                each.registry_id,
                each.device_id,
                each.notice,
                verdict_of(each.was),
                verdict_of(each.now),
            )
            for each in found.leavers
        ],
        leavers_sha256=found.leavers_sha256,
        hindrances=list(found.hindrances),
    )


def _leavers(n_leavers: int) -> LeaversSigned:
    return LeaversSigned(n_leavers)


def _letters(found: LetterPreview) -> LettersPreview:
    return LettersPreview(
        found.manifest,
        found.sha256,
        [LetterOfRelease(*each, state="locked") for each in found.letters],
        [LetterOfRelease(*each) for each in found.unlocked],
        list(found.hindrances),
        list(found.warnings),
        found.counted_at,
        found.since,
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/actions/{action_id}/preview",
        scope_release.read_scope_preview,
        "Show what the signatures of a scope would stand for",
        shape=_preview,
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/scope/review",
        scope_release.review_scope,
        "Sign a scope as its reviewer",
        shape=made,
        explain=_SIGNED,
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/leavers/review",
        scope_release.review_leavers,
        "Sign the list of records that get a lesser verdict",
        shape=_leavers,
        explain=_SIGNED,
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/scope/release",
        scope_release.release_scope,
        "Release a scope by the second signature",
        shape=made,
        explain=_SIGNED,
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/letters/preview",
        letter_release.read_letter_preview,
        "Show what the signatures of an action's letters would stand for",
        shape=_letters,
        explain=_MAY_BE_OLD + " The manifest then does not name its people.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/letters/preview/sending",
        release_preview.read_dispatch_preview,
        "Show what a release of the letters would send: how many to whom, when, and samples",
        explain="Persons by their ids only. " + _MAY_BE_OLD,
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/letters/preview/sample",
        release_preview.access_sample_letter,
        "Show the letter that one of the samples would get",
        is_repeatable=False,
        explain="It tells of their devices, so it is recorded who looked.",
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/letters/review",
        letter_release.review_letters,
        "Sign letters as their reviewer",
        shape=made,
        explain=_SIGNED,
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/letters/release",
        letter_release.release_letters,
        "Release letters by the second signature",
        shape=made,
        explain=f"{_SIGNED} Nothing is sent by it.",
    ),
)
