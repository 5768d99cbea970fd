"""Long work: who does it now, until when, how far it is."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.organisation import Organisation


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(models.Model):
    """One piece of long work, done in steps that are each committed with the job's progress.

    ``fence`` rises with every claim: a worker whose lease has ended, and who goes on, finds
    another fence and can commit nothing. ``place`` is where the next step begins.
    """

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    fence = models.BigIntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    place = models.JSONField(default=dict)
    n_done = models.BigIntegerField(default=0)
    n_total = models.BigIntegerField(null=True)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "lease_until"], name="job_to_claim")
        ]

    def __str__(self) -> str:
        return f"job {self.pk} ({self.kind}, {self.state})"
