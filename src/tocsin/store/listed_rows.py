"""Which recipients stand on the frozen list of a release, and which were added to it since."""

from django.db.models import Q, QuerySet

from tocsin.outreach.recipients import Why
from tocsin.store.models import Recipient

_ADDED = Q(follows__isnull=False) | Q(why=str(Why.PASSED_ON))


def frozen_rows(rows: QuerySet[Recipient]) -> QuerySet[Recipient]:
    """Return those that two people have signed."""
    return rows.exclude(_ADDED)


def added_rows(rows: QuerySet[Recipient]) -> QuerySet[Recipient]:
    """Return those whom an answer has added: a next letter, or who was given a device."""
    return rows.filter(_ADDED)
