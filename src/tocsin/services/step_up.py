"""Proving anew who one is, for one act that signs: by a code of an app or by a security key.

    caller = prove_by_totp(caller, code)
    release_letters(caller, ...)

A failure is kept and counted in a transaction of its own, so that the refusal does not undo it.
Recovery codes prove nothing here: they are for getting in again after a loss, not for signing.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core import signing

from tocsin.base.errors import TocsinError
from tocsin.services.authenticators import (
    begin_key_challenge,
    check_key_response,
    has_authenticator,
    is_totp_right,
)
from tocsin.services.work import Caller, Work, service
from tocsin.store.proofs import LIFE, is_locked_out, keep_failure, make_proof, was_answered
from tocsin.store.tables.proof import ProofMethod

_SALT = "tocsin.step_up"
_WAYS = (ProofMethod.TOTP, ProofMethod.WEBAUTHN)


class ProofRefused(TocsinError):
    """A code or an answer of a security key proves nothing."""

    code = "proof_refused"


class TooManyAttempts(TocsinError):
    """Too many codes or passwords were wrong of late."""

    code = "too_many_attempts"


class NoAuthenticator(TocsinError):
    """The user has nothing to prove with who they are."""

    code = "no_authenticator"


@dataclass(frozen=True)
class Attempt:
    """What came of an attempt.

    Attributes:
        token: the proof; None if it failed.
        is_locked: whether it was not looked at, because too many before it were wrong.
    """

    token: str | None = None
    is_locked: bool = False


@service
def check_totp_code(work: Work, code: str) -> Attempt:
    """Return a proof for a code of the caller's app. A code counts once, for anything.

    Right: every user, for themselves. Leaves step_up_succeeded or step_up_failed.
    """
    user_id = work.user_id
    if is_locked_out(user_id, work.now):
        work.leave_unchanged()
        return Attempt(is_locked=True)
    return _settle(work, ProofMethod.TOTP, is_right=is_totp_right(user_id, code))


@service
def check_key_answer(work: Work, state: dict[str, Any], answer: dict[str, Any]) -> Attempt:
    """Return a proof for what the caller's security key has answered. An answer counts once.

    Right: every user, for themselves. Leaves step_up_succeeded or step_up_failed.
    """
    user_id = work.user_id
    if is_locked_out(user_id, work.now):
        work.leave_unchanged()
        return Attempt(is_locked=True)
    challenge = str(state["challenge"]).encode()
    is_right = not was_answered(challenge) and check_key_response(user_id, state, answer)
    return _settle(work, ProofMethod.WEBAUTHN, is_right=is_right, challenge=challenge)


def prove_by_totp(caller: Caller, code: str) -> Caller:
    """Return the caller with a proof that counts for the next service that signs.

    Raises:
        NoAuthenticator: if the user has no authenticator app.
        ProofRefused: if the code is wrong, too old, or was used.
        TooManyAttempts: after five failures in five minutes.
    """
    if not has_authenticator(_id_of(caller), ProofMethod.TOTP):
        raise NoAuthenticator(
            "You have no authenticator app here, so you cannot sign by a code. Nothing was "
            "changed. Add one with `tocsin user totp`, or use your security key."
        )
    return _with_proof(caller, check_totp_code(caller, code))


def ways_to_prove(user_id: int) -> frozenset[str]:
    """Return by what a user can prove who they are: ``totp``, ``webauthn``, both or nothing."""
    return frozenset(str(each) for each in _WAYS if has_authenticator(user_id, each))


def begin_key_proof(caller: Caller) -> tuple[dict[str, Any], str]:
    """Return what the browser asks the caller's security key, and what to hand back with it.

    Raises:
        NoAuthenticator: if the user has no security key.
    """
    if not has_authenticator(_id_of(caller), ProofMethod.WEBAUTHN):
        raise NoAuthenticator(
            "You have no security key here. Nothing was changed. Add one to your account, or use "
            "a code of your authenticator app."
        )
    options, state = begin_key_challenge(_id_of(caller), settings.SITE_HOST)
    return options, signing.dumps({"user": caller.user_id, "state": state}, salt=_SALT)


def prove_by_key(caller: Caller, handed: str, answer: dict[str, Any]) -> Caller:
    """Return the caller with a proof that counts for the next service that signs.

    Args:
        caller: the user.
        handed: what `begin_key_proof` gave for handing back.
        answer: what the security key answered, as JSON of WebAuthn.

    Raises:
        ProofRefused: if the answer is not to this question, of another key, late, or was used.
        TooManyAttempts: after five failures in five minutes.
    """
    try:
        asked = signing.loads(handed, salt=_SALT, max_age=LIFE)
    except signing.BadSignature as error:
        raise _refused() from error
    if asked["user"] != caller.user_id:
        raise _refused()
    return _with_proof(caller, check_key_answer(caller, asked["state"], answer))


def _settle(
    work: Work, method: ProofMethod, *, is_right: bool, challenge: bytes | None = None
) -> Attempt:
    user_id = work.user_id
    if not is_right:
        keep_failure(user_id, method, work.now)
        work.record("step_up_failed", f"user:{user_id}", new={"method": str(method)})
        return Attempt()
    token = make_proof(user_id, work.caller.organisation_id, method, work.now, challenge)
    work.record("step_up_succeeded", f"user:{user_id}", new={"method": str(method)})
    return Attempt(token)


def _with_proof(caller: Caller, attempt: Attempt) -> Caller:
    if attempt.is_locked:
        raise TooManyAttempts(
            "Five codes or passwords were wrong within five minutes. This one was not looked at "
            "and nothing was changed. Wait five minutes. If it was not you, tell an administrator."
        )
    if attempt.token is None:
        raise _refused()
    return replace(caller, proof=attempt.token)


def _refused() -> ProofRefused:
    return ProofRefused(
        "The code or the answer of the security key is wrong, too old, or was used already. "
        "Nothing was changed. Wait for the next code and try again; check the clock of your phone."
    )


def _id_of(caller: Caller) -> int:
    if caller.user_id is None:
        raise NoAuthenticator("The console is nobody and cannot prove who it is.")
    return caller.user_id
