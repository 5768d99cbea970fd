"""Answers that were kept: a list without any word of the holders, and one answer's words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from tocsin.base.errors import TocsinError, UsageError
from tocsin.outreach.reply import told_of_devices
from tocsin.services.action_work import find_action
from tocsin.services.work import Work, service
from tocsin.store.models import Acknowledgement
from tocsin.store.sealed_texts import open_texts


class AnswerUnknown(TocsinError):
    """There is no such answer here."""

    code = "answer_unknown"


@dataclass(frozen=True)
class AcknowledgementLine:
    """One answer in a list, without any word of the holder's."""

    acknowledgement_id: int
    recipient_id: int
    person_id: str
    channel: str
    outcome: str
    has_understood: bool
    has_acted: bool
    answered_at: datetime


ANSWER_COLUMNS = tuple(each.name for each in fields(AcknowledgementLine))


def answer_rows(lines: Iterable[AcknowledgementLine]) -> Iterator[dict[str, Any]]:
    """Yield answers as rows of `ANSWER_COLUMNS`, for a file."""
    return (vars(line) for line in lines)


@service
def list_acknowledgements(work: Work, action_id: int) -> list[AcknowledgementLine]:  # noqa: ARG001
    """Return the answers of an action, the last first, without any word of theirs.

    Right: author, reviewer, releaser, operator, auditor.
    """
    rows = Acknowledgement.objects.filter(action=find_action(action_id)).order_by("-pk")
    return [
        AcknowledgementLine(
            row.pk,
            row.recipient_id,
            str(row.person_id),
            row.channel,
            row.outcome,
            row.has_understood,
            row.has_acted,
            row.answered_at,
        )
        for row in rows
    ]


@service
def access_acknowledgement(work: Work, acknowledgement_id: int, purpose: str) -> dict[str, str]:
    """Return the words of an answer, and what it tells of devices, by their field.

    Right: operator, privacy officer.

    Leaves answer_accessed with the purpose, which names nobody.

    Raises:
        AnswerUnknown: if there is none.
        UsageError: without a purpose.
    """
    row = Acknowledgement.objects.filter(pk=acknowledgement_id).first()
    if row is None:
        raise AnswerUnknown(f"There is no answer {acknowledgement_id} here. Nothing was shown.")
    if not purpose.strip():
        raise UsageError("Say for what you read somebody's words (--purpose). Nothing was shown.")
    work.record(
        "answer_accessed", f"person:{row.person_id}", new={"answer": row.pk}, reason=purpose
    )
    words = open_texts(row.person_id, bytes(row.sealed))
    return told_of_devices(bytes(row.body)) | words
