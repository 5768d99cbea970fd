"""A campaign of the harness: mails wait, senders hand them over, and somebody disturbs them.

At its end every mail is looked at in the database and in what the mail server took.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol
from uuid import uuid4

from django.db import OperationalError, connection
from django.db.models import QuerySet

from tests.lib.sending import Arranged, arm, arrange, arrange_for_vendor, make_home, queue_more
from tests.reliability.conftest import RunningSink
from tests.reliability.senders import Rules, SenderProcess, start_sender
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, Standing, states_with
from tocsin.services.vendors import VendorPlan
from tocsin.store.home import Home
from tocsin.store.models import Dispatch, DispatchAttempt

_TIME_LIMIT_S = 300.0
_KEEPING_UP = 0.2
"""The share of senders that look after escalation and accounts too when they begin."""
_LONGEST_START_S = 10.0
_LOOK_S = 0.005
WAITING = [str(state) for state in states_with(Standing.WAITING)]


class Taker(Protocol):
    """What takes messages, and keeps what it took."""

    def taken(self) -> list[str]:
        """Return Message-IDs of mails or references of anything else, repeated ones too."""
        ...


@dataclass
class Campaign:
    """Messages of one action in a database, what takes them, and the senders.

    Attributes:
        counts: what was done to the senders.
    """

    url: str
    home: Path
    sink: Taker
    arranged: Arranged
    log: Path
    rules: Rules
    rng: Random
    channel: Channel = Channel.EMAIL
    counts: Counter[str] = field(default_factory=Counter)
    senders: list[SenderProcess] = field(default_factory=list)

    def start(self, n: int) -> None:
        """Let so many senders run."""
        while len(self.senders) < n:
            keeps_up = self.rng.random() < _KEEPING_UP
            self.senders.append(
                start_sender(self.url, self.home, self.log, self.rules, keeps_up=keeps_up)
            )

    def kill_one(self) -> None:
        """Kill a sender that has begun to work, and count whether it was handing something over."""
        victim = self._find_working(self.senders)
        self.senders.remove(victim)
        victim.kill()
        victim.join()
        self.counts["kills"] += 1
        self.counts["kills inside the window"] += self._handed_by(victim).exists()

    def stop_one(self) -> None:
        """Stop a sender that has begun to work for longer than the quarantine; let it go on."""
        victim = self._find_working(self.rng.sample(self.senders, len(self.senders)))
        os.kill(victim.pid or 0, signal.SIGSTOP)
        self.counts["stops"] += 1
        self.counts["stops inside the window"] += self._handed_by(victim).exists()
        time.sleep(self.rng.uniform(0.3, 0.8))
        os.kill(victim.pid or 0, signal.SIGCONT)

    def wait_until_working(self) -> None:
        """Wait until something is handed over by somebody, then a moment by chance."""
        until = time.monotonic() + _LONGEST_START_S
        handing = self.rows().filter(state=DispatchState.HANDING_OVER)
        while time.monotonic() < until and not handing.exists():
            time.sleep(_LOOK_S)
        time.sleep(self.rng.uniform(0, 0.05))

    def _handed_by(self, sender: SenderProcess) -> QuerySet[Dispatch]:
        return self.rows().filter(
            owner__contains=f":{sender.pid}:", state=DispatchState.HANDING_OVER
        )

    def _find_working(self, senders: Sequence[SenderProcess]) -> SenderProcess:
        """Return the first of these that is at work, a moment by chance after it was seen so.

        Where all has left before one was seen, there is more.
        """
        until = time.monotonic() + _TIME_LIMIT_S
        while True:
            assert time.monotonic() < until, f"no sender is at work: {self.states()}"
            rows = list(self.rows().filter(state__in=WAITING).values_list("state", "owner"))
            owners = {owner for state, owner in rows if state == DispatchState.HANDING_OVER}
            for sender in senders:
                if any(f":{sender.pid}:" in owner for owner in owners):
                    time.sleep(self.rng.choice((0.0, self.rng.uniform(0, 0.1))))
                    return sender
            if not rows:
                self.fill(5)
            time.sleep(_LOOK_S)

    def fill(self, n: int) -> None:
        """Let at least so many mails wait."""
        n_waiting = self.rows().filter(state=DispatchState.QUEUED).count()
        if n_waiting < n:
            queue_more(self.arranged, n, channel=self.channel)

    def drain(self) -> None:
        """Wait until nothing waits, then end the senders."""
        until = time.monotonic() + _TIME_LIMIT_S
        while self.rows().filter(state__in=WAITING).exists():
            assert time.monotonic() < until, f"still waiting: {self.states()}"
            self.senders = [each for each in self.senders if each.is_alive()]
            self.start(2)
            time.sleep(0.05)
        self.end()

    def end(self) -> None:
        """End all senders as they should end."""
        for sender in self.senders:
            sender.terminate()
        for sender in self.senders:
            sender.join(20)
            if sender.is_alive():
                sender.kill()
        self.senders.clear()

    def rows(self) -> QuerySet[Dispatch]:
        """Return the dispatches of the campaign."""
        return Dispatch.everywhere.filter(action_id=self.arranged.action_id)

    def states(self) -> Counter[str]:
        """Return how many dispatches are in which state."""
        return Counter(self.rows().values_list("state", flat=True))

    def judge(self) -> Counter[str]:
        """Return what became of all mails, one by one."""
        taken = Counter(self.sink.taken())
        found: Counter[str] = Counter(self.counts)
        for message_id, reference, state in self.rows().values_list(
            "message_id", "reference", "state"
        ):
            n = taken.pop(message_id or reference.hex, 0)
            found["mails"] += 1
            found["duplicated"] += n > 1
            found["lost"] += state == DispatchState.ACCEPTED and not n
            found["hidden"] += bool(n) and state not in {
                DispatchState.ACCEPTED,
                DispatchState.UNKNOWN,
            }
            found["unknown"] += state == DispatchState.UNKNOWN
            found["unknown, taken"] += state == DispatchState.UNKNOWN and bool(n)
            found[f"state {state}"] += 1
        found["strange"] += len(taken)
        tried = DispatchAttempt.everywhere.values("dispatch_id")
        found["without a try"] += self.rows().exclude(pk__in=tried).count()
        return found


@contextmanager
def campaign(
    url: str, folder: Path, sink: RunningSink, rules: Rules, seed: int, n_mails: int = 20
) -> Iterator[Campaign]:
    """Arrange a campaign of mails in an empty database, and leave no process behind."""
    home = make_home(folder / "home", sink.port)
    with _at_home(home):
        arranged = arrange(n_mails, slug=f"acme-{uuid4().hex[:8]}")
        made = Campaign(url, home.folder, sink, arranged, folder / "senders.log", rules,
                        Random(seed))  # fmt: skip
        with _ended(made):
            yield made


@contextmanager
def vendor_campaign(
    url: str, folder: Path, taker: Taker, vendor: VendorPlan, rules: Rules, n: int = 20
) -> Iterator[Campaign]:
    """Arrange a campaign of what a vendor carries, and leave no process behind."""
    home = Home(folder / "home")
    home.create()
    with _at_home(home):
        arranged = arrange_for_vendor(n, vendor, slug=f"acme-{uuid4().hex[:8]}")
        made = Campaign(url, home.folder, taker, arranged, folder / "senders.log", rules,
                        Random(1), vendor.channel)  # fmt: skip
        with _ended(made):
            yield made


@contextmanager
def _at_home(home: Home) -> Iterator[None]:
    before = os.environ["TOCSIN_HOME"]
    os.environ["TOCSIN_HOME"] = str(home.folder)
    try:
        arm()
        yield
    finally:
        os.environ["TOCSIN_HOME"] = before


@contextmanager
def _ended(made: Campaign) -> Iterator[None]:
    try:
        yield
    finally:
        for sender in made.senders:
            sender.kill()
            sender.join()


def check_figures(found: Counter[str]) -> None:
    """Check what every campaign must show, however its senders were disturbed."""
    assert found["duplicated"] == found["lost"] == found["hidden"] == found["strange"] == 0, found
    assert found["without a try"] == 0, found


def patiently(ask: Callable[[], None]) -> None:
    """Ask again while the database is away."""
    for _ in range(400):
        try:
            ask()
        except OperationalError:
            connection.close()
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the database does not come back")
