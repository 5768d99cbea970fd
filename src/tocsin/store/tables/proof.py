"""Attempts of users to prove anew who they are, and what they get for it."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.organisation import Organisation, User


class ProofMethod(models.TextChoices):
    """How users prove that it is they. A recovery code is none of these: it must not sign."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    TOTP = "totp"
    WEBAUTHN = "webauthn"


class ProofAttempt(models.Model):
    """One attempt; a successful one can be used for one signature, soon.

    What the user holds is random and stands here as its SHA-256 only. ``challenge_sha256`` is what
    a security key has answered: an answer counts once. A password opens a session at a terminal
    and signs nothing, so it has no token.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    method = models.CharField(max_length=10, choices=ProofMethod)
    at = models.DateTimeField()
    succeeded = models.BooleanField()
    token_sha256 = models.CharField(max_length=64, null=True, unique=True)
    challenge_sha256 = models.CharField(max_length=64, null=True, unique=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "at"], name="proof_by_user")
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk} of user {self.user_id}"
