"""What a database is told after it was restored, in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from tocsin.outreach.dispatch_states import DispatchState, dispatch_events
from tocsin.services.work import Work, service
from tocsin.store.arming import find_installation
from tocsin.store.backup.errors import RestoreRefused
from tocsin.store.backup.sqlite_copy import VOLATILE
from tocsin.store.erasure import destroy_private
from tocsin.store.home import Home
from tocsin.store.models import Dispatch, Job, JobState, PersonKey
from tocsin.store.vault import SecretUnreadable, Vault

_N_TRIED = 100


@service
def settle_restore(
    work: Work, database_uuid: UUID, erased: Mapping[str, str], facts: dict[str, Any], reason: str
) -> list[str]:
    """End all sessions, free all jobs, erase again, and say in the trail what happened.

    A mail that waits in a backup may have left after it was made: its outcome is unknown now, and
    a person decides about it.

    The database gets a new identity, so that no token of another copy arms it. Right: the console.
    Leaves database_restored. Return the ids of the persons that were erased again.
    """
    row = find_installation()
    row.database_uuid = database_uuid
    row.epoch += 1
    row.save(update_fields=["database_uuid", "epoch"])
    n_sessions = _end_sessions()
    n_jobs = Job.objects.filter(state=JobState.CLAIMED).update(
        state=JobState.QUEUED, lease_until=None, owner="", fence=F("fence") + 1
    )
    n_doubted = _doubt_what_waits(work.now)
    again = _erase_again(erased)
    told = {
        "sessions_ended": n_sessions,
        "jobs_freed": n_jobs,
        "dispatches_in_doubt": n_doubted,
        "erased_again": again,
    }
    work.record("database_restored", f"installation:{row.uuid}", new=facts | told, reason=reason)
    return again


def check_keys(home: Home) -> None:
    """Check that the keys open the persons of the database, by the first hundred.

    Raises:
        RestoreRefused: if they do not.
    """
    vault = Vault(home.persons_key)
    held = PersonKey.objects.select_related("person").filter(person__sealed__isnull=False)
    for key in held.order_by("person_id")[:_N_TRIED]:
        try:
            vault.open(key.person_id, bytes(key.wrapped), bytes(key.person.sealed or b""))
        except SecretUnreadable as error:
            raise RestoreRefused(
                "These keys do not open the persons of this backup: they are another "
                "installation's, or the file persons.key was changed. Nothing was put in place. "
                "Give the keys that belong to it, or --without-keys to go on without persons."
            ) from error


def _doubt_what_waits(now: datetime) -> int:
    """Put every mail that waits into doubt; return how many."""
    if "store_dispatch" not in connection.introspection.table_names():
        return 0
    event = dispatch_events()["put_back"]
    waiting = Dispatch.everywhere.filter(
        channel__in=[str(channel) for channel in event.channels],
        state__in=[str(state) for state in event.leads],
    )
    return waiting.update(
        state=DispatchState.UNKNOWN,
        state_at=now,
        lease_until=None,
        batch=0,
        fence=F("fence") + 1,
        reply="it waited in a backup that was restored: it may have left since",
    )


def _end_sessions() -> int:
    present, ended = set(connection.introspection.table_names()), 0
    with connection.cursor() as cursor:
        for name in VOLATILE:
            if name in present:
                cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608 - our own names
                ended += max(cursor.rowcount, 0)
    return ended


def _erase_again(erased: Mapping[str, str]) -> list[str]:
    return [
        person_id
        for person_id, at in sorted(erased.items())
        if destroy_private(person_id, datetime.fromisoformat(at))
    ]
