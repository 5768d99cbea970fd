"""Organisations and their users: every other row belongs to one organisation."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Organisation(models.Model):
    """Who runs actions; nobody sees another organisation's rows."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class Users(BaseUserManager["User"]):
    """All users, disabled ones too."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with an e-mail address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who logs in. Disabled when they leave, never deleted, their address never reused."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200, help_text="printed beside a signature")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = Users()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return f"user {self.pk}"
