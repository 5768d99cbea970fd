"""People on the frozen lists of an action, found by id: also who has no dispatch at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from tocsin.base.errors import UsageError
from tocsin.services.action_work import find_action
from tocsin.services.work import Work, service
from tocsin.store.letter_rows import version_name
from tocsin.store.models import Dispatch, Recipient

MOST = 1_000
"""The most lines that one call returns."""


@dataclass(frozen=True)
class RecipientLine:
    """A line of a frozen list; the person by their id only.

    Attributes:
        recipient_id: by which an answer is entered.
        person_id: who is concerned; ``addressee_id`` who is written to.
        why: as in `outreach.recipients.Why`.
        n_dispatches: how many were ever made; 0: by no channel, so far.
    """

    recipient_id: int
    person_id: str
    addressee_id: str
    letter: str
    audience: str
    verdict: str
    why: str
    country: str
    n_devices: int
    n_dispatches: int


@dataclass(frozen=True)
class SoughtRecipients:
    """Which lines are wanted; empty: all.

    Attributes:
        sought: the id of a person or addressee, or the number of a recipient.
        without_dispatch: only who has none.
    """

    sought: str = ""
    without_dispatch: bool = False


@service
def list_recipients(
    work: Work,  # noqa: ARG001 - asks for rights only
    action_id: int,
    wanted: SoughtRecipients = SoughtRecipients(),
    after: int = 0,
    limit: int = 100,
) -> list[RecipientLine]:
    """Return people on the frozen lists of an action, by the number of their line.

    Right: author, reviewer, releaser, operator, auditor.

    Args:
        work: the call.
        action_id: the action.
        wanted: which.
        after: only those behind this number: for the next page.
        limit: how many at most, up to `MOST`.

    Raises:
        ActionUnknown: if there is no such action.
        UsageError: if what is sought is no id.
    """
    found = _sought(wanted.sought).filter(release__action=find_action(action_id), pk__gt=after)
    if wanted.without_dispatch:
        found = found.filter(dispatches__isnull=True)
    rows = list(found.select_related("letter_version").order_by("pk")[: min(limit, MOST)])
    counted = _count_dispatches(rows)
    return [
        RecipientLine(
            row.pk,
            str(row.person_id),
            str(row.addressee_id),
            version_name(row.letter_version),
            row.audience,
            row.verdict,
            row.why,
            row.country,
            row.n_devices,
            counted.get(row.pk, 0),
        )
        for row in rows
    ]


def _sought(text: str) -> QuerySet[Recipient]:
    text, rows = text.strip(), Recipient.objects.all()
    if not text:
        return rows
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return rows.filter(pk=int(text))
    try:
        person = UUID(text)
    except ValueError:
        raise UsageError(
            f"{text[:40]!r} is no id. Seek the whole id of a person, or the number of a recipient."
        ) from None
    return rows.filter(person_id=person) | rows.filter(addressee_id=person)


def _count_dispatches(rows: Sequence[Recipient]) -> dict[int, int]:
    found = Dispatch.objects.filter(recipient__in=[row.pk for row in rows])
    counted = found.values_list("recipient_id").annotate(n=Count("pk")).order_by()
    return dict(counted)
