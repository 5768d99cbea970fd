"""The limit of what the public may post in a minute; all public forms share it."""

from datetime import UTC, datetime
from functools import cache

from django.conf import settings
from django.http import HttpRequest

from tocsin.store.rate_limit import RateLimit, counted_address


def allows_post(request: HttpRequest) -> bool:
    """Count a post; return whether its address, and all together, are still within the limit."""
    minute = int(datetime.now(tz=UTC).timestamp() // 60)
    return _limit().allows(_address(request), minute)


@cache
def _limit() -> RateLimit:
    return RateLimit(
        settings.RATE_LIMIT_FILE,
        settings.SECRET_KEY.encode()[:64],
        settings.CHECK_POSTS_PER_MINUTE,
        settings.CHECK_POSTS_PER_MINUTE_IN_ALL,
    )


def _address(request: HttpRequest) -> str:
    forwarded, remote = request.headers.get("X-Forwarded-For", ""), request.META["REMOTE_ADDR"]
    return counted_address(forwarded, remote, behind_proxy=settings.TRUSTED_PROXY)
