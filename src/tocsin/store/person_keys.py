"""The keys of persons, as many as are wanted at once."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from tocsin.store.models import PersonKey


def person_keys(persons: Iterable[UUID]) -> Mapping[UUID, bytes]:
    """Return the wrapped keys of those persons who were not erased."""
    rows = PersonKey.objects.filter(person__in=list(persons)).values_list("person_id", "wrapped")
    return {person: bytes(wrapped) for person, wrapped in rows}
