"""Complaints: what people say has happened with a device; kept as told, and never refused."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tocsin.base.errors import TocsinError, UsageError
from tocsin.outreach.reply import MOST_TEXT
from tocsin.services.action_work import find_action
from tocsin.services.persons import find_person
from tocsin.services.work import Work, service
from tocsin.store.models import Complaint
from tocsin.store.sealed_texts import open_texts, seal_texts

CHANNELS = ("telephone", "paper", "clinic", "e-mail")
"""By which way a complaint can have come that somebody enters; ``page`` is the answer page."""


class ComplaintUnknown(TocsinError):
    """There is no such complaint here."""

    code = "complaint_unknown"


@dataclass(frozen=True)
class ComplaintLine:
    """One complaint, without the words of who made it.

    Attributes:
        action_id: the action that it came with; None for none.
        aware_at: when the organisation learned of it: clocks of the law start there.
        happened_on: when it happened, if that was told.
    """

    complaint_id: int
    action_id: int | None
    person_id: str
    device_id: str
    channel: str
    happened_on: date | None
    aware_at: datetime


@dataclass(frozen=True)
class NewComplaint:
    """A complaint as it came in.

    Attributes:
        person_id: who has the device.
        text: what happened, in their words.
        channel: one of `CHANNELS`.
        device_id: which device, if that was told.
        happened_on: when, if that was told.
    """

    person_id: str
    text: str
    channel: str
    device_id: str = ""
    happened_on: date | None = None


@service
def open_complaint(work: Work, action_id: int | None, told: NewComplaint) -> int:
    """Keep a complaint and return its number. Right: operator. Leaves complaint_opened.

    Raises:
        PersonUnknown: if there is nobody of this id here.
        ActionUnknown: if an action is named that is not here.
        UsageError: if nothing is told, or the channel or the day cannot be.
    """
    action = None if action_id is None else find_action(action_id)
    person = find_person(told.person_id)
    if not told.text.strip() or len(told.text) > MOST_TEXT:
        raise UsageError(f"Write 1 to {MOST_TEXT} characters of what happened. Nothing was kept.")
    if told.channel not in CHANNELS:
        raise UsageError(
            f"A complaint comes by {', '.join(CHANNELS)}; {told.channel[:40]!r} is none of them. "
            "Nothing was kept."
        )
    if told.happened_on is not None and told.happened_on > work.now.date():
        raise UsageError(f"{told.happened_on} is still to come. Nothing was kept.")
    row = Complaint.objects.create(
        action=action,
        person=person,
        device_id=told.device_id.strip(),
        channel=told.channel,
        entered_by_id=work.user_id,
        happened_on=told.happened_on,
        aware_at=work.now,
        sealed=seal_texts(person.pk, {"problem": told.text.strip()}),
    )
    work.record(
        "complaint_opened",
        f"complaint:{row.pk}",
        new={"action": action.pk if action else None, "person": str(person.pk)},
    )
    return row.pk


@service
def list_complaints(work: Work, action_id: int | None = None) -> list[ComplaintLine]:  # noqa: ARG001
    """Return the complaints, of one action or all, the last first.

    Right: author, reviewer, releaser, operator, auditor.
    """
    rows = Complaint.objects.order_by("-pk")
    if action_id is not None:
        rows = rows.filter(action=find_action(action_id))
    return [
        ComplaintLine(
            row.pk,
            row.action_id,
            str(row.person_id),
            row.device_id,
            row.channel,
            row.happened_on,
            row.aware_at,
        )
        for row in rows
    ]


@service
def access_complaint(work: Work, complaint_id: int, purpose: str) -> str:
    """Return the words of a complaint. Right: operator, reviewer. Leaves complaint_accessed.

    Empty where the person was erased since.

    Raises:
        ComplaintUnknown: if there is none.
        UsageError: without a purpose; it stands in the audit trail, so it names nobody.
    """
    row = Complaint.objects.filter(pk=complaint_id).first()
    if row is None:
        raise ComplaintUnknown(f"There is no complaint {complaint_id} here. Nothing was shown.")
    if not purpose.strip():
        raise UsageError("Say for what you read somebody's words (--purpose). Nothing was shown.")
    work.record("complaint_accessed", f"complaint:{row.pk}", reason=purpose)
    return open_texts(UUID(str(row.person_id)), bytes(row.sealed)).get("problem", "")
