"""Signatures: rows are added, never changed; triggers see to it."""

from datetime import datetime, timedelta, timezone
from typing import ClassVar

from django.db import models

from tocsin.store.tables.organisation import User
from tocsin.store.tables.owned import Owned
from tocsin.store.tables.proof import ProofMethod


class Meaning(models.TextChoices):
    """What a signature says. Source: 21 CFR 11.50(a)(3)."""

    AUTHORED = "authored"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    RELEASED = "released"


class Signature(Owned):
    """Who signed which bytes, when, meaning what.

    The printed name is the one of that moment: it stays when the user's name changes. The instant
    is kept in UTC beside the offset of the signer's zone. Source: 21 CFR 11.50(a), 11.70.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    printed_name = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    utc_offset_min = models.SmallIntegerField()
    meaning = models.CharField(max_length=10, choices=Meaning)
    subject = models.CharField(max_length=80, help_text="what was signed, as table:id")
    sha256 = models.CharField(max_length=64, help_text="of the very bytes that were signed")
    method = models.CharField(max_length=10, choices=ProofMethod)

    class Meta(Owned.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "subject", "sha256"], name="signature_of_bytes")
        ]

    def __str__(self) -> str:
        return f"signature {self.pk}"

    @property
    def signed_local(self) -> datetime:
        """Return the instant as the signer's clock showed it."""
        return self.signed_at.astimezone(timezone(timedelta(minutes=self.utc_offset_min)))
