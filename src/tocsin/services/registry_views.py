"""Registries as people look at them: how old, how large, what is in them, how they came to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum

from tocsin.services.list_imports import RegistryUnknown
from tocsin.services.work import Work, service
from tocsin.store.models import ListImport, Registry, RegistryRevision
from tocsin.store.registry_figures import RegistryFigures, figures_of

_N_REVISIONS = 50


@dataclass(frozen=True)
class RegistryLine:
    """A registry in a list.

    Attributes:
        n_records: records that hold now.
        changed_at: when its current revision was completed; None while it is empty.
        import_id: the import that has not ended, if there is one.
    """

    registry_id: int
    name: str
    revision: int
    n_records: int
    changed_at: datetime | None
    import_id: int | None


@dataclass(frozen=True)
class RevisionLine:
    """A revision of a registry: what came, and what was closed by it."""

    number: int
    origin: str
    source: str
    n_read: int
    n_rejected: int
    n_added: int
    n_closed: int
    completed_at: datetime


@dataclass(frozen=True)
class RegistryShown:
    """One registry.

    Attributes:
        figures: what it held after its last import.
        revisions: the newest first, at most fifty.
    """

    line: RegistryLine
    figures: RegistryFigures
    revisions: tuple[RevisionLine, ...]


@service
def list_registry_lines(work: Work) -> list[RegistryLine]:  # noqa: ARG001 - asks for rights only
    """Return the registries by name, each with its size and age.

    Right: every role but administrator.
    """
    return _lines(list(Registry.objects.order_by("name")))


@service
def read_registry(work: Work, registry_id: int) -> RegistryShown:  # noqa: ARG001 - its rights
    """Return one registry with what is in it and its revisions.

    Right: every role but administrator. The figures are counted once per import.

    Raises:
        RegistryUnknown: if there is none of this number.
    """
    found = Registry.objects.filter(pk=registry_id).first()
    if found is None:
        raise RegistryUnknown(f"There is no registry {registry_id} here. Nothing was changed.")
    done = found.revisions.filter(completed_at__isnull=False).order_by("-number")
    return RegistryShown(
        _lines([found])[0],
        figures_of(found.pk),
        tuple(map(_revision, done[:_N_REVISIONS])),
    )


def _lines(registries: Sequence[Registry]) -> list[RegistryLine]:
    """Return registries with their sizes: the sum of what revisions added and closed."""
    wanted = [registry.pk for registry in registries]
    done = RegistryRevision.objects.filter(registry__in=wanted, completed_at__isnull=False)
    sizes = dict(
        done.order_by().values_list("registry").annotate(n=Sum(F("n_added") - F("n_closed")))
    )
    changed = done.filter(number=F("registry__revision")).values_list("registry", "completed_at")
    changed_at: dict[int, datetime | None] = dict(changed)
    running = ListImport.objects.filter(registry__in=wanted, ended_at=None)
    imports: dict[int, int] = dict(running.values_list("registry", "pk"))
    return [
        RegistryLine(
            registry.pk,
            registry.name,
            registry.revision,
            sizes.get(registry.pk, 0),
            changed_at.get(registry.pk),
            imports.get(registry.pk),
        )
        for registry in registries
    ]


def _revision(row: RegistryRevision) -> RevisionLine:
    return RevisionLine(
        row.number,
        row.origin,
        row.source,
        row.n_read,
        row.n_rejected,
        row.n_added,
        row.n_closed,
        row.completed_at or row.started_at,
    )
