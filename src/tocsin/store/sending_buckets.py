"""How fast senders may send: buckets of tokens that all of them share, on the database's clock.

One bucket for the relay or a vendor, and one for each destination that has a rate of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models.functions import Now

from tocsin.outreach.sending_rules import Rate, take_token
from tocsin.store.models import Dispatch, SendingBucket

RELAY_BUCKET = "relay"


@dataclass(frozen=True)
class Limits:
    """How fast may be sent: in all, and to some destinations by their blind tokens.

    Attributes:
        relay: by the relay or vendor.
        bucket: under which name all senders count that.
    """

    relay: Rate | None = None
    destinations: Mapping[str, Rate] | None = None
    bucket: str = RELAY_BUCKET


def free_tokens(limits: Limits, n_most: int, now_s: float) -> tuple[int, SendingBucket | None]:
    """Return how many messages the throttle lets leave now, with its locked bucket."""
    rate = limits.relay
    if rate is None:
        return n_most, None
    SendingBucket.objects.get_or_create(key=limits.bucket)
    bucket = SendingBucket.objects.select_for_update().get(key=limits.bucket)
    n_free, next_at_s = 0, bucket.next_at_s
    while n_free < n_most:
        may, next_at_s = take_token(rate, next_at_s, now_s)
        if not may:
            break
        n_free += 1
    return n_free, bucket


def keep_bucket(bucket: SendingBucket, rate: Rate, n_taken: int, now_s: float) -> None:
    """Take tokens out of a bucket that `free_tokens` has locked."""
    for _ in range(n_taken):
        _, bucket.next_at_s = take_token(rate, bucket.next_at_s, now_s)
    bucket.save(update_fields=["next_at_s"])


def within_limits(
    waiting: Iterable[tuple[int, str]], rates: Mapping[str, Rate], now_s: float
) -> list[int]:
    """Return what the destinations' throttles let leave; the others wait until they may."""
    chosen = []
    for pk, destination in waiting:
        rate = rates.get(destination) if destination else None
        if rate is None:
            chosen.append(pk)
            continue
        key = f"to {destination}"
        SendingBucket.objects.get_or_create(key=key)
        bucket = SendingBucket.objects.select_for_update().get(key=key)
        may, at_s = take_token(rate, bucket.next_at_s, now_s)
        if may:
            chosen.append(pk)
            bucket.next_at_s = at_s
            bucket.save(update_fields=["next_at_s"])
        else:
            later = Now() + timedelta(seconds=max(at_s - now_s, 0.05))
            Dispatch.everywhere.filter(pk=pk).update(not_before=later)
    return chosen


def database_now_s() -> float:
    """Return the database's time, in seconds since 1970."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp()"
            if connection.vendor == "postgresql"
            else "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"
        )
        told = cursor.fetchone()[0]
    if not isinstance(told, datetime):
        told = datetime.fromisoformat(f"{told}+00:00")
    return told.timestamp()
