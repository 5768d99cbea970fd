"""A real Postfix as relay: accepted, bounced, and what it tells matched to its dispatch."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.lib.databases import Opened
from tests.lib.postfix import NoPostfix, Postfix, running_postfix
from tests.lib.sending import arm, arrange, make_home, queue_more
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.conservation import read_conservation
from tocsin.services.failed_dispatches import follow_up_failure
from tocsin.services.heard_back import keep_notifications, keep_relay_log
from tocsin.services.sending import Sender
from tocsin.services.work import Caller
from tocsin.store.models import ContactRepair, Dispatch, DispatchEvidence
from tocsin.store.roles import Role

_SECONDS = 60


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    """Run a Postfix for the test."""
    with tempfile.TemporaryDirectory(prefix="tocsin-postfix-") as folder:
        try:
            with running_postfix(Path(folder)) as server:
                yield server
        except NoPostfix as error:
            pytest.skip(str(error))


def test_what_postfix_accepts_and_bounces_is_known(
    own_database: Opened, postfix: Postfix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own_database.kind
    home = make_home(tmp_path / "home", postfix.port)
    monkeypatch.setenv("TOCSIN_HOME", str(home.folder))
    arm()
    arranged = arrange(3, prefix="good")
    queue_more(arranged, 2, prefix="nobody")
    sender = Sender(lambda: False)
    assert sender.send_some() == 5
    sender.close()
    rows = Dispatch.everywhere.order_by("pk")
    assert set(rows.values_list("state", flat=True)) == {DispatchState.ACCEPTED}
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if (len(postfix.mails("bounces")), len(postfix.mails("good"))) == (2, 3):
            break
        time.sleep(0.1)
    assert len(postfix.mails("good")) == 3

    now = datetime.now(tz=UTC)
    caller = Caller("user:1", arranged.organisation_id, frozenset({Role.OPERATOR}), now)
    heard = keep_notifications(caller, postfix.mails("bounces"))
    assert (heard.n_unmatched, heard.counts) == (0, {"dead": 2})
    states = list(rows.values_list("state", flat=True))
    assert states == ["accepted"] * 3 + ["bounced"] * 2
    assert all("5.1.1" in row.reply and "@" not in row.reply for row in rows[3:])
    assert keep_notifications(caller, postfix.mails("bounces")).n_known == 2

    # An unknown outcome is settled by the relay's log, by the very Message-ID.
    Dispatch.everywhere.filter(pk=rows[0].pk).update(state="unknown")
    log = keep_relay_log(caller, postfix.log.splitlines())
    assert log.counts["accepted"] == 5
    assert (log.counts["delivered"], log.counts["bounced"]) == (3, 2)
    assert rows[0].state == DispatchState.ACCEPTED
    told = DispatchEvidence.everywhere.filter(dispatch=rows[0]).values_list("tells", flat=True)
    assert set(told) == {"delivered", "accepted"}

    # A bounce opens a task: these people have no other channel.
    done = follow_up_failure(caller, rows[3].pk)
    assert (done.queued, done.repairs) == ((), True)
    assert ContactRepair.everywhere.count() == 1
    auditor = replace(caller, roles=frozenset({Role.AUDITOR}))
    faults = {fault.code for fault in read_conservation(auditor, arranged.action_id).faults}
    assert not faults & {"sent_twice", "sent_unrecorded", "unproven", "twice"}
