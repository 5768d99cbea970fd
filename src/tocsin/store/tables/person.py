"""Persons: what may stand in clear, what is sealed, and the keys."""

import uuid
from typing import ClassVar

from django.db import models

from tocsin.store.tables.owned import Owned
from tocsin.store.tables.registry import Registry


class Person(Owned):
    """A natural person or a consignee that holds devices.

    In clear stands only what choosing a letter needs: kind, country, language. Name and
    addresses are in ``sealed`` (see `store.vault`); null when the person was erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=35, blank=True)
    is_minor = models.BooleanField(default=False)
    represented_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    sealed = models.BinaryField(null=True)
    legal_hold = models.BooleanField(default=False)
    erasure_asked_at = models.DateTimeField(null=True, help_text="asked, but held")
    erased_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"person {self.pk}"


class PersonKey(models.Model):
    """A person's wrapped key. Its deletion is the erasure of what it seals."""

    person = models.OneToOneField(
        Person, primary_key=True, on_delete=models.CASCADE, related_name="key"
    )
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return f"key of person {self.person_id}"


class Holder(Owned):
    """A holder of a registry: the list's own id, and the person that it means."""

    registry = models.ForeignKey(Registry, on_delete=models.PROTECT)
    holder_id = models.CharField(max_length=200)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holders")
    clinic_id = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["registry", "holder_id"], name="one_row_per_holder")
        ]

    def __str__(self) -> str:
        return f"holder {self.pk}"
