"""Effectiveness checks: drawn from the frozen list of a release, asked, and inferred from."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from tocsin.base.errors import TocsinError, UsageError
from tocsin.report.check_levels import CheckLevel, draw_sample, sample_size
from tocsin.report.check_result import QUESTIONS, Asked, Inference, infer
from tocsin.services.action_work import find_action, subject_of
from tocsin.services.persons import find_person
from tocsin.services.work import Work, service
from tocsin.store.listed_rows import frozen_rows
from tocsin.store.models import (
    Action,
    CheckedPerson,
    EffectivenessCheck,
    LetterRelease,
    Recipient,
)

_SEEDS = 2**62


class NothingReleased(TocsinError):
    """No letters of the action are released, so there is no frozen list to draw from."""

    code = "nothing_released"


class CheckUnknown(TocsinError):
    """There is no such check, or the person was not drawn in it."""

    code = "check_unknown"


@dataclass(frozen=True)
class DrawnPerson:
    """One person who was drawn; each answer is None until it was given."""

    person_id: str
    stratum: str
    answers: dict[str, bool | None]
    answered_at: datetime | None


@dataclass(frozen=True)
class CheckView:
    """A check, who was drawn, and what it says.

    Attributes:
        seed: with the list, it draws the same people again.
        can_be_repeated: whether the list and the seed still give the people that were drawn.
        inferences: per question and for all; empty while nobody was drawn.
    """

    check_id: int
    action_id: int
    title: str
    level: str
    share: float | None
    audience: str
    seed: int
    n_listed: int
    drawn_at: datetime
    persons: list[DrawnPerson]
    can_be_repeated: bool
    inferences: list[Inference]


CHECK_COLUMNS = ("person", "stratum", *QUESTIONS, "answered_at")


def check_rows(view: CheckView) -> Iterator[dict[str, Any]]:
    """Yield who was drawn, by their ids, as rows of `CHECK_COLUMNS`."""
    for each in view.persons:
        yield {
            "person": each.person_id,
            "stratum": each.stratum,
            **each.answers,
            "answered_at": each.answered_at,
        }


@service
def draw_check(
    work: Work,
    action_id: int,
    level: CheckLevel,
    share: float | None = None,
    audience: str = "",
) -> int:
    """Draw an effectiveness check from the frozen list of the last release; return its number.

    Strata are country and audience. Right: operator. Leaves check_drawn with the seed.

    Args:
        work: the call.
        action_id: the action.
        level: A to E.
        share: which part, at level B.
        audience: only these; empty for everybody on the list.

    Raises:
        NothingReleased: if no letters are released.
        UsageError: if the level does not allow the part, or nobody is on the list.
    """
    action = find_action(action_id)
    release = _last_release(action)
    strata = _strata(release, audience)
    if not strata:
        raise UsageError(
            f"Nobody of the audience {audience[:20]!r} is on the list. Nothing was drawn."
        )
    n_drawn = sample_size(len(strata), level, share)
    seed = secrets.randbelow(_SEEDS)
    check = EffectivenessCheck.objects.create(
        release=release,
        level=str(level),
        share=share,
        audience=audience,
        seed=seed,
        list_sha256=_hash(strata),
        n_listed=len(strata),
        drawn_at=work.now,
    )
    drawn = draw_sample(strata, n_drawn, np.random.default_rng(seed))
    CheckedPerson.objects.bulk_create(
        [CheckedPerson(check_of=check, person_id=each, stratum=strata[each]) for each in drawn],
        batch_size=1000,
    )
    work.record(
        "check_drawn",
        subject_of(action),
        new={
            "check": check.pk,
            "seed": seed,
            "list": check.list_sha256,
            "n_drawn": len(drawn),
        },
    )
    return check.pk


@service
def keep_check_answer(work: Work, check_id: int, person_id: str, answers: dict[str, bool]) -> None:
    """Keep what somebody who was drawn has said. Right: operator. Leaves check_answered.

    Args:
        work: the call.
        check_id: the check.
        person_id: who was asked.
        answers: yes or no to each of `report.check_result.QUESTIONS`.

    Raises:
        CheckUnknown: if there is no such check, or the person was not drawn.
        UsageError: if a question has no answer.
    """
    row = _find_drawn(check_id, person_id)
    if set(answers) != set(QUESTIONS):
        raise UsageError(
            f"Answer each of {', '.join(QUESTIONS)} with yes or no. Nothing was changed."
        )
    for name in QUESTIONS:
        setattr(row, name, answers[name])
    row.answered_at, row.entered_by_id = work.now, work.user_id
    row.save()
    work.record(
        "check_answered",
        subject_of(row.check_of.release.action),
        new={"check": row.check_of_id, "person": str(row.person_id)},
    )


@service
def list_checks(work: Work, action_id: int) -> list[tuple[int, str, datetime, int]]:  # noqa: ARG001
    """Return number, level, when it was drawn, and how many on the list; the last first.

    Right: author, reviewer, releaser, operator, auditor.
    """
    rows = EffectivenessCheck.objects.filter(release__action=find_action(action_id))
    return [(row.pk, row.level, row.drawn_at, row.n_listed) for row in rows.order_by("-pk")]


@service
def read_check(work: Work, check_id: int) -> CheckView:  # noqa: ARG001 - its rights
    """Return a check, who was drawn, and what may be said of everybody on the list.

    Right: author, reviewer, releaser, operator, auditor.

    Raises:
        CheckUnknown: if there is none.
    """
    check = EffectivenessCheck.objects.select_related("release__action").filter(pk=check_id).first()
    if check is None:
        raise _unknown(check_id)
    rows = list(check.persons.order_by("stratum", "person_id"))
    asked = [
        Asked(
            None
            if row.answered_at is None
            else {name: bool(getattr(row, name)) for name in QUESTIONS}
        )
        for row in rows
    ]
    return CheckView(
        check.pk,
        check.release.action_id,
        check.release.action.title,
        check.level,
        check.share,
        check.audience,
        check.seed,
        check.n_listed,
        check.drawn_at,
        [
            DrawnPerson(
                str(row.person_id),
                row.stratum,
                {name: getattr(row, name) for name in QUESTIONS},
                row.answered_at,
            )
            for row in rows
        ],
        _can_be_repeated(check, {str(row.person_id) for row in rows}),
        infer(asked, check.n_listed),
    )


def _can_be_repeated(check: EffectivenessCheck, drawn: set[str]) -> bool:
    strata = _strata(check.release, check.audience)
    again = draw_sample(strata, len(drawn), np.random.default_rng(check.seed))
    return _hash(strata) == check.list_sha256 and set(again) == drawn


def _last_release(action: Action) -> LetterRelease:
    released = action.letter_releases.filter(released_at__isnull=False).order_by("-pk").first()
    if released is None:
        raise NothingReleased(
            f"No letters of action {action.pk} are released, so there is no list to draw from. "
            "Nothing was drawn. Release the letters first."
        )
    return released


def _strata(release: LetterRelease, audience: str) -> dict[str, str]:
    rows = frozen_rows(Recipient.objects.filter(release=release))
    if audience:
        rows = rows.filter(audience=audience)
    columns = rows.order_by("person_id").values_list("person_id", "country", "audience")
    return {str(person): f"{country or '??'} {kind}" for person, country, kind in columns}


def _hash(strata: dict[str, str]) -> str:
    lines = "\n".join(f"{person}\t{stratum}" for person, stratum in sorted(strata.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _find_drawn(check_id: int, person_id: str) -> CheckedPerson:
    rows = CheckedPerson.objects.select_related("check_of__release__action")
    row = rows.filter(check_of_id=check_id, person=find_person(person_id)).first()
    if row is None:
        raise _unknown(check_id)
    return row


def _unknown(check_id: int) -> CheckUnknown:
    return CheckUnknown(
        f"There is no check {check_id} here, or the person was not drawn in it. Nothing was "
        "changed."
    )
