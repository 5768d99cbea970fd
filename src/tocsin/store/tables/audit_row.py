"""The audit trail's table: rows are added, never changed; triggers see to it."""

from typing import ClassVar

from django.db import models


class AuditRow(models.Model):
    """One event: who, when, what, old, new, reason, as canonical JSON in a chain.

    ``organisation``, ``event`` and ``at`` repeat what stands in the body, for finding rows.
    """

    seq = models.BigIntegerField(primary_key=True)
    prev = models.BinaryField(max_length=32)
    body = models.BinaryField()
    hash = models.BinaryField(max_length=32)
    organisation = models.ForeignKey("store.Organisation", null=True, on_delete=models.PROTECT)
    event = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "event", "at"], name="audit_by_event")
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.event}"
