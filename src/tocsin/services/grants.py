"""What a token may: part of what its user may, looked at before every service that it calls.

A grant narrows and never widens: the table of rights is asked with the user's own roles of now.
"""

from dataclasses import dataclass

from tocsin.base.errors import TocsinError
from tocsin.services.rights import Right

OF_EVERY_TOKEN = frozenset({"end_this_token"})
STEPS_UP = "check_totp_code"
"""The only services about a user's own account that a token can call: to end itself, and to look
at the code with which its user signs. Passwords, second factors, sessions and other tokens are out
of its reach, so that a stolen token cannot make itself at home."""


class NotGranted(TocsinError):
    """The user may, but not with this token."""

    code = "not_granted"


@dataclass(frozen=True)
class Grant:
    """What a token may.

    Attributes:
        token_id: the token.
        services: the only ones that it may call; empty: all that its roles may.
        may_write: whether it may call services that leave something in the audit trail.
    """

    token_id: int
    services: frozenset[str]
    may_write: bool


def check_grant(grant: Grant, service: str, right: Right) -> None:
    """Check that a token may call a service.

    Raises:
        NotGranted: saying what the token lacks.
    """
    if service in OF_EVERY_TOKEN:
        return
    if right.own and service != STEPS_UP:
        raise _refused(service, "it concerns the user's own account, which no token may touch")
    if right.events and not grant.may_write:
        raise _refused(service, "it leaves something behind, and this token may only read")
    if grant.services and not right.own and service not in grant.services:
        raise _refused(service, "this token was made for other services")


def _refused(service: str, why: str) -> NotGranted:
    return NotGranted(
        f"{service.replace('_', ' ').capitalize()} was refused: {why}. Nothing was changed. Make "
        "another token with `tocsin token add`, or do it yourself."
    )
