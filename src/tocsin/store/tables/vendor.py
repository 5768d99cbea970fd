"""Vendors who carry text messages or letters for an organisation, and how messages reach them."""

from typing import ClassVar

from django.db import models

from tocsin.outreach.channels import Channel
from tocsin.store.tables.owned import Owned


class Vendor(Owned):
    """One vendor by whom an organisation sends through a channel; its place never changes.

    A change is another row: what was made for one vendor leaves by that one. ``secret_from`` says
    where the secret is (``env:NAME`` or ``file:PATH``); the secret itself is never here.
    ``repeats_h``: for how many hours the vendor takes a message of the same key as the same.
    """

    name = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=[(str(c), c.name) for c in Channel])
    kind = models.CharField(max_length=10, choices=[("file_drop", "files"), ("webhook", "HTTPS")])
    place = models.CharField(max_length=400, help_text="a folder, or an address")
    receipts = models.CharField(max_length=400, blank=True, help_text="a folder of receipts")
    secret_from = models.CharField(max_length=400, blank=True)
    ca_file = models.CharField(max_length=400, blank=True)
    sender_name = models.CharField(max_length=40)
    per_minute = models.FloatField(null=True)
    repeats_h = models.FloatField(default=0)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "channel"],
                condition=models.Q(ended_at__isnull=True),
                name="one_vendor_of_a_channel",
            )
        ]

    def __str__(self) -> str:
        return f"vendor {self.pk}"
