"""What gunicorn runs for the benchmark of pages."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.lib.desk_site"
application = get_wsgi_application()
