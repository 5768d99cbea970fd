"""Django's settings for checks that need no installation: types and missing migrations."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tocsin.store.home import HOME_VARIABLE, Home

_FOLDER = Path(tempfile.mkdtemp(prefix="tocsin-home-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
Home(_FOLDER).create()
os.environ[HOME_VARIABLE] = str(_FOLDER)
os.environ.pop("DATABASE_URL", None)
os.environ["TOCSIN_PUBLIC_URL"] = "https://tocsin.example"  # cookies and redirects as behind TLS
os.environ["TOCSIN_API_CALLS_PER_MINUTE"] = "1000000"  # tests of all endpoints ask a lot

from tocsin.web.settings import *  # noqa: E402, F403 - the settings of the installation above

PASSWORD_HASHERS = ["scripts.quick_hasher.QuickHasher"]
