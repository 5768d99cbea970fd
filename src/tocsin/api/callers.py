"""Who calls: a token in a header, and nothing else. Cookies of the pages mean nothing here."""

from datetime import UTC, datetime
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from tocsin.base.errors import TocsinError
from tocsin.services.api_tokens import caller_of_token
from tocsin.services.work import Caller
from tocsin.store.rate_limit import RateLimit


class TooManyRequests(TocsinError):
    """More came in a minute than is answered."""

    code = "too_many_requests"


class Bearer(HttpBearer):
    """A token that `tocsin token add` has made, as `Authorization: Bearer tocsin_...`."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller:  # noqa: ARG002 - the framework's
        """Return the token's user as the caller of services.

        Raises:
            ApiTokenRefused, NoRoleHere: if the token opens nothing.
            TooManyRequests: if it was used too often in this minute.
        """
        now = datetime.now(tz=UTC)
        caller = caller_of_token(token, now)
        if caller.grant is not None:
            check_rate(call_limit(), f"token {caller.grant.token_id}", now)
        return caller


@cache
def call_limit() -> RateLimit:
    """Return the counters of what tokens ask."""
    return RateLimit(
        settings.API_RATE_LIMIT_FILE,
        settings.SECRET_KEY.encode()[:64],
        settings.API_CALLS_PER_MINUTE,
        settings.API_CALLS_PER_MINUTE_IN_ALL,
    )


def check_rate(limit: RateLimit, who: str, now: datetime) -> None:
    """Count one request.

    Raises:
        TooManyRequests: if it is one too many.
    """
    if not limit.allows(who, int(now.timestamp() // 60)):
        raise TooManyRequests(
            "Too many requests came within this minute. This one was not looked at and nothing "
            "was changed. Wait a minute."
        )
