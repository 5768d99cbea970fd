"""A sender whose database gets no more room while mails leave: nothing lost, nothing twice.

SQLite says that it is full as on a full disk (`tests.lib.small_disks`); PostgreSQL would need a
disk of its own, which only root may mount: the import's test has one where that is allowed.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from tests.lib.databases import Opened
from tests.lib.sending import arm, arrange, make_home
from tests.lib.small_disks import Disk, disk_of_sqlite
from tests.reliability.conftest import RunningSink, StartSink
from tocsin.outreach.dispatch_states import DispatchState, Standing, states_with
from tocsin.outreach.sending_rules import sending_rules
from tocsin.store.models import Dispatch
from tocsin.worker import sender_loop

pytestmark = pytest.mark.sqlite_is_enough
N_MAILS = 120
N_BEFORE = 20
N_LOOKS = 3
"""How often the sender looks again before there is room."""
_LIMIT_S = 300.0
Run = Callable[..., Any]


@pytest.fixture
def sink(own_database: Opened, start_sink: StartSink, tmp_path: Path) -> Iterator[RunningSink]:
    """Lend a mail server to which many mails wait to be sent."""
    if own_database.kind != "sqlite":
        pytest.skip("PostgreSQL would need a disk of its own")
    sink, before = start_sink(), os.environ["TOCSIN_HOME"]
    os.environ["TOCSIN_HOME"] = str(make_home(tmp_path / "relay-home", sink.port).folder)
    arm()
    arrange(N_MAILS)
    yield sink
    os.environ["TOCSIN_HOME"] = before


@pytest.fixture
def disk() -> Iterator[Disk]:
    with disk_of_sqlite() as lent:
        yield lent


def test_a_full_disk_loses_no_mail_and_repeats_none(
    sink: RunningSink, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_loop, "LONGEST_WAIT_S", 0.3)  # it would wait longer and longer
    said: list[str] = []
    taken_when_full: list[int] = []
    begun: list[bool] = []

    def look_again(**_told: object) -> None:
        if begun:
            taken_when_full.append(len(sink.taken()))
        if len(taken_when_full) == N_LOOKS:
            disk.free()

    def fill_after_some(execute: Run, *call: Any) -> Any:
        if not begun and len(sink.taken()) >= N_BEFORE:
            begun.append(True)
            disk.fill()
        return execute(*call)

    shorter = {"lease_s": 0.3, "quarantine_s": 0.3, "back_off_s": (0.05,)}
    rules = sending_rules().model_copy(update=shorter)
    loop = sender_loop.SenderLoop(said.append, rules, look_s=0.05)
    connection_created.connect(look_again)
    try:
        until = time.monotonic() + _LIMIT_S
        with connection.execute_wrapper(fill_after_some):
            while waiting() and time.monotonic() < until:
                loop.run(once=True)
                disk.free()
    finally:
        connection_created.disconnect(look_again)
    assert waiting() == 0, said
    assert begun, "it was full in the middle"
    # What failed between two mails is said in SQLite's words; what could not be begun is counted,
    # and gives its reason too if it lasts until the batch ends.
    words = ("disk is full", "did not keep", "not begun")
    assert any(each in sentence for sentence in said for each in words), said
    taken = sink.taken()
    assert len(taken) == len(set(taken)), "sent twice"
    by_state = states()
    assert set(by_state) <= {DispatchState.ACCEPTED, DispatchState.UNKNOWN}
    accepted = set(by_state.get(DispatchState.ACCEPTED, ()))
    unknown = set(by_state.get(DispatchState.UNKNOWN, ()))
    assert accepted <= set(taken) <= accepted | unknown, "lost, or sent and not known"
    assert len(unknown) <= 1 + len(taken_when_full), "each look leaves at most one in doubt"


def waiting() -> int:
    states = [str(each) for each in states_with(Standing.WAITING)]
    return Dispatch.everywhere.filter(state__in=states).count()


def states() -> dict[str, list[str]]:
    """Return the Message-IDs of the mails in each state."""
    found: dict[str, list[str]] = {}
    for state, message_id in Dispatch.everywhere.values_list("state", "message_id"):
        found.setdefault(state, []).append(message_id)
    return found
