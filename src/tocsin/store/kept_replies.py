"""Requests that are carried out once, as rows: claimed, answered, taken over, forgotten."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from tocsin.base.errors import TocsinError
from tocsin.store.models import KeptReply

LIFE = timedelta(hours=24)
"""How long a reply is kept."""
LEASE = timedelta(minutes=10)
"""Who has not answered a request for so long has died; somebody else may take it over."""
_SWEPT_AT_ONCE = 200


class KeyReused(TocsinError):
    """A key was used before, for another request."""

    code = "key_reused"


class RequestUnderWay(TocsinError):
    """The very same request is being carried out."""

    code = "request_under_way"


@dataclass(frozen=True)
class Reply:
    """What a request is answered: a status of HTTP and the bytes of the body."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Claimed:
    """A request that is ours to carry out, until somebody takes it over."""

    row_id: int
    fence: int


def claim_request(token_id: int, key: str, request_sha256: str, now: datetime) -> Claimed | Reply:
    """Return the kept reply to a request, or the claim by which it is ours to carry out.

    Raises:
        KeyReused: if the key was another request's.
        RequestUnderWay: if it is being carried out.
    """
    with transaction.atomic():
        row = _find_or_make(token_id, key, request_sha256, now)
        if row is None:
            raise RequestUnderWay(_UNDER_WAY)
        if row.request_sha256 != request_sha256:
            raise KeyReused(
                "This Idempotency-Key was used for another request within the last 24 hours. "
                "Nothing was changed. Give every request a key of its own; repeat a request with "
                "its key only as it was."
            )
        if row.status is not None:
            return Reply(row.status, bytes(row.body or b""))
        if row.claimed_until > now:
            raise RequestUnderWay(_UNDER_WAY)
        row.fence += 1
        row.claimed_until = now + LEASE
        row.save(update_fields=["fence", "claimed_until"])
        return Claimed(row.pk, row.fence)


def keep_reply(claim: Claimed, reply: Reply) -> None:
    """Keep what a request is answered, in the transaction of what it has changed.

    Raises:
        RequestUnderWay: if somebody has taken it over; then nothing of ours may be kept.
    """
    mine = KeptReply.objects.filter(pk=claim.row_id, fence=claim.fence, status__isnull=True)
    if mine.update(status=reply.status, body=reply.body) != 1:
        raise RequestUnderWay(_UNDER_WAY)


def give_up_claim(claim: Claimed) -> None:
    """Let a request that was refused, and has changed nothing, be tried again."""
    KeptReply.objects.filter(pk=claim.row_id, fence=claim.fence, status__isnull=True).delete()


_UNDER_WAY = (
    "The same request is being carried out at this moment. Nothing was done twice. Repeat it in a "
    "while with the same Idempotency-Key: you get its reply."
)


def _find_or_make(token_id: int, key: str, request_sha256: str, now: datetime) -> KeptReply | None:
    """Return the row of a key, locked; None if another request makes it at this moment.

    A row that is made here is claimed already: its claim ended before it began, so that the caller
    takes it over like one that was left behind.
    """
    _forget_old(now)
    mine = KeptReply.objects.select_for_update().filter(token_id=token_id, key=key)
    mine.filter(expires_at__lte=now).delete()
    found = mine.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return KeptReply.objects.create(
                token_id=token_id,
                key=key,
                request_sha256=request_sha256,
                claimed_until=now,
                expires_at=now + LIFE,
            )
    except IntegrityError:
        return mine.first()


def _forget_old(now: datetime) -> None:
    old = KeptReply.objects.filter(expires_at__lte=now).values_list("pk", flat=True)
    KeptReply.objects.filter(pk__in=list(old[:_SWEPT_AT_ONCE])).delete()
