"""The mails of a large release are written in parts: each once, none seen before it is whole."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.lib.released_action import release_pumps
from tests.services.kept_actions import make_team
from tests.services.test_next_letters import relay
from tocsin.delivery.channel import content_sha256
from tocsin.outreach.channels import Channel
from tocsin.services.action_course import start_action
from tocsin.services.conservation import read_conservation
from tocsin.services.dispatch_making import open_message
from tocsin.services.dispatch_release import MAKE_MAILS, MOST_AT_ONCE
from tocsin.services.job_runs import JobStopped, run_next
from tocsin.services.mail_making import AT_ONCE
from tocsin.store.audit.trail import read_rows
from tocsin.store.dispatch_claims import Limits, claim_dispatches, give_back
from tocsin.store.home import find_home
from tocsin.store.jobs import Claim
from tocsin.store.models import ContactRepair, Dispatch, DispatchMessage, Job
from tocsin.store.roles import Role
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


def address_of(row: Dispatch) -> str:
    """Return the address that a mail goes to; its bytes are the ones that its dispatch names."""
    vault, wrapped = Vault(find_home().persons_key), bytes(row.addressee.key.wrapped)
    sealed = bytes(row.message.sealed)
    _, to, told = open_message(vault, row.addressee_id, wrapped, row.reference, sealed)
    assert f"Message-ID: {row.message_id}".encode() in told
    assert content_sha256(told) == row.sha256
    return to
