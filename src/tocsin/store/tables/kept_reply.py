"""Replies of the API to requests that may be repeated: each is carried out once."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.api_token import ApiToken


class KeptReply(models.Model):
    """What a request with a key of its own has been answered; without a status it is under way.

    ``fence`` grows whenever somebody takes a request over from who seems to have died: whoever
    had it before can commit nothing any more.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    fence = models.IntegerField(default=1)
    claimed_until = models.DateTimeField()
    status = models.SmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["token", "key"], name="one_reply_per_key")
        ]

    def __str__(self) -> str:
        return f"reply {self.pk} to token {self.token_id}"
