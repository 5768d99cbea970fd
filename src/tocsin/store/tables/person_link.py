"""The same person in two lists: blind tokens that may meet, and links that a person decides."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.owned import Owned
from tocsin.store.tables.person import Person


class PersonToken(Owned):
    """Something that a person is known by, as a keyed hash: equal only if that is equal."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=12)
    token = models.CharField(max_length=64)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "kind"], name="one_token_of_each_kind")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "kind", "token"], name="token_to_meet")
        ]

    def __str__(self) -> str:
        return f"{self.kind} token of person {self.person_id}"


class LinkState(models.TextChoices):
    """What is thought of a link."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNDONE = "undone"


class PersonLink(Owned):
    """Two rows of persons that may be one person; they stay two rows whatever is decided.

    ``one`` has the smaller id. ``reasons`` names the kinds of tokens that are equal.
    """

    one = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links_up")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links_down")
    state = models.CharField(max_length=10, choices=LinkState, default=LinkState.PROPOSED)
    reasons = models.JSONField()
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["one", "other"], name="one_link_per_pair")
        ]

    def __str__(self) -> str:
        return f"link {self.pk} ({self.state})"
