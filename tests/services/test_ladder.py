"""Climbing the ladder: one person's trouble hinders nobody else."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.lib.released_action import relay, release_pumps
from tests.services.kept_actions import make_team
from tocsin.services.action_course import start_action
from tocsin.services.escalating import CANNOT_BE_MADE, climb_ladder
from tocsin.store.home import find_home
from tocsin.store.models import ContactRepair, Dispatch, Person, Recipient
from tocsin.store.roles import Role
from tocsin.store.sealed_persons import SealedPersons
from tocsin.store.tenancy import acting_for
from tocsin.store.vault import Vault

__all__ = ["relay"]
PUMPS = [(f"D{n}", f"H{n}", "Medtronic", "MMT-523", f"SERIAL{n}", "") for n in (1, 2)]
HOLDERS = [(f"H{n}", "person", f"Zoe {n}", f"zoe{n}@person.example", "", "en") for n in (1, 2)]


@pytest.mark.usefixtures("relay")
def test_a_message_that_cannot_be_made_is_a_task_and_the_others_are_reminded(
    tmp_path: Path,
) -> None:
    team = make_team()
    action = release_pumps(team, tmp_path, PUMPS, HOLDERS)
    start_action(team[Role.RELEASER], action)
    operator = team[Role.OPERATOR]
    later = replace(operator, now=operator.now + timedelta(days=40))
    with acting_for(operator.organisation_id):
        Dispatch.objects.update(state="accepted", state_at=operator.now)
        spoilt, sound = Recipient.objects.order_by("pk")
        person = Person.objects.select_related("key").get(pk=spoilt.addressee_id)
        private = {**SealedPersons().open(person), "name": "Zoe\u2028Bcc: all"}
        vault = Vault(find_home().persons_key)
        person.sealed = vault.seal(person.pk, bytes(person.key.wrapped), private)
        person.save(update_fields=["sealed"])
    assert climb_ladder(later, action) > 0
    with acting_for(operator.organisation_id):
        mails = Dispatch.objects.filter(channel="e-mail").exclude(purpose="first")
        assert [each.person_id for each in mails] == [sound.person_id]
        task = ContactRepair.objects.get()
        assert (task.person_id, task.because) == (spoilt.person_id, CANNOT_BE_MADE)
