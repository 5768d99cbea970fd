"""Users as callers of services: who has given a password or a token, and what they are here."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.db import transaction

from tocsin.base.errors import TocsinError
from tocsin.services.accounts import note_failed_sign_in, note_log_in
from tocsin.services.authenticators import (
    has_second_factor,
    is_recovery_code_right,
    is_totp_right,
)
from tocsin.services.organisations import find_user
from tocsin.services.step_up import TooManyAttempts
from tocsin.services.work import SIGN_IN, Caller, Work, service
from tocsin.store.models import Membership, Organisation, TerminalSession, User
from tocsin.store.proofs import hash_token, is_locked_out, keep_failure
from tocsin.store.roles import Role
from tocsin.store.tables.proof import ProofMethod
from tocsin.store.tenancy import acting_for

TERMINAL_LIFE = timedelta(hours=10)
"""How long a token of `tocsin login` can be used: a working day."""


class SignInRefused(TocsinError):
    """Address, password or second factor are not those of an active user."""

    code = "sign_in_refused"


class TokenRefused(TocsinError):
    """A token of `tocsin login` opens nothing any more."""

    code = "token_refused"


class NoRoleHere(TocsinError):
    """The user has no role in the organisation, or there is no such organisation."""

    code = "no_role_here"


def user_caller(user_id: int, organisation: str | None, now: datetime) -> Caller:
    """Return a user as the caller of services, with their roles of now.

    Args:
        user_id: who has been proved to be there.
        organisation: its short name; None for what concerns only the user's own account.
        now: the time of the act, with the zone of the user.

    Raises:
        SignInRefused: if the user was disabled.
        NoRoleHere: if there is no such organisation, or the user has no role in it: the sentence
            is the same, so that nobody learns who else works here.
    """
    if not find_user(user_id).is_active:
        raise _refused()
    if organisation is None:
        return Caller(f"user:{user_id}", None, frozenset(), now)
    found = Organisation.objects.filter(slug=organisation).first()
    roles: frozenset[Role] = frozenset()
    if found is not None:
        with acting_for(found.pk):
            held = Membership.objects.filter(
                user_id=user_id, since__lte=now, until__isnull=True
            ).values_list("role", flat=True)
            roles = frozenset(Role(role) for role in held)
    if found is None or not roles:
        raise NoRoleHere(
            f"You have no role in an organisation {organisation!r}. Nothing was changed. Check "
            "its short name, or ask its administrator."
        )
    return Caller(f"user:{user_id}", found.pk, roles, now)


def sign_in(email: str, password: str, ask_code: Callable[[], str], now: datetime) -> int:
    """Return the id of the user who has given their password and, if they have one, a code.

    Args:
        email: their address.
        password: what they typed.
        ask_code: asks for the second factor; called only for users who have one.
        now: the time.

    Raises:
        SignInRefused: if anything of it is wrong; the sentence does not say what.
        TooManyAttempts: after five failures in five minutes.
    """
    known = User.objects.filter(email__iexact=email.strip()).first()
    if known is not None:
        _check_not_locked(known.pk, now)
    user = authenticate(None, email=email.strip(), password=password)
    machine = Caller(SIGN_IN, None, frozenset(), now)
    if user is None or user.pk is None:
        note_failed_sign_in(machine, known.pk if known else None, "password", is_counted=True)
        raise _refused()
    user_id = int(user.pk)
    if has_second_factor(user_id) and not check_second_factor(machine, user_id, ask_code()):
        note_failed_sign_in(machine, user_id, "second factor")
        raise _refused()
    note_log_in(Caller(f"user:{user_id}", None, frozenset(), now), "terminal")
    return user_id


@service
def check_second_factor(work: Work, user_id: int, code: str) -> bool:
    """Return whether a code is a user's: of their app, or a recovery code; it is used up by it.

    Right: what looks at passwords. Leaves second_factor_checked.
    """
    if is_locked_out(user_id, work.now):
        work.leave_unchanged()
        return False
    by_app = is_totp_right(user_id, code)
    is_right = by_app or is_recovery_code_right(user_id, code)
    if not is_right:
        keep_failure(user_id, ProofMethod.TOTP, work.now)
    how = "totp" if by_app else "recovery_codes" if is_right else "nothing"
    work.record("second_factor_checked", f"user:{user_id}", new={"by": how})
    return is_right


@service
def open_terminal_session(work: Work) -> tuple[str, datetime]:
    """Return a token with which the caller's terminal acts as them, and until when.

    Only the token's hash is kept. Right: every user, for themselves. Leaves
    terminal_session_opened.
    """
    token = secrets.token_urlsafe(32)
    until = work.now + TERMINAL_LIFE
    made = TerminalSession.objects.create(
        user_id=work.user_id,
        token_sha256=hash_token(token),
        created_at=work.now,
        expires_at=until,
    )
    work.record("terminal_session_opened", f"user:{work.user_id}", new={"session": made.pk})
    return token, until


def user_of_token(token: str, email: str, now: datetime) -> int:
    """Return the user that a token of `tocsin login` was given to.

    Raises:
        TokenRefused: if it ended, was revoked, or is another user's.
    """
    found = _open_session(token, now)
    if found is None or found.user.email.lower() != email.strip().lower():
        raise TokenRefused(
            "Your log-in at this terminal has ended. Nothing was changed. Run `tocsin login`."
        )
    return found.user_id


def session_key_of(token: str, now: datetime) -> str | None:
    """Return the key by which `end_session` ends the session of a token; None if it has ended."""
    found = _open_session(token, now)
    return None if found is None else f"terminal:{found.pk}"


def _open_session(token: str, now: datetime) -> TerminalSession | None:
    return (
        TerminalSession.objects.select_related("user")
        .filter(
            token_sha256=hash_token(token),
            ended_at__isnull=True,
            expires_at__gt=now,
            user__is_active=True,
        )
        .first()
    )


def _check_not_locked(user_id: int, now: datetime) -> None:
    with transaction.atomic():
        locked = is_locked_out(user_id, now)
    if locked:
        raise TooManyAttempts(
            "Five codes or passwords were wrong within five minutes. This one was not looked at "
            "and nothing was changed. Wait five minutes. If it was not you, tell an administrator."
        )


def _refused() -> SignInRefused:
    return SignInRefused(
        "Address, password or code are not right, or the user was disabled. Nothing was changed."
    )
