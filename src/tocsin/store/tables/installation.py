"""Which installation a database belongs to, and how often its sender was armed or disarmed."""

from typing import ClassVar
from uuid import uuid4

from django.db import models


class Installation(models.Model):
    """The one row that names the installation.

    ``uuid`` stays for ever and names the audit trail; ``database_uuid`` is new after every restore,
    so that no token of another copy fits; ``epoch`` rises when the sender is armed or disarmed.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    uuid = models.UUIDField(default=uuid4, editable=False)
    database_uuid = models.UUIDField(default=uuid4)
    epoch = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Installation"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_installation")
        ]

    def __str__(self) -> str:
        return f"installation {self.uuid}"
