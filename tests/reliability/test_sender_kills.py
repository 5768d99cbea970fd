"""Senders that are killed, stopped and cut off: nothing lost, nothing twice, nothing hidden."""

import time
from collections import Counter
from pathlib import Path

from tests.lib.databases import Opened
from tests.lib.kept_counts import IS_LONG, kept_counts, repeat_until
from tests.reliability.campaign import campaign, check_figures
from tests.reliability.conftest import StartSink

SOURCES = (
    "delivery/owners.py",
    "delivery/smtp_relay.py",
    "outreach/data/dispatch_states.yaml",
    "outreach/sending_rules.py",
    "services/sending.py",
    "store/dispatch_claims.py",
    "worker/sender_loop.py",
)
WANTED_KILLS, WANTED_STOPS, WANTED_RESTARTS = 5_000, 1_500, 500
"""Of each database; restarts of PostgreSQL only."""
N_KILLS = 500 if IS_LONG else 50
N_STOPS = 100 if IS_LONG else 8
N_RESTARTS = 50 if IS_LONG else 3


def test_a_sender_sends_everything_once(
    own_database: Opened, start_sink: StartSink, tmp_path: Path
) -> None:
    with campaign(own_database.url, tmp_path, start_sink(), {}, 1, n_mails=50) as run:
        run.drain()
        found = run.judge()
    check_figures(found)
    assert found["state accepted"] == found["mails"] == 50


def test_killed_senders_lose_nothing_and_repeat_nothing(
    own_database: Opened, start_sink: StartSink, tmp_path: Path
) -> None:
    """`kill -9` at any moment; the server keeps each mail, then answers late."""

    def once(turn: int) -> Counter[str]:
        sink = start_sink(early_s=0.02, late_s=0.12, seed=turn)
        folder = tmp_path / f"turn{turn}"
        folder.mkdir()
        with campaign(own_database.url, folder, sink, {"back_off_s": 0.02}, turn) as run:
            while run.counts["kills"] < N_KILLS:
                run.fill(40)
                run.start(3)
                time.sleep(run.rng.uniform(0.01, 0.15))
                run.kill_one()
            run.drain()
            return run.judge()

    kept = kept_counts(f"sender-kills-{own_database.kind}", SOURCES)
    found = repeat_until(WANTED_KILLS, "kills", kept, once)
    check_figures(found)
    assert found["unknown"] >= found["kills inside the window"]
    assert found["kills inside the window"] >= 0.6 * found["kills"], found
