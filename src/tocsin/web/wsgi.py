"""What a WSGI server such as gunicorn runs: `tocsin.web.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

# Not setdefault: the command line that starts the server has the smaller settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.web.settings"

application = get_wsgi_application()
