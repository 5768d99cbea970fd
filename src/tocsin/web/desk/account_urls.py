"""Pages of logging in: django-allauth's views, declared like ours, under addresses of the desk.

Its pages for signing up, for more addresses and for its own list of sessions are left out: users
are added by an administrator, and `web.desk.own_account` lists sessions of terminals too.
"""

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path

from tocsin.web.desk.view import dress
from tocsin.web.desk.visitor import find_visitor
from tocsin.web.routes import PUBLIC, View, route

OWN = "own"
"""What every user may do with their own account; django-allauth asks who it is by itself."""


def _page(view: Any, right: str = PUBLIC) -> View[Any]:
    """Return a view of django-allauth as a page of ours."""

    def answer(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and right == OWN:
            request.visitor = find_visitor(request)  # type: ignore[attr-defined]
        response: HttpResponse = view(request, *args, **kwargs)
        return dress(response)

    answer.__module__ = view.__module__  # services.account_transaction looks for django-allauth's
    answer.__name__ = view.__name__
    return route(right, "GET", "POST")(answer)


def _nothing(_request: HttpRequest) -> HttpResponse:
    """Answer where django-allauth wants an address that we have no page for."""
    raise Http404


_absent = route(PUBLIC, "GET")(_nothing)

urlpatterns = [
    path("sign-in/", _page(account.login), name="account_login"),
    path("sign-out/", _page(account.logout), name="account_logout"),
    path("sign-in/code/", _page(mfa.authenticate), name="mfa_authenticate"),
    path("sign-in/disabled/", _page(account.account_inactive), name="account_inactive"),
    path("sign-in/forgotten/", _page(account.password_reset), name="account_reset_password"),
    path(
        "sign-in/forgotten/sent/",
        _page(account.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "sign-in/new-password/done/",
        _page(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^sign-in/new-password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _page(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("sign-in/again/", _page(account.reauthenticate, OWN), name="account_reauthenticate"),
    path("sign-in/again/code/", _page(mfa.reauthenticate, OWN), name="mfa_reauthenticate"),
    path(
        "sign-in/again/key/",
        _page(keys.reauthenticate_webauthn, OWN),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/password/", _page(account.password_change, OWN), name="account_change_password"),
    path("account/factors/", _page(mfa.index, OWN), name="mfa_index"),
    path("account/factors/app/add/", _page(totp.activate_totp, OWN), name="mfa_activate_totp"),
    path(
        "account/factors/app/remove/", _page(totp.deactivate_totp, OWN), name="mfa_deactivate_totp"
    ),
    path("account/factors/keys/", _page(keys.list_webauthn, OWN), name="mfa_list_webauthn"),
    path("account/factors/keys/add/", _page(keys.add_webauthn, OWN), name="mfa_add_webauthn"),
    path(
        "account/factors/keys/<int:pk>/remove/",
        _page(keys.remove_webauthn, OWN),
        name="mfa_remove_webauthn",
    ),
    path(
        "account/factors/keys/<int:pk>/edit/",
        _page(keys.edit_webauthn, OWN),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/factors/recovery/",
        _page(recovery.view_recovery_codes, OWN),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/factors/recovery/new/",
        _page(recovery.generate_recovery_codes, OWN),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/factors/recovery/download/",
        _page(recovery.download_recovery_codes, OWN),
        name="mfa_download_recovery_codes",
    ),
    path("sign-in/absent/", _absent, name="account_signup"),
    path("sign-in/absent/", _absent, name="account_email"),
    path("sign-in/absent/", _absent, name="account_set_password"),
    path("sign-in/absent/", _absent, name="account_email_verification_sent"),
    path("sign-in/absent/", _absent, name="usersessions_list"),
]

if "allauth.socialaccount" in settings.INSTALLED_APPS:
    from allauth.socialaccount import views as social
    from allauth.socialaccount.providers.openid_connect import views as oidc

    urlpatterns += [
        path("sign-in/own/<str:provider_id>/", _page(oidc.login), name="openid_connect_login"),
        path(
            "sign-in/own/<str:provider_id>/back/",
            _page(oidc.callback),
            name="openid_connect_callback",
        ),
        path(
            "sign-in/own-cancelled/",
            _page(social.login_cancelled),
            name="socialaccount_login_cancelled",
        ),
        path("sign-in/own-failed/", _page(social.login_error), name="socialaccount_login_error"),
        path("sign-in/absent/", _absent, name="socialaccount_signup"),
        path("sign-in/absent/", _absent, name="socialaccount_connections"),
    ]
