"""Revisions of a registry: begun, and made visible all at once.

Only one revision is unfinished at a time: rows of an unfinished one that bears a smaller number
than a finished one would be seen.
"""

from datetime import datetime

from tocsin.base.errors import TocsinError
from tocsin.store.models import Registry, RegistryRevision


class RegistryBusy(TocsinError):
    """Something else is changing the registry just now."""

    code = "registry_busy"


def start_revision(registry_id: int, origin: str, started_at: datetime) -> RegistryRevision:
    """Return a new revision of a registry, in the transaction of the caller.

    Raises:
        RegistryBusy: if another one is unfinished.
    """
    registry = Registry.objects.select_for_update().get(pk=registry_id)
    if registry.revisions.filter(completed_at=None).exists():
        raise RegistryBusy(
            f"The registry {registry.name!r} is being changed by an import that has not ended. "
            "Nothing was changed. Wait for it (`tocsin registry imports`), or undo it."
        )
    return RegistryRevision.objects.create(
        registry=registry, number=registry.revision + 1, origin=origin, started_at=started_at
    )


def complete_revision(revision: RegistryRevision, completed_at: datetime) -> None:
    """Make the rows of a revision visible, in the transaction of the caller."""
    revision.completed_at = completed_at
    revision.save()
    Registry.objects.filter(pk=revision.registry_id).update(revision=revision.number)
