"""Django's settings, made from the installation's folder and a few variables.

TOCSIN_HOME names the folder; DATABASE_URL another database than the SQLite file in it. What an
installation may choose for itself stands in its `settings.toml` (`store.site`).
"""

import os

from tocsin.store.database import database_settings
from tocsin.store.home import find_home
from tocsin.store.settings_sign_in import *  # noqa: F403 - who logs in, and how
from tocsin.store.settings_sign_in import SIGN_IN_APPS

_HOME = find_home()

SECRET_KEY = _HOME.session_secret
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": database_settings(os.environ.get("DATABASE_URL") or f"sqlite:///{_HOME.database}")
}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *SIGN_IN_APPS,
    "tocsin.store",
    "tocsin.services",
]
AUTH_USER_MODEL = "store.User"
