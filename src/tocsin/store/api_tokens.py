"""Tokens of the API as rows: found by what was shown once, used, ended."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from tocsin.store.models import ApiToken
from tocsin.store.proofs import hash_token

_NOTED_EVERY = timedelta(minutes=1)


def open_tokens(now: datetime) -> QuerySet[ApiToken]:
    """Return the tokens that neither were ended nor have expired."""
    return ApiToken.objects.filter(ended_at__isnull=True, expires_at__gt=now)


def find_token(token: str, now: datetime) -> ApiToken | None:
    """Return the open token of an active user by what was shown once; None if there is none."""
    found = open_tokens(now).filter(token_sha256=hash_token(token), user__is_active=True)
    return found.select_related("user").first()


def note_use(token: ApiToken, now: datetime) -> None:
    """Keep that a token was used, once a minute at most: a reading must not become a writing."""
    if token.last_used_at is None or now - token.last_used_at >= _NOTED_EVERY:
        old = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - _NOTED_EVERY)
        ApiToken.objects.filter(old, pk=token.pk).update(last_used_at=now)


def end_tokens(user_id: int, now: datetime) -> int:
    """End all open tokens of a user; return how many there were."""
    return open_tokens(now).filter(user_id=user_id).update(ended_at=now)
