"""The mails of a large release are written in parts: each once, none seen before it is whole."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.lib.released_action import release_pumps
from tests.lib.sending import arrange
from tests.services.kept_actions import make_team
from tests.services.lists import NOW
from tests.services.test_next_letters import relay
from tocsin.delivery.channel import content_sha256
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.action_course import start_action
from tocsin.services.conservation import read_conservation
from tocsin.services.dispatch_making import DispatchMaker, Order, open_message, write_made
from tocsin.services.dispatch_release import MAKE_MAILS, MOST_AT_ONCE
from tocsin.services.job_runs import JobStopped, run_next
from tocsin.services.letter_values import letter_values
from tocsin.services.mail_making import AT_ONCE, keep_mails, make_some_mails
from tocsin.services.work import WORKER, Caller
from tocsin.store.audit.trail import read_rows
from tocsin.store.dispatch_claims import claim_dispatches, give_back
from tocsin.store.home import find_home
from tocsin.store.jobs import Claim
from tocsin.store.models import (
    Action,
    ContactRepair,
    Dispatch,
    DispatchMessage,
    Job,
    Recipient,
)
from tocsin.store.roles import Role
from tocsin.store.sending_buckets import Limits
from tocsin.store.tenancy import acting_for
from tocsin.store.vault import Vault

__all__ = ["relay"]
N = MOST_AT_ONCE + 10
LEASE = timedelta(minutes=1)


@pytest.mark.usefixtures("relay")
def test_a_stopped_job_goes_on_and_writes_every_mail_once(tmp_path: Path) -> None:
    team = make_team()
    pumps = [(f"D{i}", f"H{i}", "Medtronic", "MMT-523", f"SERIAL{i:04d}", "2.4A") for i in range(N)]
    people = [
        (f"H{i}", "person", f"Zoe {i}", f"p{i}@x.example" if i else "no @ address", "", "en")
        for i in range(N)
    ]
    action = release_pumps(team, tmp_path, pumps, people)
    start_action(team[Role.RELEASER], action)
    acme = team[Role.AUTHOR].organisation_id or 0
    with acting_for(acme):
        mails = Dispatch.objects.filter(channel=str(Channel.EMAIL))
        n_mails = mails.count()
        assert n_mails == N - 1
        assert ContactRepair.objects.count() == 1, "what is no address is a contact to repair"
        assert set(mails.values_list("state", flat=True)) == {"being_made"}
        assert not DispatchMessage.objects.exists()
    assert claim_dispatches("a sender", (Channel.EMAIL, None), N, LEASE, Limits()) == []
    assert not read_conservation(team[Role.AUDITOR], action).faults

    def stop(_claim: Claim) -> None:
        raise JobStopped

    with pytest.raises(JobStopped):
        run_next(stop)
    with acting_for(acme):
        part = {row.pk: bytes(row.sealed) for row in DispatchMessage.objects.all()}
        assert 0 < len(part) < n_mails
        Dispatch.objects.update(not_before=datetime.now(tz=UTC) - timedelta(minutes=1))
        Dispatch.objects.update(not_after=datetime.now(tz=UTC) + timedelta(days=1))
    claimed = claim_dispatches("a sender", (Channel.EMAIL, None), N, LEASE, Limits())
    assert {each.dispatch_id for each in claimed} == set(part), "only whole ones are seen"
    give_back(claimed)
    assert run_next(lambda _: None) is not None
    with acting_for(acme):
        rows = mails.select_related("addressee__key", "message").order_by("pk")
        assert rows.count() == n_mails
        assert {row.state for row in rows} == {"queued"}
        assert {row.pk: bytes(row.message.sealed) for row in rows if row.pk in part} == part
        assert len({address_of(row) for row in rows}) == n_mails
        job = Job.objects.get(kind=MAKE_MAILS)
        assert (job.state, job.n_done) == ("done", n_mails)
    events = [json.loads(row.body)["event"] for row in read_rows()]
    assert events.count("mails_made") == -(-n_mails // AT_ONCE)


@pytest.mark.usefixtures("relay")
def test_what_is_withdrawn_while_it_is_made_is_not_kept() -> None:
    arranged = arrange(3, with_dispatches=False)
    with acting_for(arranged.organisation_id):
        action = Action.objects.get(pk=arranged.action_id)
        maker = DispatchMaker(action, NOW, letter_values(action, NOW))
        orders = [
            Order(row, Channel.EMAIL, "first", NOW, NOW + LEASE, is_made_later=True)
            for row in Recipient.objects.order_by("pk")
        ]
        to = {"email": "p@x.example"}
        write_made([maker.make(order, to, order.recipient.addressee) for order in orders])
        made = make_some_mails(arranged.release_id, NOW)
        assert made is not None
        gone = made.rows[1].pk
        Dispatch.objects.filter(pk=gone).update(state=str(DispatchState.WITHDRAWN), batch=0)
    worker = Caller(WORKER, arranged.organisation_id, frozenset(), NOW)
    assert keep_mails(worker, made) == 2
    with acting_for(arranged.organisation_id):
        states = dict(Dispatch.objects.values_list("pk", "state"))
        assert states.pop(gone) == "withdrawn"
        assert set(states.values()) == {"queued"}
        assert set(DispatchMessage.objects.values_list("dispatch", flat=True)) == set(states)
        assert make_some_mails(arranged.release_id, NOW) is None
    told = json.loads(list(read_rows())[-1].body)["new"]
    assert (told["n"], told["not_made"]) == (2, [])


def address_of(row: Dispatch) -> str:
    """Return the address that a mail goes to; its bytes are the ones that its dispatch names."""
    vault, wrapped = Vault(find_home().persons_key), bytes(row.addressee.key.wrapped)
    sealed = bytes(row.message.sealed)
    _, to, told = open_message(vault, row.addressee_id, wrapped, row.reference, sealed)
    assert f"Message-ID: {row.message_id}".encode() in told
    assert content_sha256(told) == row.sha256
    return to
