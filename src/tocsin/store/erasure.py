"""Destroying what makes a person's private data readable; the row stays without them."""

from datetime import datetime

from tocsin.store.models import Person, PersonKey, PersonToken


def destroy_private(person_id: str, erased_at: datetime) -> bool:
    """Destroy a person's key, private data and tokens; return whether there was anything left.

    It serves one organisation's service and the restore of a whole backup, so it looks at the
    rows of everybody: who calls it has found out whose the person is.
    """
    n_keys, _ = PersonKey.objects.filter(person_id=person_id).delete()
    n_tokens, _ = PersonToken.everywhere.filter(person_id=person_id).delete()
    sealed = Person.everywhere.filter(pk=person_id, sealed__isnull=False)
    if not (n_keys or n_tokens or sealed.exists()):
        return False
    Person.everywhere.filter(pk=person_id).update(sealed=None, erased_at=erased_at)
    return True
