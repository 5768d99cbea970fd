"""A vendor's receipts: what became of messages, one JSON object a line; hostile for all we know."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tocsin.delivery.channel import without_numbers

MOST_BYTES = 5_000_000
_MOST_LINE = 4_000
_TELLS = {"failed": "bounced", "returned": "bounced", "posted": "accepted"}


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    status: Literal["accepted", "posted", "delivered", "failed", "returned"]
    at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True)
class Receipt:
    """What a vendor says of one message.

    Attributes:
        reference: the dispatch.
        status: what it says.
        tells: that as evidence: accepted, delivered or bounced.
        detail: its words, without numbers and addresses.
        happened_at: when; None if it does not say, or not in which zone.
        line: the line itself, to be hashed; it is not kept.
    """

    reference: UUID
    status: str
    tells: str
    detail: str
    happened_at: datetime | None
    line: bytes


def read_receipts(content: bytes) -> tuple[Sequence[Receipt], int]:
    r"""Return the receipts of a file or request, in order, and how many lines are none.

    Args:
        content: JSON objects, one a line: ``id`` (32 hexadecimal digits), ``status`` (accepted,
            delivered, failed; of a letter also posted and returned), and if wanted ``at``
            (RFC 3339) and ``detail``.

    >>> line = b'{"id": "' + b"0" * 32 + b'", "status": "failed", "detail": "no such number"}'
    >>> found, n_unfit = read_receipts(line + b"\n\n{}")
    >>> found[0].tells, n_unfit
    ('bounced', 1)
    """
    found, n_unfit = [], 0
    for line in content[:MOST_BYTES].splitlines():
        if not line.strip():
            continue
        receipt = _read_line(line.strip())
        if receipt is None:
            n_unfit += 1
        else:
            found.append(receipt)
    return found, n_unfit + (len(content) > MOST_BYTES)


def _read_line(line: bytes) -> Receipt | None:
    if len(line) > _MOST_LINE:
        return None
    try:
        told = _Line.model_validate(json.loads(line))
    except (ValidationError, ValueError, RecursionError):
        return None
    return Receipt(
        UUID(told.id),
        told.status,
        _TELLS.get(told.status, told.status),
        without_numbers(told.detail),
        told.at if told.at is not None and told.at.tzinfo is not None else None,
        line,
    )
