"""What django-allauth asks about users who come from an organisation's own provider.

Loaded only when `settings.toml` names a provider. Who comes with an address that nobody added here
is refused: a provider says who somebody is, not that they may come in.
"""

from datetime import UTC, datetime
from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthError
from django.http import HttpRequest

from tocsin.services.accounts import note_failed_sign_in
from tocsin.services.work import SIGN_IN, Caller

OIDC = "oidc"
"""How the audit trail calls this way to log in."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # no types
    """Lets in the users that were added here, and nobody else; who is refused leaves a row."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        """Return False: users are added by an administrator."""
        _note_refused()
        return False

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, **_: Any
    ) -> None:
        """Leave a row about an answer of the provider, or of somebody else, that does not hold."""
        del request, provider
        if error != AuthError.CANCELLED:
            _note_refused()


def _note_refused() -> None:
    note_failed_sign_in(Caller(SIGN_IN, None, frozenset(), datetime.now(tz=UTC)), None, OIDC)
