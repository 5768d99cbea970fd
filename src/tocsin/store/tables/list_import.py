"""Imports: a file on its way into a registry, and what became of it."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.job import Job
from tocsin.store.tables.owned import Owned
from tocsin.store.tables.registry import Registry, RegistryRevision


class ImportState(models.TextChoices):
    """Where an import stands."""

    INSPECTING = "inspecting", "having its columns looked at"
    MAPPING = "mapping", "waiting for its columns to be confirmed"
    READING = "reading"
    WAITING = "waiting", "waiting for a person's word"
    WRITING = "writing"
    UNDOING = "undoing"
    COMPLETE = "complete"
    UNDONE = "undone"


class ImportedKind(models.TextChoices):
    """What a file holds."""

    RECORDS = "records"
    HOLDERS = "holders"


class ListImport(Owned):
    """One file that was, or is being, imported. A registry takes one at a time.

    ``options`` says how the file is to be read; ``asks`` is what a person must agree to before
    anything is written, and ``agreed_by`` who has.
    """

    registry = models.ForeignKey(Registry, on_delete=models.PROTECT, related_name="imports")
    revision = models.ForeignKey(RegistryRevision, null=True, on_delete=models.SET_NULL)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=ImportedKind)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.READING)
    source = models.CharField(max_length=200, help_text="file name; never a path")
    source_sha256 = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    asks = models.TextField(blank=True)
    agreed_by = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    n_read = models.BigIntegerField(default=0)
    n_accepted = models.BigIntegerField(default=0)
    n_rejected = models.BigIntegerField(default=0)
    n_new = models.BigIntegerField(default=0)
    n_changed = models.BigIntegerField(default=0)
    n_vanished = models.BigIntegerField(default=0)
    n_findings = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["registry"],
                condition=models.Q(ended_at__isnull=True),
                name="one_import_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"import {self.pk} of registry {self.registry_id} ({self.state})"
