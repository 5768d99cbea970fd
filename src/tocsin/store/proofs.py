"""Proofs that a user was there a moment ago: made once, used once, soon, for one organisation."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from tocsin.store.models import ProofAttempt, User
from tocsin.store.tables.proof import ProofMethod

LIFE = timedelta(minutes=5)
"""How long a proof can be used: as long as it takes to look at what is signed."""
MOST_FAILURES = 5
WITHIN = timedelta(minutes=5)
"""So many failures in so long a time, and no further attempt is looked at (RFC 4226, 7.3)."""


def is_locked_out(user_id: int, now: datetime) -> bool:
    """Whether a user has failed too often of late; others of this user wait until we are done.

    The user's row is locked, so that attempts made at once are counted one after the other.
    """
    User.objects.select_for_update().get(pk=user_id)
    since = now - WITHIN
    failed = ProofAttempt.objects.filter(user_id=user_id, succeeded=False, at__gt=since)
    return failed.count() >= MOST_FAILURES


def keep_failure(user_id: int, method: ProofMethod, now: datetime) -> None:
    """Count an attempt that failed."""
    ProofAttempt.objects.create(user_id=user_id, method=method, at=now, succeeded=False)


def make_proof(
    user_id: int,
    organisation_id: int | None,
    method: ProofMethod,
    now: datetime,
    challenge: bytes | None = None,
) -> str:
    """Return a random token that can be used once until it expires; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    ProofAttempt.objects.create(
        user_id=user_id,
        organisation_id=organisation_id,
        method=method,
        at=now,
        succeeded=True,
        token_sha256=hash_token(token),
        challenge_sha256=sha256(challenge).hexdigest() if challenge else None,
        expires_at=now + LIFE,
    )
    return token


def was_answered(challenge: bytes) -> bool:
    """Whether a proof was made with a challenge already."""
    return ProofAttempt.objects.filter(challenge_sha256=sha256(challenge).hexdigest()).exists()


def use_proof(
    user_id: int, organisation_id: int | None, token: str, now: datetime
) -> ProofMethod | None:
    """Use a proof up, in the transaction that it is for; return how it was made, or None.

    None: never made, of somebody else, for another organisation, used, expired, or the user was
    disabled since. Outside an organisation there is nothing to sign.
    """
    if organisation_id is None or not User.objects.filter(pk=user_id, is_active=True).exists():
        return None
    # Of one table only: with a join Django would ask for the ids in a subquery, which PostgreSQL
    # does not ask again after waiting for another transaction; then a proof counted twice.
    made = ProofAttempt.objects.filter(
        user_id=user_id,
        organisation_id=organisation_id,
        token_sha256=hash_token(token),
        used_at__isnull=True,
        expires_at__gt=now,
    )
    if made.update(used_at=now) != 1:
        return None
    return ProofMethod(ProofAttempt.objects.get(token_sha256=hash_token(token)).method)


def hash_token(token: str) -> str:
    """Return what is kept of a token: random ones need no slow hash."""
    return sha256(token.encode()).hexdigest()
