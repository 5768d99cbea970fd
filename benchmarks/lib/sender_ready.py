"""Makes Django ready in the process that senders are forked from: none is connected there."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scripts.settings_for_checks")

import django

django.setup()

import tocsin.worker.sender_loop  # noqa: E402, F401 - loaded once for all senders
