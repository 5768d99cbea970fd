"""Where django-allauth calls us: closed sign-up, sealed secrets, and audit rows of what it does.

allauth's pages change accounts; each change here calls a service, which leaves the row. Its rows
of authenticators are watched at the table, so that no page can be forgotten; what our own services
do to them outside of a page they record themselves. `services.account_transaction` puts change and
row into one transaction.
"""

from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.core import context
from allauth.mfa import signals as mfa_signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from tocsin.services.accounts import (
    change_password,
    end_session,
    note_account_event,
    note_failed_sign_in,
    note_log_in,
)
from tocsin.services.work import SIGN_IN, Caller
from tocsin.store.authenticator_vault import open_secret, seal_secret
from tocsin.store.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """What allauth asks us about accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's form
        """Return False: users are added by an administrator."""
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ARG002
        """Leave a row about a wrong password."""
        known = User.objects.filter(email__iexact=str(credentials.get("email") or "")).first()
        machine = Caller(SIGN_IN, None, frozenset(), _now())
        note_failed_sign_in(machine, known.pk if known else None, "password")

    def set_password(self, user: User, password: str) -> None:
        """Set a password by our service."""
        hashed = make_password(password)
        change_password(_user(user.pk), hashed)
        user.password = hashed


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """What allauth asks us about second factors."""

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return seal_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret."""
        return open_secret(encrypted_text)

    def get_totp_issuer(self) -> str:
        """Return what the app calls us; the host tells several installations apart."""
        return f"{settings.MFA_TOTP_ISSUER} ({settings.SITE_HOST})"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return whom security keys are bound to: the configured host, never the asked one."""
        return {"id": settings.SITE_HOST, "name": settings.MFA_TOTP_ISSUER}


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc] # allauth has no types
    """What allauth asks us about sessions."""

    def end_sessions(self, sessions: Any) -> None:
        """End sessions by our service."""
        for session in sessions:
            end_session(_user(session.user_id), f"web:{session.pk}")


@receiver(user_logged_in)
def note_browser_log_in(user: User, request: HttpRequest, **_: Any) -> None:
    """Leave a row about a log-in by a page: by a password, or by an organisation's provider."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    by_provider = any(record["method"] == "socialaccount" for record in records)
    note_log_in(_user(user.pk), "oidc" if by_provider else "browser")


@receiver(mfa_signals.authentication_failed)
def note_wrong_code(user: User, authenticator: Authenticator, **_: Any) -> None:
    """Leave a row about a wrong code."""
    machine = Caller(SIGN_IN, None, frozenset(), _now())
    note_failed_sign_in(machine, user.pk, str(authenticator.type))


@receiver(mfa_signals.authenticator_used)
def note_recovery(user: User, authenticator: Authenticator, **_: Any) -> None:
    """Leave a row when a recovery code was used."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        note_account_event(_user(user.pk), "recovery_code_used", "browser")


@receiver(post_save, sender=Authenticator)
def note_added(instance: Authenticator, *, created: bool, **_: Any) -> None:
    """Leave a row when a page has added a second factor."""
    if created and context.request is not None:
        note_account_event(_user(instance.user_id), "authenticator_added", str(instance.type))


@receiver(post_delete, sender=Authenticator)
def note_removed(instance: Authenticator, **_: Any) -> None:
    """Leave a row when a page has removed a second factor."""
    if context.request is not None:
        note_account_event(_user(instance.user_id), "authenticator_removed", str(instance.type))


def _user(user_id: int) -> Caller:
    return Caller(f"user:{user_id}", None, frozenset(), _now())


def _now() -> datetime:
    return datetime.now(tz=UTC)
