"""`POST /vendors/{vendor_id}/receipts`: a vendor tells what became of text messages or letters.

No token: the body is signed with the secret that the vendor shares with us. It says nothing about
anybody but counts, and the same for a wrong signature and an unknown vendor.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import NinjaAPI
from pydantic import BaseModel, ConfigDict, Field

from tocsin.api.callers import check_rate
from tocsin.api.fields import Id
from tocsin.api.openapi import PUBLIC_PROBLEMS, problem_answers
from tocsin.delivery.message_signatures import HEADER
from tocsin.services.vendor_receipts import take_signed_receipts
from tocsin.store.rate_limit import RateLimit

_MOST = 1000
_MOST_A_MINUTE = 600


class ReceiptTold(BaseModel):
    """What became of one message."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(
        pattern=r"^[0-9a-f]{32}$",
        description="The message's own `id`, as it was sent to you.",
        examples=["0123456789abcdef0123456789abcdef"],
    )
    status: Literal["accepted", "posted", "delivered", "failed", "returned"]
    at: datetime | None = Field(None, description="When; with its zone.")
    detail: Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")] = Field(
        "", description="Why it failed, in your words."
    )


class ReceiptsTold(BaseModel):
    """Receipts of one vendor."""

    model_config = ConfigDict(extra="forbid")

    receipts: list[ReceiptTold] = Field(min_length=1, max_length=_MOST)


@dataclass(frozen=True)
class ReceiptsKept:
    """What was kept.

    Attributes:
        n_kept: receipts that told something new.
        n_known: receipts that were known before.
        n_unmatched: receipts of no message that this vendor was given.
    """

    n_kept: int
    n_known: int
    n_unmatched: int


def post_receipts(request: HttpRequest, vendor_id: Id, body: ReceiptsTold) -> ReceiptsKept:
    """Keep what a vendor has signed."""
    now = datetime.now(tz=UTC)
    check_rate(_limit(), f"vendor {vendor_id}", now)
    lines = b"\n".join(json.dumps(each.model_dump(mode="json")).encode() for each in body.receipts)
    heard = take_signed_receipts(
        vendor_id, (request.body, lines), request.headers.get(HEADER, ""), now
    )
    return ReceiptsKept(sum(heard.counts.values()), heard.n_known, heard.n_unmatched)


def add_to(interface: NinjaAPI) -> None:
    """Add it to the API."""
    interface.api_operation(
        ["POST"],
        "/vendors/{vendor_id}/receipts",
        response={200: ReceiptsKept},
        operation_id="post_receipts",
        summary="Tell what became of text messages or letters",
        description="For vendors. The body is signed: `Tocsin-Signature: t=SECONDS,v1=HEX`, the "
        "HMAC-SHA256 of the seconds, a dot and the body, with the secret that you share with the "
        "installation. Receipts may be sent again; each counts once.",
        tags=["Vendors"],
        auth=None,
        openapi_extra={"responses": problem_answers((403, *PUBLIC_PROBLEMS))},
    )(post_receipts)


@cache
def _limit() -> RateLimit:
    return RateLimit(
        settings.API_RATE_LIMIT_FILE,
        settings.SECRET_KEY.encode()[:64],
        _MOST_A_MINUTE,
        settings.API_CALLS_PER_MINUTE_IN_ALL,
    )
