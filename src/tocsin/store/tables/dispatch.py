"""Dispatches: one letter to one person through one channel for one purpose, and all that is known.

What a dispatch may become stands in `outreach.dispatch_states`. Its bytes are made once, sealed
with the key of who is written to, and are the same at every attempt.
"""

import uuid
from typing import ClassVar

from django.db import models

from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.store.tables.action import Action
from tocsin.store.tables.letter import LetterVersion
from tocsin.store.tables.owned import Owned, unindexed_organisation
from tocsin.store.tables.person import Person
from tocsin.store.tables.recipient import Recipient
from tocsin.store.tables.vendor import Vendor


class Dispatch(Owned):
    """One row per letter version, person, channel and purpose: the database sees to it.

    ``fence`` rises whenever a sender claims it: one that lost its lease can begin nothing more.
    ``replaces`` names the dispatch whose outcome is unknown and that this one may repeat;
    ``vendor`` by whom it leaves, if not by the relay or by hand. ``batch`` is the claim by which a
    sender has it or had it; none while it waits for one; 0 if it ended without any.

    A mail's row changes three times while it leaves. No index holds what changes then (but for the
    claim), so that a database need not write all of them anew each time: neither ``state`` nor
    ``lease_until``. Source: `docs/adr/0036-dispatches-change-in-place.md`.
    """

    organisation = unindexed_organisation()
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="dispatches")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="dispatches")
    letter_version = models.ForeignKey(
        LetterVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="dispatches")
    addressee = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=[(str(c), c.name) for c in Channel])
    purpose = models.CharField(max_length=24, help_text="a step of the ladder, or one more")
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by", db_index=False
    )
    vendor = models.ForeignKey(
        Vendor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(
        max_length=12,
        choices=[(str(s), s.name) for s in DispatchState],
        default=str(DispatchState.QUEUED),
    )
    state_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    fence = models.BigIntegerField(default=0)
    owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    batch = models.BigIntegerField(null=True, help_text="of store.tables.dispatch.SendingBatch")
    n_tries = models.IntegerField(default=0, help_text="refused for now, or called in vain")
    reference = models.UUIDField(default=uuid.uuid4, editable=False)
    message_id = models.CharField(max_length=120, blank=True)
    bounce_token = models.CharField(max_length=32, blank=True)
    destination = models.CharField(max_length=16, blank=True, help_text="blind token of the domain")
    sha256 = models.CharField(max_length=64, blank=True, help_text="of the bytes that leave")
    reply = models.CharField(max_length=300, blank=True, help_text="without addresses")
    followed_at = models.DateTimeField(null=True, help_text="when its failure was seen to")

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["letter_version", "person", "channel", "purpose"], name="one_dispatch"
            ),
            models.UniqueConstraint(fields=["reference"], name="one_dispatch_of_each_reference"),
            # Otherwise no sender would ever find it.
            models.CheckConstraint(
                condition=~models.Q(state="queued") | models.Q(batch__isnull=True),
                name="what_waits_is_in_no_batch",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["channel", "not_before", "id"],
                condition=models.Q(batch__isnull=True),
                name="dispatch_to_claim",
            ),
            models.Index(
                fields=["batch"], condition=models.Q(batch__gt=0), name="dispatch_of_batch"
            ),
            models.Index(
                fields=["action", "id"], condition=models.Q(sha256=""), name="dispatch_to_make"
            ),
            models.Index(
                fields=["replaces"],
                condition=models.Q(replaces__isnull=False),
                name="dispatch_that_replaces",
            ),
            models.Index(
                fields=["vendor"],
                condition=models.Q(vendor__isnull=False),
                name="dispatch_by_vendor",
            ),
            models.Index(fields=["bounce_token"], name="dispatch_by_bounce_token"),
            models.Index(fields=["message_id"], name="dispatch_by_message_id"),
        ]

    def __str__(self) -> str:
        return f"dispatch {self.pk}"


class DispatchMessage(Owned):
    """The envelope and the bytes of a message, sealed; with the person's key they are gone."""

    organisation = unindexed_organisation(is_checked=False)
    dispatch = models.OneToOneField(
        Dispatch, primary_key=True, on_delete=models.PROTECT, related_name="message"
    )
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"message of dispatch {self.dispatch_id}"


class DispatchAttempt(Owned):
    """One try to hand a dispatch over, and how it ended. Rows are never changed."""

    organisation = unindexed_organisation(is_checked=False)
    dispatch = models.ForeignKey(
        Dispatch, on_delete=models.PROTECT, related_name="attempts", db_index=False
    )
    fence = models.BigIntegerField()
    owner = models.CharField(max_length=120, blank=True)
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, help_text="the event of outreach.dispatch_states")
    code = models.IntegerField(default=0)
    reply = models.CharField(max_length=300, blank=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["dispatch", "fence", "outcome"], name="one_attempt_per_claim"
            )
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class DispatchEvidence(Owned):
    """What is known of a dispatch from elsewhere: a log, a notification, a person. Never changed.

    ``tells`` is accepted, not_accepted, delivered, delayed, bounced or answered; ``sha256`` is of
    the line or message that told so, so that nothing counts twice.
    """

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=20)
    tells = models.CharField(max_length=20)
    detail = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField(null=True)
    kept_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["dispatch", "sha256"], name="one_evidence_of_each_kind")
        ]

    def __str__(self) -> str:
        return f"evidence {self.pk}"


class SendingStop(Owned):
    """That an organisation lets nothing leave until somebody ends it; no sender begins anything."""

    stopped_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_stop",
            )
        ]

    def __str__(self) -> str:
        return f"sending stop {self.pk}"


class SendingBatch(models.Model):
    """Dispatches claimed together, as long as one of them may be in a sender's hands.

    By these few rows those dispatches are found without an index of what changes while they leave.
    """

    claimed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"sending batch {self.pk}"


class SendingBucket(models.Model):
    """A token bucket that all senders of the installation share: when the next may leave."""

    key = models.CharField(max_length=40, primary_key=True)
    next_at_s = models.FloatField(default=0.0)

    def __str__(self) -> str:
        return f"bucket {self.key}"
