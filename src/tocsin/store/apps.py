"""Tocsin's tables as an application of Django."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The one application that has tables."""

    name = "tocsin.store"
    label = "store"
    verbose_name = "Tocsin"
