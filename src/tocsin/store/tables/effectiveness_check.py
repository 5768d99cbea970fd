"""Effectiveness checks: who was drawn from which frozen list, and what they said."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.organisation import User
from tocsin.store.tables.owned import Owned
from tocsin.store.tables.person import Person
from tocsin.store.tables.release import LetterRelease


class EffectivenessCheck(Owned):
    """One draw. Never changed, so that it can be drawn again: same list, same seed, same people."""

    release = models.ForeignKey(LetterRelease, on_delete=models.PROTECT, related_name="checks")
    level = models.CharField(max_length=1)
    share = models.FloatField(null=True)
    audience = models.CharField(max_length=20, help_text="empty: everybody on the list", blank=True)
    seed = models.BigIntegerField()
    list_sha256 = models.CharField(max_length=64, help_text="of the persons and strata, in order")
    n_listed = models.IntegerField()
    drawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"effectiveness check {self.pk}"


class CheckedPerson(Owned):
    """One person who was drawn, and what they said; null until they have answered."""

    check_of = models.ForeignKey(
        EffectivenessCheck, on_delete=models.PROTECT, related_name="persons"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    stratum = models.CharField(max_length=60)
    received = models.BooleanField(null=True)
    understood = models.BooleanField(null=True)
    followed = models.BooleanField(null=True)
    depth = models.BooleanField(null=True)
    answered_at = models.DateTimeField(null=True)
    entered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["check_of", "person"], name="one_row_per_person_drawn")
        ]

    def __str__(self) -> str:
        return f"person drawn {self.pk}"
