"""Django is made ready before anything is collected: modules that name tables cannot wait."""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "scripts.settings_for_checks"
django.setup()
