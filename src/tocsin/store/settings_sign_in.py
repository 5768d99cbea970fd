"""Django's settings for who logs in, and how: django-allauth, sessions, cookies.

Sign-up is closed: users are added by an administrator, with their address. What a log-in leaves in
the audit trail is in `services.account_hooks`.
"""

from datetime import timedelta
from operator import attrgetter
from typing import Any

from tocsin.store.home import find_home
from tocsin.store.site import read_site_settings

_SITE = read_site_settings(find_home().folder)

ALLOWED_HOSTS = [_SITE.site.host]
SITE_HOST = _SITE.site.host

SIGN_IN_APPS = [
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "tocsin.services.account_transaction.AccountTransaction",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
CACHES = {"default": {"BACKEND": "tocsin.store.shared_cache.SharedCache"}}

# --- passwords (NIST SP 800-63B-4, 3.1.1: long, not among the known ones, no rules of form) ---
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

# --- accounts ---
ACCOUNT_ADAPTER = "tocsin.services.account_hooks.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = attrgetter("name")
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_MAX_EMAIL_ADDRESSES = 1
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# allauth's own limits stand (docs/adr/0018): 5 wrong passwords in 5 minutes per address, 10 in a
# minute per network address; here only what is stricter.
ACCOUNT_RATE_LIMITS = {"reset_password": "10/m/ip,3/m/key"}

# --- second factors ---
MFA_ADAPTER = "tocsin.services.account_hooks.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Tocsin"
MFA_TOTP_TOLERANCE = 0  # with more, allauth would take a code twice
MFA_RECOVERY_CODE_DIGITS = 10
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TRUST_ENABLED = False

# --- sessions: a working day at most, and gone with the browser ---
USERSESSIONS_ADAPTER = "tocsin.services.account_hooks.SessionsAdapter"
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_COOKIE_AGE = int(timedelta(hours=10).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ACCOUNT_SESSION_REMEMBER = False

# --- cookies and headers ---
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
X_FRAME_OPTIONS = "DENY"

# --- an organisation's own provider of identities, if settings.toml names one ---
if _SITE.oidc:
    SIGN_IN_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    OIDC_ISSUER = _SITE.oidc.issuer
    SOCIALACCOUNT_ADAPTER = "tocsin.services.oidc_hooks.SocialAccountAdapter"
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "own",
                    "name": _SITE.oidc.name,
                    "client_id": _SITE.oidc.client_id,
                    "secret": _SITE.oidc.client_secret,
                    "settings": {"server_url": _SITE.oidc.issuer},
                }
            ],
            # It vouches for its addresses: who has one and was added here is that user.
            "EMAIL_AUTHENTICATION": True,
        }
    }
    # Nothing of the provider is kept: each time, the address that it has confirmed decides.
    SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = SOCIALACCOUNT_STORE_TOKENS = False
