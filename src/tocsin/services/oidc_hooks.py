"""What django-allauth asks about users who come from an organisation's own provider.

Loaded only when `settings.toml` names a provider. Who comes with an address that nobody added here
is refused: a provider says who somebody is, not that they may come in.
"""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # no types
    """Lets in the users that were added here, and nobody else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        """Return False: users are added by an administrator."""
        return False
