"""Who is told what: the frozen list of a letter release, and contacts that must be repaired."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.action import Action
from tocsin.store.tables.letter import LetterVersion
from tocsin.store.tables.owned import Owned
from tocsin.store.tables.person import Person
from tocsin.store.tables.release import LetterRelease


class Recipient(Owned):
    """One person on the frozen list of a letter release: which letter, and why. Never changed.

    ``person`` is who is concerned, ``addressee`` who is written to: a carer or guardian. With
    ``follows`` it is no line of the list: an answer has changed the verdict, and this is the letter
    that the person gets next; one for an answer at most. Nor is it one where ``why`` says that they
    were given a device: somebody has found them after the release (`store.listed_rows`).
    """

    release = models.ForeignKey(LetterRelease, on_delete=models.PROTECT, related_name="recipients")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    addressee = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    letter_version = models.ForeignKey(
        LetterVersion, on_delete=models.PROTECT, related_name="recipients"
    )
    audience = models.CharField(max_length=20)
    verdict = models.CharField(max_length=12, blank=True, help_text="empty: tells of others")
    why = models.CharField(max_length=40, help_text="as in outreach.recipients.Why")
    country = models.CharField(max_length=2, blank=True)
    n_devices = models.IntegerField()
    follows = models.OneToOneField(
        "store.Acknowledgement", null=True, on_delete=models.PROTECT, related_name="next_recipient"
    )

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["release", "person"],
                condition=models.Q(follows__isnull=True),
                name="one_recipient_per_release",
            )
        ]

    def __str__(self) -> str:
        return f"recipient {self.pk}"


class ContactRepair(Owned):
    """That somebody must find out how a person can be reached; closed only with an outcome."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="repairs")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, blank=True, help_text="the one that failed")
    because = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["action", "person", "channel"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_repair",
            )
        ]

    def __str__(self) -> str:
        return f"contact repair {self.pk}"
