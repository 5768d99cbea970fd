"""Requests of other software that are carried out once, however often they are sent.

    reply = carry_out_once(caller, Repeatable(key, sha256), act)

What a request changes and its reply are committed together. Killed in between, nothing of it is
kept, and the same request can be sent again after the lease of the claim.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from tocsin.services.step_up import prove_by_totp
from tocsin.services.work import Caller
from tocsin.store.kept_replies import Claimed, Reply, claim_request, give_up_claim, keep_reply

__all__ = ["Repeatable", "Reply", "carry_out_once"]


@dataclass(frozen=True)
class Repeatable:
    """A request that can be sent again.

    Attributes:
        key: what its sender calls it; unique among the requests of a token for 24 hours.
        sha256: of all that it says, so that another request under the same key is found out.
        code: of its user's authenticator app, where the service signs. It is no part of what the
            request says: a repeat has another one, and is not asked for it again.
    """

    key: str
    sha256: str
    code: str | None = None


def carry_out_once(
    caller: Caller, request: Repeatable, act: Callable[[Caller], Reply]
) -> tuple[Reply, bool]:
    """Return the reply to a request, and whether it was given before and only repeated now.

    Args:
        caller: with the grant of a token.
        request: what is asked.
        act: calls one service and makes the reply; runs in a transaction with it.

    Raises:
        KeyReused, RequestUnderWay: nothing was done.
        TocsinError: whatever the service or the proof raises; then nothing is kept, and the
            request can be sent again.
    """
    token_id = caller.grant.token_id if caller.grant else 0
    claim = claim_request(token_id, request.key, request.sha256, datetime.now(tz=UTC))
    if isinstance(claim, Reply):
        return claim, True
    try:
        proven = caller if request.code is None else prove_by_totp(caller, request.code)
        return _act(proven, claim, act), False
    except BaseException:
        give_up_claim(claim)
        raise


def _act(caller: Caller, claim: Claimed, act: Callable[[Caller], Reply]) -> Reply:
    with transaction.atomic():
        reply = act(caller)
        keep_reply(claim, reply)
    return reply
