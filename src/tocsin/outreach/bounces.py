"""What a notification about an undelivered mail means: which kind, and what follows from it.

Pure rules over `data/bounce_codes.yaml`. A bounce never silences anybody: it
opens the next channel.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file


class BounceKind(StrEnum):
    """What happened to a mail after it was accepted."""

    DELIVERED = "delivered"
    LATER = "later"
    DEAD = "dead"
    POLICY = "policy"
    UNCLEAR = "unclear"


class BounceRule(BaseModel):
    """What follows from a kind of bounce."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opens_next_channel: bool
    repairs_contact: bool
    alarms: bool
    meaning: str


class _Code(BaseModel):
    model_config = ConfigDict(extra="forbid")
    status: str
    kind: BounceKind
    note: str = ""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    codes: tuple[_Code, ...]
    kinds: Mapping[BounceKind, BounceRule]


@cache
def _table() -> _Table:
    return load_data_file(data_folder("tocsin.outreach") / "bounce_codes.yaml", _Table)


def bounce_kind(action: str, status: str) -> BounceKind:
    """Return what a notification's action and status mean.

    Args:
        action: of RFC 3464: failed, delayed, delivered, relayed, expanded.
        status: an enhanced status code such as ``5.1.1``; empty if there is none.

    >>> bounce_kind("failed", "5.1.1").value, bounce_kind("failed", "5.2.2").value
    ('dead', 'later')
    >>> bounce_kind("delayed", "5.1.1").value, bounce_kind("failed", "").value
    ('later', 'unclear')
    """
    said = action.strip().lower()
    if said == "delayed":
        return BounceKind.LATER
    if said in {"delivered", "relayed", "expanded"}:
        return BounceKind.DELIVERED
    parts = re.match(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b", status)
    if parts is None:
        return BounceKind.UNCLEAR
    for code in _table().codes:
        wanted = code.status.split(".")
        if all(want in {"x", part} for want, part in zip(wanted, parts.groups(), strict=True)):
            return code.kind
    return BounceKind.UNCLEAR


def bounce_rule(kind: BounceKind) -> BounceRule:
    """Return what follows from a kind of bounce."""
    return _table().kinds[kind]
