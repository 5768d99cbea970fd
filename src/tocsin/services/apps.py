"""The services as an application of Django: it has no tables, and connects what must be heard."""

from importlib import import_module

from django.apps import AppConfig


class ServicesConfig(AppConfig):
    """Makes sure that whatever runs Django hears what happens to accounts."""

    name = "tocsin.services"
    label = "services"

    def ready(self) -> None:
        """Connect the hooks."""
        import_module("tocsin.services.account_hooks")
