"""Tokens with which other software acts as a user, for one organisation."""

from django.db import models

from tocsin.store.tables.organisation import Organisation, User


class ApiToken(models.Model):
    """A user's token. What the other software holds stands here as its SHA-256 only.

    ``roles`` are those of the user that it may use, as far as they still have them; ``services``
    the only ones that it may call, all of its roles if there are none.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    token_sha256 = models.CharField(max_length=64, unique=True)
    roles = models.JSONField()
    services = models.JSONField()
    may_write = models.BooleanField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token {self.pk} of user {self.user_id}"
