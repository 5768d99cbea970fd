"""What users are in organisations."""

from typing import ClassVar

from django.db import models

from tocsin.store.roles import Role
from tocsin.store.tables.organisation import User
from tocsin.store.tables.owned import Owned


class Membership(Owned):
    """A user's role in an organisation, from when to when."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(str(role), role.name) for role in Role])
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "user", "role"],
                condition=models.Q(until__isnull=True),
                name="one_membership_per_role",
            )
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} as {self.role} in {self.organisation_id}"
