"""The pages as an application of Django."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates, the style sheet and what templates may call; no tables."""

    name = "tocsin.web"
    label = "web"
    verbose_name = "Tocsin's pages"
