"""Sessions of users at a terminal: `tocsin login` opens one."""

from django.db import models

from tocsin.store.tables.organisation import User


class TerminalSession(models.Model):
    """A user's session at a terminal. What the terminal keeps stands here as its SHA-256 only."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"terminal session {self.pk} of user {self.user_id}"
