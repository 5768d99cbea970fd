"""Registries and their revisions; the device records stand in a table of their own."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.owned import Owned


class Registry(Owned):
    """Who holds what, as one source tells it: a pharmacy's list, a clinic's, the maker's own."""

    name = models.CharField(max_length=200)
    revision = models.IntegerField(default=0, help_text="the current one; 0 is empty")
    keys_made_by = models.CharField(
        max_length=100, blank=True, help_text="what made all its keys; empty: different code"
    )
    created_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "name"], name="one_registry_of_each_name"
            )
        ]

    def __str__(self) -> str:
        return f"registry {self.pk}"


class RegistryRevision(Owned):
    """One change of a registry: an import, or answers that corrected records.

    A revision is visible only when it is complete: until then the registry still has the one
    before it, and a match sees nothing of the new rows.
    """

    registry = models.ForeignKey(Registry, on_delete=models.PROTECT, related_name="revisions")
    number = models.IntegerField()
    origin = models.CharField(max_length=20, help_text="import or answer")
    source = models.CharField(max_length=200, blank=True, help_text="file name; never a path")
    source_sha256 = models.CharField(max_length=64, blank=True)
    n_read = models.BigIntegerField(default=0)
    n_accepted = models.BigIntegerField(default=0)
    n_rejected = models.BigIntegerField(default=0)
    n_added = models.BigIntegerField(default=0)
    n_closed = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["registry", "number"], name="one_row_per_revision")
        ]

    def __str__(self) -> str:
        return f"registry {self.registry_id} revision {self.number}"
