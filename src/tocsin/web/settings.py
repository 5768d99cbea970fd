"""Django's settings for pages: those of the store, and what only a web server needs.

The command line uses `tocsin.store.settings`, so that it does not pay for any of this.
TOCSIN_HOSTS names the hosts that the server answers for (comma between them). Where the address
that it is known by (`store.site`) begins with https, cookies and redirects insist on TLS.
"""

import os
from importlib.util import find_spec
from pathlib import Path

from csp.constants import NONE, SELF

from tocsin.store.home import find_home
from tocsin.store.settings import *  # noqa: F403 - these are Django's settings, all by name
from tocsin.store.settings import INSTALLED_APPS as STORE_APPS
from tocsin.store.settings import MIDDLEWARE as SIGN_IN_MIDDLEWARE
from tocsin.store.site import read_public_address, read_site_settings

_SITE = read_site_settings(find_home().folder)
PUBLIC_URL = read_public_address(_SITE)
PUBLISHER = os.environ.get("TOCSIN_PUBLISHER", "")
CHECK_POSTS_PER_MINUTE = int(os.environ.get("TOCSIN_CHECK_POSTS_PER_MINUTE", "120"))
"""From one address; a clinic or a telephone company may stand behind one."""
CHECK_POSTS_PER_MINUTE_IN_ALL = int(os.environ.get("TOCSIN_CHECK_POSTS_PER_MINUTE_IN_ALL", "12000"))
RATE_LIMIT_FILE = find_home().folder / "rate-limit.bin"
API_CHECK = os.environ.get("TOCSIN_API_CHECK", "public")
"""Who may ask `POST /api/v1/check`: "public", or "token" for who has a token of any user."""
API_CALLS_PER_MINUTE = int(os.environ.get("TOCSIN_API_CALLS_PER_MINUTE", "1200"))
"""By one token."""
API_CALLS_PER_MINUTE_IN_ALL = int(os.environ.get("TOCSIN_API_CALLS_PER_MINUTE_IN_ALL", "60000"))
API_RATE_LIMIT_FILE = find_home().folder / "api-rate-limit.bin"
API_DOCUMENT_BYTES = 20_000_000
"""The most of one notice or text."""
API_LIST_BYTES = int(os.environ.get("TOCSIN_API_LIST_BYTES", "2000000000"))
"""The most of one list of devices or holders."""
TRUSTED_PROXY = os.environ.get("TOCSIN_BEHIND_PROXY") == "1"
"""Then the last address of X-Forwarded-For is the visitor's, and X-Forwarded-Proto is believed."""

_TLS = PUBLIC_URL.startswith("https://")

ROOT_URLCONF = "tocsin.web.urls"
WSGI_APPLICATION = "tocsin.web.wsgi.application"
ALLOWED_HOSTS = [
    host.strip()
    for host in os.environ.get("TOCSIN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    if host.strip()
]
APPEND_SLASH = True

# Ours first: its templates stand before django-allauth's own.
INSTALLED_APPS = [
    "tocsin.web",
    *STORE_APPS,
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
]
_SECURITY, *_SIGN_IN = SIGN_IN_MIDDLEWARE
MIDDLEWARE = [
    _SECURITY,
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    *_SIGN_IN,
    "django.contrib.messages.middleware.MessageMiddleware",
    "tocsin.web.headers.CarefulHeaders",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "tocsin.web.templatetags.say",
                "tocsin.web.templatetags.desk",
                "django.contrib.humanize.templatetags.humanize",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "tocsin.web.desk.frame.frame",
            ],
        },
    }
]

# --- the desk
FORM_RENDERER = "tocsin.web.desk.forms.DeskForms"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# --- mail about accounts: by the relay of settings.toml; the demonstration's into a folder
_MAIL = _SITE.mail
SENDS_ACCOUNT_MAIL = _MAIL is not None or os.environ.get("TOCSIN_DEMO") == "1"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
if os.environ.get("TOCSIN_DEMO") == "1":
    EMAIL_BACKEND = "tocsin.services.demo_mail.FolderMail"
elif _MAIL is not None:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.security == "starttls", _MAIL.security == "tls"
    EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = _MAIL.sender if _MAIL is not None else "tocsin@demo.example"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _TLS else "http"

# --- style sheets of our own, from the package itself, and HTMX: there is no build step
STATIC_URL = "/static/"
_HTMX = Path(next(iter(find_spec("django_htmx").submodule_search_locations)))  # type: ignore[union-attr,arg-type]
STATICFILES_DIRS = [
    Path(__file__).parent / "static",
    ("django_htmx", _HTMX / "static" / "django_htmx"),
]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

LANGUAGE_CODE = "en"
USE_I18N = True

# --- what a browser may do with our pages
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tocsin.web.errors.expired"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT = _TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _TLS
if TRUSTED_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

IMPORT_MOST_BYTES = int(os.environ.get("TOCSIN_IMPORT_MOST_MB", "512")) * 1_000_000
"""The largest list that the desk takes; every other page takes next to nothing (below)."""

# --- what a visitor typed is never kept: no bodies on disk, no values in logs
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
FILE_UPLOAD_MAX_MEMORY_SIZE = 10_500_000  # a letter as PDF; registries have a handler of their own
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"careful": {"()": "tocsin.web.log_lines.CarefulFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "careful"}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
    },
}
