"""Messages by a vendor while senders are killed: the guarantees and states of mail."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.lib.databases import Opened
from tests.lib.kept_counts import IS_LONG
from tests.reliability.campaign import Campaign, Taker, check_figures, vendor_campaign
from tests.reliability.conftest import SECRET, RunningSink, StartSink
from tocsin.outreach.channels import Channel
from tocsin.services.vendors import VendorPlan
from tocsin.store.models import DispatchAttempt

N_KILLS = 10 if IS_LONG else 3
"""Of senders while they hand something over."""
N_WAITING = 8
_SECONDS = 10


@dataclass
class EmptyingVendor:
    """A vendor who takes every file out of its folder at once, under another name."""

    folder: Path
    is_ended: threading.Event = field(default_factory=threading.Event)
    names: list[str] = field(default_factory=list)

    def take_all(self) -> None:
        for path in self.folder.glob("[!.]*.*"):
            self.names.append(path.stem)
            path.rename(self.folder / "got" / f"{len(self.names)}")

    def run(self) -> None:
        while not self.is_ended.wait(0.002):
            self.take_all()

    def taken(self) -> list[str]:
        return self.names


@pytest.fixture
def emptying(tmp_path: Path) -> Iterator[EmptyingVendor]:
    """Let a vendor empty a folder during the test."""
    folder = tmp_path / "drop"
    (folder / "got").mkdir(parents=True)
    made = EmptyingVendor(folder)
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made
    made.is_ended.set()
    thread.join()


@pytest.fixture
def posted(tmp_path: Path) -> Callable[..., VendorPlan]:
    """Return what makes the plan of a vendor's address."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)

    def plan(sink: RunningSink, channel: Channel, repeats_h: float = 0.0) -> VendorPlan:
        url = f"http://127.0.0.1:{sink.port}/messages"
        return VendorPlan(
            "Vendor", "webhook", url, "Acme",
            secret_from=f"file:{secret}", repeats_h=repeats_h, channel=channel,
        )  # fmt: skip

    return plan


def kill_and_judge(run: Campaign) -> Counter[str]:
    """Kill senders at their work, most of them while they hand over; return what became of all."""
    while run.counts["kills inside the window"] < N_KILLS:
        assert run.counts["kills"] < 10 * N_KILLS, run.counts
        run.fill(N_WAITING)
        run.start(2)
        run.kill_one()
    run.drain()
    until = time.monotonic() + _SECONDS
    while len(run.sink.taken()) < run.rows().filter(state="accepted").count():
        assert time.monotonic() < until, "not all that was accepted is there"
        time.sleep(0.01)
    return run.judge()


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.LETTER])
def test_killed_senders_repeat_nothing(
    channel: Channel,
    own_database: Opened,
    emptying: EmptyingVendor,
    start_vendor: StartSink,
    posted: Callable[..., VendorPlan],
    tmp_path: Path,
) -> None:
    """`kill -9` while messages go to a folder, to an address, to one that knows repeats."""

    def once(name: str, taker: Taker, plan: VendorPlan) -> tuple[Counter[str], int]:
        place = tmp_path / name
        place.mkdir()
        rules = {"back_off_s": 0.02}
        with vendor_campaign(own_database.url, place, taker, plan, rules, N_WAITING) as run:
            found = kill_and_judge(run)
            tries = DispatchAttempt.everywhere.filter(dispatch__in=run.rows())
            n_repeats = tries.filter(outcome="repeat").count()
        check_figures(found)
        assert set(run.rows().values_list("channel", flat=True)) == {str(channel)}
        return found, n_repeats

    plan = VendorPlan("Vendor", "file_drop", str(emptying.folder), "Acme", channel=channel)
    found, n_repeats = once("folder", emptying, plan)
    assert found["unknown"] >= found["kills inside the window"], found
    assert found["state accepted"]
    assert n_repeats == 0

    sink = start_vendor(early_s=0.02, late_s=0.1)
    found, n_repeats = once("address", sink, posted(sink, channel))
    assert found["unknown"] >= found["kills inside the window"], found
    assert n_repeats == 0

    sink = start_vendor(early_s=0.02, late_s=0.1, same=1)
    found, n_repeats = once("repeats", sink, posted(sink, channel, repeats_h=24))
    assert n_repeats >= found["kills inside the window"], found
    assert found["state accepted"] == found["mails"]


WRONG = {
    "drop_before": ("unknown", "lose_sight"),
    "drop_after": ("unknown", "lose_sight"),
    "500": ("unknown", "lose_sight"),
    "303": ("unknown", "lose_sight"),
    "422": ("refused", "refuse"),
    "429": ("accepted", "refuse_for_now"),
    "401": ("accepted", "refuse_for_now"),
    "307": ("accepted", "refuse_for_now"),
}


@pytest.mark.sqlite_is_enough
def test_whatever_an_address_does_wrong_is_seen(
    own_database: Opened,
    start_vendor: StartSink,
    posted: Callable[..., VendorPlan],
    tmp_path: Path,
) -> None:
    """Cut off, refused, sent elsewhere: named, and repeated only where nothing was taken."""
    for does, (state, event) in WRONG.items():
        sink = start_vendor(does=does, every=4)
        folder = tmp_path / does
        folder.mkdir()
        plan = posted(sink, Channel.SMS)
        with vendor_campaign(own_database.url, folder, sink, plan, {"back_off_s": 0.02}) as run:
            run.drain()
            found = run.judge()
            tries = DispatchAttempt.everywhere.filter(dispatch__in=run.rows(), outcome=event)
            told = list(tries.values_list("dispatch__state", "reply", "code"))
        check_figures(found)
        assert {row[0] for row in told} == {state}, (does, found)
        assert not any("+44" in reply for _, reply, _ in told)
        assert {str(code) for *_, code in told} == ({does} if does.isdigit() else {"0"})
