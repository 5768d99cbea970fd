"""Fills an installation through services, once or until it is stopped.

Run as a process: `python -m tests.backup.filler once|on`.
"""

import sys
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

N_PERSONS = 5


def fill_once() -> None:
    from django.db import transaction

    from tocsin.services.organisations import create_organisation
    from tocsin.services.work import CONSOLE, Caller
    from tocsin.store.home import find_home
    from tocsin.store.jobs import claim_job, queue_job
    from tocsin.store.models import Person, PersonKey
    from tocsin.store.tenancy import acting_for
    from tocsin.store.vault import Vault

    now, vault = datetime.now(tz=UTC), Vault(find_home().persons_key)
    acme = create_organisation(Caller(CONSOLE, None, frozenset(), now), "acme", "Ácme\t\\N Pumps\n")
    with transaction.atomic(), acting_for(acme):
        for number in range(N_PERSONS):
            person_id = UUID(int=number + 1)
            wrapped = vault.new_key(person_id)
            sealed = vault.seal(person_id, wrapped, {"name": f"Anna Öztürk {number}"})
            Person.objects.create(id=person_id, kind="person", sealed=sealed)
            PersonKey.objects.create(person_id=person_id, wrapped=wrapped)
        queue_job("count", {"é": None}, now)
        queue_job("count", {}, now)
    claim_job("somebody", ["count"])


def fill_on() -> None:
    from tocsin.services.organisations import add_user, create_organisation, give_role
    from tocsin.services.work import CONSOLE, Caller
    from tocsin.store.roles import Role

    for number in count():
        now = datetime.now(tz=UTC)
        console = Caller(CONSOLE, None, frozenset(), now)
        made = create_organisation(console, f"o{number}", "x" * 150)
        user = add_user(console, f"u{number}@example.org", "User")
        give_role(Caller(CONSOLE, made, frozenset(), now), user, Role.AUTHOR)
        sys.stdout.write(".")
        sys.stdout.flush()


if __name__ == "__main__":
    from tocsin.services.installation import open_installation

    open_installation()
    fill_once() if sys.argv[1] == "once" else fill_on()
